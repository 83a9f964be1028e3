"""Which version of the tables a database has, told without loading the migration tool."""

from sqlalchemy import Connection, column, inspect, select, table

HEAD = "0002"
"""What this program needs: the newest under `migrations/versions` (a test holds the two equal)."""


def revision_of(connection: Connection) -> str | None:
    """None: no version was ever made here."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(select(column("version_num")).select_from(table("alembic_version")))
