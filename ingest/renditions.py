"""Encoding what every browser plays: H.264 baseline in MP4 with its index in front."""

import io
from fractions import Fraction

import av
import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

from ingest.clips import TICKS

_INDEX_BYTES = 128 * 1024
"""Room for the index before the pictures, so that a browser can begin at once: it takes about 30
bytes a picture, and a minute of 30 a second has 1,800."""
_OPTIONS = {
    "profile": "baseline",
    "preset": "veryfast",
    "crf": "26",
    "bf": "0",
    "tune": "fastdecode",
    "threads": "1",
}


class RenditionWriter:
    """Frames in order into one MP4, held in memory: a minute takes a few megabytes."""

    def __init__(self, width: int, height: int, frames_per_s: float) -> None:
        """`width` and `height` are even."""
        self.shape = height, width
        self._out = io.BytesIO()
        options = {"moov_size": str(_INDEX_BYTES)}
        self._container = av.open(self._out, "w", format="mp4", options=options)
        rate = Fraction(frames_per_s).limit_denominator(1000)
        self._stream = self._container.add_stream("libx264", rate=rate, options=_OPTIONS)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = Fraction(1, TICKS)
        context = self._stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.gop_size = max(1, round(frames_per_s * 2))
        self._last = -1

    def add(self, pixels: NDArray[np.uint8], shown_s: float) -> None:
        """`pixels`: (height, width, 3) uint8 BGR; `shown_s`: from the beginning."""
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="bgr24")
        self._last = frame.pts = max(round(shown_s * TICKS), self._last + 1)
        frame.time_base = Fraction(1, TICKS)
        for packet in self._stream.encode(frame):
            self._container.mux_one(packet)

    def finish(self) -> memoryview:
        """The whole file."""
        for packet in self._stream.encode(None):
            self._container.mux_one(packet)
        self._container.close()
        return self._out.getbuffer()
