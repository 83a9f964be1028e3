"""Which stores the demo may touch: those that it made itself, or empty ones."""

import json

from record.ids import Position
from record.places import EVERYTHING
from record.store import Store


def is_demo(store: Store) -> bool:
    """Whether this store was made by the demo: its very first event says so."""
    with store.read(EVERYTHING) as record:
        events = record.events.after(Position(0), 1)
    return bool(events) and bool(json.loads(events[0].body)["data"].get("demo"))


def is_empty(store: Store) -> bool:
    with store.read(EVERYTHING) as record:
        return not record.events.after(Position(0), 1)
