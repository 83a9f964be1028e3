"""`python -m wardwatch.worker_process`: a worker, as the supervisor starts it."""

import sys

from wardwatch import compose, logs
from wardwatch.processes import receive_orders, settings_of, stop_event


def main() -> int:
    orders = receive_orders()
    settings = settings_of(orders)
    logs.configure(settings, orders.worker)
    stop = stop_event()
    with compose.open_store(settings) as store:
        compose.build_worker(settings, store, orders.worker, orders.share).run(stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
