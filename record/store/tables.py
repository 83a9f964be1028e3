"""Many rows in one statement, on either database."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from record.store.rows import Base

Rows = Sequence[Mapping[str, Any]]


def table_of(row: type[Base]) -> Table:
    table = row.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{row.__name__} is not a table")
    return table


def insert_many(connection: Connection, row: type[Base], rows: Rows) -> None:
    if rows:
        connection.execute(insert(table_of(row)), list(rows))


def upsert_many(connection: Connection, row: type[Base], rows: Rows) -> None:
    """Insert, or overwrite the row that has the same primary key."""
    if not rows:
        return
    table = table_of(row)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = make(table)
    keys = [column.name for column in table.primary_key]
    others = {
        column.name: statement.excluded[column.name]
        for column in table.columns
        if column.name not in keys
    }
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=others), list(rows)
    )


def insert_new(connection: Connection, row: type[Base], values: Mapping[str, Any]) -> None:
    """Insert, unless a row has that primary key already."""
    table = table_of(row)
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(make(table).on_conflict_do_nothing(), [values])
