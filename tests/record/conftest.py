"""A furnished store for each test, furnished once: afterwards the same rows are put back."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, insert, select

from record.store import Store
from record.store.engines import normalize
from record.store.rows import Base
from tests.record.world import World, furnish


@dataclass(slots=True)
class Furniture:
    """Rows of every table of a furnished store, and what a test holds in its hands."""

    world: World | None = None
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def keep(self, connection: Connection, world: World) -> None:
        self.world = world
        for table in Base.metadata.sorted_tables:
            found = connection.execute(select(table)).mappings()
            self.rows[table.name] = [dict(row) for row in found]

    def put_back(self, connection: Connection) -> None:
        connection.execute(delete(Base.metadata.tables["head"]))
        for table in Base.metadata.sorted_tables:
            if rows := self.rows[table.name]:
                connection.execute(insert(table), rows)


@pytest.fixture(scope="session")
def _furniture() -> Furniture:
    return Furniture()


@pytest.fixture
def world(store: Store, store_url: str, _furniture: Furniture) -> World:
    """A furnished store, on each database."""
    engine = create_engine(normalize(store_url))
    try:
        with engine.begin() as connection:
            if _furniture.world is not None:
                _furniture.put_back(connection)
                return replace(_furniture.world, store=store)
        made = furnish(store)
        with engine.begin() as connection:
            _furniture.keep(connection, made)
        return made
    finally:
        engine.dispose()
