"""A clip made unreadable: what anybody may see of it who may see it at all.

Better than live pictures can be, since all of the clip is known: a person found at one moment is
hidden a moment before, too, and who stands still is hidden from both sides of time. It fails safe
as they do: where nobody looked within a second, the whole picture is hidden.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detect import Box, CameraWatch, CloseLook, Detections, Judged, Look
from ingest import ClipImpossible, ClipSource, RenditionWriter, read_clip
from record.cameras import Camera, Mask
from record.frames import Frame, Picture, Size
from record.sightings import Occupancy
from wardwatch.worker_veil import Veiled

LOOK_EVERY_S = 0.2
"""As a camera is looked at, whose breach this is."""
CLOSE_EVERY_S = 10.0
"""A close look grants what is shown of a clip, at its beginning and so often."""
BESIDE = timedelta(seconds=0.5)
"""What a look has found is hidden so long before it and after it."""
MOST_WIDE = 1280
"""Columns of a rendition; people are hidden in it, and the original stays."""
_DETECTING = 0.7
"""Share of the work that looking for people is."""


@dataclass(frozen=True, slots=True)
class Making:
    """What it takes: the detector, which may fail (None), a clock, and who is told how far it is.

    `pause` is called for every picture; whoever lends the CPU may wait there, or raise.
    """

    detect: Callable[[Picture], Detections | None]
    pause: Callable[[], None]
    progress: Callable[[float], None]


def make_rendition(
    open_clip: Callable[[], AbstractContextManager[ClipSource]],
    camera: Camera,
    masks: Sequence[Mask],
    begins_at: datetime,
    length_s: float,
    making: Making,
) -> memoryview:
    """An MP4 that every browser plays. `open_clip` is called twice: the clip is gone through once
    to look and once to show, and no picture is held in between.

    Raises `ClipImpossible`, `CannotOpen`, and whatever `making` raises.
    """
    with open_clip() as clip:
        looks = look_at(read_clip(clip, camera.id, begins_at), camera, length_s, making)
    with open_clip() as clip:
        frames = read_clip(clip, camera.id, begins_at)
        shown = hidden(frames, looks, camera, masks)
        return _encode(shown, looks.pictures, length_s, making)


@dataclass(frozen=True, slots=True)
class Looks:
    """Where people are over a clip, in the order of time."""

    at: tuple[datetime, ...]
    people: tuple[tuple[Box, ...], ...]
    judged: tuple[Judged, ...]
    """What close looks brought."""
    pictures: int
    """That the clip has in all."""

    def beside(self, camera: Camera, at: datetime) -> Look | None:
        """Everybody found around `at`, as a look at the nearest moment that was looked at."""
        if not self.at:
            return None
        begin, end = bisect_left(self.at, at - BESIDE), bisect_right(self.at, at + BESIDE)
        nearest = min(self.at, key=lambda looked: abs(looked - at))
        # Most of what is remembered is the same from look to look.
        people = tuple(dict.fromkeys(box for found in self.people[begin:end] for box in found))
        judged = [one for one in self.judged if one.at <= at]
        return Look(
            (),
            Occupancy(camera.id, nearest, None, {}),
            (),
            people,
            judged=judged[-1] if judged else None,
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A look at a clip, once its pixels have gone (`record.frames.Moment`)."""

    captured_at: datetime
    picture: Size
    found: Detections


def look_at(frames: Iterable[Frame], camera: Camera, length_s: float, making: Making) -> Looks:
    """People over the clip, forwards and backwards: a track that is lost keeps its place hidden
    for a while after, and one that has just been found keeps it for a while before."""
    seen: list[Seen] = []
    judged: list[Judged] = []
    pictures, looked_s = 0, -math.inf
    for frame in frames:
        making.pause()
        pictures += 1
        if frame.pts_s - looked_s < LOOK_EVERY_S * 0.99:
            continue
        found = making.detect(frame.picture)
        if found is not None:
            looked_s = frame.pts_s
            # The picture goes: tracking needs its shape only.
            size = Size(frame.picture.width, frame.picture.height)
            seen.append(Seen(frame.captured_at, size, found))
        if not judged or (frame.captured_at - judged[-1].at).total_seconds() >= CLOSE_EVERY_S:
            judged += _closely(frame, making)
        making.progress(_DETECTING * min(1.0, frame.pts_s / max(length_s, 0.1)))
    forwards = _people(seen, camera)
    backwards = _people(_turned(seen), camera)[::-1]
    return Looks(
        tuple(one.captured_at for one in seen),
        tuple((*one, *other) for one, other in zip(forwards, backwards, strict=True)),
        tuple(judged),
        pictures,
    )


def _closely(frame: Frame, making: Making) -> list[Judged]:
    """What a close look brings; nothing when the detector fails."""
    close = CloseLook(frame)
    while not close.over:
        making.pause()
        found = making.detect(close.piece())
        if found is None:
            return []
        close.take(found)
    return [close.judged]


def _people(seen: Sequence[Seen], camera: Camera) -> list[tuple[Box, ...]]:
    bare = replace(camera, lines=(), areas=(), rules=())
    watch = CameraWatch(bare, (), "")
    return [watch.look(one, one.found).people for one in seen]


def _turned(seen: Sequence[Seen]) -> list[Seen]:
    """As if time ran backwards."""
    if not seen:
        return []
    end = seen[-1].captured_at
    return [replace(one, captured_at=end + (end - one.captured_at)) for one in reversed(seen)]


def hidden(
    frames: Iterable[Frame], looks: Looks, camera: Camera, masks: Sequence[Mask]
) -> Iterator[tuple[Frame, NDArray[np.uint8]]]:
    """Each frame with its unreadable picture, (height, width, 3) uint8 BGR, both even."""
    veiled = Veiled()
    for frame in frames:
        width = min(frame.picture.width, MOST_WIDE) // 2 * 2
        yield frame, veiled.of(frame, looks.beside(camera, frame.captured_at), masks, width)


def _encode(
    pictures: Iterable[tuple[Frame, NDArray[np.uint8]]],
    count: int,
    length_s: float,
    making: Making,
) -> memoryview:
    writer: RenditionWriter | None = None
    rate = max(1.0, (count - 1) / length_s) if length_s else 1.0
    for frame, pixels in pictures:
        making.pause()
        if writer is None:
            writer = RenditionWriter(pixels.shape[1], pixels.shape[0], rate)
        if pixels.shape[:2] == writer.shape:
            writer.add(pixels, frame.pts_s)
        done = min(1.0, frame.pts_s / max(length_s, 0.1))
        making.progress(_DETECTING + (1 - _DETECTING) * done)
    if writer is None:
        raise ClipImpossible("the clip holds no picture that can be decoded")
    return writer.finish()
