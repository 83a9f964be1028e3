"""The filtered history against the plainest way to say the same."""

import random
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from record.breaches import Breach, BreachFilter, BreachState, DismissReason, Outcome
from record.errors import Invalid, NotInScope
from record.ids import BreachId, CameraId, SiteId, UnitId
from record.orders import RuleKind
from record.places import EVERYTHING, Scope
from record.store import Store
from tests.record.world import (
    CROWD,
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
    PHU_HOI,
    SCHOOL,
    SITES,
    UNITS,
    S,
    World,
    ended,
    raised,
)

PARENT = {unit.id: unit.parent for unit in UNITS}
UNIT_OF = {site.id: site.unit for site in SITES}


def fill(world: World, count: int) -> None:
    """`count` breaches; many share their moment, so that ids decide."""
    dice = random.Random(20261124)
    with world.store.write(EVERYTHING, by=world.minh.id) as writing:
        for number in range(count):
            site = dice.choice(SITES).id
            rule = dice.choice((EXIT, EXIT, CROWD))
            at = NOW + dice.randrange(count // 3) * S
            orders = writing.orders.in_force(site)
            events = writing.findings.record(
                world.cameras[site], [raised(rule, orders, at, persons=3), ended(rule, at)], at
            )
            breach = BreachId(events[0].subject)
            match number % 5:
                case 0:
                    writing.breaches.resolve(breach, Outcome.RETURNED, "", at)
                case 1:
                    writing.breaches.dismiss(breach, DismissReason.TEST, "", at)
                case 2:
                    writing.breaches.acknowledge(breach, at)


def above(unit: UnitId | None) -> set[UnitId]:
    found: set[UnitId] = set()
    while unit is not None:
        found.add(unit)
        unit = PARENT[unit]
    return found


def in_scope(scope: Scope, site: SiteId) -> bool:
    return scope.everything or site in scope.sites or bool(above(UNIT_OF[site]) & scope.units)


def fits(breach: Breach, scope: Scope, wanted: BreachFilter) -> bool:
    return (
        in_scope(scope, breach.site)
        and (wanted.unit is None or wanted.unit in above(breach.unit))
        and wanted.site in (None, breach.site)
        and wanted.camera in (None, breach.camera)
        and wanted.kind in (None, breach.kind)
        and (not wanted.states or breach.state in wanted.states)
        and (wanted.since is None or breach.opened_at >= wanted.since)
        and (wanted.until is None or breach.opened_at < wanted.until)
    )


def pages(store: Store, scope: Scope, wanted: BreachFilter, limit: int) -> list[Breach]:
    found: list[Breach] = []
    cursor = None
    with store.read(scope) as reading:
        for _ in range(1000):
            page = reading.breaches.list(wanted, limit, cursor)
            assert len(page.items) <= limit
            found += [named.breach for named in page.items]
            cursor = page.next
            if cursor is None:
                return found
    raise AssertionError("the pages do not end")


units = st.sampled_from([NATION, DA_NANG, HUE, HOA_KHANH, LIEN_CHIEU, PHU_HOI])
sites = st.sampled_from([DORMITORY, GYM, SCHOOL, HOTEL])
scopes = st.just(EVERYTHING) | st.builds(
    Scope, st.frozensets(units, max_size=3), st.frozensets(sites, max_size=2)
)
seconds = st.none() | st.integers(0, 40).map(lambda after: NOW + after * S)
filters = st.builds(
    BreachFilter,
    unit=st.none() | units,
    site=st.none() | sites,
    camera=st.none() | sites.map(lambda site: CameraId(f"cam-{site}")),
    kind=st.sampled_from([None, RuleKind.EXIT, RuleKind.GATHERING, RuleKind.LOITERING]),
    states=st.frozensets(st.sampled_from(BreachState), max_size=3),
    since=seconds,
    until=seconds,
)


def named_in_filter(wanted: BreachFilter, scope: Scope) -> bool:
    """Whether everything the filter names may be named by this reader."""
    if scope.everything:
        return True
    homes = {UNIT_OF[site] for site in scope.sites}
    unit_fits = (
        wanted.unit is None or bool(above(wanted.unit) & scope.units) or wanted.unit in homes
    )
    camera = None if wanted.camera is None else SiteId(wanted.camera.removeprefix("cam-"))
    return unit_fits and all(
        site is None or in_scope(scope, site) for site in (wanted.site, camera)
    )


def test_every_filter_in_every_scope_finds_exactly_what_fits(world: World) -> None:
    fill(world, 90)
    everything = pages(world.store, EVERYTHING, BreachFilter(), 1000)
    assert len(everything) == 90
    order = [(breach.opened_at, breach.id) for breach in everything]
    assert order == sorted(order, reverse=True)

    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(scopes, filters, st.integers(4, 40))
    def check(scope: Scope, wanted: BreachFilter, limit: int) -> None:
        if not named_in_filter(wanted, scope):
            with pytest.raises(NotInScope):
                pages(world.store, scope, wanted, limit)
            return
        expected = [breach for breach in everything if fits(breach, scope, wanted)]
        assert pages(world.store, scope, wanted, limit) == expected

    check()


def test_pages_neither_skip_nor_repeat_while_breaches_arrive(world: World) -> None:
    fill(world, 30)
    seen: list[str] = []
    cursor = None
    for _ in range(30):
        with world.store.read(EVERYTHING) as reading:
            page = reading.breaches.list(BreachFilter(), 4, cursor)
        seen += [named.breach.id for named in page.items]
        if (cursor := page.next) is None:
            break
        world.breach(GYM, NOW + timedelta(hours=len(seen)))
    assert len(seen) == len(set(seen)) == 30


def test_a_cursor_that_was_not_given_out_is_refused(world: World) -> None:
    with world.store.read(EVERYTHING) as reading, pytest.raises(Invalid):
        reading.breaches.list(BreachFilter(), 10, "nonsense")
