"""`python -m wardwatch.api_process`: the API, as the supervisor starts it."""

import contextlib
import socket
import sys
import threading
from collections.abc import Generator, Sequence

from fastapi import FastAPI

from api import Server, prepare, server_config
from wardwatch import compose, logs
from wardwatch.processes import receive_orders, settings_of, stop_event


class ApiServer(Server):
    """Ended by an event instead of by signals of its own."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def stop_on(self, stop: threading.Event) -> None:
        def watch() -> None:
            stop.wait()
            self.should_exit = True

        threading.Thread(target=watch, name="stop-watch", daemon=True).start()


def serve(
    app: FastAPI,
    listening: socket.socket,
    stop: threading.Event,
    trusted_proxies: Sequence[str] = (),
) -> None:
    """Serve `app` on a socket that listens already, until `stop`."""
    server = ApiServer(server_config(app, trusted_proxies))
    server.stop_on(stop)
    server.run(sockets=[prepare(listening)])


def main() -> int:
    orders = receive_orders()
    settings = settings_of(orders)
    logs.configure(settings, "api")
    if orders.listen_fd is None:
        return 2
    stop = stop_event()
    with compose.open_store(settings) as store:
        app = compose.build_app(settings, store, demo=orders.demo)
        listening = socket.socket(fileno=orders.listen_fd)
        serve(app, listening, stop, settings.trusted_proxies or ())
    return 0


if __name__ == "__main__":
    sys.exit(main())
