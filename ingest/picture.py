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

MOST_SIZES = 4
"""Target sizes a camera keeps a scaler for: the detector's, a still's, a live view's, and one."""

_LUMA_FIRST = frozenset(
    {
        *("gray", "nv12", "nv21"),
        *("yuv410p", "yuv411p", "yuv420p", "yuv422p", "yuv440p", "yuv444p"),
        *("yuvj411p", "yuvj420p", "yuvj422p", "yuvj440p", "yuvj444p"),
    }
)
"""Pixel formats whose first plane is the luma, a byte a pixel."""


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
class NoPicture:
    """`record.frames.Picture` of a stream that nobody decodes: no pixels."""

    width: int
    """0, and the height with it, where only decoding would tell."""
    height: int

    def grey(self) -> NDArray[np.uint8]:
        raise TypeError("this stream is not decoded")

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:  # noqa: ARG002 - the protocol's
        raise TypeError("this stream is not decoded")


class AvPicture:
    """`record.frames.Picture` around one decoded frame."""

    __slots__ = ("_frame", "_scaler")

    def __init__(self, frame: VideoFrame, scaler: Scaler) -> None:
        self._frame = frame
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


def _view(frame: VideoFrame, channels: int) -> NDArray[np.uint8]:
    """(height, width, channels) uint8 over the frame's first plane; it keeps the frame alive.

    FFmpeg pads rows, so one row begins `line_size` bytes after the other.
    """
    plane = frame.planes[0]
    memory = memoryview(plane)
    shape = (frame.height, frame.width, channels)
    return np.ndarray(shape, np.uint8, buffer=memory, strides=(plane.line_size, channels, 1))
