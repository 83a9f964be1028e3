"""Drawn pictures to H.264 that every browser plays: one encoder a view, whatever the camera sends.

Constrained baseline, level 3.1, no reordering and no delay: each picture given comes out at once
(x264's `zerolatency`). Parameter sets stand before every IDR, so that a viewer can join there.
"""

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from ingest.picture import planes_of
from record.frames import Colours, Planes

CLOCK = 90_000
"""RTP's clock for video, Hz (RFC 6184 §5.1)."""
IDR_EVERY_S = 2.0
"""A viewer who lost something, and whose request for an IDR was lost too, waits no longer."""
QUANTIZERS = (26, 32, 38, 44)
"""H.264 quantizers, finest first. A constant one needs no look at the picture beforehand and takes
three fifths of the time of x264's rate control: 0.57 ms against 0.97 for 640x360, at 42 dB and
175 kbit/s on `yard`."""
MOST_KBITS = 1500
"""Over a second: a view that takes more is coded more coarsely. A line that carries the camera
carries its view."""
CALM = 1 / 4
"""Share of `MOST_KBITS` below which a finer quantizer is tried again."""
CALM_S = 10.0
EXPECTED_FPS = 15
"""For x264's parameter sets only; the time stamps say how it really is."""

_X264 = "keyint=infinite:scenecut=0:repeat-headers=1:aq-mode=0:psy=0:threads=1"
_MACROBLOCK = 16
_VIDEO, _FULL = 1, 2
"""FFmpeg's AVCOL_RANGE_MPEG and AVCOL_RANGE_JPEG."""
UNSAID = Colours()


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
    """For pictures of one size and kind of colours. Draw on `canvas`, then `encode`: nothing is
    converted or copied in between. Not safe for two threads."""

    def __init__(self, width: int, height: int, colours: Colours = UNSAID) -> None:
        """`width` and `height` even."""
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self._frame.time_base = Fraction(1, CLOCK)
        self.canvas = planes_of(self._frame, colours)
        self.quantizer = QUANTIZERS[0]
        self._codec = _x264(self.canvas, self.quantizer)
        self._begun_s: float | None = None
        self._last_pts = -1
        self._idr_at_s = float("-inf")
        self._spent: deque[tuple[float, int]] = deque()
        self._stepped_at_s = float("-inf")

    def encode(self, at_s: float, *, keyframe: bool) -> EncodedPicture:
        """What is on the canvas. An IDR when `keyframe`, for the first picture, and `IDR_EVERY_S`
        after the last one."""
        if self._begun_s is None:
            self._begun_s = at_s
        # x264 refuses a time that does not grow; two pictures may be asked for within one tick.
        self._last_pts = max(self._last_pts + 1, round((at_s - self._begun_s) * CLOCK))
        self._frame.pts = self._last_pts
        wanted = self._step(at_s) or keyframe or at_s - self._idr_at_s >= IDR_EVERY_S
        self._frame.pict_type = PictureType.I if wanted else PictureType.NONE
        if wanted:
            self._idr_at_s = at_s
        data = b"".join(bytes(packet) for packet in self._codec.encode(self._frame))
        self._spent.append((at_s, len(data)))
        return EncodedPicture(data, wanted, self._begun_s + self._last_pts / CLOCK)

    def _step(self, at_s: float) -> bool:
        """Go to a coarser or finer quantizer where that is due; whether we did: the next picture
        is then the first of a new encoder."""
        while self._spent and self._spent[0][0] < at_s - 1.0:
            self._spent.popleft()
        kbits = sum(size for _, size in self._spent) * 8 / 1000
        place, since_s = QUANTIZERS.index(self.quantizer), at_s - self._stepped_at_s
        if kbits > MOST_KBITS and place + 1 < len(QUANTIZERS) and since_s >= 1.0:
            place += 1
        elif kbits < MOST_KBITS * CALM and place > 0 and since_s >= CALM_S:
            place -= 1
        else:
            return False
        self.quantizer, self._stepped_at_s = QUANTIZERS[place], at_s
        self._codec = _x264(self.canvas, self.quantizer)
        return True


def _x264(canvas: Planes, quantizer: int) -> VideoCodecContext:
    height, width = canvas.luma.shape
    colours = canvas.colours
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height = width, height
    codec.pix_fmt = "yuv420p"
    codec.time_base = Fraction(1, CLOCK)
    codec.framerate = Fraction(EXPECTED_FPS)
    codec.thread_count = 1
    codec.color_primaries, codec.color_trc = colours.primaries, colours.transfer
    codec.colorspace = colours.matrix
    codec.color_range = _FULL if colours.full_range else _VIDEO
    codec.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "level": "3.1" if width * height <= 1280 * 720 else "4.0",
        "qp": str(quantizer),
        "forced-idr": "1",
        "x264-params": _X264,
    }
    return codec


def even(width: int) -> int:
    """The nearest width that 4:2:0 can have, not larger."""
    return max(_MACROBLOCK, width - width % 2)
