import json

import pytest

from record.canonical import NotCanonical
from record.envelope import served
from record.errors import NotInScope
from record.events import EventType, NewEvent
from record.ids import NodeId, Position, UserId
from record.places import EVERYTHING, Scope
from record.store import Store
from tests.record.world import (
    DA_NANG,
    DORMITORY,
    GYM,
    HOA_KHANH,
    HUE,
    LIEN_CHIEU,
    NATION,
    NOW,
    SCHOOL,
    World,
    order_for,
)

START = Position(2**32)


def test_an_empty_log_begins_at_its_epoch(store: Store) -> None:
    with store.read(EVERYTHING) as reading:
        assert reading.events.after(Position(0), 10) == ()
        assert reading.events.first() == reading.events.last() == START
        assert reading.events.known(START)
        assert not reading.events.known(Position(START + 1))


def test_positions_count_on_and_events_read_back(store: Store) -> None:
    new = NewEvent(EventType.NODE_STARTED, NOW, "node", data={"version": "0.1"})
    with store.write(EVERYTHING) as writing:
        first = writing.events.append(new)
        second = writing.events.append(new)
        assert writing.events.after(Position(0), 10) == (first, second)
    assert (first.position, second.position) == (START + 1, START + 2)
    assert (first.chain, first.epoch, first.seq) == (store.node, 1, 1)
    with store.read(EVERYTHING) as reading:
        assert reading.events.after(first.position, 10) == (second,)
        assert reading.events.after(Position(0), 1) == (first,)
        assert reading.events.last() == second.position
        assert reading.events.first() == first.position
        for known in (START, first.position, second.position):
            assert reading.events.known(known)
        for never in (0, 1, START + 3, 2 * START, 5 * START + 1):
            assert not reading.events.known(Position(never))
    assert json.loads(served(first))["hash"] == first.hash


def test_an_exception_leaves_nothing(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.write(EVERYTHING) as writing:
            writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, "node"))
            writing.events.advance("cursor", Position(7))
            raise KeyError

    with pytest.raises(KeyError):
        fail_after_writing()
    with store.write(EVERYTHING) as writing:
        assert writing.events.last() == START
        assert writing.events.cursor("cursor") is None
        stored = writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, "node"))
    assert stored.position == START + 1


def test_data_without_a_canonical_form_is_refused_whole(store: Store) -> None:
    odd = NewEvent(EventType.NODE_STARTED, NOW, "node", data={"share": 0.5})  # type: ignore[dict-item]  # what is refused
    with pytest.raises(NotCanonical), store.write(EVERYTHING) as writing:
        writing.events.append(odd)
    with store.read(EVERYTHING) as reading:
        assert reading.events.last() == START


def test_filters_and_scopes(world: World) -> None:
    breaches = {site: world.breach(site) for site in (GYM, DORMITORY, SCHOOL)}

    def subjects(scope: Scope, **wanted: object) -> set[str]:
        with world.store.read(scope) as reading:
            events = reading.events.after(
                Position(0),
                500,
                types={EventType.BREACH_OPENED},
                **wanted,  # type: ignore[arg-type]  # by name
            )
        return {event.subject for event in events}

    assert subjects(EVERYTHING) == set(breaches.values())
    assert subjects(EVERYTHING, unit=HOA_KHANH) == {breaches[GYM], breaches[DORMITORY]}
    assert subjects(EVERYTHING, unit=HUE) == set()
    assert subjects(EVERYTHING, site=GYM) == {breaches[GYM]}
    assert subjects(EVERYTHING, camera="cam-school") == {breaches[SCHOOL]}
    assert subjects(world.minh.scope) == {breaches[GYM], breaches[DORMITORY]}
    assert subjects(world.gate.scope) == {breaches[GYM]}
    assert subjects(Scope()) == set()
    for wanted in ({"unit": LIEN_CHIEU}, {"site": SCHOOL}, {"camera": "cam-school"}):
        with pytest.raises(NotInScope):
            subjects(world.minh.scope, **wanted)


def test_events_of_the_node_reach_those_who_see_everything_only(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, "node"))
    types = {EventType.NODE_STARTED, EventType.USER_CHANGED}
    with world.store.read(Scope.of_unit(NATION)) as reading:
        assert reading.events.after(Position(0), 100, types=types) == ()
    with world.store.read(EVERYTHING) as reading:
        assert len(reading.events.after(Position(0), 100, types=types)) == 4


def test_an_order_is_news_for_all_below_it(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        before = writing.events.last()
        order = writing.orders.issue(order_for(unit=DA_NANG))
    for scope in (world.minh.scope, world.gate.scope, Scope.of_unit(NATION)):
        with world.store.read(scope) as reading:
            (event,) = reading.events.after(before, 10)
            assert event.subject == order.id
            assert {NATION, DA_NANG, HOA_KHANH, LIEN_CHIEU} == event.units
    with world.store.read(Scope.of_unit(HUE)) as reading:
        assert reading.events.after(before, 10) == ()


def test_units_of_an_event_are_its_own_and_those_above(world: World) -> None:
    world.breach(GYM)
    with world.store.read(EVERYTHING) as reading:
        (event,) = reading.events.after(Position(0), 9, types={EventType.BREACH_OPENED})
    assert event.units == {HOA_KHANH, DA_NANG, NATION}
    assert (event.site, event.unit, event.camera) == (GYM, HOA_KHANH, "cam-gym")


def test_an_event_is_written_within_the_scope_only(world: World) -> None:
    for place in ({"site": SCHOOL}, {"unit": LIEN_CHIEU}, {}):
        new = NewEvent(EventType.BREACH_COMMENTED, NOW, "b", **place)
        with pytest.raises(NotInScope), world.store.write(world.minh.scope) as writing:
            writing.events.append(new)
    with world.store.write(world.gate.scope) as writing:
        stored = writing.events.append(NewEvent(EventType.BREACH_COMMENTED, NOW, "b", site=GYM))
    assert stored.unit == HOA_KHANH


def test_cursors_only_go_forward(store: Store) -> None:
    with store.write(EVERYTHING) as writing:
        assert writing.events.cursor("mail") is None
        writing.events.advance("mail", Position(5))
        writing.events.advance("mail", Position(3))
        assert writing.events.cursor("mail") == 5
        writing.events.advance("mail", Position(8))
        writing.events.advance("other", Position(1))
    with store.read(EVERYTHING) as reading:
        assert reading.events.cursor("mail") == 8
        assert reading.events.cursor("other") == 1


def test_a_snapshot_stays_as_it_was(world: World) -> None:
    with world.store.read(EVERYTHING) as reading:
        before = reading.events.last()
        world.breach(GYM)
        assert reading.events.last() == before
        assert reading.breaches.open() == ()


def test_who_acts_is_named_by_id(world: World) -> None:
    with world.store.write(EVERYTHING, by=UserId("u-1")) as writing:
        writing.orders.issue(order_for(site=GYM))
    with world.store.read(EVERYTHING) as reading:
        event = reading.events.after(Position(0), 100, types={EventType.ORDER_ISSUED})[-1]
    assert b'"by":"u-1"' in event.body
    assert event.chain == NodeId("node-of-the-tests")
