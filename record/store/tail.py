"""Following the log: every event once, in the order of positions, as soon as it is committed.

That nothing is skipped rests on one thing: positions are committed in their order (one writer at a
time, `Store.write`), so whoever has read up to a position has read all below it.
"""

import contextlib
import select as readiness
import socket
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, Self

import psycopg
import structlog
from sqlalchemy.engine import URL

from record.errors import StoreUnavailable
from record.events import StoredEvent
from record.ids import Position
from record.places import EVERYTHING, Scope
from record.store.wake import CHANNEL, bind, drain
from record.store.work import Reading

log = structlog.get_logger()

BATCH = 500

POLL_S = 0.010
"""How often to look when no datagram can come (design: `data_version` every 10 ms)."""

CHECK_S = 0.100
"""How often to look although datagrams come: a writer may have been told of no folder."""

LISTEN_CHECK_S = 1.0
"""The same for PostgreSQL, where every writer notifies."""


class Waiter(Protocol):
    def wait(self, timeout_s: float) -> None:
        """Return when something may have been committed, or after `timeout_s` at the latest."""
        ...

    def close(self) -> None: ...


class Tail:
    """A reader's place in the log. Not safe for several threads at once."""

    def __init__(
        self,
        read: Callable[[Scope], AbstractContextManager[Reading]],
        waiter: Waiter,
        after: Position,
    ) -> None:
        self._read = read
        self._waiter = waiter
        self.position = after
        """Of the last event handed out."""

    def wait(self, timeout_s: float) -> tuple[StoredEvent, ...]:
        """The next events, at most 500, of all scopes; empty when none came within `timeout_s`.

        Raises `StoreUnavailable`; the place is kept, so try again.
        """
        deadline = time.monotonic() + timeout_s
        while True:
            with self._read(EVERYTHING) as reading:
                events = reading.events.after(self.position, BATCH)
            if events:
                self.position = events[-1].position
                return events
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return ()
            self._waiter.wait(remaining)

    def close(self) -> None:
        self._waiter.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class SqliteWaiter:
    """Waits for a datagram, and looks at `PRAGMA data_version` in between: it changes with every
    commit of another connection (https://sqlite.org/pragma.html#pragma_data_version)."""

    def __init__(self, url: URL, wake_dir: Path | None) -> None:
        self._connection = sqlite3.connect(
            url.database or "", isolation_level=None, check_same_thread=False
        )
        self._socket: socket.socket | None = None
        self._path: Path | None = None
        if wake_dir is not None:
            try:
                self._socket, self._path = bind(wake_dir)
            except OSError as error:
                log.warning("no wake-up socket; looking every 10 ms", reason=str(error))
        self._version = self._data_version()

    def wait(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        pause = POLL_S if self._socket is None else CHECK_S
        while (remaining := deadline - time.monotonic()) > 0:
            if self._socket is None:
                time.sleep(min(pause, remaining))
            elif readiness.select([self._socket], [], [], min(pause, remaining))[0]:
                drain(self._socket)
                self._version = self._data_version()
                return
            version = self._data_version()
            if version != self._version:
                self._version = version
                return

    def close(self) -> None:
        self._connection.close()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._path is not None:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    def _data_version(self) -> int:
        try:
            (version,) = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.OperationalError as error:
            raise StoreUnavailable from error
        return int(version)


class PostgresWaiter:
    """Waits for NOTIFY on a connection of its own, and renews that when it breaks."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection: psycopg.Connection | None = None
        self._listen()

    def wait(self, timeout_s: float) -> None:
        try:
            connection = self._listen()
            pause = min(timeout_s, LISTEN_CHECK_S)
            for _ in connection.notifies(timeout=pause, stop_after=1):
                break
        except psycopg.OperationalError as error:
            self.close()
            time.sleep(min(timeout_s, POLL_S))
            raise StoreUnavailable from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listen(self) -> psycopg.Connection:
        if self._connection is None:
            try:
                self._connection = psycopg.connect(
                    self._url, autocommit=True, connect_timeout=5, application_name="wardwatch tail"
                )
                self._connection.execute(f"LISTEN {CHANNEL}")
            except psycopg.OperationalError as error:
                raise StoreUnavailable from error
        return self._connection
