"""Directs a scene: frame by frame, who is where, painted back to front."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sample_streams.generate import looks
from sample_streams.generate.canvas import (
    SHADOW_FLAT,
    SHADOW_WIDE,
    Canvas,
    Picture,
    Silhouette,
    place,
)
from sample_streams.generate.figures import FRAMES_PER_S, Figure, dress
from sample_streams.generate.foliage import Foliage
from sample_streams.generate.material import Bgr, Material
from sample_streams.generate.paths import Path, Stance, lay_path
from sample_streams.generate.perspective import PERSON_M
from sample_streams.generate.props import Moving, height_px, prop
from sample_streams.generate.script import Script
from sample_streams.generate.stage import HEIGHT, WIDTH, Stage, set_stage
from sample_streams.generate.tampering import tampered, under_way
from sample_streams.generate.truth import Frame, Person

FADE_S = 0.4
"""Somebody whose way begins or ends inside the picture comes out of, goes into, the dark."""


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One frame of a scene, with its truth."""

    picture: Bgr
    truth: Frame
    ids: NDArray[np.uint8]
    """(360, 640) number of the person seen at each pixel, 0 for nobody."""


@dataclass(frozen=True, slots=True, eq=False)
class Player:
    number: int
    """1, 2, … in the order of the script; 0 for a prop."""
    path: Path
    figure: Figure | Moving


@dataclass(frozen=True, slots=True)
class Scene:
    """A script on its stage."""

    script: Script
    stage: Stage
    players: tuple[Player, ...]
    foliage: Foliage | None
    seed: int

    @property
    def frames(self) -> int:
        return round(self.script.duration_s * FRAMES_PER_S)

    def shots(self, first: int = 0, last: int | None = None) -> Iterator[Shot]:
        """Frames `first` to before `last`; the same whatever came before them."""
        for number in range(first, self.frames if last is None else last):
            yield self._shot(number)

    def _shot(self, number: int) -> Shot:
        at_s = number / FRAMES_PER_S
        canvas = Canvas(self.stage.background)
        seen = self._paint(canvas, at_s, number)
        people = tuple(
            Person(
                number=player.number,
                foot=(stance.x / WIDTH, stance.y / HEIGHT),
                box=_normalised(silhouette),
                share=canvas.share(silhouette),
            )
            for player, stance, silhouette in sorted(seen, key=lambda one: one[0].number)
        )
        tampering = under_way(self.script.tampering, at_s)
        if tampering is not None and tampering.kind == "frozen":
            # Life goes on, the picture does not: the last one before is shown again.
            before = math.ceil(tampering.from_s * FRAMES_PER_S) - 1
            return Shot(self._shot(before).picture, Frame(at_s, people), canvas.ids)
        picture = canvas.picture
        if tampering is not None:
            picture = tampered(picture, self.stage, tampering, at_s)
        return Shot(self._developed(picture, number), Frame(at_s, people), canvas.ids)

    def _paint(
        self, canvas: Canvas, at_s: float, number: int
    ) -> list[tuple[Player, Stance, Silhouette]]:
        """Everybody and everything by foot row; whoever is a person is returned."""
        seen: list[tuple[Player, Stance, Silhouette]] = []
        todo: list[tuple[float, Callable[[], None]]] = [
            (screen.base_row, partial(canvas.repaint, screen.mask)) for screen in self.stage.screens
        ]
        for player in self.players:
            stance = player.path.stance(at_s)
            if stance is None:
                continue

            def act(player: Player = player, stance: Stance = stance) -> None:
                silhouette = self._act(canvas, player, stance, at_s)
                if player.number:
                    seen.append((player, stance, silhouette))

            todo.append((stance.y, act))
        for _, job in sorted(todo, key=lambda item: item[0]):
            job()
        if self.foliage is not None:
            canvas.paint(self.foliage.at(number), 0, gain=1.0, lift=0.0)
        return seen

    def _act(self, canvas: Canvas, player: Player, stance: Stance, at_s: float) -> Silhouette:
        person_px = self.stage.perspective.height_px(stance.y)
        strength = _strength(player.path, at_s)
        if isinstance(player.figure, Figure):
            height, half_width = person_px, SHADOW_WIDE * person_px
        else:
            height = height_px(person_px, player.figure)
            half_width = player.figure.half_width_m * person_px / PERSON_M
        if strength == 1.0:
            canvas.shadow(stance.x, stance.y, half_width, SHADOW_FLAT * person_px)
        placed = place(player.figure.cell(stance), stance.x, stance.y, height, strength=strength)
        gain, lift = self._light
        return canvas.paint(placed, player.number, gain=gain, lift=lift)

    @property
    def _light(self) -> tuple[float, float]:
        if self.script.look == "night":
            return looks.NIGHT_GAIN, looks.NIGHT_LIFT
        return self.stage.person_gain, self.stage.person_lift

    def _developed(self, picture: Picture, number: int) -> Bgr:
        """From the painted place to what the camera would send."""
        random = np.random.default_rng((self.seed, number))
        if self.script.look == "night":
            picture = looks.night(picture)
        elif self.script.look == "rain":
            picture = looks.rain(picture, random)
        grey = self.script.look == "night"
        noisy = looks.noise(picture, self.script.noise_sigma, random, grey=grey)
        return np.clip(np.round(noisy), 0, 255).astype(np.uint8)


def stage_scene(material: Material, script: Script, seed: int) -> Scene:
    """Everything a scene needs, loaded. Raises `MaterialMissing`."""
    stage = set_stage(material, script.view)
    people = [
        Player(
            at,
            lay_path(stage.perspective, role.enters_s, role.start, role.steps),
            dress(material.person(role.person), role),
        )
        for at, role in enumerate(script.people, start=1)
    ]
    things = [
        Player(
            0,
            lay_path(stage.perspective, thing.enters_s, thing.start, thing.steps),
            prop(material, thing),
        )
        for thing in script.props
    ]
    foliage = Foliage(material.foliage()) if script.foliage else None
    return Scene(script, stage, (*people, *things), foliage, seed)


def _strength(path: Path, at_s: float) -> float:
    """1, less in the first and last moments of a way that begins or ends in the picture."""
    since, left = at_s - path.from_s, path.to_s - at_s
    fades = [
        moment / FADE_S
        for moment, where in ((since, path.from_s), (left, path.to_s))
        if moment < FADE_S and _inside(path.stance(where))
    ]
    return min(fades, default=1.0)


def _inside(stance: Stance | None) -> bool:
    return stance is not None and 0 <= stance.x < WIDTH and 0 <= stance.y < HEIGHT


def _normalised(silhouette: Silhouette) -> tuple[float, float, float, float] | None:
    if silhouette.box is None:
        return None
    x0, y0, x1, y1 = silhouette.box
    return x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT
