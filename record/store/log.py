"""The log: every fact in the order of its position, and the cursors that read along it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import func, or_, select
from sqlalchemy import true as always

from record.chain import Head
from record.envelope import base_of
from record.events import EventType, NewEvent, StoredEvent
from record.ids import CameraId, EventId, NodeId, Position, SiteId, UnitId
from record.store.reach import Condition, Reach, below
from record.store.rows import CursorRow, EventRow, HeadRow, TextRow
from record.store.transaction import ORDER_EVENTS, Recording, Transaction

_ORDERS = [kind.value for kind in EventType if kind.value.startswith(ORDER_EVENTS)]


class EventLog:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def after(
        self,
        position: Position,
        limit: int,
        *,
        types: Collection[EventType] | None = None,
        unit: UnitId | None = None,
        site: SiteId | None = None,
        camera: CameraId | None = None,
    ) -> tuple[StoredEvent, ...]:
        """Events in scope that follow `position`, at most `limit`. `unit` includes all below it.

        Raises `NotInScope` for a filter outside the scope.
        """
        statement = select(EventRow).where(EventRow.position > position, self._in_scope())
        if types is not None:
            statement = statement.where(EventRow.type.in_(sorted(kind.value for kind in types)))
        if unit is not None:
            self._reach.check_visible_unit(unit)
            statement = statement.where(EventRow.unit.in_(below({unit})))
        if site is not None:
            self._reach.site(site)
            statement = statement.where(EventRow.site == site)
        if camera is not None:
            row = self._reach.camera(camera, removed=True)
            statement = statement.where(EventRow.site == row.site, EventRow.camera == camera)
        rows = self._tx.rows(statement.order_by(EventRow.position).limit(limit))
        return tuple(self._event(row) for row in rows)

    def last(self) -> Position:
        """Of the newest event, in scope or not; before the first: where the epoch begins."""
        head = self._tx.row(select(HeadRow.position))
        return Position(head or 0)

    def first(self) -> Position:
        """Of the oldest event kept; `last()` while there is none."""
        oldest = self._tx.row(select(func.min(EventRow.position)))
        return self.last() if oldest is None else Position(oldest)

    def known(self, position: Position) -> bool:
        """Whether a reader may go on from here: the position was given out in this store."""
        if position == base_of(position) and position:
            return position in (base_of(self.first()), base_of(self.last()))
        found = select(EventRow.position).where(EventRow.position == position)
        return self._tx.row(found) is not None

    def head(self) -> Head:
        """The end of this node's own chain."""
        row = self._tx.rows(select(HeadRow))[0]
        return Head(NodeId(row.node), row.epoch, row.seq, Position(row.position), row.hash)

    def texts(self, events: Sequence[StoredEvent]) -> dict[Position, dict[str, tuple[bytes, str]]]:
        """Salt and text beside each of `events`, by name; those that were erased are missing."""
        rows = self._tx.rows(
            select(TextRow).where(TextRow.event.in_([event.position for event in events]))
        )
        found: dict[Position, dict[str, tuple[bytes, str]]] = defaultdict(dict)
        for row in rows:
            found[Position(row.event)][row.name] = (row.salt, row.text)
        return found

    def cursor(self, name: str) -> Position | None:
        found = self._tx.row(select(CursorRow.position).where(CursorRow.name == name))
        return None if found is None else Position(found)

    def _in_scope(self) -> Condition:
        scope = self._tx.scope
        if scope.everything:
            return always()
        # An order holds for what lies below its place: it is news there, not only above.
        return or_(
            self._reach.within(EventRow.unit, EventRow.site),
            EventRow.type.in_(_ORDERS)
            & EventRow.site.is_(None)
            & EventRow.unit.in_(self._reach.above()),
        )

    def _event(self, row: EventRow) -> StoredEvent:
        kind = EventType(row.type)
        unit = UnitId(row.unit) if row.unit is not None else None
        site = SiteId(row.site) if row.site is not None else None
        return StoredEvent(
            position=Position(row.position),
            id=EventId(row.id),
            type=kind,
            time=row.time,
            subject=row.subject,
            site=site,
            unit=unit,
            camera=row.camera,
            chain=NodeId(row.chain),
            epoch=row.epoch,
            seq=row.seq,
            hash=row.hash,
            body=row.body,
            units=self._tx.audience_units(kind, unit, site),
        )


class WritableLog(EventLog):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def last(self) -> Position:
        return self.head().position

    def head(self) -> Head:
        """With what this transaction has appended."""
        return self._recording.head

    def append(self, event: NewEvent) -> StoredEvent:
        """Raises `NotInScope` for a place outside the scope, `NotCanonical` for data that has no
        canonical form."""
        self._reach.check_place(event.unit, event.site)
        if event.site is not None and event.unit is None:
            unit = UnitId(self._reach.site(event.site).unit)
            event = replace(event, unit=unit)
        return self._recording.append(event)

    def advance(self, name: str, position: Position) -> None:
        """Move a named cursor forward; never back: what was delivered stays delivered."""
        known = self.cursor(name)
        if known is None or known < position:
            self._recording.upsert(CursorRow, {"name": name, "position": position})
