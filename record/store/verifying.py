"""Proving the record: every byte string hashed anew, every link and every text held against it."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import orjson

from record.chain import GENESIS, text_hash
from record.envelope import data_of
from record.events import StoredEvent
from record.ids import Position
from record.moments import stamp
from record.places import EVERYTHING
from record.store.store import Store

BATCH = 1000
_START = Position(0)


@dataclass(frozen=True, slots=True)
class ChainReport:
    events: int
    """How many were looked at, up to the first bad one."""
    ok: bool
    first_bad_position: Position | None = None
    reason: str | None = None
    erased_texts: int = 0
    """Texts that are gone while their hash stands: erased, or never to be known again."""


class _Broken(Exception):
    def __init__(self, position: Position, reason: str) -> None:
        super().__init__(reason)
        self.position = position
        self.reason = reason


@dataclass(slots=True)
class _Walk:
    """What the next event has to fit."""

    events: int = 0
    erased_texts: int = 0
    position: Position = _START
    chain: str = ""
    epoch: int = 0
    seq: int = 0
    hash: str = GENESIS

    def step(self, event: StoredEvent, texts: dict[str, tuple[bytes, str]]) -> None:
        def need(fact: bool, reason: str) -> None:
            if not fact:
                raise _Broken(event.position, reason)

        need(hashlib.sha256(event.body).hexdigest() == event.hash, "the bytes do not fit the hash")
        body = orjson.loads(event.body)
        if (event.chain, event.epoch) != (self.chain, self.epoch):
            self.chain, self.epoch, self.seq, self.hash = event.chain, event.epoch, 0, GENESIS
        need(event.seq == self.seq + 1, f"seq {self.seq + 1} is missing")
        need(body["prevhash"] == self.hash, "prevhash is not the hash of the event before")
        need(_outside(event) == _inside(body), "columns and bytes disagree")
        self._hold_texts(event, texts, need_hashes=data_of(event).get("texts"))
        self.events += 1
        self.position, self.seq, self.hash = event.position, event.seq, event.hash

    def _hold_texts(
        self, event: StoredEvent, texts: dict[str, tuple[bytes, str]], *, need_hashes: object
    ) -> None:
        hashes = cast("dict[str, str]", need_hashes or {})
        for name, (salt, text) in texts.items():
            if hashes.get(name) != text_hash(salt, text):
                raise _Broken(event.position, f"the text {name!r} does not fit its hash")
        self.erased_texts += len(hashes.keys() - texts.keys())


def verify_chain(store: Store) -> ChainReport:
    """Walk the whole log. Never raises for what it finds: it reports the first thing wrong."""
    walk = _Walk()
    try:
        for event, texts in _everything(store):
            walk.step(event, texts)
        _check_end(store, walk)
    except _Broken as broken:
        return ChainReport(walk.events, False, broken.position, broken.reason, walk.erased_texts)
    return ChainReport(walk.events, True, erased_texts=walk.erased_texts)


def _everything(store: Store) -> Iterator[tuple[StoredEvent, dict[str, tuple[bytes, str]]]]:
    position = _START
    while True:
        with store.read(EVERYTHING) as reading:
            events = reading.events.after(position, BATCH)
            texts = reading.events.texts(events)
        if not events:
            return
        for event in events:
            yield event, texts.get(event.position, {})
        position = events[-1].position


def _check_end(store: Store, walk: _Walk) -> None:
    """The end of the chain is kept apart: without it, cutting off the tail would go unseen."""
    with store.read(EVERYTHING) as reading:
        head = reading.events.head()
        grown = reading.events.after(walk.position, 1)
    if not grown and head.seq and (head.hash, head.position) != (walk.hash, walk.position):
        raise _Broken(head.position, "the log ends before its recorded end")


def _outside(event: StoredEvent) -> tuple[object, ...]:
    return (
        event.id,
        event.type.full,
        event.subject,
        stamp(event.time),
        event.chain,
        event.epoch,
        event.seq,
    )


def _inside(body: dict[str, object]) -> tuple[object, ...]:
    names = ("id", "type", "subject", "time", "chain", "epoch", "seq")
    return tuple(body[name] for name in names)
