"""The log: the record itself. What stands in it is never written again."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
)
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.orm import Mapped, mapped_column

from record.store.columns import Digest
from record.store.rows.base import ROWID, Base


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
