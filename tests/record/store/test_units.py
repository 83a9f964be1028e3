import pytest

from record.errors import Duplicate, Invalid, NotInScope, OutsideTheTree
from record.ids import SiteId, UnitId
from record.places import EVERYTHING, Scope, Site, Unit, UnitKind
from record.store import Store
from tests.record.world import (
    DA_NANG,
    DORMITORY,
    GYM,
    HOA_KHANH,
    HOTEL,
    HUE,
    LIEN_CHIEU,
    NATION,
    PHU_HOI,
    SCHOOL,
    World,
)


def test_a_reader_of_everything_sees_parents_before_children(world: World) -> None:
    with world.store.read(EVERYTHING) as reading:
        units = [unit.id for unit in reading.units.list()]
        assert units == [NATION, HUE, DA_NANG, HOA_KHANH, LIEN_CHIEU, PHU_HOI]
        assert reading.units.ancestors(HOA_KHANH) == (HOA_KHANH, DA_NANG, NATION)


def test_a_province_sees_itself_and_what_lies_below(world: World) -> None:
    with world.store.read(Scope.of_unit(DA_NANG)) as reading:
        assert {unit.id for unit in reading.units.list()} == {DA_NANG, HOA_KHANH, LIEN_CHIEU}
        assert {site.id for site in reading.sites.list()} == {DORMITORY, GYM, SCHOOL}
        assert {site.id for site in reading.sites.list(HOA_KHANH)} == {DORMITORY, GYM}
        for unit in (NATION, HUE, PHU_HOI, UnitId("nowhere")):
            with pytest.raises(NotInScope):
                reading.units.get(unit)
            with pytest.raises(NotInScope):
                reading.sites.list(unit)
        with pytest.raises(NotInScope):
            reading.sites.get(HOTEL)


def test_a_reader_of_one_site_knows_the_name_of_its_unit_and_no_other_site(world: World) -> None:
    with world.store.read(Scope.of_site(GYM)) as reading:
        assert [unit.id for unit in reading.units.list()] == [HOA_KHANH]
        assert [site.id for site in reading.sites.list()] == [GYM]
        assert [site.id for site in reading.sites.list(HOA_KHANH)] == [GYM]
        with pytest.raises(NotInScope):
            reading.sites.get(DORMITORY)


def test_an_empty_scope_sees_nothing(world: World) -> None:
    with world.store.read(Scope()) as reading:
        assert reading.units.list() == ()
        assert reading.sites.list() == ()
        assert reading.cameras.list() == ()
        assert reading.breaches.open() == ()


def test_the_tree_may_be_of_any_depth(store: Store) -> None:
    deep = [UnitId(f"u{depth}") for depth in range(12)]
    with store.write(EVERYTHING) as writing:
        for depth, unit in enumerate(deep):
            parent = deep[depth - 1] if depth else None
            writing.units.add(Unit(unit, parent, UnitKind.DISTRICT, f"Unit {depth}"))
        writing.sites.add(Site(SiteId("s"), deep[-1], "At the bottom"))
    with store.read(Scope.of_unit(deep[3])) as reading:
        assert reading.units.ancestors(deep[-1]) == tuple(reversed(deep))
        assert reading.sites.get(SiteId("s")).unit == deep[-1]
        with pytest.raises(NotInScope):
            reading.units.get(deep[2])


@pytest.mark.parametrize(
    ("unit", "error"),
    [
        (Unit(HOA_KHANH, DA_NANG, UnitKind.WARD, "Again"), Duplicate),
        (Unit(UnitId("new"), UnitId("nowhere"), UnitKind.WARD, "Astray"), OutsideTheTree),
        (Unit(UnitId(""), DA_NANG, UnitKind.WARD, "Nameless"), Invalid),
        (Unit(UnitId("new"), DA_NANG, UnitKind.WARD, ""), Invalid),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(
    world: World, unit: Unit, error: type[Exception]
) -> None:
    with pytest.raises(error), world.store.write(EVERYTHING) as writing:
        writing.units.add(unit)
    with world.store.read(EVERYTHING) as reading:
        assert len(reading.units.list()) == 6


def test_a_province_may_not_add_to_another(world: World) -> None:
    scope = Scope.of_unit(DA_NANG)
    with pytest.raises(OutsideTheTree), world.store.write(scope) as writing:
        writing.units.add(Unit(UnitId("new"), HUE, UnitKind.WARD, "Not ours"))
    with pytest.raises(NotInScope), world.store.write(scope) as writing:
        writing.units.add(Unit(UnitId("new"), None, UnitKind.NATION, "Another nation"))
    with pytest.raises(OutsideTheTree), world.store.write(scope) as writing:
        writing.sites.add(Site(SiteId("new"), PHU_HOI, "Not ours"))
    with world.store.write(scope) as writing:
        writing.units.add(Unit(UnitId("new"), DA_NANG, UnitKind.WARD, "Ours"))
        writing.sites.add(Site(SiteId("new"), UnitId("new"), "Ours"))
        assert writing.sites.get(SiteId("new")).name == "Ours"


def test_a_site_stands_once(world: World) -> None:
    with pytest.raises(Duplicate), world.store.write(EVERYTHING) as writing:
        writing.sites.add(Site(GYM, HOA_KHANH, "Again"))


@pytest.mark.parametrize(
    "site",
    [
        Site(SiteId("new"), HOA_KHANH, ""),
        Site(SiteId(""), HOA_KHANH, "Nowhere"),
        Site(SiteId("new"), HOA_KHANH, "On Mars", "Mars/Base"),
    ],
)
def test_a_site_has_a_name_and_a_time(world: World, site: Site) -> None:
    with pytest.raises(Invalid), world.store.write(EVERYTHING) as writing:
        writing.sites.add(site)
    with world.store.read(EVERYTHING) as reading:
        assert len(reading.sites.list()) == 4
