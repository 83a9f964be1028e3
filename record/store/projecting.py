"""Projections: the tables that follow from the log, and the one way they are written.

`project` is called with the events of each transaction before it commits, and by `rebuild` with
the whole log: what a running node shows and what its log says cannot drift apart.

Within a batch events are applied kind by kind. That is sound because opening comes first, and each
of the others sets columns of its own, in the order of the log.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, bindparam, delete, update

from record.chain import Sealed
from record.events import EventType, Json
from record.moments import parse
from record.store.rows import (
    Base,
    BreachRow,
    BreachUnitRow,
    CameraStatusRow,
    EvidenceLostRow,
    EvidenceMomentRow,
    EvidenceRow,
    ObservationRow,
    OccupancyRow,
    UnwatchedRow,
)
from record.store.tables import insert_many, table_of, upsert_many
from record.store.watched_projection import STATES, note_watching

Row = dict[str, Any]
Apply = Callable[[Connection, Sequence[Sealed]], None]

PROJECTIONS: tuple[type[Base], ...] = (
    BreachRow,
    BreachUnitRow,
    ObservationRow,
    OccupancyRow,
    CameraStatusRow,
    EvidenceRow,
    EvidenceMomentRow,
    EvidenceLostRow,
    UnwatchedRow,
)


def project(connection: Connection, events: Sequence[Sealed]) -> None:
    """Bring the projections up to date with `events`, which stand in the log in this order."""
    groups: dict[Apply, list[Sealed]] = defaultdict(list)
    for sealed in events:
        apply = _APPLY.get(sealed.event.type)
        if apply is not None:
            groups[apply].append(sealed)
    for apply in dict.fromkeys(_APPLY.values()):
        if apply in groups:
            apply(connection, groups[apply])


def empty(connection: Connection) -> None:
    """Take everything out of the projections, to rebuild them."""
    for row in PROJECTIONS:
        connection.execute(delete(table_of(row)))


def _breaches_opened(connection: Connection, events: Sequence[Sealed]) -> None:
    insert_many(connection, BreachRow, [_breach_row(sealed) for sealed in events])
    insert_many(
        connection, BreachUnitRow, [row for sealed in events for row in _breach_unit_rows(sealed)]
    )


def _breach_row(sealed: Sealed) -> Row:
    event, data = sealed.event, sealed.data
    decided_at = data.get("decided_at")
    decided = parse(decided_at) if isinstance(decided_at, str) else None
    return {
        "id": event.subject,
        "position": event.position,
        "kind": data["kind"],
        "priority": data["priority"],
        "state": "open",
        "opened_at": event.time,
        "began_at": parse(cast("str", data["began_at"])),
        "decided_at": decided,
        "heard_at": decided or event.time,
        "ended_at": None,
        "closed_at": None,
        "site": event.site,
        "unit": event.unit,
        "camera": event.camera,
        "rule": data["rule"],
        "line": data["line"],
        "area": data["area"],
        "order": data["order"],
        "orders": data["orders"],
        "persons": data["persons"],
        "acknowledged_by": None,
        "acknowledged_at": None,
        "resolved_by": None,
        "resolved_at": None,
        "reason": None,
    }


def _breach_unit_rows(sealed: Sealed) -> Iterator[Row]:
    event = sealed.event
    for ancestor in event.units:
        yield {
            "ancestor": ancestor,
            "opened_at": event.time,
            "breach": event.subject,
            "kind": sealed.data["kind"],
        }


def _observations(connection: Connection, events: Sequence[Sealed]) -> None:
    insert_many(connection, ObservationRow, [_observation_row(sealed) for sealed in events])


def _observation_row(sealed: Sealed) -> Row:
    event, data = sealed.event, sealed.data
    return {
        "id": data["observation"],
        "position": event.position,
        "kind": data["kind"],
        "time": event.time,
        "began_at": parse(cast("str", data["began_at"])),
        "decided_at": parse(cast("str", data["decided_at"])),
        "site": event.site,
        "unit": event.unit,
        "camera": event.camera,
        "rule": data["rule"],
        "line": data["line"],
        "area": data["area"],
        "persons": data["persons"],
    }


def _breach_update(
    columns: Callable[[Sealed], Row],
) -> Apply:
    """An event type that sets `columns` of the breach it is about."""

    def apply(connection: Connection, events: Sequence[Sealed]) -> None:
        rows = [{"of": sealed.event.subject, **columns(sealed)} for sealed in events]
        table = table_of(BreachRow)
        values: dict[str, Any] = {
            name: bindparam(f"new_{name}") for name in rows[0] if name != "of"
        }
        connection.execute(
            update(table).where(table.c.id == bindparam("of")).values(values),
            [{name if name == "of" else f"new_{name}": row[name] for name in row} for row in rows],
        )

    return apply


def _updated(sealed: Sealed) -> Row:
    return {
        "persons": sealed.data["persons"],
        "heard_at": parse(cast("str", sealed.data["decided_at"])),
    }


def _ended(sealed: Sealed) -> Row:
    return {"ended_at": sealed.event.time}


def _acknowledged(sealed: Sealed) -> Row:
    return {
        "state": "acknowledged",
        "acknowledged_by": sealed.data["by"],
        "acknowledged_at": sealed.event.time,
    }


def _closed(state: str, reason: str) -> Callable[[Sealed], Row]:
    def columns(sealed: Sealed) -> Row:
        return {
            "state": state,
            "closed_at": sealed.event.time,
            "resolved_by": sealed.data["by"],
            "resolved_at": sealed.event.time,
            "reason": sealed.data[reason],
        }

    return columns


def _cameras(connection: Connection, events: Sequence[Sealed]) -> None:
    _statuses(connection, [sealed for sealed in events if sealed.event.type in STATES])
    note_watching(connection, events)


def _statuses(connection: Connection, events: Sequence[Sealed]) -> None:
    rows = [
        {
            "camera": sealed.event.camera,
            "state": sealed.data["state"],
            "reason": sealed.data["reason"],
            "since": parse(cast("str", sealed.data["since"])),
            "width": sealed.data["width"],
            "height": sealed.data["height"],
            "position": sealed.event.position,
        }
        for sealed in events
    ]
    upsert_many(connection, CameraStatusRow, rows)


def _occupancy(connection: Connection, events: Sequence[Sealed]) -> None:
    rows = [row for sealed in events for row in _occupancy_rows(sealed)]
    upsert_many(connection, OccupancyRow, rows)


def _occupancy_rows(sealed: Sealed) -> Iterator[Row]:
    data = sealed.data
    minute = parse(cast("str", data["minute"]))
    counts: dict[str, Json] = {}
    if "view" in data:
        counts[""] = data["view"]
    counts.update(cast("Mapping[str, Json]", data["areas"]))
    for area, value in counts.items():
        known = cast("Mapping[str, int]", value or {})
        yield {
            "camera": sealed.event.camera,
            "area": area,
            "minute": minute,
            "least": known.get("least"),
            "most": known.get("most"),
            "last": known.get("last"),
        }


def _evidence(connection: Connection, events: Sequence[Sealed]) -> None:
    rows: list[Row] = []
    moments: list[Row] = []
    for sealed in events:
        event, data = sealed.event, sealed.data
        begins_at, ends_at = (parse(cast("str", data[name])) for name in ("begins_at", "ends_at"))
        rows.append(
            {
                **{name: data[name] for name in _EVIDENCE_COLUMNS},
                "id": data["evidence"],
                "position": event.position,
                "camera": event.camera,
                "site": event.site,
                "unit": event.unit,
                "begins_at": begins_at,
                "ends_at": ends_at,
                "cut": data.get("cut"),  # some versions did not say
            }
        )
        moments += [
            {"evidence": data["evidence"], **moment}
            for moment in cast("list[Row]", data["breaches"])
        ]
    insert_many(connection, EvidenceRow, rows)
    insert_many(connection, EvidenceMomentRow, moments)


def _evidence_lost(connection: Connection, events: Sequence[Sealed]) -> None:
    rows = []
    for sealed in events:
        data = sealed.data
        begins_at, ends_at = (parse(cast("str", data[name])) for name in ("begins_at", "ends_at"))
        rows.append(
            {
                **{name: data[name] for name in ("breach", "kind", "offset_ms", "reason")},
                "id": data["evidence"],
                "camera": sealed.event.camera,
                "site": sealed.event.site,
                "begins_at": begins_at,
                "ends_at": ends_at,
            }
        )
    upsert_many(connection, EvidenceLostRow, rows)


_EVIDENCE_COLUMNS = (
    *("kind", "media", "codec", "width", "height", "part", "gap_ms"),
    *("bytes", "sealed_bytes", "sha256", "sealed_sha256"),
)

_APPLY: Mapping[EventType, Apply] = {
    EventType.BREACH_OPENED: _breaches_opened,
    EventType.OBSERVATION_RECORDED: _observations,
    EventType.BREACH_UPDATED: _breach_update(_updated),
    EventType.BREACH_ENDED: _breach_update(_ended),
    EventType.BREACH_ACKNOWLEDGED: _breach_update(_acknowledged),
    EventType.BREACH_RESOLVED: _breach_update(_closed("resolved", "outcome")),
    EventType.BREACH_DISMISSED: _breach_update(_closed("dismissed", "reason")),
    EventType.CAMERA_ADDED: _cameras,
    EventType.CAMERA_CHANGED: _cameras,
    EventType.CAMERA_REMOVED: _cameras,
    EventType.CAMERA_ONLINE: _cameras,
    EventType.CAMERA_DEGRADED: _cameras,
    EventType.CAMERA_OFFLINE: _cameras,
    EventType.CAMERA_UNWATCHED: _cameras,
    EventType.OCCUPANCY_CHANGED: _occupancy,
    EventType.EVIDENCE_WRITTEN: _evidence,
    EventType.EVIDENCE_LOST: _evidence_lost,
}
