"""The projection of what was not watched, from the events of cameras in their order."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, func, select, update

from record.cameras import CameraReason, CameraState
from record.chain import Sealed
from record.events import EventType, Json
from record.moments import parse
from record.store.rows import UnwatchedRow
from record.store.tables import table_of, upsert_many
from record.watching import NOT_YET, SWITCHED_OFF, unwatched_reason

STATES = frozenset({EventType.CAMERA_ONLINE, EventType.CAMERA_DEGRADED, EventType.CAMERA_OFFLINE})


def note_watching(connection: Connection, events: Sequence[Sealed]) -> None:
    for sealed in events:
        _note(connection, sealed)


def _note(connection: Connection, sealed: Sealed) -> None:
    event, data = sealed.event, sealed.data
    camera = event.subject
    if event.type is EventType.CAMERA_UNWATCHED:
        _insert_gaps(connection, camera, cast("list[dict[str, Json]]", data["gaps"]))
    elif event.type in STATES:
        reason = unwatched_reason(
            CameraState(cast("str", data["state"])),
            CameraReason(cast("str", data["reason"])) if data["reason"] else None,
        )
        _follow(connection, camera, reason, parse(cast("str", data["since"])))
    elif event.type is EventType.CAMERA_REMOVED:
        _follow(connection, camera, None, event.time)
    elif not data["enabled"]:
        _follow(connection, camera, SWITCHED_OFF, event.time)
    elif event.type is EventType.CAMERA_ADDED or _open(connection, camera) == SWITCHED_OFF:
        _follow(connection, camera, NOT_YET, event.time)


def _follow(connection: Connection, camera: str, reason: str | None, at: datetime) -> None:
    """From `at` on it is not watched for `reason`, or is (None)."""
    open_reason = _open(connection, camera)
    if open_reason is not None and reason is not None and _same(open_reason, reason):
        return
    table = table_of(UnwatchedRow)
    going_on = (table.c.camera == camera, table.c.ended_at.is_(None))
    if open_reason is not None:
        began_at = connection.execute(select(table.c.began_at).where(*going_on)).scalar_one()
        connection.execute(update(table).where(*going_on).values(ended_at=max(began_at, at)))
        at = max(began_at, at)
    if reason is not None:
        row = {"camera": camera, "began_at": at, "ended_at": None, "reason": reason}
        upsert_many(connection, UnwatchedRow, [row])


def _open(connection: Connection, camera: str) -> str | None:
    table = table_of(UnwatchedRow)
    going_on = select(table.c.reason).where(table.c.camera == camera, table.c.ended_at.is_(None))
    return connection.execute(going_on).scalar_one_or_none()


_OWN = frozenset({NOT_YET, SWITCHED_OFF})


def _same(before: str, now: str) -> bool:
    """One outage keeps its first reason, whatever is tried while it lasts; what a picture shows,
    or does not, is told apart from that."""
    if before == now:
        return True
    if before in _OWN or now in _OWN:
        # A camera that was never there, and cannot be reached: now it is known why.
        return False
    return _outage(before) and _outage(now)


def _outage(reason: str) -> bool:
    return unwatched_reason(CameraState.DEGRADED, CameraReason(reason)) is None


def _insert_gaps(connection: Connection, camera: str, gaps: Sequence[dict[str, Json]]) -> None:
    table = table_of(UnwatchedRow)
    for gap in gaps:
        began_at, ended_at = parse(cast("str", gap["from"])), parse(cast("str", gap["to"]))
        known = select(func.count()).where(table.c.camera == camera, table.c.began_at == began_at)
        if connection.execute(known).scalar_one() == 0:
            row = {
                "camera": camera,
                "began_at": began_at,
                "ended_at": ended_at,
                "reason": gap["reason"],
            }
            upsert_many(connection, UnwatchedRow, [row])
