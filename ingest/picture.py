"""A decoded picture that is converted only when somebody asks, and cheaply then.

A scaler costs half a millisecond to set up and 0.07 ms to use (640x360 to 320x192), so each camera
keeps one a target size; `VideoFrame.reformat` and `to_ndarray("bgr24")` would make a new one each
call.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from record.frames import Colours, Planes

MOST_SIZES = 4
"""Target sizes a camera keeps a scaler for: the detector's, a still's, a live view's, and one."""

_PLANAR = {"yuv420p": "yuv420p", "yuvj420p": "yuvj420p"}
"""4:2:0 in three planes stays as it is; the `j` says that luma goes from 0 to 255."""
_JPEG = 2
"""FFmpeg's AVCOL_RANGE_JPEG: the same, as a tag."""
_LUMA_FIRST = frozenset(
    {
        *("gray", "nv12", "nv21"),
        *("yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv440p", "yuv444p"),
        *("yuvj411p", "yuvj420p", "yuvj422p", "yuvj440p", "yuvj444p"),
    }
)
"""Pixel formats whose first plane is the luma, a byte a pixel."""

MOST_PIXELS = 4096 * 4096
"""Of a picture. What a camera claims its decoder makes room for, up to seventeen times."""
_UNSPECIFIED = 2
_COLOUR_SPACES = frozenset({0, 1, _UNSPECIFIED, 4, 5, 6, 7, 9})
"""Of `AVColorSpace` (libavutil/pixfmt.h) those that swscale converts from: RGB, BT.709,
unspecified, FCC, BT.601 (two names), SMPTE 240M and BT.2020."""
_COLOUR_RANGES = frozenset({0, 1, 2})
"""Of `AVColorRange`: unspecified, MPEG and JPEG."""


class Scaler:
    """The scalers of one camera. swscale contexts bear one user at a time, hence the lock; it also
    guards the frames, whose colour tags PyAV rewrites while it converts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_size: OrderedDict[tuple[int, int, str], VideoReformatter] = OrderedDict()

    def convert(self, frame: VideoFrame, width: int, height: int, pixels: str) -> VideoFrame:
        with self._lock:
            reformatter = self._kept(width, height, pixels)
            # threads=1: PyAV would else start a pool of one thread a core for every scaler.
            return reformatter.reformat(frame, width, height, pixels, threads=1)

    def planes(self, frame: VideoFrame, width: int, height: int) -> Planes:
        pixels = _PLANAR.get(frame.format.name, "yuv420p")
        scaled = frame
        if (frame.format.name, frame.width, frame.height) != (pixels, width, height):
            scaled = self.convert(frame, width, height, pixels)
        with self._lock:  # tags are read while none changes
            colours = Colours(
                scaled.color_primaries,
                scaled.color_trc,
                scaled.colorspace,
                pixels == "yuvj420p" or scaled.color_range == _JPEG,
            )
        views = planes_of(scaled, colours)
        for view in (views.luma, views.blue, views.red):
            view.flags.writeable = False
        return views

    @property
    def kept(self) -> int:
        """How many scalers there are."""
        return len(self._by_size)

    def _kept(self, width: int, height: int, pixels: str) -> VideoReformatter:
        key = (width, height, pixels)
        kept = self._by_size.get(key) or VideoReformatter()
        self._by_size[key] = kept
        self._by_size.move_to_end(key)
        if len(self._by_size) > MOST_SIZES:
            self._by_size.popitem(last=False)
        return kept


@dataclass(frozen=True, slots=True)
class Black:
    """`record.frames.Drawable` of a stream that nobody decodes: it shows nothing."""

    width: int
    """0, and the height with it, where only decoding would tell."""
    height: int

    def grey(self) -> NDArray[np.uint8]:
        return _all(0, self.width, self.height)

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        return np.zeros((height, width, 3), np.uint8)

    def planes(self, width: int, height: int) -> Planes:
        chroma = _all(128, width // 2, height // 2)
        return Planes(_all(0, width, height), chroma, chroma, Colours(full_range=True))


def _all(value: int, width: int, height: int) -> NDArray[np.uint8]:
    """Read-only, and of one byte."""
    return np.broadcast_to(np.uint8(value), (height, width))


class AvPicture:
    """`record.frames.Drawable` around one decoded frame."""

    __slots__ = ("_frame", "_scaler")

    def __init__(self, frame: VideoFrame, scaler: Scaler) -> None:
        self._frame = _tagged(frame)
        self._scaler = scaler

    @property
    def width(self) -> int:
        return self._frame.width

    @property
    def height(self) -> int:
        return self._frame.height

    def grey(self) -> NDArray[np.uint8]:
        frame = self._frame
        if frame.format.name not in _LUMA_FIRST:
            frame = self._scaler.convert(frame, frame.width, frame.height, "gray")
        view = _view(frame, channels=1)[:, :, 0]
        view.flags.writeable = False
        return view

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """The array is the caller's own and may be drawn on; its rows may be padded."""
        return _view(self._scaler.convert(self._frame, width, height, "bgr24"), channels=3)

    def planes(self, width: int, height: int) -> Planes:
        return self._scaler.planes(self._frame, width, height)


def _view(frame: VideoFrame, channels: int) -> NDArray[np.uint8]:
    """(height, width, channels) uint8 over the frame's first plane; it keeps the frame alive.

    FFmpeg pads rows, so one row begins `line_size` bytes after the other.
    """
    plane = frame.planes[0]
    memory = memoryview(plane)
    shape = (frame.height, frame.width, channels)
    return np.ndarray(shape, np.uint8, buffer=memory, strides=(plane.line_size, channels, 1))


def planes_of(frame: VideoFrame, colours: Colours) -> Planes:
    """Views of a planar 4:2:0 frame; they keep it alive."""
    luma, blue, red = (
        np.ndarray(
            (plane.height, plane.width),
            np.uint8,
            buffer=memoryview(plane),
            strides=(plane.line_size, 1),
        )
        for plane in frame.planes
    )
    return Planes(luma, blue, red, colours)


def _tagged(picture: VideoFrame) -> VideoFrame:
    """With colour tags that swscale knows: it refuses a picture with others, and a camera may write
    there what it likes."""
    if picture.colorspace not in _COLOUR_SPACES:
        picture.colorspace = _UNSPECIFIED
    if picture.color_range not in _COLOUR_RANGES:
        picture.color_range = 0
    return picture
