"""One transaction: what repositories read through, and where events wait until it commits.

Events are appended many at a time. They gather in `Recording` and go into the tables, with their
projections, when somebody reads or when the transaction ends: a batch of a hundred findings costs
a handful of statements. Every read passes `Transaction.rows` and its siblings, so none can miss
what the same transaction has written.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Select, select
from sqlalchemy.orm import Session

from record.chain import SALT_BYTES, Head, Sealed, seal
from record.errors import NotAllowed
from record.events import EventType, NewEvent, StoredEvent
from record.ids import EventId, SiteId, UnitId, UserId, new_id
from record.keyring import KeySource
from record.places import Scope
from record.store.projecting import project
from record.store.rows import Base, EventRow, TextRow, UnitPathRow
from record.store.tables import insert_many, upsert_many

T = TypeVar("T")

ORDER_EVENTS = "order."


class Transaction:
    """A snapshot of the store for one reader."""

    def __init__(self, session: Session, scope: Scope, now: datetime, keys: KeySource) -> None:
        self.scope = scope
        self.now = now
        self.keys = keys
        """Asked when something sealed is read or written, and only then."""
        self._session = session
        self._ancestors: dict[UnitId, frozenset[UnitId]] = {}

    def rows(self, statement: Select[T]) -> Sequence[T]:
        """All entities of `statement`, as the tables have them now."""
        self.flush()
        return self._session.scalars(statement, execution_options={"populate_existing": True}).all()

    def row(self, statement: Select[T]) -> T | None:
        """The only entity of `statement`, if there is one."""
        self.flush()
        return self._session.scalars(
            statement, execution_options={"populate_existing": True}
        ).one_or_none()

    def tuples(self, statement: Select[*tuple[Any, ...]]) -> Sequence[Any]:
        """Rows of several columns; who calls names and types them."""
        self.flush()
        return self._session.execute(statement).all()

    def ancestors(self, unit: UnitId | None) -> frozenset[UnitId]:
        """`unit` and all above it; nothing for None."""
        if unit is None:
            return frozenset()
        known = self._ancestors.get(unit)
        if known is None:
            above = select(UnitPathRow.ancestor).where(UnitPathRow.unit == unit)
            known = frozenset(UnitId(row) for row in self.rows(above))
            self._ancestors[unit] = known
        return known

    def audience_units(
        self, kind: EventType, unit: UnitId | None, site: SiteId | None
    ) -> frozenset[UnitId]:
        """Units whose readers an event reaches: where it happened and all above. An order for a
        unit is news for all below it, too."""
        if unit is None:
            return frozenset()
        if site is not None or not kind.value.startswith(ORDER_EVENTS):
            return self.ancestors(unit)
        below = select(UnitPathRow.unit).where(UnitPathRow.ancestor == unit)
        return self.ancestors(unit).union(UnitId(row) for row in self.rows(below))

    def flush(self) -> None:
        """Nothing to write in a snapshot."""


class Recording(Transaction):
    """A transaction that writes: it holds the end of the chain until it commits."""

    def __init__(
        self,
        session: Session,
        scope: Scope,
        now: datetime,
        keys: KeySource,
        head: Head,
        by: UserId | None,
    ) -> None:
        super().__init__(session, scope, now, keys)
        self.head = head
        self.by = by
        self._first = head.position
        self._pending: list[Sealed] = []

    @property
    def connection(self) -> Connection:
        return self._session.connection()

    @property
    def appended(self) -> bool:
        """Whether this transaction has added events."""
        return self.head.position != self._first

    def author(self, action: str) -> UserId:
        """Who writes. Raises `NotAllowed` where a person has to, and none is named."""
        if self.by is None:
            raise NotAllowed(f"{action} without a user")
        return self.by

    def append(self, new: NewEvent, recorded_at: datetime | None = None) -> StoredEvent:
        """Seal `new` to the end of the chain. Its scope has been looked at by the caller."""
        salts = {name: secrets.token_bytes(SALT_BYTES) for name in new.texts}
        self.head, sealed = seal(
            self.head,
            new,
            event_id=EventId(new_id()),
            recorded_at=recorded_at or self.now,
            salts=salts,
            units=self.audience_units(new.type, new.unit, new.site),
        )
        self._pending.append(sealed)
        return sealed.event

    def execute(self, statement: Executable) -> int:
        """Run a statement that changes rows; how many it did."""
        self.flush()
        result: Any = self._session.execute(statement)
        return int(result.rowcount)

    def insert(self, row: type[Base], *rows: Mapping[str, Any]) -> None:
        insert_many(self.connection, row, rows)

    def upsert(self, row: type[Base], *rows: Mapping[str, Any]) -> None:
        """Insert, or overwrite what has the same primary key."""
        upsert_many(self.connection, row, rows)

    def forget_tree(self) -> None:
        """A unit was added: what was known of ancestors may lack it."""
        self._ancestors.clear()

    def flush(self) -> None:
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        connection = self._session.connection()
        insert_many(connection, EventRow, [_event_row(sealed.event) for sealed in batch])
        texts = [
            {
                "event": sealed.event.position,
                "name": text.name,
                "salt": text.salt,
                "text": text.text,
            }
            for sealed in batch
            for text in sealed.texts
        ]
        insert_many(connection, TextRow, texts)
        project(connection, batch)


def _event_row(event: StoredEvent) -> Mapping[str, Any]:
    return {
        "position": event.position,
        "id": event.id,
        "type": event.type.value,
        "time": event.time,
        "subject": event.subject,
        "site": event.site,
        "unit": event.unit,
        "camera": event.camera,
        "chain": event.chain,
        "epoch": event.epoch,
        "seq": event.seq,
        "hash": event.hash,
        "body": event.body,
    }
