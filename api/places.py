"""Where each camera stands, for what comes from workers and names cameras only."""

from dataclasses import dataclass

from record.events import EventType
from record.ids import CameraId, SiteId, UnitId
from record.places import EVERYTHING
from record.store import Store

REASONS = frozenset(
    {
        EventType.CAMERA_ADDED,
        EventType.CAMERA_CHANGED,
        EventType.CAMERA_REMOVED,
        EventType.SITE_CHANGED,
        EventType.UNIT_CHANGED,
    }
)
"""What makes it worth reading again."""


@dataclass(frozen=True, slots=True)
class Place:
    site: SiteId
    units: frozenset[UnitId]


def places_of_cameras(store: Store) -> dict[CameraId, Place]:
    with store.read(EVERYTHING) as reading:
        sites = {
            site.id: Place(site.id, frozenset(reading.units.ancestors(site.unit)))
            for site in reading.sites.list()
        }
        return {camera.id: sites[camera.site] for camera in reading.cameras.list()}
