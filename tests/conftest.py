"""Fixtures of several rooms: a real PostgreSQL, and stores on either database.

A database is made once and copied for each test: a file on SQLite, a template on PostgreSQL.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from record.ids import NodeId, new_id
from record.store import Store, upgrade
from tests.servers import Postgres, postgres

NODE = NodeId("node-of-the-tests")
TEMPLATE = "wardwatch_template"

MakeUrl = Callable[[], str]
"""Makes a fresh, migrated, empty database and gives its URL."""


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
def _postgres_template(postgres_server: Postgres) -> Postgres:
    with psycopg.connect(postgres_server.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {TEMPLATE}")
    upgrade(postgres_server.url(TEMPLATE))
    return postgres_server


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
def postgres_url(_postgres_template: Postgres) -> Iterator[str]:
    name = "t" + new_id().replace("-", "")
    with psycopg.connect(_postgres_template.url(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        yield _postgres_template.url(name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each of the two."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str, short_path: Path) -> Iterator[Store]:
    with Store.open(store_url, node=NODE, wake_dir=short_path / "wake") as opened:
        yield opened


@pytest.fixture
def sqlite_store(sqlite_url: str, short_path: Path) -> Iterator[Store]:
    """For tests whose subject is not the database."""
    with Store.open(sqlite_url, node=NODE, wake_dir=short_path / "wake") as opened:
        yield opened
