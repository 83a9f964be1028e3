"""Projections of the log: what happened, as it is read. Emptied and rebuilt at any time."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
)
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from record.store.columns import Digest
from record.store.rows.base import Base
from record.store.rows.kept import CameraRow

LIVE = sql("state IN ('open', 'acknowledged')")
"""Breaches that still wait for a person; few, however long the history."""

GOING_ON = sql("ended_at IS NULL")


class BreachRow(Base):
    __tablename__ = "breaches"
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    """Of the event that opened it; its explanation is read from there."""
    kind: Mapped[str]
    priority: Mapped[str]
    state: Mapped[str]
    opened_at: Mapped[datetime]
    began_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]
    """Capture time of the last frame that said something of it."""
    ended_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    site: Mapped[str]
    unit: Mapped[str]
    camera: Mapped[str | None]
    rule: Mapped[str | None]
    line: Mapped[str | None]
    area: Mapped[str | None]
    order: Mapped[str | None] = mapped_column(index=True)
    orders: Mapped[Any]
    persons: Mapped[int]
    acknowledged_by: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    __table_args__ = (
        Index(None, "opened_at", "id"),
        Index(None, "kind", "opened_at", "id"),
        Index(None, "site", "opened_at", "id"),
        Index(None, "site", "kind", "opened_at", "id"),
        Index(None, "camera", "opened_at", "id"),
        Index("ix_breaches_live", "opened_at", "id", sqlite_where=LIVE, postgresql_where=LIVE),
        Index(
            "ix_breaches_going_on",
            "camera",
            "rule",
            sqlite_where=GOING_ON,
            postgresql_where=GOING_ON,
        ),
    )


class BreachUnitRow(Base):
    """Each breach under each unit it lies in, so that a province's history is one index range."""

    __tablename__ = "breach_units"
    ancestor: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    breach: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __table_args__ = (
        Index(None, "ancestor", "kind", "opened_at", "breach"),
        {"sqlite_with_rowid": False},
    )


class ObservationRow(Base):
    __tablename__ = "observations"
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    time: Mapped[datetime]
    began_at: Mapped[datetime]
    decided_at: Mapped[datetime]
    site: Mapped[str]
    unit: Mapped[str]
    camera: Mapped[str]
    rule: Mapped[str]
    line: Mapped[str | None]
    area: Mapped[str | None]
    persons: Mapped[int]
    __table_args__ = (Index(None, "site", "time", "id"),)


class OccupancyRow(Base):
    __tablename__ = "occupancy_minutes"
    camera: Mapped[str] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(primary_key=True)
    """Empty: the whole view."""
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    least: Mapped[int | None]
    """None, and the two below with it: unknown."""
    most: Mapped[int | None]
    last: Mapped[int | None]
    __table_args__ = ({"sqlite_with_rowid": False},)


class CameraStatusRow(Base):
    __tablename__ = "camera_status"
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), primary_key=True)
    state: Mapped[str]
    reason: Mapped[str | None]
    since: Mapped[datetime]
    width: Mapped[int | None]
    height: Mapped[int | None]
    position: Mapped[int | None] = mapped_column(BigInteger)
    """Of the event that says so; None in rows of revision 0001."""


class UnwatchedRow(Base):
    """When a camera was not watched; at most one that has not ended for each."""

    __tablename__ = "unwatched"
    camera: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]
    __table_args__ = ({"sqlite_with_rowid": False},)


class EvidenceRow(Base):
    __tablename__ = "evidence"
    id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    """Of the event that tells of it."""
    kind: Mapped[str]
    camera: Mapped[str]
    site: Mapped[str]
    unit: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    media: Mapped[str]
    codec: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    part: Mapped[int]
    gap_ms: Mapped[int]
    bytes: Mapped[int] = mapped_column(BigInteger)
    sealed_bytes: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(Digest)
    sealed_sha256: Mapped[str] = mapped_column(Digest)
    cut: Mapped[str | None]
    """Why it ends before it should."""
    __table_args__ = (Index(None, "site", "begins_at"),)


class EvidenceMomentRow(Base):
    """Which breaches a piece of evidence shows: several within its time share one."""

    __tablename__ = "evidence_moments"
    breach: Mapped[str] = mapped_column(primary_key=True)
    evidence: Mapped[str] = mapped_column(primary_key=True, index=True)
    offset_ms: Mapped[int]
    __table_args__ = ({"sqlite_with_rowid": False},)


class EvidenceLostRow(Base):
    """What there is none of, by breach and kind; no longer true where `evidence` has some."""

    __tablename__ = "evidence_lost"
    breach: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    camera: Mapped[str]
    site: Mapped[str]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    offset_ms: Mapped[int]
    reason: Mapped[str]
    __table_args__ = ({"sqlite_with_rowid": False},)
