"""The seam between a camera and everything behind it: an `Opener` opens, a `Stream` is read.

Tests hand in a fake of these two; `ingest.av_opener` is the real thing.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from record.cameras import CameraReason, CameraUrl
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


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """What a stream says of itself when it is opened."""

    width: int
    """Pixels."""
    height: int
    codec: str
    """FFmpeg's name of it, such as `h264`."""
    frames_per_s: float | None
    """As announced; cameras often announce nothing or something untrue."""


@dataclass(frozen=True, slots=True)
class StreamCounts:
    """How many of each on this connection, since it was opened."""

    received: int = 0
    """Packets of the video track, as RTP or a file cut them: a picture may be many."""
    decoded: int = 0
    corrupt: int = 0
    """Packets or frames thrown away because they could not be decoded whole."""


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


class Opener(Protocol):
    def open(self, camera: CameraId, url: CameraUrl) -> Stream:
        """Connect and find the video; raises `StreamFailed`."""
        ...
