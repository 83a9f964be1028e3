from dataclasses import replace
from datetime import timedelta

import pytest

from record.errors import AlreadyClosed, Duplicate, Invalid, NotInScope
from record.ids import OrderId
from record.orders import OrderState, orders_arming
from record.places import EVERYTHING, Scope
from tests.record.world import (
    DA_NANG,
    DORMITORY,
    EXIT,
    GYM,
    HOA_KHANH,
    HOTEL,
    HUE,
    LIEN_CHIEU,
    NATION,
    NOW,
    World,
    order_for,
)

DAY = timedelta(days=1)


def test_what_is_issued_reads_back_as_it_was(world: World) -> None:
    order = order_for(site=GYM, ends_at=NOW + DAY)
    with world.store.write(EVERYTHING) as writing:
        assert writing.orders.issue(order) == order
    with world.store.read(world.minh.scope) as reading:
        assert reading.orders.get(order.id) == order


@pytest.mark.parametrize("text", ["", " ", "12\n13", "\ud800"])
@pytest.mark.parametrize("field", ["number", "issuer"])
def test_an_order_has_a_number_and_an_issuer(world: World, field: str, text: str) -> None:
    order = order_for(site=GYM)
    number, issuer = (text, order.issuer) if field == "number" else (order.number, text)
    with pytest.raises(Invalid) as refused, world.store.write(EVERYTHING) as writing:
        writing.orders.issue(replace(order, number=number, issuer=issuer))
    assert refused.value.field == field


def test_orders_in_force_know_how_narrow_they_are(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        of_ward = writing.orders.issue(order_for(unit=HOA_KHANH))
        of_site = writing.orders.issue(order_for(site=GYM))
        writing.orders.issue(order_for(unit=LIEN_CHIEU))
    orders = world.armed(GYM)
    assert [order.depth for order in orders] == [1, 2, 3]
    arming = orders_arming(orders, EXIT.kind, NOW)
    assert [order.id for order in arming[:2]] == [of_site.id, of_ward.id]
    assert [order.depth for order in world.armed(DORMITORY)] == [1, 2]


def test_future_orders_are_told_ahead_and_past_ones_are_not(world: World) -> None:
    now = world.store.clock.now()
    with world.store.write(EVERYTHING) as writing:
        coming = writing.orders.issue(
            order_for(site=HOTEL, begins_at=now + DAY, ends_at=now + 2 * DAY)
        )
        over = writing.orders.issue(
            order_for(site=HOTEL, begins_at=now - 2 * DAY, ends_at=now - DAY)
        )
    ids = {order.id for order in world.armed(HOTEL)}
    assert coming.id in ids
    assert over.id not in ids


def test_lifting_ends_an_order_at_that_moment(world: World) -> None:
    now = world.store.clock.now()
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        order = writing.orders.issue(order_for(site=GYM, begins_at=now - DAY))
        lifted = writing.orders.lift(order.id, now)
    assert (lifted.state, lifted.version) == (OrderState.LIFTED, 2)
    assert timedelta(0) <= now - lifted.ends_at < timedelta(milliseconds=1)
    assert order.id not in {order.id for order in world.armed(GYM)}
    with pytest.raises(AlreadyClosed), world.store.write(EVERYTHING) as writing:
        writing.orders.lift(order.id, now)


def test_one_lifted_before_it_began_never_holds(world: World) -> None:
    now = world.store.clock.now()
    with world.store.write(EVERYTHING) as writing:
        order = writing.orders.issue(order_for(site=GYM, begins_at=now + DAY))
        writing.orders.lift(order.id, now)
        assert order.id not in {known.id for known in writing.orders.list(at=now + DAY)}
    assert order.id not in {order.id for order in world.armed(GYM)}


def test_a_ward_sees_orders_above_and_below_it_but_not_beside(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        nation = writing.orders.issue(order_for(unit=NATION)).id
        ward = writing.orders.issue(order_for(unit=HOA_KHANH)).id
        site = writing.orders.issue(order_for(site=GYM)).id
        beside = writing.orders.issue(order_for(unit=LIEN_CHIEU)).id
    with world.store.read(world.minh.scope) as reading:
        seen = {order.id for order in reading.orders.list()}
        assert {nation, ward, site} <= seen
        assert beside not in seen
        with pytest.raises(NotInScope):
            reading.orders.get(beside)
        assert {order.id for order in reading.orders.list(site=DORMITORY)} >= {nation, ward}
        assert site not in {order.id for order in reading.orders.list(site=DORMITORY)}
        assert site in {order.id for order in reading.orders.list(unit=HOA_KHANH)}
    with world.store.read(world.gate.scope) as reading:
        assert {nation, ward, site} <= {order.id for order in reading.orders.list()}
        with pytest.raises(NotInScope):
            reading.orders.in_force(DORMITORY)


def test_the_hour_decides_which_are_listed(world: World) -> None:
    with world.store.write(EVERYTHING) as writing:
        order = order_for(site=GYM, begins_at=NOW, ends_at=NOW + DAY)
        writing.orders.issue(order)
    with world.store.read(EVERYTHING) as reading:

        def at(moment_s: float) -> set[OrderId]:
            moment = NOW + timedelta(seconds=moment_s)
            return {order.id for order in reading.orders.list(site=GYM, at=moment)}

        assert order.id not in at(-0.001)
        assert order.id in at(0)
        assert order.id in at(86_399.999)
        assert order.id not in at(86_400)


def test_an_order_is_issued_within_ones_own_place_only(world: World) -> None:
    scope = Scope.of_unit(HOA_KHANH)
    for order in (order_for(unit=DA_NANG), order_for(unit=HUE), order_for(site=HOTEL)):
        with pytest.raises(NotInScope), world.store.write(scope) as writing:
            writing.orders.issue(order)
    with world.store.read(EVERYTHING) as reading:
        above = reading.orders.list(unit=DA_NANG)[0]
    with pytest.raises(NotInScope), world.store.write(scope) as writing:
        writing.orders.lift(above.id, NOW)


def test_the_same_order_twice_is_refused(world: World) -> None:
    order = order_for(site=GYM)
    with world.store.write(EVERYTHING) as writing:
        writing.orders.issue(order)
    with pytest.raises(Duplicate), world.store.write(EVERYTHING) as writing:
        writing.orders.issue(order)
