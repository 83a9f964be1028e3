import pytest

from record.store import Store
from tests.record.world import World, furnish


@pytest.fixture
def world(store: Store) -> World:
    """A furnished store, on each database."""
    return furnish(store)
