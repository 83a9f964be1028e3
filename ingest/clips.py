"""Clips: coded pictures into MP4 (VP8: WebM) as they are, and back into frames.

MP4 is fragmented (ISO/IEC 14496-12 §8.8): it is written in order, so that it can be sealed as it
comes and is whole up to its last fragment whenever the writing ends.
"""

import io
import struct
from bisect import insort
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Protocol, cast

import av
import av.error
from av import Packet, VideoFrame
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from ingest.picture import AvPicture, Scaler
from ingest.ring import KeptPacket
from ingest.streams import CodedPacket
from record.frames import Frame, TimeSource
from record.ids import CameraId

TICKS = 90_000
"""Ticks a second: the clock of RTP video (RFC 3551 §5)."""
_RAW = {"h264": "h264", "hevc": "hevc", "mjpeg": "mjpeg", "vp8": "ivf"}
"""FFmpeg's readers of bare streams, by codec: what a keyframe's parameters are taken with."""
_FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "frag_size": "1000000"}
"""FFmpeg holds a fragment in memory until it is whole: at a keyframe, or at a megabyte, for some
cameras send a keyframe every 20 s or more."""
_EBML = b"\x1a\x45\xdf\xa3"
"""How WebM begins (RFC 8794 §11.2.1)."""


class ClipImpossible(Exception):
    """These pictures cannot be put into a clip; `str()` is for a person."""


class Sink(Protocol):
    def write(self, plain: bytes) -> int: ...


class ClipSource(Protocol):
    def read(self, size: int = -1) -> bytes: ...

    def seek(self, offset: int, whence: int = 0) -> int: ...

    def tell(self) -> int: ...


@dataclass(frozen=True, slots=True)
class ClipForm:
    codec: str
    width: int
    height: int

    @property
    def media(self) -> str:
        """VP8, of browsers that publish, is the one codec that MP4 has no place for."""
        return "video/webm" if self.codec == "vp8" else "video/mp4"


class ClipWriter:
    """One segment of a ring into `sink`, in order. `begin`: its first pictures, from a keyframe
    on, as many as there are: they tell whether presentation leaps about (B-frames).

    Raises `ClipImpossible`; and what `sink` raises.
    """

    def __init__(self, sink: Sink, begin: Sequence[KeptPacket]) -> None:
        first = begin[0]
        self._origin_s = min(one.time_s for one in begin)
        self._sink = _Sink(sink)
        try:
            self.form, self._container, self._stream = _open(self._sink, first)
        except (av.error.FFmpegError, ValueError) as error:
            self._sink.check()
            codec = first.packet.codec
            raise ClipImpossible(f"{codec} could not be put into MP4") from error
        self._reordered: list[int] = []
        self._depth = reorder_depth([one.time_s for one in begin])
        self._last_dts = -(1 << 62)
        self.begins_at = first.at - timedelta(seconds=first.time_s - self._origin_s)
        """Capture time of the picture that is shown first."""
        self.length_s = 0.0
        """From the first picture shown to the last."""
        for one in begin:
            self.add(one)

    def add(self, one: KeptPacket) -> None:
        pts_s = one.time_s - self._origin_s
        pts = round(pts_s * TICKS)
        packet = cast("Packet[VideoStream]", Packet(one.packet.data))
        packet.time_base = Fraction(1, TICKS)
        packet.dts = self._decode_time(pts)
        packet.pts = max(pts, packet.dts)
        packet.is_keyframe = one.packet.keyframe
        packet.stream = self._stream
        self.length_s = max(self.length_s, pts_s)
        try:
            self._container.mux_one(packet)
        except av.error.FFmpegError as error:
            self._sink.check()
            raise ClipImpossible("a picture could not be put into MP4") from error
        self._sink.check()

    def finish(self) -> None:
        try:
            self._container.close()
        except av.error.FFmpegError as error:
            self._sink.check()
            raise ClipImpossible("the clip could not be ended") from error
        self._sink.check()

    def abandon(self) -> None:
        """Let go of it, half as it is; `sink` hears no more."""
        self._sink.shut = True
        with suppress(av.error.FFmpegError):
            self._container.close()

    def _decode_time(self, pts: int) -> int:
        """When it has to be decoded: presentation times in order, so many pictures early as they
        leap about (as FFmpeg's own `compute_pkt_fields` does)."""
        if self._depth and not self._reordered:
            self._reordered = [pts - TICKS // 25 * n for n in range(self._depth, 0, -1)]
        insort(self._reordered, pts)
        dts = max(self._reordered.pop(0), self._last_dts + 1)
        self._last_dts = dts
        return dts


def reorder_depth(times_s: Sequence[float]) -> int:
    """How many pictures, at most, come before one that is shown earlier than they."""
    depth = 0
    for number, time_s in enumerate(times_s):
        late = sum(before > time_s for before in times_s[max(0, number - 16) : number])
        depth = max(depth, late)
    return depth


class _Sink:
    """Keeps what the sink raised: it is lost on its way through FFmpeg."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._error: OSError | None = None
        self.shut = False
        """What comes from now on is thrown away."""

    def write(self, plain: bytes) -> int:
        if self.shut:
            return len(plain)
        try:
            return self._sink.write(plain)
        except OSError as error:
            self._error = error
            raise

    def check(self) -> None:
        if self._error is not None:
            raise self._error


def _open(sink: _Sink, first: KeptPacket) -> tuple[ClipForm, OutputContainer, VideoStream]:
    """The container, and its stream with the parameters that the keyframe shows."""
    packet = first.packet
    raw = _RAW.get(packet.codec)
    if raw is None:
        raise ClipImpossible(f"clips of {packet.codec} cannot be kept")
    picture = io.BytesIO(_bare(packet))
    with av.open(picture, "r", format=raw) as template:
        video = template.streams.video[0]
        form = ClipForm(packet.codec, video.codec_context.width, video.codec_context.height)
        if not form.width or not form.height:
            raise ClipImpossible("the keyframe does not say how large it is")
        webm = form.media == "video/webm"
        container = av.open(
            cast("Any", sink),
            "w",
            format="webm" if webm else "mp4",
            options={"live": "1"} if webm else _FRAGMENTED,
        )
        stream = container.add_stream_from_template(video, opaque=True)
        stream.time_base = Fraction(1, TICKS)
        container.start_encoding()
    return form, container, stream


def _bare(packet: CodedPacket) -> bytes:
    """A keyframe as a stream of its own."""
    data = packet.data
    if packet.codec == "vp8":
        head = struct.pack("<4sHH4sHHIIII", b"DKIF", 0, 32, b"VP80", 0, 0, 30, 1, 1, 0)
        return head + struct.pack("<IQ", len(data), 0) + data
    # A camera may tell its parameters in the session only, and not with each keyframe.
    return data if packet.codec == "mjpeg" else packet.extradata + data


def read_clip(source: ClipSource, camera: CameraId, begins_at: datetime) -> Iterator[Frame]:
    """Its frames in order; `captured_at` counts from `begins_at`. Damaged ones are left out.

    Raises `ClipImpossible` when nothing can be read, and what `source` raises.
    """
    webm = source.read(len(_EBML)) == _EBML
    source.seek(0)
    try:
        container = av.open(cast("Any", source), "r", format="matroska" if webm else "mp4")
    except av.error.FFmpegError as error:
        raise ClipImpossible("the clip cannot be read") from error
    scaler = Scaler()
    with container:
        if not container.streams.video:
            raise ClipImpossible("the clip holds no video")
        video = container.streams.video[0]
        video.codec_context.thread_count = 1
        for number, (frame, shown_s) in enumerate(_pictures(container, video)):
            yield Frame(
                camera=camera,
                number=number,
                captured_at=begins_at + timedelta(seconds=shown_s),
                time_source=TimeSource.FILE,
                pts_s=shown_s,
                received=0.0,
                picture=AvPicture(frame, scaler),
            )


def _pictures(container: InputContainer, video: VideoStream) -> Iterator[tuple[VideoFrame, float]]:
    first_s: float | None = None
    for packet in container.demux(video):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in decoded:
            if frame.is_corrupt:
                continue
            # Decoding early for B-frames pushes the first picture from zero.
            first_s = frame.time if first_s is None else first_s
            yield frame, frame.time - first_s
