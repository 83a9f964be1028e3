"""Drawn pictures to H.264 that every browser plays: one encoder a view, whatever the camera sends.

Constrained baseline, level 3.1, no reordering and no delay: each picture given comes out at once
(x264's `zerolatency`). Parameter sets stand before every IDR, so that a viewer can join there.
"""

from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

CLOCK = 90_000
"""RTP's clock for video, Hz (RFC 6184 §5.1)."""
IDR_EVERY_S = 2.0
"""A viewer who lost something, and whose request for an IDR was lost too, waits no longer."""
QUALITY = 25
"""x264's constant rate factor: a mosaic and a yard need no more, and 640x360 make 400 kbit/s."""
MOST_KBITS = 1500
"""In any second; a line that carries the camera carries its view."""
EXPECTED_FPS = 15
"""For x264's rate control only; the time stamps say how it really is."""

_X264 = "keyint=infinite:scenecut=0:repeat-headers=1:aq-mode=0:psy=0:threads=1"
_MACROBLOCK = 16


@dataclass(frozen=True, slots=True)
class EncodedPicture:
    """One access unit, Annex B."""

    data: bytes
    keyframe: bool
    at_s: float
    """Seconds of the clock that the caller counts by, monotonic."""

    @property
    def timestamp(self) -> int:
        return round(self.at_s * CLOCK)


class LiveEncoder:
    """For pictures of one size. Not safe for two threads."""

    def __init__(self, width: int, height: int) -> None:
        """`width` and `height` even."""
        self.size = width, height
        codec = av.CodecContext.create("libx264", "w")
        codec.width, codec.height = width, height
        codec.pix_fmt = "yuv420p"
        codec.time_base = Fraction(1, CLOCK)
        codec.framerate = Fraction(EXPECTED_FPS)
        codec.thread_count = 1
        codec.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "level": "3.1" if width * height <= 1280 * 720 else "4.0",
            "crf": str(QUALITY),
            "maxrate": f"{MOST_KBITS}k",
            "bufsize": f"{MOST_KBITS // 2}k",
            "forced-idr": "1",
            "x264-params": _X264,
        }
        self._codec = codec
        self._begun_s: float | None = None
        self._last_pts = -1
        self._idr_at_s = float("-inf")

    def encode(self, bgr: NDArray[np.uint8], at_s: float, *, keyframe: bool) -> EncodedPicture:
        """`bgr`: (height, width, 3) uint8 of this encoder's size. An IDR when `keyframe`, for the
        first picture, and `IDR_EVERY_S` after the last one."""
        yuv = cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_numpy_buffer(np.asarray(yuv, np.uint8), "yuv420p")
        if self._begun_s is None:
            self._begun_s = at_s
        # x264 refuses a time that does not grow; two pictures may be asked for within one tick.
        self._last_pts = max(self._last_pts + 1, round((at_s - self._begun_s) * CLOCK))
        frame.pts, frame.time_base = self._last_pts, Fraction(1, CLOCK)
        wanted = keyframe or at_s - self._idr_at_s >= IDR_EVERY_S
        if wanted:
            frame.pict_type = PictureType.I
            self._idr_at_s = at_s
        packets = self._codec.encode(frame)
        data = b"".join(bytes(packet) for packet in packets)
        return EncodedPicture(data, wanted, self._begun_s + self._last_pts / CLOCK)


def even(width: int) -> int:
    """The nearest width that 4:2:0 can have, not larger."""
    return max(_MACROBLOCK, width - width % 2)
