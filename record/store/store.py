"""The store: one database, opened by one process, written by one transaction at a time.

    with store.write(scope, by=user) as w:      # takes the writer's place, on either database
        w.breaches.acknowledge(breach, now)
    # committed: event and projection together; tails are awake

Each process opens its own. A store is safe to use from several threads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Self

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from record.chain import Head
from record.clock import Clock, SystemClock
from record.errors import Invalid, SchemaOutdated
from record.ids import NodeId, Position, UserId, new_id
from record.keyring import KeySource, NoKey
from record.places import Scope
from record.sealing import SealingKey
from record.store.engines import BUSY_S, answering, is_sqlite, make_engine, normalize, writing
from record.store.revision import HEAD, revision_of
from record.store.rows import HeadRow
from record.store.secrets import SecretsReport, examine, reseal, seal_plain
from record.store.tables import insert_new
from record.store.tail import PostgresWaiter, SqliteWaiter, Tail
from record.store.transaction import Recording, Transaction
from record.store.wake import CHANNEL, wake
from record.store.work import Reading, Writing


class Store:
    def __init__(
        self,
        engine: Engine,
        node: NodeId,
        wake_dir: Path | None,
        clock: Clock,
        keys: KeySource,
    ) -> None:
        """Use `Store.open`."""
        self.node = node
        self._keys = keys
        self._engine = engine
        self._wake_dir = wake_dir
        self.clock = clock

    @classmethod
    def open(
        cls,
        url: str,
        *,
        node: NodeId | None = None,
        wake_dir: Path | None = None,
        clock: Clock | None = None,
        busy_s: float = BUSY_S,
        keys: KeySource | None = None,
    ) -> Self:
        """Open the store at `url` (`sqlite:////absolute/path` or `postgresql://…`).

        `node` names this node when the store is opened for the first time, else it is made up;
        afterwards the store knows. `wake_dir` is the folder where readers of a SQLite store are
        woken, the same for all its processes; without it they look every 10 ms. A writer waits
        `busy_s` for its turn. `keys` seals what the database must not hold open (the addresses of
        cameras); without it, or when it is lost, all else goes on.

        Raises `SchemaOutdated`, `StoreUnavailable`, `Invalid` for a URL that is none or for
        another node's store.
        """
        engine = make_engine(normalize(url), busy_s)
        try:
            _check_revision(engine)
            kept = _claim(engine, node)
            seal_plain(engine, keys or NoKey())
        except BaseException:
            engine.dispose()
            raise
        if wake_dir is not None:
            wake_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(engine, kept, wake_dir, clock or SystemClock(), keys or NoKey())

    def close(self) -> None:
        """Let go of the database; tails have their own connections and are closed by themselves."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def read(self, scope: Scope) -> Iterator[Reading]:
        """A snapshot: whatever is written meanwhile is not in it. Raises `StoreUnavailable`."""
        with (
            answering(),
            self._engine.connect() as connection,
            connection.begin(),
            Session(connection, autoflush=False) as session,
        ):
            yield Reading(Transaction(session, scope, self.clock.now(), self._keys))

    @contextmanager
    def write(self, scope: Scope, by: UserId | None = None) -> Iterator[Writing]:
        """One transaction, committed on leaving, rolled back when an exception passes through.

        Writers stand in line: nobody else writes until this is over, so do nothing slow inside.
        `by` is the person who acts, if it is one. Raises `StoreUnavailable` after `busy_s` in
        the line.
        """
        with (
            answering(),
            writing(self._engine) as connection,
            Session(connection, autoflush=False) as session,
        ):
            now = self.clock.now()
            tx = Recording(session, scope, now, self._keys, _hold_head(session), by)
            yield Writing(tx)
            tx.flush()
            if tx.appended:
                _keep_head(session, tx.head)
                self._notify(session)
        if tx.appended and self._wake_dir is not None:
            wake(self._wake_dir)

    def _notify(self, session: Session) -> None:
        """PostgreSQL wakes its listeners itself, when this commits."""
        if not is_sqlite(self._engine):
            session.execute(select(func.pg_notify(CHANNEL, "")))

    def secrets(self) -> SecretsReport:
        """Which cameras' addresses open. Raises `StoreUnavailable`."""
        return examine(self._engine, self._keys)

    def reseal(self, key: SealingKey) -> SecretsReport:
        """Seal all that opens with `key` and its former ones with `key` itself."""
        return reseal(self._engine, key)

    def tail(self, after: Position) -> Tail:
        """Follow the log from `after` on, whoever writes it. For one thread; close it."""
        waiter = (
            SqliteWaiter(self._engine.url, self._wake_dir)
            if is_sqlite(self._engine)
            else PostgresWaiter(self._engine.url)
        )
        return Tail(self.read, waiter, after)


def _check_revision(engine: Engine) -> None:
    """Raises `SchemaOutdated`."""
    with answering(), engine.connect() as connection:
        found = revision_of(connection)
    if found != HEAD:
        raise SchemaOutdated(found, HEAD)


def _hold_head(session: Session) -> Head:
    """The end of the chain; on PostgreSQL this waits until no other writer holds it."""
    row = session.execute(
        select(HeadRow.node, HeadRow.epoch, HeadRow.seq, HeadRow.position, HeadRow.hash)
        .where(HeadRow.one == 1)
        .with_for_update()
    ).one()
    return Head(NodeId(row.node), row.epoch, row.seq, Position(row.position), row.hash)


def _keep_head(session: Session, head: Head) -> None:
    session.execute(
        update(HeadRow)
        .where(HeadRow.one == 1)
        .values(seq=head.seq, position=head.position, hash=head.hash)
    )


def _claim(engine: Engine, node: NodeId | None) -> NodeId:
    """The node whose store this is; the first to open it decides."""
    with answering(), engine.connect() as connection:
        known = connection.scalar(select(HeadRow.node))
    if known is None:
        head = Head.fresh(node or NodeId(new_id()))
        with answering(), writing(engine) as connection:
            insert_new(connection, HeadRow, {"one": 1, **asdict(head)})
            known = connection.scalar(select(HeadRow.node))
    if known is None or (node is not None and known != node):
        raise Invalid("node", f"this store belongs to the node {known!r}")
    return NodeId(known)
