"""The child's side of supervision: a child learns its settings from standard input, and that its
supervisor is gone when standard input ends. Nothing secret stands on a command line."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import structlog
from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr

from record.ids import CameraId
from wardwatch.settings import Settings

BEAT_S = 0.5
"""Between two signs of life of a child that is expected to give them."""

log = structlog.get_logger()


class Orders(BaseModel):
    """What a supervisor tells a child, as a line of the child's standard input: the first one, and
    another whenever something of it changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    settings: dict[str, JsonValue]
    demo: bool = False
    listen_fd: int | None = None
    """For the API: a socket that listens already, so that a restart keeps port and backlog."""
    worker: str = ""
    cameras: tuple[CameraId, ...] | None = None
    """For a worker: those that are its own; None: all."""


def plain(settings: Settings) -> dict[str, JsonValue]:
    """Settings with their secrets, for a child's standard input only."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    secrets = {
        name: value.get_secret_value()
        for name, value in values.items()
        if isinstance(value, SecretStr)
    }
    return settings.model_dump(mode="json") | secrets


def receive_orders() -> Orders:
    return Orders.model_validate_json(_line())


def settings_of(orders: Orders) -> Settings:
    return Settings.load(**orders.settings)


def stop_event(on_orders: Callable[[Orders], None] = lambda _orders: None) -> threading.Event:
    """Set on SIGTERM, and when the supervisor is gone, however it went. `on_orders` is called, on
    a thread of its own, with what the supervisor says after the first line.

    SIGINT is left to the supervisor: a terminal sends it to every process at once.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while line := _line():
            on_orders(Orders.model_validate_json(line))
        stop.set()

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()
    return stop


def _line() -> bytes:
    """The next line of standard input; empty at its end. By the descriptor: a thread that waits
    in `sys.stdin`'s buffer holds its lock, for which the interpreter would wait when it ends."""
    line = bytearray()
    while (byte := os.read(sys.stdin.fileno(), 1)) and byte != b"\n":
        line += byte
    return bytes(line) if byte else b""


def tell_alive(stuck: Callable[[], tuple[str, ...]], stop: threading.Event) -> None:
    """Give the supervisor signs of life, from a thread of its own, while nothing is `stuck`."""

    def tell() -> None:
        with contextlib.suppress(BrokenPipeError, ValueError):  # nobody listens any more
            while not stop.wait(BEAT_S):
                if which := stuck():
                    log.error("stuck", threads=which)
                else:
                    os.write(sys.stdout.fileno(), b"alive\n")

    threading.Thread(target=tell, name="signs-of-life", daemon=True).start()
