"""The processes of one node: who they are, how they start, what is done when one is lost."""

import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from record.cameras import CameraReason, CameraState, CameraStatus
from record.clock import Clock, SystemClock
from record.errors import Invalid, RecordError
from record.events import EventType, NewEvent
from record.ids import CameraId
from record.places import EVERYTHING
from record.store import Store
from wardwatch import __version__, compose, node_lock
from wardwatch.demo_store import is_demo
from wardwatch.node_spread import NodeSpread
from wardwatch.processes import Orders, plain
from wardwatch.settings import Settings
from wardwatch.supervisor import Child, Supervisor

log = structlog.get_logger()

WORKER_SILENT_S = 2.5
"""Without a sign of life (twice a second) a worker is killed and started again: with `STUCK_S`,
the start and the cameras' dialling that stays below the ten seconds within which they are back."""
READY_WITHIN_S = 30.0


def listen(settings: Settings) -> socket.socket:
    """The listening socket of the API, made once and handed to each API process in turn, so that
    a restart loses neither the port nor who is waiting. Raises `Invalid` when it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        listening.close()
        raise Invalid("port", f"{settings.host}:{settings.port}: {error.strerror}") from error
    listening.listen(2048)
    return listening


def address_of(listening: socket.socket, settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listening.getsockname()[1]}"


def free_port() -> int:
    """A port on loopback that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_node(
    settings: Settings,
    stop: threading.Event,
    *,
    demo_mode: bool = False,
    extra: Sequence[Child] = (),
    on_ready: Callable[[str], None],
) -> None:
    """Run this node's processes, and those of `extra` before them, until `stop`.

    `on_ready` is called once with the address, on another thread, when the API answers.
    """
    clock = SystemClock()
    store = compose.open_store(settings)
    try:
        with node_lock.held(settings.data_dir):
            _run(settings, store, clock, stop, demo_mode, extra, on_ready)
    finally:
        store.close()


def _run(
    settings: Settings,
    store: Store,
    clock: Clock,
    stop: threading.Event,
    demo_mode: bool,
    extra: Sequence[Child],
    on_ready: Callable[[str], None],
) -> None:
    if not demo_mode and not settings.on_loopback and is_demo(store):
        raise Invalid("host", "a store that the demo made is served on loopback only")
    with listen(settings) as listening:
        record_unwatched(store, clock)  # left by a node that was killed
        with store.write(EVERYTHING) as record:
            record.events.append(
                NewEvent(
                    EventType.NODE_STARTED,
                    clock.now(),
                    subject=store.node,
                    data={"version": __version__},
                )
            )
        base = Orders(settings=plain(settings), demo=demo_mode)
        supervisor = Supervisor([*extra, _api(base, listening)], stop)
        spread = NodeSpread(
            store, base, lambda index: supervisor.add(_worker(index, spread, store, clock))
        )
        spread.begin()
        url = address_of(listening, settings)
        beside = [
            threading.Thread(target=_await_ready, args=(url, stop, on_ready), name="await-ready"),
            threading.Thread(target=spread.follow, args=(stop,), name="spread"),
        ]
        for thread in beside:
            thread.start()
        try:
            supervisor.run()
        finally:
            stop.set()
            for thread in beside:
                thread.join()
            record_unwatched(store, clock)


def _await_ready(url: str, stop: threading.Event, on_ready: Callable[[str], None]) -> None:
    for _ in range(int(READY_WITHIN_S / 0.1)):
        if stop.is_set():
            return
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310 - our own http
                on_ready(url)
                return
        except (urllib.error.URLError, OSError):
            stop.wait(0.1)
    log.error("not_ready", url=url, after_s=READY_WITHIN_S)


def _api(base: Orders, listening: socket.socket) -> Child:
    os.set_inheritable(listening.fileno(), True)
    orders = base.model_copy(update={"listen_fd": listening.fileno()})
    return Child(
        name="api",
        command=("-m", "wardwatch.api_process"),
        orders=lambda: orders,
        pass_fds=(listening.fileno(),),
    )


def _worker(index: int, spread: NodeSpread, store: Store, clock: Clock) -> Child:
    return Child(
        name=f"worker-{index + 1}",
        command=("-m", "wardwatch.worker_process"),
        orders=lambda: spread.orders(index),
        on_end=lambda silent_s: record_unwatched(store, clock, spread.cameras(index), silent_s),
        silent_s=WORKER_SILENT_S,
    )


def record_unwatched(
    store: Store,
    clock: Clock,
    cameras: frozenset[CameraId] | None = None,
    silent_s: float = 0.0,
) -> None:
    """Say in the record that nobody watches these cameras (None: any), since the moment
    `silent_s` ago: their worker died or hung, or the node stops; and what it had still to say."""
    since = clock.now() - timedelta(seconds=silent_s)
    try:
        with store.write(EVERYTHING) as record:
            record.watching.say_unsaid(since, cameras)
            for camera, status in record.cameras.statuses().items():
                if cameras is not None and camera not in cameras:
                    continue
                if status.state in (CameraState.ONLINE, CameraState.DEGRADED):
                    # Not from before it came: a worker may hang before its first sign of life.
                    from_when = max(since, status.since)
                    record.cameras.set_status(
                        CameraStatus(
                            camera, CameraState.OFFLINE, CameraReason.WORKER_LOST, from_when
                        )
                    )
    except RecordError as error:
        log.error("unwatched_not_recorded", reason=str(error))
