"""The tree of units, and the sites in it."""

from sqlalchemy import select

from record.errors import Duplicate, NotInScope, OutsideTheTree
from record.events import EventType, NewEvent
from record.ids import SiteId, UnitId
from record.naming import check_site, check_unit
from record.places import Site, Unit, UnitKind
from record.store.reach import Reach, below
from record.store.rows import SiteRow, UnitPathRow, UnitRow
from record.store.transaction import Recording, Transaction


class Units:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, unit: UnitId) -> Unit:
        """Raises `NotInScope`."""
        row = self._tx.row(select(UnitRow).where(UnitRow.id == unit, self._reach.units(UnitRow.id)))
        if row is None:
            raise NotInScope("unit", unit)
        return _unit(row)

    def list(self) -> tuple[Unit, ...]:
        """Those in scope, parents before children, then by name."""
        rows = self._tx.rows(
            select(UnitRow)
            .where(self._reach.units(UnitRow.id))
            .order_by(UnitRow.depth, UnitRow.name, UnitRow.id)
        )
        return tuple(_unit(row) for row in rows)

    def ancestors(self, unit: UnitId) -> tuple[UnitId, ...]:
        """`unit` itself first, the root last. Raises `NotInScope`."""
        self._reach.check_visible_unit(unit)
        rows = self._tx.rows(
            select(UnitPathRow.ancestor)
            .where(UnitPathRow.unit == unit)
            .order_by(UnitPathRow.distance)
        )
        return tuple(UnitId(row) for row in rows)


class WritableUnits(Units):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def add(self, unit: Unit) -> Unit:
        """Raises `OutsideTheTree` for a parent that is not there, `Duplicate`, `NotInScope`,
        `Invalid` for what is no code or no name."""
        tx = self._recording
        check_unit(unit)
        parent = self._parent(unit)
        if tx.ancestors(unit.id):
            raise Duplicate("id", unit.id)
        tx.insert(
            UnitRow,
            {
                "id": unit.id,
                "parent": unit.parent,
                "kind": unit.kind.value,
                "name": unit.name,
                "depth": parent.depth + 1 if parent else 0,
            },
        )
        above = () if unit.parent is None else self.ancestors(unit.parent)
        tx.insert(
            UnitPathRow,
            *(
                {"ancestor": ancestor, "unit": unit.id, "distance": distance}
                for distance, ancestor in enumerate((unit.id, *above))
            ),
        )
        tx.forget_tree()
        data = {"unit": unit.id, "parent": unit.parent, "kind": unit.kind.value, "name": unit.name}
        tx.append(NewEvent(EventType.UNIT_CHANGED, tx.now, unit.id, unit=unit.id, data=data))
        return unit

    def _parent(self, unit: Unit) -> UnitRow | None:
        if unit.parent is None:
            if not self._tx.scope.everything:
                raise NotInScope("unit", unit.id)
            return None
        parent = self._tx.row(select(UnitRow).where(UnitRow.id == unit.parent))
        if parent is None or not self._reach.holds_unit(unit.parent):
            raise OutsideTheTree("parent", f"there is no unit {unit.parent!r}")
        return parent


class Sites:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, site: SiteId) -> Site:
        """Raises `NotInScope`."""
        return _site(self._reach.site(site))

    def list(self, unit: UnitId | None = None) -> tuple[Site, ...]:
        """Sites in scope by name, or those of `unit` and below. Raises `NotInScope`."""
        statement = select(SiteRow).where(self._reach.within(SiteRow.unit, SiteRow.id))
        if unit is not None:
            self._reach.check_visible_unit(unit)
            statement = statement.where(SiteRow.unit.in_(below({unit})))
        rows = self._tx.rows(statement.order_by(SiteRow.name, SiteRow.id))
        return tuple(_site(row) for row in rows)


class WritableSites(Sites):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def add(self, site: Site) -> Site:
        """Raises `OutsideTheTree` for a unit that is not there or out of scope, `Duplicate`,
        `Invalid` for what is no name or no time zone."""
        tx = self._recording
        check_site(site)
        if not tx.ancestors(site.unit) or not self._reach.holds_unit(site.unit):
            raise OutsideTheTree("unit", f"there is no unit {site.unit!r}")
        row = {"id": site.id, "unit": site.unit, "name": site.name, "timezone": site.timezone}
        if tx.row(select(SiteRow.id).where(SiteRow.id == site.id)) is not None:
            raise Duplicate("id", site.id)
        tx.insert(SiteRow, row)
        data = {"site": site.id, "unit": site.unit, "name": site.name, "timezone": site.timezone}
        tx.append(NewEvent(EventType.SITE_CHANGED, tx.now, site.id, site.id, site.unit, data=data))
        return site


def _unit(row: UnitRow) -> Unit:
    parent = UnitId(row.parent) if row.parent is not None else None
    return Unit(UnitId(row.id), parent, UnitKind(row.kind), row.name)


def _site(row: SiteRow) -> Site:
    return Site(SiteId(row.id), UnitId(row.unit), row.name, row.timezone)
