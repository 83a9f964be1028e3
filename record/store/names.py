"""The names a person reads beside ids, as they are now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from record.store.rows import CameraRow, SiteRow, UnitRow
from record.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Names:
    _sites: Mapping[str, str]
    _units: Mapping[str, str]
    """By site."""
    _cameras: Mapping[str, str]
    _drawn: Mapping[tuple[str, str], str]
    """Lines and areas, by camera and id."""

    def site(self, site: str) -> str:
        return self._sites.get(site, "")

    def unit_of(self, site: str) -> str:
        return self._units.get(site, "")

    def camera(self, camera: str | None) -> str | None:
        return None if camera is None else self._cameras.get(camera)

    def drawn(self, camera: str | None, drawn: str | None) -> str | None:
        """Name of a line or an area; one that was rubbed out since is called by its id."""
        if camera is None or drawn is None:
            return None
        return self._drawn.get((camera, drawn)) or drawn


def names_of(tx: Transaction, sites: set[str], cameras: set[str]) -> Names:
    places = tx.tuples(
        select(SiteRow.id, SiteRow.name, UnitRow.name)
        .join(UnitRow, UnitRow.id == SiteRow.unit)
        .where(SiteRow.id.in_(sorted(sites)))
    )
    views = tx.tuples(
        select(CameraRow.id, CameraRow.name, CameraRow.drawing).where(
            CameraRow.id.in_(sorted(cameras))
        )
    )
    return Names(
        {site: name for site, name, _ in places},
        {site: unit for site, _, unit in places},
        {camera: name for camera, name, _ in views},
        {
            (camera, item["id"]): item["name"]
            for camera, _, drawing in views
            for item in _items(drawing)
        },
    )


def _items(drawing: Any) -> list[dict[str, Any]]:
    return [*drawing["lines"], *drawing["areas"]]
