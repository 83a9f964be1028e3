"""What a scope reaches, as conditions of a query. Every repository asks here and nowhere else.

A scope names whole units, with all below them, and single sites. What lies outside is answered as
if it were not there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from record.errors import NotInScope
from record.ids import CameraId, SiteId, UnitId
from record.store.rows import CameraRow, OrderRow, SiteRow, UnitPathRow
from record.store.transaction import Transaction

Condition = ColumnElement[bool]
IdColumn = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


@dataclass(frozen=True, slots=True)
class Reach:
    """A scope over one transaction."""

    tx: Transaction

    def within(self, unit: IdColumn, site: IdColumn) -> Condition:
        """Rows that lie in the scope by the unit and the site they name."""
        scope = self.tx.scope
        if scope.everything:
            return true()
        return or_(
            unit.in_(below(scope.units)) if scope.units else false(),
            site.in_(sorted(scope.sites)) if scope.sites else false(),
        )

    def units(self, unit: IdColumn) -> Condition:
        """Units in the scope, and the unit that a single site of it belongs to: its name stands
        on the site's own page."""
        scope = self.tx.scope
        if scope.everything:
            return true()
        homes = select(SiteRow.unit).where(SiteRow.id.in_(sorted(scope.sites)))
        return or_(unit.in_(below(scope.units)), unit.in_(homes))

    def above(self) -> Select[str]:
        """A subquery of all units that hold something of the scope."""
        scope = self.tx.scope
        homes = select(SiteRow.unit).where(SiteRow.id.in_(sorted(scope.sites)))
        return select(UnitPathRow.ancestor).where(
            or_(UnitPathRow.unit.in_(sorted(scope.units)), UnitPathRow.unit.in_(homes))
        )

    def orders(self) -> Condition:
        """Orders whose place lies in the scope or holds it."""
        scope = self.tx.scope
        if scope.everything:
            return true()
        sites = select(SiteRow.id).where(self.within(SiteRow.unit, SiteRow.id))
        return or_(
            OrderRow.site.in_(sites),
            OrderRow.unit.in_(below(scope.units)),
            OrderRow.unit.in_(self.above()),
        )

    def site(self, site: SiteId) -> SiteRow:
        """Raises `NotInScope`."""
        condition = and_(SiteRow.id == site, self.within(SiteRow.unit, SiteRow.id))
        row = self.tx.row(select(SiteRow).where(condition))
        if row is None:
            raise NotInScope("site", site)
        return row

    def camera(self, camera: CameraId, *, removed: bool = False) -> CameraRow:
        """Raises `NotInScope`; a removed camera is none unless asked for."""
        row = self.tx.row(
            select(CameraRow)
            .join(SiteRow, SiteRow.id == CameraRow.site)
            .where(
                CameraRow.id == camera,
                true() if removed else CameraRow.removed_at.is_(None),
                self.within(SiteRow.unit, SiteRow.id),
            )
        )
        if row is None:
            raise NotInScope("camera", camera)
        return row

    def check_visible_unit(self, unit: UnitId) -> None:
        """Raises `NotInScope` for a unit whose very name is out of scope."""
        known = self.tx.row(
            select(UnitPathRow.unit).where(
                UnitPathRow.unit == unit, UnitPathRow.distance == 0, self.units(UnitPathRow.unit)
            )
        )
        if known is None:
            raise NotInScope("unit", unit)

    def holds_unit(self, unit: UnitId) -> bool:
        """Whether the whole of `unit` lies in the scope."""
        scope = self.tx.scope
        return scope.everything or bool(self.tx.ancestors(unit) & scope.units)

    def check_unit(self, unit: UnitId) -> None:
        """Raises `NotInScope` unless `unit` exists and the whole of it lies in the scope."""
        if not self.tx.ancestors(unit) or not self.holds_unit(unit):
            raise NotInScope("unit", unit)

    def check_place(self, unit: UnitId | None, site: SiteId | None) -> None:
        """Raises `NotInScope` unless something may be written about this place."""
        scope = self.tx.scope
        if scope.everything or (site is not None and site in scope.sites):
            return
        if unit is not None and self.holds_unit(unit):
            return
        kind, name = ("site", site) if site is not None else ("unit", unit)
        raise NotInScope(kind, name or "")

    def parts_of(self, unit: UnitId) -> tuple[Sequence[UnitId], Sequence[SiteId]]:
        """What of `unit` the scope reaches: whole units and single sites, none inside another.

        Raises `NotInScope` when its very name is out of scope.
        """
        self.check_visible_unit(unit)
        if self.holds_unit(unit):
            return (unit,), ()
        sites = self.tx.rows(
            select(SiteRow.id).where(
                SiteRow.unit.in_(below({unit})), SiteRow.id.in_(sorted(self.tx.scope.sites))
            )
        )
        return (), tuple(SiteId(site) for site in sites)


def below(units: Iterable[UnitId]) -> Select[str]:
    """A subquery of all units in `units`, themselves among them."""
    return select(UnitPathRow.unit).where(UnitPathRow.ancestor.in_(sorted(units)))
