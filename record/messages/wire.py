"""The bytes on the worker's local socket.

A message is a 4-byte big-endian length, that many bytes of JSON, then as many bytes of body as the
JSON's `body` says (a JPEG, a clip). An unknown type or version is refused by name, so that a worker
and an API of different releases fail loudly and not by chance.
"""

import struct
from collections.abc import Iterator
from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from record.messages.base import MAX_BODY, Refused
from record.messages.discovering import AskDiscover, DiscoverDone
from record.messages.evidence import AskEvidence, AskRendition, EvidenceNow, RenditionMaking
from record.messages.health import AskUpdates, Counts, Health
from record.messages.in_force import AskInForce, InForce
from record.messages.live import (
    AskLiveClose,
    AskLiveKeep,
    AskLiveOpen,
    AskLiveTrickle,
    LiveClosed,
    LiveKept,
    LiveOpened,
    LiveTrickled,
)
from record.messages.pictures import AskPicture, PictureMissing, PictureSent
from record.messages.probing import AskProbe, ProbeDone
from record.messages.publishing import (
    EndPublish,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishEnded,
    PublishPatched,
)

MAX_HEADER = 64 * 1024
_LENGTH = struct.Struct(">I")


class MessageRefused(Exception):
    """What came over the socket is none of the messages below; the connection is to be closed."""


Message = Annotated[
    AskPicture
    | PictureSent
    | PictureMissing
    | AskUpdates
    | Counts
    | Health
    | Refused
    | AskProbe
    | ProbeDone
    | AskDiscover
    | DiscoverDone
    | AskLiveOpen
    | LiveOpened
    | AskLiveTrickle
    | LiveTrickled
    | AskLiveClose
    | LiveClosed
    | AskLiveKeep
    | LiveKept
    | OfferPublish
    | PublishAnswered
    | PatchPublish
    | PublishPatched
    | EndPublish
    | PublishEnded
    | AskEvidence
    | EvidenceNow
    | AskRendition
    | RenditionMaking
    | AskInForce
    | InForce,
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
