"""Database engines: how each process speaks to SQLite or to PostgreSQL.

Whoever writes takes the one writer's place first, on both: `BEGIN IMMEDIATE` on SQLite, the lock
on the row of `head` on PostgreSQL. One who waits longer than `BUSY_S` for it is told so.
"""

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from record.errors import Invalid, StoreUnavailable

BUSY_S = 5.0
"""How long to wait for another writer (design: busy time-out 5 s)."""

DAMAGED = "The file of the database holds none, or is damaged: put a back-up in its place"

WRITES = "wardwatch_writes"
"""Execution option: this connection's next transaction writes."""


def normalize(url: str) -> URL:
    """`url` with the driver we ship. Raises `Invalid("database_url", …)`."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise Invalid("database_url", "is not an address of a database") from error
    match parsed.get_backend_name():
        case "postgresql" | "postgres":
            return parsed.set(drivername="postgresql+psycopg")
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite+pysqlite")
        case "sqlite":
            raise Invalid("database_url", "names no file; several processes share the store")
        case other:
            raise Invalid("database_url", f"{other} is neither sqlite nor postgresql")


def make_engine(url: URL, busy_s: float = BUSY_S) -> Engine:
    """An engine for one process. Opens nothing yet."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, busy_s)
    return _postgres(url, busy_s)


@contextmanager
def answering() -> Iterator[None]:
    """A database that is locked, gone, damaged or out of reach is `StoreUnavailable`, whatever it
    or its driver says."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, sqlite3.OperationalError) as error:
        raise StoreUnavailable from error
    except (DBAPIError, sqlite3.DatabaseError) as error:
        if _is_damage(error):
            raise StoreUnavailable(DAMAGED) from error
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise StoreUnavailable from error
        raise


def _is_damage(error: DBAPIError | sqlite3.DatabaseError) -> bool:
    """SQLite's own words for a file that is no database, or no longer one."""
    said = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(said, sqlite3.DatabaseError) and getattr(
        said, "sqlite_errorcode", 0
    ) & 0xFF in (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
    )


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A connection in a transaction that has the right to write from its beginning; committed on
    leaving, rolled back when an exception passes through."""
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            yield connection


def is_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"


def _sqlite(url: URL, busy_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": busy_s, "check_same_thread": False},
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: object) -> None:
        # The driver would begin transactions of its own, deferred and only before a change.
        connection.isolation_level = None
        # Whoever makes a new file's journal at the same moment is refused at once, time-out or not.
        _insist(connection, "PRAGMA journal_mode = WAL", busy_s)
        for pragma in (
            # FULL waits for the disk at each commit: NORMAL survives a killed process, but a power
            # cut would take back what was already answered, shown and sent on (figures: the
            # docstring of record/store/measuring.py).
            "synchronous = FULL",
            "foreign_keys = ON",
            # What is deleted or overwritten is blanked in the file: it may have been a secret.
            "secure_delete = ON",
            "journal_size_limit = 67108864",
            "cache_size = -8192",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing fails at once when another wrote meanwhile
        # (SQLITE_BUSY_SNAPSHOT), however long the time-out: writers take the lock when they begin.
        if connection.get_execution_options().get(WRITES, False):
            _begin_immediate(connection.connection.driver_connection, busy_s)
        else:
            connection.exec_driver_sql("BEGIN DEFERRED")

    return engine


def _begin_immediate(connection: Any, busy_s: float) -> None:
    """Take the writer's place, or raise `StoreUnavailable` after `busy_s`.

    SQLite's own waiting asks every 100 ms in the end: among writers that come again at once, some
    were seen to wait more than 5 s. Asking every millisecond or two, whoever waits finds the gap.
    """
    connection.execute("PRAGMA busy_timeout = 0")
    try:
        _insist(connection, "BEGIN IMMEDIATE", busy_s)
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(busy_s * 1000)}")


def _insist(connection: Any, statement: str, busy_s: float) -> None:
    """Ask until the database is free for `statement`; `StoreUnavailable` after `busy_s`."""
    deadline = time.monotonic() + busy_s
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise StoreUnavailable from error
            time.sleep(random.uniform(0.0005, 0.002))  # noqa: S311 - to be out of step, no secret
        else:
            return


def _postgres(url: URL, busy_s: float) -> Engine:
    engine = create_engine(
        url,
        pool_pre_ping=True,
        json_serializer=_dumps,
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "application_name": "wardwatch",
            # A writer that hangs in mid-transaction would hold up everybody: it is cut off.
            "options": f"-c lock_timeout={int(busy_s * 1000)}"
            " -c idle_in_transaction_session_timeout=30000 -c timezone=UTC",
        },
    )

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # A writer's statements see what was committed before it got hold of `head`; a reader's
        # all see the same moment.
        writes = connection.get_execution_options().get(WRITES, False)
        if not writes:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")

    return engine


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
