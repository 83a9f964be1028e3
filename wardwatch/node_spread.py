"""Keeps a node's cameras spread over its workers while cameras come and go.

The supervisor's process decides, because it alone outlives the workers: it follows the log, and
each worker is told its cameras anew when they have changed.
"""

import threading
from collections.abc import Callable

import structlog

from record.errors import RecordError
from record.events import EventType
from record.ids import CameraId
from record.places import EVERYTHING
from record.store import Store, Tail
from wardwatch.processes import Orders
from wardwatch.spread import Spread, spread, worker_count

FOLLOW_S = 0.25
"""Longest wait for the log; `stop` is heard in between."""
AGAIN_S = 1.0
"""Before a store that did not answer is asked again; cameras stay where they are meanwhile."""
_CHANGES = frozenset({EventType.CAMERA_ADDED, EventType.CAMERA_REMOVED})

log = structlog.get_logger()


class NodeSpread:
    """`begin` once, then `follow` in a thread of its own; the rest from any thread.

    `on_worker(index)`: there is one worker more.
    """

    def __init__(self, store: Store, base: Orders, on_worker: Callable[[int], None]) -> None:
        self._store = store
        self._base = base
        self._on_worker = on_worker
        self._spread: Spread = ()
        self._orders: tuple[Orders, ...] = ()
        self._tail: Tail | None = None

    def orders(self, worker: int) -> Orders:
        """What that worker is to be told now; the same object until it changes."""
        return self._orders[worker]

    def cameras(self, worker: int) -> frozenset[CameraId]:
        return frozenset(self._spread[worker])

    def begin(self) -> None:
        """Spread the cameras there are. Raises `RecordError`."""
        with self._store.read(EVERYTHING) as record:
            # Both in one snapshot: no camera that comes now falls in between.
            after, cameras = record.events.last(), [one.id for one in record.cameras.list()]
        self._tail = self._store.tail(after)
        self._apply(cameras)

    def follow(self, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                self._follow_once()
            except RecordError as error:
                log.warning("cameras stay where they are", reason=str(error))
                stop.wait(AGAIN_S)
        if self._tail is not None:
            self._tail.close()

    def _follow_once(self) -> None:
        if self._tail is None:
            self.begin()
        elif any(event.type in _CHANGES for event in self._tail.wait(FOLLOW_S)):
            with self._store.read(EVERYTHING) as record:
                self._apply([one.id for one in record.cameras.list()])

    def _apply(self, cameras: list[CameraId]) -> None:
        running = len(self._spread)
        workers = worker_count(len(cameras), max(1, running))
        self._spread = spread(cameras, workers, self._spread)
        self._orders = tuple(self._told(index) for index in range(workers))
        log.info("cameras spread", workers=[len(share) for share in self._spread])
        for index in range(running, workers):
            self._on_worker(index)

    def _told(self, index: int) -> Orders:
        """Built anew only when it changes: the supervisor tells what differs from last time."""
        share = {"worker": f"worker-{index + 1}", "cameras": self._spread[index]}
        orders = self._base.model_copy(update=share)
        same = index < len(self._orders) and self._orders[index] == orders
        return self._orders[index] if same else orders
