"""Fixtures of several rooms: a real PostgreSQL, and stores on either database.

A database is made once. For each test the file is copied (SQLite) or the tables are emptied
(PostgreSQL).
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from record.ids import NodeId
from record.sealing import SealingKey
from record.store import Store, upgrade
from record.store.revision import HEAD
from record.store.rows import Base
from tests.fakes.keys import HeldKey
from tests.servers import Postgres, postgres

NODE = NodeId("node-of-the-tests")
KEYS = HeldKey(SealingKey(bytes(range(32))))
DATABASE = "wardwatch"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with postgres() as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite_template() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        path = Path(folder) / "template.db"
        upgrade(f"sqlite:///{path}")
        yield path


@pytest.fixture(scope="session")
def _postgres_database(postgres_server: Postgres) -> str:
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {DATABASE}")
    upgrade(postgres_server.url(DATABASE))
    return postgres_server.url(DATABASE)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A temporary folder whose path leaves room for sockets (108 bytes)."""
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        yield Path(folder)


@pytest.fixture
def sqlite_url(_sqlite_template: Path, short_path: Path) -> str:
    path = short_path / "wardwatch.db"
    shutil.copy(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(_postgres_database: str) -> str:
    """One database, emptied for each test: a new one would take 0.3 s."""
    with psycopg.connect(_postgres_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)))
        connection.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
    return _postgres_database


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each of the two."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str, short_path: Path) -> Iterator[Store]:
    with Store.open(store_url, node=NODE, wake_dir=short_path / "wake", keys=KEYS) as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str, short_path: Path) -> Iterator[Store]:
    """For tests whose subject is not the database."""
    with Store.open(sqlite_url, node=NODE, wake_dir=short_path / "wake", keys=KEYS) as opened:
        yield opened
