"""The envelope: CloudEvents 1.0 in its JSON format, with the chain as extension attributes.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md: attribute names are lower
case letters and digits, hence `recordedat` and `prevhash`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import orjson

from record.events import Json, NewEvent, StoredEvent
from record.ids import EventId, NodeId, Position
from record.moments import parse, stamp


def envelope(
    new: NewEvent,
    data: Mapping[str, Json],
    event_id: EventId,
    recorded_at: datetime,
    chain: NodeId,
    epoch: int,
    seq: int,
    prevhash: str,
) -> dict[str, Json]:
    """All attributes of an event but its own hash. `source` is the site it is about, else the
    unit, else the node itself."""
    return {
        "specversion": "1.0",
        "id": event_id,
        "type": new.type.full,
        "source": new.site or new.unit or chain,
        "subject": new.subject,
        "time": stamp(new.time),
        "datacontenttype": "application/json",
        "data": cast("Json", data),
        "recordedat": stamp(recorded_at),
        "chain": chain,
        "epoch": epoch,
        "seq": seq,
        "prevhash": prevhash,
    }


def served(event: StoredEvent) -> bytes:
    """The stored bytes with `"hash"` added; nothing of them is written anew."""
    return event.body[:-1] + b',"hash":"' + event.hash.encode() + b'"}'


def with_position(event: StoredEvent) -> bytes:
    """As `served`, with the store's own `"position"` beside it, for readers that poll."""
    return served(event)[:-1] + b',"position":%d}' % event.position


def without_hash(text: bytes) -> bytes:
    """The inverse of `served`: the bytes that were hashed."""
    return text[: text.rindex(b',"hash":"')] + b"}"


def data_of(event: StoredEvent) -> dict[str, Json]:
    """The payload, parsed from the stored bytes."""
    return cast("dict[str, Json]", orjson.loads(event.body)["data"])


def recorded_at(event: StoredEvent) -> datetime:
    """When it was recorded, which may be long after it happened."""
    return parse(cast("str", orjson.loads(event.body)["recordedat"]))


def base_of(position: Position) -> Position:
    """The place just before the first position of the same epoch: where a reader starts."""
    return Position(position >> 32 << 32)
