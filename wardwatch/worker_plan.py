"""Which cameras a worker has, and what is in force over each: read from the store as one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from record.events import EventType
from record.ids import CameraId, SiteId
from record.orders import OrderInForce
from record.places import EVERYTHING
from record.store import Store
from wardwatch.worker_camera import CameraSettings

CHANGES_PLAN = frozenset(
    {
        EventType.CAMERA_ADDED,
        EventType.CAMERA_CHANGED,
        EventType.CAMERA_REMOVED,
        EventType.ORDER_ISSUED,
        EventType.ORDER_AMENDED,
        EventType.ORDER_EXTENDED,
        EventType.ORDER_LIFTED,
        EventType.ORDER_ENDED,
        EventType.RULE_CHANGED,
        EventType.SITE_CHANGED,
        EventType.UNIT_CHANGED,
    }
)
"""Events after which the plan is read again. That an order begins or ends needs none: each order
carries its hours, and rules ask it by the time of what they see."""


@dataclass(slots=True)
class Assigned:
    """Which of the node's cameras are this worker's own; None: all. Told by its supervisor, on
    whatever thread, and followed by the worker within a quarter of a second."""

    cameras: frozenset[CameraId] | None = None


Plan = Mapping[CameraId, CameraSettings]


def read_plan(store: Store, own: frozenset[CameraId] | None) -> Plan:
    """In the installer's order. Raises `StoreUnavailable`."""
    orders: dict[SiteId, tuple[OrderInForce, ...]] = {}
    plan = {}
    with store.read(EVERYTHING) as record:
        for camera in record.cameras.list():
            if own is not None and camera.id not in own:
                continue
            if camera.site not in orders:
                orders[camera.site] = record.orders.in_force(camera.site)
            plan[camera.id] = CameraSettings(camera, orders[camera.site])
    return plan
