"""Whatever is changed behind the store's back is found, and the place named."""

import pytest
from sqlalchemy import create_engine, text

from record.breaches import Outcome
from record.ids import Position
from record.places import EVERYTHING
from record.store import ChainReport, Store, verify_chain
from record.store.engines import normalize
from tests.record.world import GYM, NOW, World


@pytest.fixture
def lived(world: World) -> World:
    """Some events, the last two with texts."""
    breach = world.breach(GYM)
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        writing.breaches.comment(breach, "đã gọi", NOW)
        writing.breaches.resolve(breach, Outcome.RETURNED, "xong", NOW)
    return world


def tamper(url: str, *statements: str, **values: object) -> None:
    engine = create_engine(normalize(url))
    with engine.begin() as connection:
        for statement in statements:
            named = [name for name in values if f":{name}" in statement]
            connection.execute(text(statement), {name: values[name] for name in named})
    engine.dispose()


def last_of(store: Store) -> Position:
    with store.read(EVERYTHING) as reading:
        return reading.events.last()


def test_an_untouched_log_holds(lived: World) -> None:
    report = verify_chain(lived.store)
    assert report == ChainReport(last_of(lived.store) % 2**32, ok=True)
    assert report.events > 15


def test_an_empty_log_holds(store: Store) -> None:
    assert verify_chain(store) == ChainReport(0, ok=True)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE events SET body = CAST('{}' AS {bytes}) WHERE position = :at", "the bytes"),
        ("DELETE FROM events WHERE position = :at", "is missing"),
        ("UPDATE events SET type = 'camera.online' WHERE position = :at", "columns and bytes"),
        ("UPDATE events SET subject = 'x' WHERE position = :at", "columns and bytes"),
    ],
)
def test_a_changed_event_is_found(
    lived: World, store_url: str, statement: str, reason: str
) -> None:
    at = Position(last_of(lived.store) - 3)
    kind = "BLOB" if store_url.startswith("sqlite") else "bytea"
    tamper(
        store_url,
        "DELETE FROM texts",
        statement.replace("{bytes}", kind),
        at=at,
    )
    report = verify_chain(lived.store)
    assert not report.ok
    assert report.first_bad_position in (at, at + 1)
    assert reason in (report.reason or "")


def test_a_log_cut_short_is_found(lived: World, store_url: str) -> None:
    last = last_of(lived.store)
    tamper(
        store_url,
        "DELETE FROM texts WHERE event = :last",
        "DELETE FROM events WHERE position = :last",
        last=last,
    )
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position) == (False, last)
    assert report.reason == "the log ends before its recorded end"


def test_a_changed_text_is_found_and_an_erased_one_is_counted(lived: World, store_url: str) -> None:
    last = last_of(lived.store)
    before = verify_chain(lived.store).erased_texts
    tamper(store_url, "DELETE FROM texts WHERE event = :at", at=last - 1)
    assert verify_chain(lived.store) == ChainReport(last % 2**32, ok=True, erased_texts=before + 1)
    tamper(store_url, "UPDATE texts SET text = 'khác' WHERE event = :at", at=last)
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position) == (False, last)
    assert "'note' does not fit its hash" in (report.reason or "")


def test_two_events_that_changed_places_are_found(lived: World, store_url: str) -> None:
    last = last_of(lived.store)
    first = last - 1
    tamper(
        store_url,
        "DELETE FROM texts",
        "UPDATE events SET position = :spare WHERE position = :first",
        "UPDATE events SET position = :first WHERE position = :second",
        "UPDATE events SET position = :second WHERE position = :spare",
        first=first,
        second=last,
        spare=last + 100,
    )
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position) == (False, first)
