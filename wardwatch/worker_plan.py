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


@dataclass(frozen=True, slots=True)
class Share:
    """Which of the node's cameras: those whose place in the list leaves `index` modulo `count`."""

    index: int = 0
    count: int = 1


Plan = Mapping[CameraId, CameraSettings]


def read_plan(store: Store, share: Share) -> Plan:
    """In the installer's order. Raises `StoreUnavailable`."""
    orders: dict[SiteId, tuple[OrderInForce, ...]] = {}
    plan = {}
    with store.read(EVERYTHING) as record:
        for place, camera in enumerate(record.cameras.list()):
            if place % share.count != share.index:
                continue
            if camera.site not in orders:
                orders[camera.site] = record.orders.in_force(camera.site)
            plan[camera.id] = CameraSettings(camera, orders[camera.site])
    return plan
