"""One fan-out for all streams of this process.

Each event is turned into bytes once and kept in a bounded ring. Subscribers who see the same form
a group: what a batch holds for them is joined once, and the same bytes are handed to each
connection's transport, without a task or a generator being woken. The pause between two batches is
as long as the last batch took, so that a fan-out never uses more than half of a core: with few
readers an event leaves at once, with thousands they leave in small batches.

Lives on one event loop and is not thread-safe; `api/tailer.py` crosses over to it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import orjson
import structlog

from record.envelope import served
from record.events import AUDIENCE, EventType, StoredEvent
from record.ids import CameraId, Position, SiteId, UnitId
from record.moments import stamp
from record.people import Role
from record.places import Scope

log = structlog.get_logger()

BEHIND_LIMIT = 1 << 20
"""Bytes a client may leave unread before it is cut off; it resumes where it was."""
RING_BYTES = 16 << 20
RING_EVENTS = 20_000
"""Unless the settings say otherwise; about 16 MB of them."""
FIRST_PAUSE_S = 0.002
"""Events of one transaction arrive together; this is how long a batch waits for the others."""


ORDERS = frozenset(kind.full for kind in EventType if kind.value.startswith("order."))


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it goes out. `position` None: beside the log."""

    position: Position | None
    name: str
    """The SSE event's name: `wardwatch.breach.opened`, `occupancy`."""
    audience: frozenset[Role]
    unit: UnitId | None
    """What it is about, where that is no single site."""
    site: SiteId | None
    units: frozenset[UnitId]
    """That unit, or the site's, and all above."""
    camera: str | None
    wire: bytes
    """All lines of the SSE event with the empty line that ends it."""


@dataclass(frozen=True, slots=True)
class View:
    """What a reader may see and wants to see; readers with the same view share their bytes."""

    role: Role
    scope: Scope
    types: frozenset[str] | None = None
    """SSE names; None: all."""
    unit: UnitId | None = None
    site: SiteId | None = None
    camera: CameraId | None = None
    above: frozenset[UnitId] = frozenset()
    """Units that hold something of the scope: their orders reach down to it."""

    def admits(self, entry: Entry) -> bool:
        return (
            self.role in entry.audience
            and self._in_scope(entry)
            and (self.types is None or entry.name in self.types)
            and (self.unit is None or self.unit in entry.units)
            and (self.site is None or self.site == entry.site)
            and (self.camera is None or self.camera == entry.camera)
        )

    def _in_scope(self, entry: Entry) -> bool:
        return (
            self.scope.everything
            or not self.scope.units.isdisjoint(entry.units)
            or entry.site in self.scope.sites
            or (entry.name in ORDERS and entry.site is None and entry.unit in self.above)
        )

    def event_types(self) -> tuple[EventType, ...]:
        """Those of the log that this view can see at all."""
        return tuple(
            kind
            for kind, roles in AUDIENCE.items()
            if self.role in roles and (self.types is None or kind.full in self.types)
        )


def entry_of(event: StoredEvent) -> Entry:
    name = event.type.full
    wire = b"id: %d\nevent: %b\ndata: %b\n\n" % (event.position, name.encode(), served(event))
    return Entry(
        position=event.position,
        name=name,
        audience=AUDIENCE.get(event.type, frozenset()),
        unit=event.unit,
        site=event.site,
        units=event.units,
        camera=event.camera,
        wire=wire,
    )


def live_entry(
    name: str, data: Mapping[str, object], *, site: SiteId, units: frozenset[UnitId], camera: str
) -> Entry:
    """An event beside the log, seen by those who see `occupancy.changed`."""
    return Entry(
        position=None,
        name=name,
        audience=AUDIENCE[EventType.OCCUPANCY_CHANGED],
        unit=None,
        site=site,
        units=units,
        camera=camera,
        wire=b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data)),
    )


def tick_wire(position: Position, now: datetime) -> bytes:
    body = orjson.dumps({"now": stamp(now), "position": position})
    return b"id: %d\nevent: tick\ndata: %b\n\n" % (position, body)


def reset_wire(position: Position) -> bytes:
    return b'id: %d\nevent: reset\ndata: {"position":%d}\n\n' % (position, position)


class Outlet(Protocol):
    """A connection to write to without waiting."""

    def write(self, data: bytes) -> None: ...

    @property
    def behind(self) -> int:
        """Bytes written and not yet taken by the client's side of the network."""
        ...

    def cut(self) -> None:
        """End the connection now, leaving what was not sent."""
        ...

    def close(self) -> None:
        """Nothing more is written; what the outlet itself runs ends."""
        ...


@dataclass(slots=True, eq=False)
class Subscriber:
    view: View
    outlet: Outlet
    cursor: Position
    """Everything up to here has been written to it by the time it is attached."""
    cut_off: "asyncio.Future[None]"
    """Done when it fell too far behind."""


@dataclass(slots=True)
class Counters:
    published: int = 0
    delivered: int = 0
    batches: int = 0
    cut_off: int = 0
    busy_s: float = 0.0


@dataclass(slots=True)
class _Ring:
    """Recent events: all those after `floor`, up to `head`."""

    floor: Position
    head: Position
    most: int
    entries: deque[Entry] = field(default_factory=deque)
    positions: set[Position] = field(default_factory=set)
    size: int = 0

    def holds(self, position: Position) -> bool:
        return position == self.floor or position in self.positions

    def add(self, entry: Entry, position: Position) -> None:
        self.entries.append(entry)
        self.positions.add(position)
        self.head = position
        self.size += len(entry.wire)
        while self.size > RING_BYTES or len(self.entries) > self.most:
            oldest = self.entries.popleft()
            self.size -= len(oldest.wire)
            self.floor = oldest.position or self.floor
            self.positions.discard(self.floor)

    def after(self, cursor: Position) -> Iterable[Entry]:
        newer: list[Entry] = []
        for entry in reversed(self.entries):
            if (entry.position or 0) <= cursor:
                break
            newer.append(entry)
        return reversed(newer)


class Fanout:
    def __init__(self, start: Position, ring_events: int = RING_EVENTS) -> None:
        """`start`: the last position that will not be published here."""
        self._ring = _Ring(start, start, ring_events)
        self._groups: dict[View, set[Subscriber]] = {}
        self._pending: list[Entry] = []
        self._live: dict[tuple[str, str | None], Entry] = {}
        self._due: asyncio.TimerHandle | None = None
        self._rests_until = 0.0
        self.counters = Counters()

    @property
    def head(self) -> Position:
        return self._ring.head

    def holds(self, position: Position) -> bool:
        """Whether the ring can be resumed from exactly there."""
        return self._ring.holds(position)

    @property
    def subscribers(self) -> int:
        return sum(len(group) for group in self._groups.values())

    def publish(self, entries: Iterable[Entry]) -> None:
        """Events of the log, in order; one that was published already is left out."""
        for entry in entries:
            if entry.position is not None and entry.position > self._ring.head:
                self._ring.add(entry, entry.position)
                self._pending.append(entry)
                self.counters.published += 1
        self._schedule()

    def publish_live(self, entry: Entry) -> None:
        """Beside the log: the newest of a camera wins."""
        self._live[entry.name, entry.camera] = entry
        self._schedule()

    def attach(self, subscriber: Subscriber) -> bool:
        """Hand over what the ring holds after the subscriber's cursor, and everything from then
        on, without a gap. False: the ring begins later than that; read on in the store."""
        if subscriber.cursor < self._ring.floor:
            return False
        seen = [e.wire for e in self._ring.after(subscriber.cursor) if subscriber.view.admits(e)]
        subscriber.cursor = max(subscriber.cursor, self._ring.head)
        self._groups.setdefault(subscriber.view, set()).add(subscriber)
        if seen:
            self._write(subscriber, b"".join(seen), len(seen))
        return True

    def detach(self, subscriber: Subscriber) -> None:
        group = self._groups.get(subscriber.view)
        if group is not None:
            group.discard(subscriber)
            if not group:
                del self._groups[subscriber.view]

    def tick(self, now: datetime) -> None:
        """Tell everybody how far they are; nobody is sent back behind what they have seen."""
        self.flush()
        head = self._ring.head
        wire = tick_wire(head, now)
        for group in list(self._groups.values()):
            for one in list(group):
                self._write(one, wire if one.cursor <= head else tick_wire(one.cursor, now), 0)

    def _schedule(self) -> None:
        if self._due is None and (self._pending or self._live):
            loop = asyncio.get_running_loop()
            at = max(loop.time() + FIRST_PAUSE_S, self._rests_until)
            self._due = loop.call_at(at, self.flush)

    def flush(self) -> None:
        """Write out what is pending, now."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        logged, self._pending = self._pending, []
        live, self._live = list(self._live.values()), {}
        if not logged and not live:
            return
        loop = asyncio.get_running_loop()
        began = loop.time()
        for view, group in list(self._groups.items()):
            self._flush_group(view, group, logged, live)
        took = loop.time() - began
        self._rests_until = began + 2 * took
        self.counters.batches += 1
        self.counters.busy_s += took

    def _flush_group(
        self, view: View, group: set[Subscriber], logged: list[Entry], live: list[Entry]
    ) -> None:
        admitted = [entry for entry in logged if view.admits(entry)]
        beside = [entry.wire for entry in live if view.admits(entry)]
        if not admitted and not beside:
            return
        together = b"".join([entry.wire for entry in admitted] + beside)
        first = admitted[0].position or 0 if admitted else 0
        for one in list(group):
            if admitted and one.cursor >= first:
                newer = [e.wire for e in admitted if (e.position or 0) > one.cursor]
                self._write(one, b"".join(newer + beside), len(newer))
            else:
                self._write(one, together, len(admitted))

    def _write(self, subscriber: Subscriber, data: bytes, events: int) -> None:
        if not data:
            return
        subscriber.outlet.write(data)
        self.counters.delivered += events
        if subscriber.outlet.behind > BEHIND_LIMIT:
            self.counters.cut_off += 1
            log.warning("slow reader cut off", behind=subscriber.outlet.behind)
            self.detach(subscriber)
            subscriber.outlet.cut()
            if not subscriber.cut_off.done():
                subscriber.cut_off.set_result(None)
