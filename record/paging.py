"""Keyset paging: a cursor says after which row to go on, so that pages neither skip nor repeat
while rows arrive (https://use-the-index-luke.com/no-offset)."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import orjson

from record.errors import Invalid
from record.moments import from_ms, to_ms

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: tuple[T, ...]
    next: str | None
    """Hand it back as `cursor`; None: this was the last page."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in a list that is sorted by moment, then by id, both descending."""

    at: datetime
    id: str


_OLDEST_MS = to_ms(datetime.fromisoformat("0001-01-02T00:00:00Z"))
_NEWEST_MS = to_ms(datetime.fromisoformat("9999-12-30T00:00:00Z"))


def encode_cursor(place: Place) -> str:
    """Opaque and safe in a query string."""
    raw = orjson.dumps([to_ms(place.at), place.id])
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(text: str) -> Place:
    """Raises `Invalid("cursor", …)` for anything `encode_cursor` did not make."""
    try:
        raw = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), b"-_", validate=True)
        milliseconds, row = orjson.loads(raw)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid("cursor", "was not given out here") from None
    if (
        type(milliseconds) is not int
        or not isinstance(row, str)
        or not _OLDEST_MS <= milliseconds <= _NEWEST_MS
        or len(row) > 100
        or "\0" in row
    ):
        raise Invalid("cursor", "was not given out here")
    return Place(from_ms(milliseconds), row)
