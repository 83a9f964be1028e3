"""Cameras as they are: sub-streams, transports, masks."""

import sqlalchemy as sa
from alembic import op

from record.store.columns import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("cameras") as cameras:
        cameras.add_column(sa.Column("transport", sa.Text(), nullable=False, server_default="tcp"))
        cameras.add_column(
            sa.Column("main_evidence", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("camera_secrets") as secrets:
        secrets.add_column(sa.Column("sub_address", sa.Text(), nullable=True))
        secrets.add_column(sa.Column("sub_username", sa.Text(), nullable=True))
        secrets.add_column(sa.Column("sub_password", sa.Text(), nullable=True))
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
