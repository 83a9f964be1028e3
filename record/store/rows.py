"""The tables. A row never leaves this room: repositories turn it into a domain value.

The log (`head`, `events`, `texts`, `cursors`) is the record. `breaches`, `breach_units`,
`observations`, `occupancy_minutes`, `camera_status`, `evidence`, `evidence_moments` and
`evidence_lost` are projections of it and can be rebuilt.
There are no ORM relations: what belongs together is joined where it is read.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    false,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from record.store.columns import Digest, Moment

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

LIVE = sql("state IN ('open', 'acknowledged')")
"""Breaches that still wait for a person; few, however long the history."""

GOING_ON = sql("ended_at IS NULL")

ROWID = BigInteger().with_variant(Integer(), "sqlite")
"""In SQLite only an INTEGER key is the row's own place, without an index beside it."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own way to say it
        str: Text(),
        bytes: LargeBinary(),
        datetime: Moment(),
        Any: JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql"),
    }


class HeadRow(Base):
    """One row: the end of this node's own chain. Whoever writes holds it, so that commits happen
    in the order of positions."""

    __tablename__ = "head"
    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    node: Mapped[str]
    epoch: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Digest)


class EventRow(Base):
    __tablename__ = "events"
    position: Mapped[int] = mapped_column(ROWID, primary_key=True, autoincrement=False)
    id: Mapped[str]
    type: Mapped[str]
    time: Mapped[datetime]
    subject: Mapped[str]
    site: Mapped[str | None]
    unit: Mapped[str | None]
    camera: Mapped[str | None]
    chain: Mapped[str]
    epoch: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(Digest)
    body: Mapped[bytes]
    __table_args__ = (
        Unique("chain", "epoch", "seq"),
        Index(None, "subject", "position"),
        Index(None, "site", "position"),
    )


class TextRow(Base):
    """Free text and names beside an event's bytes. Erasure deletes the row, salt and text."""

    __tablename__ = "texts"
    event: Mapped[int] = mapped_column(ForeignKey(EventRow.position), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    salt: Mapped[bytes]
    text: Mapped[str]


class CursorRow(Base):
    __tablename__ = "cursors"
    name: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)


class UnitRow(Base):
    __tablename__ = "units"
    id: Mapped[str] = mapped_column(primary_key=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    kind: Mapped[str]
    name: Mapped[str]
    depth: Mapped[int]
    """0: a root."""


class UnitPathRow(Base):
    """The tree's closure: each unit with each of its ancestors, itself among them."""

    __tablename__ = "unit_paths"
    ancestor: Mapped[str] = mapped_column(ForeignKey(UnitRow.id), primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey(UnitRow.id), primary_key=True)
    distance: Mapped[int]
    __table_args__ = (Index(None, "unit", "distance", "ancestor"),)


class SiteRow(Base):
    __tablename__ = "sites"
    id: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey(UnitRow.id), index=True)
    name: Mapped[str]
    timezone: Mapped[str]


class OrderRow(Base):
    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int]
    number: Mapped[str]
    kind: Mapped[str]
    issuer: Mapped[str]
    legal_basis: Mapped[str]
    unit: Mapped[str | None] = mapped_column(ForeignKey(UnitRow.id), index=True)
    site: Mapped[str | None] = mapped_column(ForeignKey(SiteRow.id), index=True)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    arms: Mapped[Any]
    state: Mapped[str]
    conditions: Mapped[Any]


class CameraRow(Base):
    __tablename__ = "cameras"
    id: Mapped[str] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey(SiteRow.id), index=True)
    name: Mapped[str]
    short_name: Mapped[str]
    rank: Mapped[int]
    """The installer's order within the node."""
    enabled: Mapped[bool]
    version: Mapped[int]
    drawing: Mapped[Any]
    """`record.payloads.drawing_data`."""
    transport: Mapped[str] = mapped_column(server_default="tcp")
    main_evidence: Mapped[bool] = mapped_column(server_default=false())
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    """Its name is still read in the history of its breaches."""


class CameraSecretRow(Base):
    """Where a camera is dialled; see `record.store.secrets`, which alone reads and writes it."""

    __tablename__ = "camera_secrets"
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), primary_key=True)
    sealed: Mapped[bytes | None]
    """Main stream and sub-stream with their credentials; None until a row of revision 0001, which
    kept them open in the columns below, has been sealed."""
    address: Mapped[str | None]
    username: Mapped[str | None]
    password: Mapped[str | None]


class PublishTokenRow(Base):
    """Who may publish into a camera: whoever has the token of this hash."""

    __tablename__ = "publish_tokens"
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of the token; the token itself is in the publisher only."""
    made_at: Mapped[datetime]
    by: Mapped[str | None]


class PairingRow(Base):
    """Codes to be traded for a token. Few: a new one of a camera takes the place of the last, and
    those that are over go with it."""

    __tablename__ = "pairings"
    code_hash: Mapped[bytes] = mapped_column(primary_key=True)
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    by: Mapped[str | None]


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


class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    language: Mapped[str]
    disabled: Mapped[bool]
    everything: Mapped[bool]
    """Its scope is the whole node; else it is what `user_units` and `user_sites` say."""
    password_hash: Mapped[str]


class UserUnitRow(Base):
    __tablename__ = "user_units"
    user: Mapped[str] = mapped_column(ForeignKey(UserRow.id), primary_key=True)
    unit: Mapped[str] = mapped_column(ForeignKey(UnitRow.id), primary_key=True)


class UserSiteRow(Base):
    __tablename__ = "user_sites"
    user: Mapped[str] = mapped_column(ForeignKey(UserRow.id), primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey(SiteRow.id), primary_key=True)


class SessionRow(Base):
    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey(UserRow.id), index=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    """SHA-256 of the token; the token itself is in the browser only."""
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


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


class UnwatchedRow(Base):
    """When a camera was not watched; at most one that has not ended for each."""

    __tablename__ = "unwatched"
    camera: Mapped[str] = mapped_column(primary_key=True)
    began_at: Mapped[datetime] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str]
    __table_args__ = ({"sqlite_with_rowid": False},)


class CameraHeardRow(Base):
    """Until when a camera is known to have been watched: written every few seconds beside the log,
    so that a node that lost its power knows afterwards what it missed. No projection."""

    __tablename__ = "camera_heard"
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), primary_key=True)
    at: Mapped[datetime]


class UnsaidRow(Base):
    """What was not watched of a camera that comes and goes, before the one event a minute that says
    it: kept beside the log, should who is about to say it die. No projection."""

    __tablename__ = "unwatched_unsaid"
    camera: Mapped[str] = mapped_column(ForeignKey(CameraRow.id), primary_key=True)
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
