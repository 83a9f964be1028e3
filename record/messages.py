"""What crosses between the API and a worker over the worker's local socket: versioned types.

A message on the wire is a 4-byte big-endian length, that many bytes of JSON, then as many bytes
of body as the JSON's `body` says (a JPEG). An unknown type or version is refused by name, so that
a worker and an API of different releases fail loudly and not by chance.
"""

import struct
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from record.cameras import CameraReason, CameraState
from record.frames import TimeSource

MAX_HEADER = 64 * 1024
MAX_BODY = 8 * 1024 * 1024
_LENGTH = struct.Struct(">I")


class MessageRefused(Exception):
    """What came over the socket is none of the messages below; the connection is to be closed."""


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    v: Literal[1] = 1
    body: int = Field(default=0, ge=0, le=MAX_BODY)


class AskPicture(_Message):
    """API → worker: the newest picture of a camera, unreadable where people are."""

    type: Literal["ask_picture"] = "ask_picture"
    request: int
    camera: str
    width: int = Field(default=640, ge=64, le=1920)


class PictureSent(_Message):
    """Worker → API: the answer, with a JPEG as body."""

    type: Literal["picture"] = "picture"
    request: int
    camera: str
    captured_at: datetime
    width: int
    height: int


class PictureMissing(_Message):
    """Worker → API: no picture younger than 5 s; an old one is never sent as if it were live."""

    type: Literal["picture_missing"] = "picture_missing"
    request: int
    camera: str
    state: CameraState
    reason: CameraReason | None = None
    last_at: datetime | None = None


class AskUpdates(_Message):
    """API → worker: from now on send `Counts` and `Health` as they come."""

    type: Literal["ask_updates"] = "ask_updates"


class Counts(_Message):
    """Worker → API: people in view of one camera; on change, at most two a second."""

    type: Literal["counts"] = "counts"
    camera: str
    at: datetime
    persons: int | None
    areas: dict[str, int] = {}


class CameraHealth(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    camera: str
    state: CameraState
    reason: CameraReason | None = None
    frame_at: datetime | None = None
    """Capture time of the newest frame."""
    time_source: TimeSource | None = None
    width: int | None = None
    height: int | None = None
    received: int = 0
    decoded: int = 0
    looked: int = 0
    dropped: dict[str, int] = {}
    """Frames not looked at, by cause: `newer` (a newer one was there), `corrupt`, `late`."""
    reconnects: int = 0


class StageTiming(BaseModel):
    """How long one stage took lately, between a frame's capture and its findings' commit."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    of: Literal["looks", "findings"]
    """Every look, or those that found something, which alone go on to the store."""
    stage: Literal["arrive", "decode", "wait", "detect", "decide", "store", "whole"]
    """`arrive`: capture to packet read; `wait`: decoded to its turn at the detector; `decide`:
    tracker, lines, areas and rules; `whole`: capture to the end of the last stage."""
    count: int
    p50_ms: float
    p95_ms: float
    max_ms: float


class Health(_Message):
    """Worker → API, once a second: every camera of this worker and its detector."""

    type: Literal["health"] = "health"
    worker: str
    at: datetime
    detector: Literal["ready", "missing", "failed"]
    detector_detail: str = ""
    model: str = ""
    cameras: tuple[CameraHealth, ...] = ()
    stages: tuple[StageTiming, ...] = ()
    """Of the last few hundred looks, and of as many with findings."""
    events_waiting: int = 0
    """Found and not yet in the store."""


Message = Annotated[
    AskPicture | PictureSent | PictureMissing | AskUpdates | Counts | Health,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[Message] = TypeAdapter(Message)


def encode(message: Message, body: bytes = b"") -> bytes:
    """The bytes of one message on the wire."""
    if len(body) > MAX_BODY:
        raise MessageRefused(f"a body of {len(body)} bytes is over {MAX_BODY}")
    header = message.model_copy(update={"body": len(body)}).model_dump_json().encode()
    return _LENGTH.pack(len(header)) + header + body


class Decoder:
    """Takes bytes as they come and gives whole messages; holds one unfinished message at most."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[Message, bytes]]:
        """Messages completed by `data`, each with its body. Raises `MessageRefused`."""
        self._buffer += data
        while (whole := self._take()) is not None:
            yield whole

    def _take(self) -> tuple[Message, bytes] | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > MAX_HEADER:
            raise MessageRefused(f"a header of {length} bytes is over {MAX_HEADER}")
        start = _LENGTH.size + length
        if len(self._buffer) < start:
            return None
        try:
            message = _ADAPTER.validate_json(bytes(self._buffer[_LENGTH.size : start]))
        except ValidationError as error:
            raise MessageRefused(str(error.errors(include_input=False))) from error
        end = start + message.body
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[start:end])
        del self._buffer[:end]
        return message, body
