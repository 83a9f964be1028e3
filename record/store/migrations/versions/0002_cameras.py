"""Cameras as they are: sub-streams, transports, masks."""

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
