"""The child's side of supervision: a child learns its settings from standard input, and that its
supervisor is gone when standard input ends. Nothing secret stands on a command line."""

import os
import signal
import sys
import threading
from types import FrameType

from pydantic import BaseModel, ConfigDict

from wardwatch.settings import Settings


class Orders(BaseModel):
    """What a supervisor tells a child, as the first line of the child's standard input."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    settings: dict[str, str | int | float | None]
    demo: bool = False
    listen_fd: int | None = None
    """For the API: a socket that listens already, so that a restart keeps port and backlog."""
    worker: str = ""
    share: tuple[int, int] = (0, 1)
    """For a worker: which of how many shares of the cameras is its own."""


def plain(settings: Settings) -> dict[str, str | int | float | None]:
    """Settings with their secrets, for a child's standard input only."""
    url, token = settings.database_url, settings.metrics_token
    return settings.model_dump(mode="json", exclude={"database_url", "metrics_token"}) | {
        "database_url": url.get_secret_value() if url else None,
        "metrics_token": token.get_secret_value() if token else None,
    }


def receive_orders() -> Orders:
    return Orders.model_validate_json(sys.stdin.buffer.readline())


def settings_of(orders: Orders) -> Settings:
    return Settings.load(**orders.settings)


def stop_event() -> threading.Event:
    """Set on SIGTERM, and when the supervisor is gone, however it went.

    SIGINT is left to the supervisor: a terminal sends it to every process at once.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()
    return stop
