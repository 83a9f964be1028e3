"""Cameras as they are: sub-streams, transports, masks."""

import sqlalchemy as sa
from alembic import op

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
