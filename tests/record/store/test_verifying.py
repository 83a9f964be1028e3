"""Whatever is changed behind the store's back is found, and the place named."""

import hashlib

import orjson
import pytest
from sqlalchemy import create_engine, select, text, update

from record.breaches import Outcome
from record.canonical import canonical
from record.ids import Position
from record.places import EVERYTHING
from record.store import ChainReport, Store, verify_chain
from record.store.engines import normalize
from record.store.rows import EventRow
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


def forge(url: str, at: Position, persons: int | None = None, **columns: int) -> None:
    """Rewrite the event at `at` as one would who knows how: new bytes, the hash that fits them,
    and the columns told the same. Only `prevhash` stays as it was."""
    engine = create_engine(normalize(url))
    with engine.begin() as connection:
        held = connection.execute(select(EventRow.body).where(EventRow.position == at)).scalar_one()
        body = {**orjson.loads(held), **columns}
        if persons is not None:
            assert body["data"]["persons"] != persons
            body["data"]["persons"] = persons
        forged = canonical(body)
        values = {"body": forged, "hash": hashlib.sha256(forged).hexdigest(), **columns}
        connection.execute(update(EventRow).where(EventRow.position == at).values(values))
    engine.dispose()


def opened_in(store: Store) -> Position:
    """Where the breach was opened: in the middle, with others before and after it."""
    with store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 1000)
    (opened,) = (event for event in events if event.type == "breach.opened")
    assert events[0].position + 5 < opened.position < events[-1].position - 2
    return opened.position


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


UNTIED = "prevhash is not the hash of the event before"


def test_an_event_rewritten_with_a_fitting_hash_is_found_at_the_next(
    lived: World, store_url: str
) -> None:
    at = opened_in(lived.store)
    forge(store_url, at, persons=99)
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position, report.reason) == (False, at + 1, UNTIED)


def test_an_event_taken_out_is_found_at_the_next(lived: World, store_url: str) -> None:
    at = opened_in(lived.store)
    tamper(store_url, "DELETE FROM events WHERE position = :at", at=at)
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position) == (False, at + 1)
    assert report.reason == f"seq {at % 2**32} is missing"


def test_an_event_taken_out_and_the_rest_numbered_anew_is_found(
    lived: World, store_url: str
) -> None:
    at, last = opened_in(lived.store), last_of(lived.store)
    tamper(store_url, "DELETE FROM events WHERE position = :at", at=at)
    for later in range(at + 1, last + 1):
        forge(store_url, Position(later), seq=later % 2**32 - 1)
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position, report.reason) == (False, at + 1, UNTIED)


def test_two_events_that_changed_places_and_numbers_are_found(lived: World, store_url: str) -> None:
    at = opened_in(lived.store)
    one, spare = at % 2**32, last_of(lived.store) % 2**32 + 100
    tamper(
        store_url,
        "UPDATE events SET position = :spare WHERE position = :first",
        "UPDATE events SET position = :first WHERE position = :second",
        "UPDATE events SET position = :second WHERE position = :spare",
        first=at,
        second=at + 1,
        spare=at + 100,
    )
    forge(store_url, at, seq=spare)
    forge(store_url, Position(at + 1), seq=one + 1)
    forge(store_url, at, seq=one)
    report = verify_chain(lived.store)
    assert (report.ok, report.first_bad_position, report.reason) == (False, at, UNTIED)
