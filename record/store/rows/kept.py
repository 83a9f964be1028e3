"""What is told and entered: places, orders, cameras, users and what belongs to each.

Changed in place, by transactions that write their event beside it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ForeignKey,
    Index,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from record.store.rows.base import Base


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
