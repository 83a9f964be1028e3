"""`python -m wardwatch.worker_process`: a worker, as the supervisor starts it."""

import gc
import sys

from record.ids import CameraId
from wardwatch import compose, logs
from wardwatch.processes import Orders, receive_orders, settings_of, stop_event, tell_alive
from wardwatch.worker_plan import Assigned


def main() -> int:
    orders = receive_orders()
    settings = settings_of(orders)
    logs.configure(settings, orders.worker)
    assigned = Assigned(_cameras(orders))

    def on_orders(now: Orders) -> None:
        assigned.cameras = _cameras(now)

    stop = stop_event(on_orders)
    with compose.open_store(settings) as store:
        worker = compose.build_worker(settings, store, orders.worker, assigned)
        # PyAV's containers and their streams hold each other, so that only the collector frees a
        # connection's decoder; and it looks at everything only when a quarter is new. What the
        # start has made lives as long as we do: without it that is often enough.
        gc.collect()
        gc.freeze()
        tell_alive(worker.stuck, stop)
        worker.run(stop)
    return 0


def _cameras(orders: Orders) -> frozenset[CameraId] | None:
    return None if orders.cameras is None else frozenset(orders.cameras)


if __name__ == "__main__":
    sys.exit(main())
