"""Pictures that go black, twelve a second: because something comes over the lens, or for want of
light. (n, 90, 160) uint8 luma, as `detect.tamper_view.small` makes them of the sample scenes.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detect import CameraGuard
from detect.front import GLIMPSES_PER_S
from record.cameras import Camera, CameraReason, CameraUrl
from record.frames import Frame, TimeSource
from record.ids import CameraId, SiteId
from sample_streams import scene_video
from tests.detect.tamper_pictures import BLACK, START, Film, read_film
from tests.fakes.pictures import ArrayPicture

PER_S = int(GLIMPSES_PER_S)
BEGINS_S, AFTER_S = 10, 4
"""A scene as it is, before it goes dark and after."""
Share = NDArray[np.float32]
Light = Callable[[float], Share]
"""By the second since it began: what every pixel keeps of its light, 0..1, to broadcast."""
Going = Callable[[np.random.Generator], Light]


@lru_cache(maxsize=5)
def glimpsed(scene: str) -> Film:
    """A sample scene: 10 MB for a minute."""
    return read_film(scene_video(scene), every_s=1 / PER_S, pixels=4)


def goes_dark(scene: str, going: Going, seed: int, lasts_s: int) -> Film:
    """`scene` over and over; what `going` takes is back after `lasts_s`."""
    ends_s = BEGINS_S + lasts_s
    film = glimpsed(scene)
    film = film[np.arange((ends_s + AFTER_S) * PER_S) % len(film)]
    random = np.random.default_rng(seed)
    light = going(random)
    black, noise = random.uniform(BLACK, 24), random.uniform(0, 2)
    for index in range(BEGINS_S * PER_S, ends_s * PER_S):
        picture = film[index].astype(np.float32)
        left = light(index / PER_S - BEGINS_S)
        seen = black + np.maximum(picture - BLACK, 0) * left
        film[index] = np.clip(seen + random.normal(0, noise, picture.shape), 0, 255)
    return film


_DOWN, _ACROSS = np.mgrid[0:90, 0:160].astype(np.float32)


def slid_over(took_s: float) -> Going:
    """Something black is drawn over the lens from any side, its edge out of focus; one picture or
    another falls where it falls in that."""

    def going(random: np.random.Generator) -> Light:
        turn, soft = random.uniform(0, 6.28), random.uniform(0.05, 0.25)
        along = _ACROSS / 160 * np.cos(turn) + _DOWN / 90 * np.sin(turn)
        along = (along - along.min()) / (along.max() - along.min())
        late_s = random.uniform(0, 1 / PER_S)

        def left(seconds: float) -> Share:
            front = (seconds + late_s) / took_s * (1 + 2 * soft) - soft
            return np.asarray(np.clip((along - front) / soft, 0, 1), np.float32)

        return left

    return going


def switched_off(random: np.random.Generator) -> Light:
    """At once, but for one picture of a shutter that rolls: above as before, below in the dark. Up
    to a fiftieth of the light is left."""
    rest, row, soft = random.uniform(0, 0.02), random.uniform(0, 90), random.uniform(1, 60)

    def left(seconds: float) -> Share:
        if seconds < 1 / PER_S:
            return np.asarray(np.clip((row - _DOWN) / soft, rest, 1), np.float32)
        return _even(rest)

    return left


def fades(random: np.random.Generator) -> Light:
    took_s, rest = random.uniform(0.4, 4), random.uniform(0, 0.02)
    return lambda seconds: _even(max(1 - seconds / took_s, rest))


def one_lamp_after_another(random: np.random.Generator) -> Light:
    """Two lamps, each for its own half and some of the other's, go out one after the other, at once
    or within half a second."""
    apart_s, soft = random.uniform(1, 3), random.uniform(10, 60)
    glows_s = max(random.uniform(-0.5, 0.5), 0.01)
    other = np.asarray(np.clip((_ACROSS - 80) / soft + 0.5, 0, 1), np.float32)

    def left(seconds: float) -> Share:
        first, second = (
            max(0.0, 1 - max(0.0, since) / glows_s) for since in (seconds, seconds - apart_s)
        )
        return np.asarray((1 - other) * first + other * second, np.float32)

    return left


def _even(left: float) -> Share:
    return np.full((1, 1), left, np.float32)


def guarded(film: Film) -> list[tuple[CameraReason | None, float]]:
    """What a guard says of it, and from which second on."""
    camera = Camera(CameraId("c"), SiteId("s"), "C", CameraUrl.parse("rtsp://camera.test/"))
    guard = CameraGuard(camera, ())
    told: list[tuple[CameraReason | None, float]] = []
    for index, luma in enumerate(film):
        at = START + timedelta(seconds=index / PER_S)
        picture = ArrayPicture(luma)
        guard.glance(Frame(camera.id, index, at, TimeSource.FILE, index / PER_S, 0.0, picture))
        reason = guard.tampering.reason if guard.tampering else None
        if reason is not (told[-1][0] if told else None):
            told.append((reason, index / PER_S))
    return told
