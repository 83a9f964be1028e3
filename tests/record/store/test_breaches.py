import pytest

from record.breaches import BreachState, DismissReason, Outcome
from record.errors import AlreadyAcknowledged, AlreadyClosed, NotAllowed, NotInScope
from record.ids import BreachId, CameraId
from record.places import EVERYTHING
from tests.record.world import (
    CROWD,
    DA_NANG,
    DORMITORY,
    EXIT,
    GYM,
    HOTEL,
    NOW,
    SCHOOL,
    S,
    World,
    ended,
    grew,
    order_for,
    raised,
)


def test_an_opened_breach_says_what_was_seen_and_under_which_orders(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        narrow = writing.orders.issue(order_for(site=GYM, number="7/QĐ"))
        wide = writing.orders.list(unit=DA_NANG)[-1]
    orders = tuple(reversed(world.armed(GYM)))
    (opened,) = world.find(
        GYM, raised(CROWD, orders, NOW, began_at=NOW - 5 * S, persons=3), grew(CROWD, NOW + S, 4)
    )
    with world.store.read(world.minh.scope) as reading:
        named = reading.breaches.get(opened)
    breach = named.breach
    assert (breach.kind, breach.state, breach.persons) == (CROWD.kind, BreachState.OPEN, 4)
    assert (breach.began_at, breach.opened_at) == (NOW - 5 * S, NOW)
    assert breach.decided_at == NOW + 0.2 * S
    assert breach.ended_at is None
    assert [order.id for order in breach.orders] == [narrow.id, wide.id]
    assert breach.order is not None
    assert breach.order.number == "7/QĐ"
    assert not breach.order_ended
    assert (named.site_name, named.unit_name) == ("Nhà thi đấu", "Hòa Khánh")
    assert (named.camera_name, named.line_name, named.area_name) == ("Cổng", None, "Sân")
    why = breach.explanation
    assert why is not None
    assert (why.track, why.direction, why.confidence) == (7, "outward", 0.87)
    assert [(at, point.x) for at, point in why.path] == [(NOW - S, 0.7), (NOW, 0.8)]


def test_what_a_supervisor_does_is_kept_with_name_and_time(world: World) -> None:
    breach = world.breach(GYM)
    with world.store.write(world.minh.scope, by=world.minh.id) as writing:
        named = writing.breaches.acknowledge(breach, NOW + 10 * S)
        assert named.acknowledged_by_name == "Minh"
        assert named.acknowledged_by_username == "minh"
        assert named.breach.state is BreachState.ACKNOWLEDGED
        writing.breaches.comment(breach, "đã gọi trạm y tế", NOW + 20 * S)
        named = writing.breaches.resolve(breach, Outcome.RETURNED, "", NOW + 30 * S)
    assert named.breach.state is BreachState.RESOLVED
    assert named.breach.closed_at == named.breach.resolved_at == NOW + 30 * S
    assert (named.resolved_by_name, named.breach.reason) == ("Minh", "returned")
    with world.store.read(EVERYTHING) as reading:
        steps = reading.breaches.steps(breach)
        assert reading.breaches.open() == ()
    assert [(step.type.removeprefix("wardwatch.breach."), step.by_name) for step in steps] == [
        ("opened", None),
        ("ended", None),
        ("acknowledged", "Minh"),
        ("commented", "Minh"),
        ("resolved", "Minh"),
    ]
    assert [step.text for step in steps] == [None, None, None, "đã gọi trạm y tế", None]
    assert steps[0].persons == 1
    assert steps[-1].outcome == "returned"
    assert [step.position for step in steps] == sorted(step.position for step in steps)


def test_the_second_to_acknowledge_hears_who_was_first(world: World) -> None:
    breach = world.breach(GYM)
    with world.store.write(world.minh.scope, by=world.minh.id) as writing:
        writing.breaches.acknowledge(breach, NOW)
    with (
        pytest.raises(AlreadyAcknowledged) as refused,
        world.store.write(world.gate.scope, by=world.gate.id) as writing,
    ):
        writing.breaches.acknowledge(breach, NOW + S)
    assert (refused.value.by, refused.value.by_name) == (world.minh.id, "Minh")
    assert refused.value.at == NOW


def test_what_is_closed_stays_closed_and_may_still_be_commented(world: World) -> None:
    breach = world.breach(GYM)
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        named = writing.breaches.dismiss(breach, DismissReason.STAFF, "ca trực", NOW)
    assert (named.breach.state, named.breach.reason) == (BreachState.DISMISSED, "staff")
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        with pytest.raises(AlreadyClosed):
            writing.breaches.resolve(breach, Outcome.LEFT, "", NOW)
        with pytest.raises(AlreadyClosed):
            writing.breaches.dismiss(breach, DismissReason.TEST, "", NOW)
        with pytest.raises(AlreadyClosed):
            writing.breaches.acknowledge(breach, NOW)
        writing.breaches.comment(breach, "xem lại", NOW)
        assert [step.text for step in writing.breaches.steps(breach)][-2:] == ["ca trực", "xem lại"]


def test_a_program_cannot_answer_for_a_person(world: World) -> None:
    breach = world.breach(GYM)
    with pytest.raises(NotAllowed), world.store.write(EVERYTHING) as writing:
        writing.breaches.acknowledge(breach, NOW)


def test_another_ward_finds_nothing(world: World) -> None:
    breach = world.breach(GYM)
    with world.store.read(world.minh.scope) as reading:
        assert reading.breaches.get(breach).breach.id == breach
    with world.store.write(world.lan.scope, by=world.lan.id) as writing:
        with pytest.raises(NotInScope):
            writing.breaches.get(breach)
        with pytest.raises(NotInScope):
            writing.breaches.steps(breach)
        with pytest.raises(NotInScope):
            writing.breaches.acknowledge(breach, NOW)
        with pytest.raises(NotInScope):
            writing.breaches.comment(breach, "?", NOW)
        with pytest.raises(NotInScope):
            writing.breaches.observations(GYM, 10)
        with pytest.raises(NotInScope):
            writing.breaches.open(GYM)
        with pytest.raises(NotInScope):
            writing.breaches.get(BreachId("never was"))


def test_open_ones_are_those_that_wait_for_a_person(world: World) -> None:
    first, second = world.breach(GYM), world.breach(DORMITORY, NOW + S)
    third = world.breach(SCHOOL, NOW + 2 * S)
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        writing.breaches.acknowledge(first, NOW)
        writing.breaches.dismiss(second, DismissReason.TEST, "", NOW)
    with world.store.read(EVERYTHING) as reading:
        assert [named.breach.id for named in reading.breaches.open()] == [third, first]
        assert [named.breach.id for named in reading.breaches.open(GYM)] == [first]
    with world.store.read(world.gate.scope) as reading:
        assert [named.breach.id for named in reading.breaches.open()] == [first]


def test_when_its_order_is_lifted_an_open_breach_says_so(world: World) -> None:
    now = world.store.clock.now()
    with world.store.write(EVERYTHING) as writing:
        order = writing.orders.issue(order_for(site=HOTEL, begins_at=now - 60 * S))
    orders = tuple(known for known in world.armed(HOTEL) if known.id == order.id)
    waiting, closed = world.find(
        HOTEL, raised(EXIT, orders), ended(EXIT, NOW), raised(EXIT, orders, NOW + 9 * S)
    )
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        writing.breaches.resolve(closed, Outcome.RETURNED, "", now - 30 * S)
        writing.orders.lift(order.id, now)
    with world.store.read(EVERYTHING) as reading:
        assert reading.breaches.get(waiting).breach.order_ended
        assert reading.breaches.get(waiting).breach.state is BreachState.OPEN
        assert not reading.breaches.get(closed).breach.order_ended


def test_observations_of_a_site_newest_first(world: World) -> None:
    world.find(GYM, raised(EXIT, ()), raised(CROWD, (), NOW + S, persons=3))
    world.find(DORMITORY, raised(EXIT, ()))
    with world.store.read(world.minh.scope) as reading:
        found = reading.breaches.observations(GYM, 10)
        assert [(seen.kind, seen.time, seen.persons) for seen in found] == [
            (CROWD.kind, NOW + S, 3),
            (EXIT.kind, NOW, 1),
        ]
        assert (found[0].camera_name, found[0].area_name) == ("Cổng", "Sân")
        assert found[1].line_name == "Vạch cổng"
        assert found[0].camera == CameraId("cam-gym")
        assert len(reading.breaches.observations(GYM, 1)) == 1
        assert reading.breaches.open() == ()
