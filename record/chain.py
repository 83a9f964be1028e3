"""The hash chain: each event holds the SHA-256 of the one before, and so all of them.

One chain per node and epoch. `seal` is the only place that makes the bytes of an event; from then
on they are copied, never written anew.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from record.canonical import NotCanonical, canonical
from record.envelope import envelope
from record.events import Json, NewEvent, StoredEvent
from record.ids import EventId, NodeId, Position, UnitId
from record.moments import cut

GENESIS = "0" * 64
"""`prevhash` of the first event of a chain."""

EPOCH_SPAN = 2**32
"""Positions of one epoch; a store that is restored goes on in a span of its own."""

SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """The end of this node's chain: what the next event is tied to."""

    node: NodeId
    epoch: int
    seq: int
    """Of the last event; 0: none yet."""
    position: Position
    hash: str

    @classmethod
    def fresh(cls, node: NodeId, epoch: int = 1) -> "Head":
        return cls(node, epoch, 0, Position(epoch * EPOCH_SPAN), GENESIS)


@dataclass(frozen=True, slots=True)
class SaltedText:
    """Free text beside its event. With salt and text gone, the hash in the event says nothing."""

    name: str
    salt: bytes
    text: str

    @property
    def hash(self) -> str:
        return text_hash(self.salt, self.text)


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it goes into a store, with its payload still at hand for the projections."""

    event: StoredEvent
    data: Mapping[str, Json]
    texts: tuple[SaltedText, ...]


def text_hash(salt: bytes, text: str) -> str:
    """SHA-256(salt ‖ UTF-8 text) in hexadecimal; the salt keeps short texts from being guessed."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


def seal(
    head: Head,
    new: NewEvent,
    *,
    event_id: EventId,
    recorded_at: datetime,
    salts: Mapping[str, bytes],
    units: frozenset[UnitId] = frozenset(),
) -> tuple[Head, Sealed]:
    """Tie `new` to `head`: the new head, and the event with its bytes.

    `salts` holds 32 fresh random bytes for each of `new.texts`; `units` are `new.unit` and its
    ancestors. Raises `NotCanonical` for data that has no canonical form.
    """
    if "texts" in new.data:
        raise NotCanonical("data.texts is made from the texts, not given")
    texts = tuple(SaltedText(name, salts[name], text) for name, text in new.texts.items())
    data: dict[str, Json] = dict(new.data)
    if texts:
        data["texts"] = {text.name: text.hash for text in texts}
    seq = head.seq + 1
    body = canonical(
        envelope(new, data, event_id, recorded_at, head.node, head.epoch, seq, head.hash)
    )
    digest = hashlib.sha256(body).hexdigest()
    position = Position(head.position + 1)
    camera = data.get("camera")
    event = StoredEvent(
        position=position,
        id=event_id,
        type=new.type,
        time=cut(new.time),
        subject=new.subject,
        site=new.site,
        unit=new.unit,
        camera=camera if isinstance(camera, str) else None,
        chain=head.node,
        epoch=head.epoch,
        seq=seq,
        hash=digest,
        body=body,
        units=units,
    )
    return replace(head, seq=seq, position=position, hash=digest), Sealed(event, data, texts)
