"""Breaches: their history, and what people do about them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

import orjson
from sqlalchemy import or_, select

from record.breaches import (
    Breach,
    BreachFilter,
    BreachState,
    DismissReason,
    Explanation,
    NamedBreach,
    Outcome,
    Step,
    may_acknowledge,
    refuse_closed,
)
from record.cameras import Priority
from record.errors import NotInScope
from record.events import PREFIX, EventType, Json, NewEvent
from record.ids import (
    AreaId,
    BreachId,
    CameraId,
    LineId,
    Position,
    RuleId,
    SiteId,
    UnitId,
    UserId,
)
from record.observations import Observation, ObservationId
from record.orders import RuleKind
from record.paging import Page, Place, decode_cursor, encode_cursor
from record.payloads import explanation_of, order_refs
from record.store.evidence import ids_by_breach
from record.store.history import newest
from record.store.names import Names, names_of
from record.store.reach import Reach
from record.store.rows import (
    BreachRow,
    EventRow,
    EvidenceMomentRow,
    EvidenceRow,
    ObservationRow,
    OrderRow,
    SiteRow,
    TextRow,
    UserRow,
)
from record.store.transaction import Recording, Transaction


class Breaches:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, breach: BreachId) -> NamedBreach:
        """Raises `NotInScope`."""
        return self._named([self._row(breach)])[0]

    def list(
        self, wanted: BreachFilter, limit: int, cursor: str | None = None
    ) -> Page[NamedBreach]:
        """Newest first. Raises `NotInScope` for a filter outside the scope, `Invalid` for a cursor
        that was not given out here."""
        after = None if cursor is None else decode_cursor(cursor)
        ids = newest(self._reach, wanted, limit + 1, after)
        rows = self._tx.rows(
            select(BreachRow)
            .where(BreachRow.id.in_(ids[:limit]))
            .order_by(BreachRow.opened_at.desc(), BreachRow.id.desc())
        )
        more = len(ids) > limit and rows
        follow = encode_cursor(Place(rows[-1].opened_at, rows[-1].id)) if more else None
        return Page(tuple(self._named(rows)), follow)

    def open(self, site: SiteId | None = None) -> tuple[NamedBreach, ...]:
        """Open and acknowledged ones, newest first. Raises `NotInScope`."""
        live = frozenset({BreachState.OPEN, BreachState.ACKNOWLEDGED})
        ids = newest(self._reach, BreachFilter(site=site, states=live), None, None)
        rows = self._tx.rows(
            select(BreachRow)
            .where(BreachRow.id.in_(ids))
            .order_by(BreachRow.opened_at.desc(), BreachRow.id.desc())
        )
        return tuple(self._named(rows))

    def steps(self, breach: BreachId) -> tuple[Step, ...]:
        """Its history, oldest first. Raises `NotInScope`."""
        self._row(breach)
        # A clip that several breaches share is told of once, under the first of them.
        shared = (
            select(EvidenceRow.position)
            .join(EvidenceMomentRow, EvidenceMomentRow.evidence == EvidenceRow.id)
            .where(EvidenceMomentRow.breach == breach)
        )
        events = self._tx.rows(
            select(EventRow)
            .where(or_(EventRow.subject == breach, EventRow.position.in_(shared)))
            .order_by(EventRow.position)
        )
        texts = {
            (row.event, row.name): row.text
            for row in self._tx.rows(
                select(TextRow).where(TextRow.event.in_([row.position for row in events]))
            )
        }
        bodies = {row.position: _data(row.body) for row in events}
        people = self._people({cast("str | None", data.get("by")) for data in bodies.values()})
        steps = []
        for row in events:
            data = bodies[row.position]
            by = people.get(cast("str", data.get("by")))
            text = texts.get((row.position, "note")) or texts.get((row.position, "text"))
            steps.append(
                Step(
                    position=Position(row.position),
                    type=PREFIX + row.type,
                    time=row.time,
                    by=by.username if by else None,
                    by_name=by.name if by else None,
                    persons=cast("int | None", data.get("persons")),
                    outcome=cast("str | None", data.get("outcome")),
                    reason=cast("str | None", data.get("reason")),
                    text=text,
                    hash=row.hash,
                    evidence=cast("str", data["kind"])
                    if row.type.startswith("evidence.")
                    else None,
                )
            )
        return tuple(steps)

    def observations(self, site: SiteId, limit: int) -> tuple[Observation, ...]:
        """What was found while no order armed it, newest first. Raises `NotInScope`."""
        self._reach.site(site)
        rows = self._tx.rows(
            select(ObservationRow)
            .where(ObservationRow.site == site)
            .order_by(ObservationRow.time.desc(), ObservationRow.id.desc())
            .limit(limit)
        )
        names = names_of(self._tx, {row.site for row in rows}, {row.camera for row in rows})
        return tuple(_observation(row, names) for row in rows)

    def _row(self, breach: BreachId) -> BreachRow:
        row = self._tx.row(
            select(BreachRow)
            .join(SiteRow, SiteRow.id == BreachRow.site)
            .where(BreachRow.id == breach, self._reach.within(SiteRow.unit, BreachRow.site))
        )
        if row is None:
            raise NotInScope("breach", breach)
        return row

    def _named(self, rows: Sequence[BreachRow]) -> Sequence[NamedBreach]:
        if not rows:
            return []
        cameras = {row.camera for row in rows if row.camera is not None}
        names = names_of(self._tx, {row.site for row in rows}, cameras)
        people = self._people(
            {row.acknowledged_by for row in rows} | {row.resolved_by for row in rows}
        )
        why = self._explanations([row.position for row in rows])
        ends = self._order_ends({row.order for row in rows})
        evidence = ids_by_breach(self._tx, [row.id for row in rows])
        return [
            replace(
                _named(row, names, people, why.get(row.position), self._order_ended(row, ends)),
                evidence=evidence.get(row.id, ()),
            )
            for row in rows
        ]

    def _people(self, users: set[str | None]) -> dict[str, UserRow]:
        wanted = sorted(user for user in users if user is not None)
        if not wanted:
            return {}
        rows = self._tx.rows(select(UserRow).where(UserRow.id.in_(wanted)))
        return {row.id: row for row in rows}

    def _explanations(self, positions: Sequence[int]) -> dict[int, Explanation | None]:
        rows = self._tx.tuples(
            select(EventRow.position, EventRow.body).where(EventRow.position.in_(positions))
        )
        return {position: explanation_of(_data(body).get("why")) for position, body in rows}

    def _order_ends(self, orders: set[str | None]) -> dict[str, datetime]:
        wanted = sorted(order for order in orders if order is not None)
        rows = self._tx.tuples(select(OrderRow.id, OrderRow.ends_at).where(OrderRow.id.in_(wanted)))
        return dict(rows)

    def _order_ended(self, row: BreachRow, ends: dict[str, datetime]) -> bool:
        """Whether the order was over before a person closed the breach, or is over now."""
        ends_at = ends.get(row.order or "")
        return ends_at is not None and ends_at <= (row.closed_at or self._tx.now)


class WritableBreaches(Breaches):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def acknowledge(self, breach: BreachId, at: datetime) -> NamedBreach:
        """Raises `AlreadyAcknowledged` with who was first, `AlreadyClosed`, `NotInScope`,
        `NotAllowed` when no user is named."""
        known = self.get(breach)
        may_acknowledge(known.breach, known.acknowledged_by_name or "")
        return self._append(EventType.BREACH_ACKNOWLEDGED, known.breach, at, {}, {})

    def resolve(self, breach: BreachId, outcome: Outcome, note: str, at: datetime) -> NamedBreach:
        """Raises `AlreadyClosed`, `NotInScope`, `NotAllowed`."""
        known = self._still_open(breach)
        return self._append(
            EventType.BREACH_RESOLVED, known, at, {"outcome": outcome.value}, {"note": note}
        )

    def dismiss(
        self, breach: BreachId, reason: DismissReason, note: str, at: datetime
    ) -> NamedBreach:
        """Raises `AlreadyClosed`, `NotInScope`, `NotAllowed`."""
        known = self._still_open(breach)
        return self._append(
            EventType.BREACH_DISMISSED, known, at, {"reason": reason.value}, {"note": note}
        )

    def comment(self, breach: BreachId, text: str, at: datetime) -> NamedBreach:
        """Also on one that is closed. Raises `NotInScope`, `NotAllowed`."""
        known = self.get(breach).breach
        return self._append(EventType.BREACH_COMMENTED, known, at, {}, {"text": text})

    def _still_open(self, breach: BreachId) -> Breach:
        known = self.get(breach).breach
        refuse_closed(known)
        return known

    def _append(
        self,
        kind: EventType,
        breach: Breach,
        at: datetime,
        data: dict[str, Json],
        texts: dict[str, str],
    ) -> NamedBreach:
        by = self._recording.author("answer a breach")
        said = {name: text for name, text in texts.items() if text}
        data = {"breach": breach.id, "camera": breach.camera, "by": by, **data}
        self._recording.append(NewEvent(kind, at, breach.id, breach.site, breach.unit, data, said))
        return self.get(breach.id)


def _data(body: bytes) -> dict[str, Json]:
    return cast("dict[str, Json]", orjson.loads(body)["data"])


def _breach(row: BreachRow, why: Explanation | None, order_ended: bool) -> Breach:
    return Breach(
        id=BreachId(row.id),
        kind=RuleKind(row.kind),
        priority=Priority(row.priority),
        state=BreachState(row.state),
        opened_at=row.opened_at,
        began_at=row.began_at,
        decided_at=row.decided_at,
        ended_at=row.ended_at,
        closed_at=row.closed_at,
        site=SiteId(row.site),
        unit=UnitId(row.unit),
        camera=CameraId(row.camera) if row.camera else None,
        rule=RuleId(row.rule) if row.rule else None,
        line=LineId(row.line) if row.line else None,
        area=AreaId(row.area) if row.area else None,
        orders=order_refs(row.orders),
        order_ended=order_ended,
        persons=row.persons,
        acknowledged_by=UserId(row.acknowledged_by) if row.acknowledged_by else None,
        acknowledged_at=row.acknowledged_at,
        resolved_by=UserId(row.resolved_by) if row.resolved_by else None,
        resolved_at=row.resolved_at,
        reason=row.reason,
        explanation=why,
    )


def _named(
    row: BreachRow,
    names: Names,
    people: dict[str, UserRow],
    why: Explanation | None,
    order_ended: bool,
) -> NamedBreach:
    acknowledged = people.get(row.acknowledged_by or "")
    resolved = people.get(row.resolved_by or "")
    return NamedBreach(
        breach=_breach(row, why, order_ended),
        site_name=names.site(row.site),
        unit_name=names.unit_of(row.site),
        camera_name=names.camera(row.camera),
        line_name=names.drawn(row.camera, row.line),
        area_name=names.drawn(row.camera, row.area),
        acknowledged_by_username=acknowledged.username if acknowledged else None,
        acknowledged_by_name=acknowledged.name if acknowledged else None,
        resolved_by_username=resolved.username if resolved else None,
        resolved_by_name=resolved.name if resolved else None,
    )


def _observation(row: ObservationRow, names: Names) -> Observation:
    return Observation(
        id=ObservationId(row.id),
        kind=RuleKind(row.kind),
        time=row.time,
        began_at=row.began_at,
        decided_at=row.decided_at,
        site=SiteId(row.site),
        unit=UnitId(row.unit),
        camera=CameraId(row.camera),
        rule=RuleId(row.rule),
        line=LineId(row.line) if row.line else None,
        area=AreaId(row.area) if row.area else None,
        persons=row.persons,
        camera_name=names.camera(row.camera) or "",
        line_name=names.drawn(row.camera, row.line),
        area_name=names.drawn(row.camera, row.area),
    )
