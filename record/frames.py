"""The frame: what `ingest` hands over and `detect` looks at."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from record.ids import CameraId


class TimeSource(StrEnum):
    """Where a frame's capture time comes from."""

    SENDER_REPORT = "sender_report"
    """The camera's own clock, by RTCP sender reports (RFC 3550 §6.4.1), within 2 s of arrival."""
    ARRIVAL = "arrival"
    """Arrival less the smallest delay seen on this connection."""
    FILE = "file"
    """The presentation time in a file, from a start that the reader chose."""


@dataclass(frozen=True, slots=True)
class Colours:
    """What the values of luma and chroma mean: code points of Rec. ITU-T H.273, 2 where nothing is
    said. Passed on with the planes, never converted."""

    primaries: int = 2
    transfer: int = 2
    matrix: int = 2
    full_range: bool = False
    """Luma goes from 0 to 255, not from 16 to 235."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """4:2:0: a chroma value stands for two by two pixels. Width and height are even."""

    luma: NDArray[np.uint8]
    """(height, width) uint8"""
    blue: NDArray[np.uint8]
    """Cb, (height / 2, width / 2) uint8"""
    red: NDArray[np.uint8]
    """Cr, as `blue`."""
    colours: Colours = Colours()

    def fits(self, width: int, height: int, colours: Colours) -> bool:
        return self.luma.shape == (height, width) and self.colours == colours

    def copy(self, other: "Planes") -> None:
        """Take over the values of `other`, of the same size."""
        np.copyto(self.luma, other.luma)
        np.copyto(self.blue, other.blue)
        np.copyto(self.red, other.red)


class Shape(Protocol):
    """How large a picture is, in pixels."""

    @property
    def width(self) -> int: ...

    @property
    def height(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Size:
    """`Shape` alone: of a picture that has gone."""

    width: int
    height: int


class Picture(Shape, Protocol):
    """Decoded pixels to look at, converted only when somebody asks.

    Safe to call from several threads; an implementation keeps one scaler a camera behind a lock.
    """

    def grey(self) -> NDArray[np.uint8]:
        """Luma, (height, width) uint8: a read-only view, no copy."""
        ...

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) uint8 BGR, scaled to that size (stretched when the ratio differs)."""
        ...


class Drawable(Picture, Protocol):
    """The same to draw on: as an encoder takes it."""

    def planes(self, width: int, height: int) -> Planes:
        """Scaled to that size; read-only views, no copy where the stream is 4:2:0 and of it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    camera: CameraId
    number: int
    """Counts the frames of one connection, from 0; gaps are frames that were dropped."""
    captured_at: datetime
    time_source: TimeSource
    pts_s: float
    """Presentation time in seconds, as the stream says; only differences mean anything."""
    received: float
    """Monotonic seconds at which the packet was read."""
    picture: Drawable
    decoded: float = 0.0
    """Monotonic seconds at which the picture was whole; 0: not measured."""


class Moment(Protocol):
    """All of a `Frame` that matters once it is known who is in it."""

    @property
    def captured_at(self) -> datetime: ...

    @property
    def picture(self) -> Shape: ...
