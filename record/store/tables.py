"""Many rows in one statement, on either database."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Column, Connection, Dialect, Table, insert
from sqlalchemy.dialects import postgresql, sqlite

from record.store.rows import Base

Rows = Sequence[Mapping[str, Any]]

WORTH_A_COPY = 8
"""Fewer rows are quicker inserted one by one."""


def table_of(row: type[Base]) -> Table:
    table = row.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{row.__name__} is not a table")
    return table


def insert_many(connection: Connection, row: type[Base], rows: Rows) -> None:
    if not rows:
        return
    if len(rows) >= WORTH_A_COPY and connection.dialect.name == "postgresql":
        _copy(connection, table_of(row), rows)
    else:
        connection.execute(insert(table_of(row)), list(rows))


def _copy(connection: Connection, table: Table, rows: Rows) -> None:
    """PostgreSQL's COPY: one statement for all rows, where INSERT runs one for each."""
    columns = [(column.name, _processor(column, connection.dialect)) for column in table.columns]
    target = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table.name), sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns)
    )
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise TypeError("PostgreSQL is spoken to by psycopg")
    with driver.cursor() as cursor, cursor.copy(target) as copy:
        for row in rows:
            copy.write_row([process(row[name]) for name, process in columns])


def _processor(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any]:
    """From a value in the program to one for the driver, as an INSERT would."""
    return column.type.dialect_impl(dialect).bind_processor(dialect) or _as_it_is


def _as_it_is(value: Any) -> Any:
    return value


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
