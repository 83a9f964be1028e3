"""Pictures of tampering, and of what only looks like it: made from the sample scenes and seeds.

All are (n, rows, columns) uint8 luma of two pictures a second, in the video range (16..235), as a
camera's luma plane is. Deeds and weather are done to whole pictures; `shrink` then takes every
fourth pixel, as `detect.tamper_view.small` does.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from detect.tamper import GLANCES_PER_S, Tampering, TamperState, step_tamper
from ingest.picture import AvPicture, Scaler
from record.cameras import CameraReason
from sample_streams import scene_video
from sample_streams.generate import looks

Film = NDArray[np.uint8]
"""(n, rows, columns) uint8."""
Deed = Callable[[Film, np.random.Generator], Film]

START = datetime(2026, 1, 1, tzinfo=UTC)
PER_S = int(GLANCES_PER_S)
BLACK, RANGE = 16.0, 219.0
"""ITU-R BT.601: black, and from there to white."""


def read_film(path: Path, *, every_s: float = 1 / PER_S, pixels: int = 1) -> Film:
    """The luma of a clip, two pictures a second, every `pixels`-th pixel each way."""
    taken: list[NDArray[np.uint8]] = []
    with av.open(str(path)) as clip:
        for frame in clip.decode(clip.streams.video[0]):
            assert isinstance(frame, av.VideoFrame)
            if float(frame.time or 0) >= len(taken) * every_s - 1e-6:
                taken.append(_luma(frame)[::pixels, ::pixels].copy())
    return np.stack(taken)


def _luma(frame: av.VideoFrame) -> NDArray[np.uint8]:
    return AvPicture(frame, Scaler()).grey()


@lru_cache(maxsize=2)
def whole(scene: str) -> Film:
    """A sample scene at its full size: 25 MB for a minute."""
    return read_film(scene_video(scene))


def shrink(film: Film) -> Film:
    return np.ascontiguousarray(film[:, ::4, ::4])


# Light and noise -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Light:
    """How a camera sees the same place at another hour."""

    gain: float
    offset: float
    gamma: float
    noise: float
    """Standard deviation in levels."""
    drift: float
    period_s: float
    switched_from_s: float
    switched_to_s: float
    switched: float
    """Gain while a light is on or off."""

    @classmethod
    def of(cls, seed: int, duration_s: float) -> "Light":
        """Gains from a third to half as much again as usual, noise of a camera in the dusk, and a
        switch between pitch dark (0.03) and glaring (2.2)."""
        random = np.random.default_rng(seed)
        begins_s = random.uniform(5, duration_s - 10)
        return cls(
            gain=random.uniform(0.6, 1.5),
            offset=random.uniform(-20, 20),
            gamma=random.uniform(0.7, 1.4),
            noise=random.uniform(0, 8),
            drift=random.uniform(0, 0.35),
            period_s=random.uniform(20, 120),
            switched_from_s=begins_s,
            switched_to_s=begins_s + random.uniform(5, 40),
            switched=float(np.exp(random.uniform(np.log(0.03), np.log(2.2)))),
        )

    def on(self, film: Film, random: np.random.Generator) -> Film:
        seconds = np.arange(len(film)) / PER_S
        gain = self.gain * (1 + self.drift * np.sin(2 * np.pi * seconds / self.period_s))
        gain[(seconds >= self.switched_from_s) & (seconds < self.switched_to_s)] *= self.switched
        return lit(film, gain, self.gamma, self.offset, self.noise, random)


def lit(
    film: Film,
    gain: NDArray[np.float64],
    gamma: float,
    offset: float,
    noise: float,
    random: np.random.Generator,
) -> Film:
    """`gain` (n,), one a picture."""
    changed = np.empty_like(film)
    for index, picture in enumerate(film):
        light = np.clip((picture.astype(np.float32) - BLACK) / RANGE, 0, 1) ** gamma
        scaled = BLACK + RANGE * np.clip(gain[index] * (light + offset / RANGE), 0, 1)
        changed[index] = _coded(scaled + random.normal(0, noise, picture.shape))
    return changed


def _coded(values: NDArray[Any]) -> NDArray[np.uint8]:
    coded: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return coded


# Deeds: from picture 0 of `film` on -----------------------------------------------------------


def _each(film: Film, change: Callable[[NDArray[np.float32], int], NDArray[Any]]) -> Film:
    return np.stack([_coded(change(one.astype(np.float32), at)) for at, one in enumerate(film)])


def cover(level: float, folds: float, noise: float) -> Deed:
    """Cloth, tape or a hand before the lens: `level` of luma, soft `folds`, sensor noise."""

    def deed(film: Film, random: np.random.Generator) -> Film:
        rows, columns = film.shape[1:]
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        phase = random.uniform(0, 6.28, 2)
        waves = np.sin(x / columns * 14 + phase[0]) + np.sin(y / rows * 7 + phase[1])
        sheet = level + folds * waves
        return _each(film, lambda one, _: sheet + random.normal(0, noise, one.shape))

    return deed


def blind(film: Film, random: np.random.Generator) -> Film:
    """A torch: a disc that saturates, a veil of scattered light, and an exposure that gives way."""
    rows, columns = film.shape[1:]
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    at = random.uniform(0.3, 0.7, 2)
    apart = np.hypot(y - at[0] * rows, x - at[1] * columns) / columns
    light = 700 * np.exp(-((apart / 0.28) ** 2)) + 90 * np.exp(-apart / 0.5)
    return _each(
        film, lambda one, _: np.minimum(one * 0.25 + light + random.normal(0, 1.5, one.shape), 235)
    )


def defocus(sigma: float) -> Deed:
    """The focus ring turned: a blur of `sigma` pixels of a picture 640 wide."""

    def deed(film: Film, random: np.random.Generator) -> Film:
        return _each(
            film,
            lambda one, _: cv2.GaussianBlur(one, (0, 0), sigma) + random.normal(0, 1.0, one.shape),
        )

    return deed


def move(across: float, down: float, turned_deg: float = 0.0, zoom: float = 1.0) -> Deed:
    """The camera pushed: by shares of the width and the height, turned and drawn nearer."""

    def deed(film: Film, random: np.random.Generator) -> Film:
        rows, columns = film.shape[1:]
        way = cv2.getRotationMatrix2D((columns / 2, rows / 2), turned_deg, zoom)
        way[:, 2] += (across * columns, down * rows)
        return _each(
            film,
            lambda one, _: cv2.warpAffine(one, way, (columns, rows), borderMode=cv2.BORDER_REFLECT),
        )

    return deed


def freeze(film: Film, random: np.random.Generator) -> Film:
    """The first picture, over and over."""
    return np.repeat(film[:1], len(film), axis=0)


# What is no tampering -----------------------------------------------------------------------


def infrared(film: Film, random: np.random.Generator) -> Film:
    """The filter swings away and the lamp goes on: the look of the night scene."""

    def seen(one: NDArray[np.float32], _: int) -> NDArray[Any]:
        light = np.clip((one - BLACK) / RANGE, 0, 1) * 255
        night = looks.night(np.repeat(light[..., None], 3, axis=2).astype(np.float32))[..., 0]
        return BLACK + night / 255 * RANGE + random.normal(0, 4, one.shape)

    return _each(film, seen)


def rainy(film: Film, random: np.random.Generator) -> Film:
    def seen(one: NDArray[np.float32], _: int) -> NDArray[Any]:
        return looks.rain(np.repeat(one[..., None], 3, axis=2), random)[..., 0]

    return _each(film, seen)


def lights_off(film: Film, random: np.random.Generator) -> Film:
    """A room without a window: a fiftieth of the light, and the noise of a gain turned up."""
    return lit(film, np.full(len(film), 0.02), 1.0, 0.0, 2.0, random)


def pitch_dark(film: Film, random: np.random.Generator) -> Film:
    return lit(film, np.zeros(len(film)), 1.0, 0.0, 2.0, random)


def dawn(film: Film, random: np.random.Generator) -> Film:
    """From a twentieth of the light to all of it, noise falling with the gain."""
    share = np.linspace(0, 1, len(film))
    return np.concatenate(
        [
            lit(film[at : at + 1], np.array([0.05 + 0.95 * up]), 1.0, 0.0, 8 * (1 - up), random)
            for at, up in enumerate(share)
        ]
    )


def exposure(film: Film, random: np.random.Generator) -> Film:
    """A lamp goes on and the exposure needs two seconds: twice the light, then as before."""
    gain = np.ones(len(film))
    settling = np.linspace(2.2, 1.0, 2 * PER_S)
    gain[: len(settling)] = settling
    return lit(film, gain, 1.0, 0.0, 1.0, random)


def close_by(stays_s: float) -> Deed:
    """Somebody comes up to the lens, stands there for `stays_s` with most of the view behind them,
    and goes. Out of focus, in folds and in checks that are seen more or less. Nobody stands still:
    a hundredth of the width is a centimetre for whoever is so near that they fill the picture."""

    def deed(film: Film, random: np.random.Generator) -> Film:
        rows, columns = film.shape[1:]
        width = random.uniform(0.75, 0.95)
        shade = random.uniform(30, 110)
        cloth = cv2.GaussianBlur(
            random.normal(0, 40, (rows, columns)).astype(np.float32), (0, 0), random.uniform(3, 20)
        )
        y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
        checks = random.uniform(25, 70)
        woven = np.sign(np.sin(x * 3.14 / checks) * np.sin(y * 3.14 / checks)).astype(np.float32)
        cloth += random.uniform(0, 25) * cv2.GaussianBlur(woven, (0, 0), random.uniform(3, 8))
        cloth += 12 * np.sin(x / columns * 20)
        cloth = cloth * np.float32(random.uniform(0, 1))
        sway = _swaying(random)

        def seen(one: NDArray[np.float32], at: int) -> NDArray[Any]:
            seconds = at / PER_S
            leaves_s = 1 + stays_s
            if seconds < 1:
                middle = 1.6 - 1.1 * seconds
            elif seconds < leaves_s:
                middle = 0.5 + sway(seconds)
            else:
                middle = 0.5 - 1.1 * (seconds - leaves_s)
            body = np.abs(x / columns - middle) < width / 2
            body &= y / rows > 0.06 + 0.4 * np.abs(x / columns - middle) ** 2
            shift = int((middle - 0.5) * columns)
            fold = np.roll(cloth, shift, axis=1)
            return np.where(body, shade + fold, one) + random.normal(0, 1, one.shape)

        return _each(film, seen)

    return deed


def _swaying(random: np.random.Generator) -> Callable[[float], float]:
    """How far to the side, in shares of the width, by the second."""
    wide, wider = random.uniform(0.003, 0.02, 2)
    fast, slow = random.uniform(1.5, 3), random.uniform(4, 9)
    phases = random.uniform(0, 6.28, 2)

    def at(seconds: float) -> float:
        quick = wide * np.sin(2 * np.pi * seconds / fast + phases[0])
        return float(quick + wider * np.sin(2 * np.pi * seconds / slow + phases[1]))

    return at


def coarsely_coded(film: Film, random: np.random.Generator) -> Film:
    """Through an encoder on a thin line: long, soft pauses and a pulse at every keyframe."""
    holder = io.BytesIO()
    rows, columns = film.shape[1:]
    with av.open(holder, "w", format="mp4") as clip:
        stream = clip.add_stream("libx264", rate=PER_S)
        stream.width, stream.height, stream.pix_fmt = columns, rows, "yuv420p"
        stream.options = {"crf": "42", "g": "4", "preset": "veryfast", "threads": "1"}
        for one in film:
            grey = np.full((rows * 3 // 2, columns), 128, np.uint8)
            grey[:rows] = one
            clip.mux(stream.encode(av.VideoFrame.from_ndarray(grey, "yuv420p")))
        clip.mux(stream.encode())
    holder.seek(0)
    with av.open(holder, "r") as coded:
        return np.stack([_luma(frame).copy() for frame in coded.decode(coded.streams.video[0])])


# Watching -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    reason: CameraReason
    began_s: float
    decided_s: float
    over_s: float | None


def watch(film: Film) -> tuple[Said, ...]:
    """What is said of a film of small pictures, in seconds of it."""
    state, told = TamperState(), []
    last: Tampering | None = None
    for index, picture in enumerate(film):
        at = START + timedelta(seconds=index / PER_S)
        state, now = step_tamper(state, picture, at)
        if last is not None and now is None:
            told.append(_said(last, index / PER_S))
        last = now
    return (*told, *([_said(last, None)] if last is not None else []))


def _said(tampering: Tampering, over_s: float | None) -> Said:
    return Said(
        tampering.reason,
        (tampering.began_at - START).total_seconds(),
        (tampering.decided_at - START).total_seconds(),
        over_s,
    )
