"""Cameras as they are: sub-streams, transports, masks."""

import json
from datetime import datetime

import sqlalchemy as sa
from alembic import op

from record.store.columns import Digest, Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("cameras") as cameras:
        cameras.add_column(sa.Column("transport", sa.Text(), nullable=False, server_default="tcp"))
        # A plain text as default: for an expression the table would be made anew on SQLite, which
        # other tables' references to it refuse.
        cameras.add_column(
            sa.Column("main_evidence", sa.Boolean(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("camera_status") as status:
        status.add_column(sa.Column("position", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("camera_secrets") as secrets:
        # What is open in the other columns is sealed and blanked by whoever next opens the store
        # with its key (`record.store.secrets.seal_plain`): a migration has no key.
        secrets.add_column(sa.Column("sealed", sa.LargeBinary(), nullable=True))
        secrets.alter_column("address", existing_type=sa.Text(), nullable=True)
    op.create_table(
        "publish_tokens",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera"], ["cameras.id"], name=op.f("fk_publish_tokens_camera_cameras")
        ),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_publish_tokens")),
        sa.UniqueConstraint("id", name=op.f("uq_publish_tokens_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_publish_tokens_token_hash")),
    )
    op.create_table(
        "pairings",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["camera"], ["cameras.id"], name=op.f("fk_pairings_camera_cameras")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_pairings")),
    )
    op.create_index(op.f("ix_pairings_camera"), "pairings", ["camera"], unique=False)
    _evidence()
    _watching()
    _seed_unwatched()


def _watching() -> None:
    op.create_table(
        "unwatched",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "began_at", name=op.f("pk_unwatched")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "camera_heard",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera"], ["cameras.id"], name=op.f("fk_camera_heard_camera_cameras")
        ),
        sa.PrimaryKeyConstraint("camera", name=op.f("pk_camera_heard")),
    )
    op.create_table(
        "unwatched_unsaid",
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("began_at", Moment(), nullable=False),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["camera"], ["cameras.id"], name=op.f("fk_unwatched_unsaid_camera_cameras")
        ),
        sa.PrimaryKeyConstraint("camera", "began_at", name=op.f("pk_unwatched_unsaid")),
        sqlite_with_rowid=False,
    )


def _seed_unwatched() -> None:
    """What goes on without being watched, as far as it is known: the projection begins with it."""
    moment = Moment()
    cameras = sa.table(
        "cameras",
        sa.column("id"),
        sa.column("enabled", sa.Boolean()),
        sa.column("added_at", moment),
        sa.column("removed_at", moment),
    )
    status = sa.table(
        "camera_status",
        sa.column("camera"),
        sa.column("state"),
        sa.column("reason"),
        sa.column("since", moment),
    )
    known = sa.select(cameras, status).join_from(
        cameras, status, cameras.c.id == status.c.camera, isouter=True
    )
    rows = []
    for camera in op.get_bind().execute(known).mappings().all():
        off_at = None if camera["enabled"] else _off_since(camera["id"], camera["added_at"])
        # Of a camera that was removed or switched off, the outage before ended with that.
        ended_at = camera["removed_at"] or off_at
        reason = _reason(camera["state"], camera["reason"])
        since = camera["since"]
        if camera["state"] is None and off_at is None:
            reason, since = "connecting", camera["added_at"]
        if reason is not None and (ended_at is None or since < ended_at):
            rows.append(_interval(camera["id"], since, ended_at, reason))
        if off_at is not None:
            rows.append(_interval(camera["id"], off_at, camera["removed_at"], "disabled"))
    unwatched = sa.table(
        "unwatched",
        sa.column("camera"),
        sa.column("began_at", moment),
        sa.column("ended_at", moment),
        sa.column("reason"),
    )
    if rows:
        op.get_bind().execute(sa.insert(unwatched), rows)


def _reason(state: str | None, reason: str | None) -> str | None:
    """As this version began; what a camera can lack besides came with it."""
    if state == "offline":
        return reason or "ended"
    return reason if state == "degraded" and reason == "no_detector" else None


def _interval(
    camera: str, began_at: datetime, ended_at: datetime | None, reason: str
) -> dict[str, object]:
    return {"camera": camera, "began_at": began_at, "ended_at": ended_at, "reason": reason}


def _off_since(camera: str, added_at: datetime) -> datetime:
    """From the first of the last changes in a row that leave it switched off."""
    events = sa.table(
        "events",
        sa.column("position"),
        sa.column("type"),
        sa.column("subject"),
        sa.column("time", Moment()),
        sa.column("body", sa.LargeBinary()),
    )
    changes = (
        sa.select(events.c.time, events.c.body)
        .where(events.c.subject == camera, events.c.type == "camera.changed")
        .order_by(events.c.position.desc())
    )
    since = added_at
    for time, body in op.get_bind().execute(changes):
        if json.loads(bytes(body))["data"]["enabled"]:
            break
        since = time
    return since


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("begins_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.Column("codec", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("gap_ms", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sealed_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", Digest, nullable=False),
        sa.Column("sealed_sha256", Digest, nullable=False),
        sa.Column("cut", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(
        op.f("ix_evidence_site_begins_at"), "evidence", ["site", "begins_at"], unique=False
    )
    op.create_table(
        "evidence_moments",
        sa.Column("breach", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("offset_ms", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("breach", "evidence", name=op.f("pk_evidence_moments")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_evidence_moments_evidence"), "evidence_moments", ["evidence"], unique=False
    )
    op.create_table(
        "evidence_lost",
        sa.Column("breach", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("camera", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("begins_at", Moment(), nullable=False),
        sa.Column("ends_at", Moment(), nullable=False),
        sa.Column("offset_ms", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("breach", "kind", name=op.f("pk_evidence_lost")),
        sa.UniqueConstraint("id", name=op.f("uq_evidence_lost_id")),
        sqlite_with_rowid=False,
    )
