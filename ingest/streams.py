"""The seam between a camera and everything behind it: an `Opener` opens, a `Stream` is read.

Tests hand in a fake of these two; `ingest.av_opener` is the real thing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from record.cameras import CameraReason, CameraUrl, Transport
from record.frames import Frame
from record.ids import CameraId


class StreamFailed(Exception):
    """A stream could not be opened, or broke. `detail` is for a person and free of secrets."""

    def __init__(self, reason: CameraReason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class StreamEnded(StreamFailed):
    """The sender said that nothing follows: the end of a file, or of a session."""

    def __init__(self, detail: str = "the sender closed the stream") -> None:
        super().__init__(CameraReason.ENDED, detail)


class Secrecy(StrEnum):
    """Of the line to a camera."""

    PLAIN = "plain"
    ENCRYPTED = "encrypted"
    """To whoever answered: the certificate is not looked at."""
    VERIFIED = "verified"


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream says of itself when it is opened."""

    width: int
    """Pixels; 0 until the first picture where a camera does not announce it."""
    height: int
    codec: str
    """FFmpeg's name of it, such as `h264`."""
    frames_per_s: float | None
    """As announced; cameras often announce nothing or something untrue."""
    transport: Transport | None = None
    """What carries the media, after any fall-back; None: not RTSP."""
    secrecy: Secrecy | None = None
    """None: there is no line."""
    hardware: bool = False
    """It is decoded on a graphics card."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a stream is waited for, in seconds."""

    picture_s: float = 2.0
    """For the next picture of a stream that runs, whatever else comes: it is blind without."""
    first_packet_s: float = 4.0
    """For the first packet: some senders hold all back until their next keyframe."""
    first_picture_s: float = 12.0
    """For the first picture, while packets come. Cameras that save the line ("H.264+", "smart
    codec") put ten seconds between keyframes, and not all send one to whoever joins."""

    def to_wait(self, *, packets: int, pictures: int, open_s: float) -> float:
        """For a stream that has been open for `open_s`, with so many packets and pictures."""
        if pictures:
            return self.picture_s
        if not packets:
            return max(self.picture_s, self.first_packet_s)
        return max(0.0, min(self.picture_s, self.first_picture_s - open_s))


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """How many of each on this connection, since it was opened."""

    received: int = 0
    """Packets of the video track, as RTP or a file cut them: a picture may be many."""
    decoded: int = 0
    corrupt: int = 0
    """Packets or frames thrown away because they could not be decoded whole."""
    in_software: int = 0
    """1 when hardware decoding was asked for and this connection goes without."""


class Stream(Protocol):
    """One connection. Used by one thread; `close` may be called twice."""

    @property
    def info(self) -> StreamInfo: ...

    @property
    def counts(self) -> StreamCounts: ...

    @property
    def clock_offset(self) -> timedelta | None:
        """How far the camera's clock is ahead of ours, while that is over the trusted 2 s; None
        while the clocks agree or the camera does not tell."""
        ...

    def read(self) -> Frame:
        """The next frame, waiting for it; raises `StreamEnded` or `StreamFailed`."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class CodedPacket:
    """One coded picture as the camera sent it, before it is decoded."""

    data: bytes
    """An Annex B byte stream (H.264, H.265), one JPEG, or whatever else a file holds."""
    pts_s: float
    """Presentation time in seconds from any origin; with B-frames not in order."""
    captured_at: datetime | None
    """When it was captured, as far as can be told before decoding; never None from a camera."""
    keyframe: bool
    codec: str
    """FFmpeg's name of it, such as `h264`."""
    extradata: bytes
    """Parameter sets known so far, Annex B (H.264, H.265); empty when the codec has none, or none
    came yet."""


class PacketTap(Protocol):
    def on_packet(self, packet: CodedPacket) -> None:
        """Called in the reader's thread for every coded picture; must be quick, must not raise."""
        ...


@dataclass(frozen=True, slots=True)
class StreamOptions:
    """What one camera wants of its connection; what a whole node wants, the opener is given."""

    transport: Transport = Transport.TCP
    packets: PacketTap | None = None
    server_name: str | None = None
    """What a certificate must be for, where the URL holds an address instead of it."""
    udp_ports: range | None = None
    """Ports of ours for media over UDP, by which a watch knows the sockets of this connection: it
    is to send to the camera alone. None: any, unwatched."""
    decode: bool = True
    """False: for the tap alone. A frame comes for each coded picture, and shows nothing."""


class Opener(Protocol):
    def open(
        self, camera: CameraId, url: CameraUrl, *, options: StreamOptions = StreamOptions()
    ) -> Stream:
        """Connect and find the video; raises `StreamFailed`."""
        ...
