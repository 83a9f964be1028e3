"""The processes of one node: who they are, how they start, what is done when one is lost."""

import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence

import structlog

from record.cameras import CameraReason, CameraState, CameraStatus
from record.clock import Clock, SystemClock
from record.errors import Invalid, RecordError
from record.events import EventType, NewEvent
from record.places import EVERYTHING
from record.store import Store
from wardwatch import __version__, compose, node_lock
from wardwatch.demo_store import is_demo
from wardwatch.processes import Orders, plain
from wardwatch.settings import CAMERAS_A_WORKER, Settings
from wardwatch.supervisor import Child, Supervisor

log = structlog.get_logger()

WORKERS_ABOVE_ONE_SHARE = 2
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


def worker_count(cameras: int) -> int:
    """One process reads up to 16 cameras (its threads are as fast as many processes and take a
    quarter of the memory); above that two share them, so that a crash leaves half watched."""
    return 1 if cameras <= CAMERAS_A_WORKER else WORKERS_ABOVE_ONE_SHARE


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
            workers = worker_count(len(record.cameras.list()))
        children = node_children(settings, listening, workers, store, clock, demo=demo_mode)
        url = address_of(listening, settings)
        waiting = threading.Thread(target=_await_ready, args=(url, stop, on_ready))
        waiting.start()
        try:
            Supervisor([*extra, *children], stop).run()
        finally:
            stop.set()
            waiting.join()
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


def node_children(
    settings: Settings,
    listening: socket.socket,
    workers: int,
    store: Store,
    clock: Clock,
    *,
    demo: bool,
) -> list[Child]:
    orders = Orders(settings=plain(settings), demo=demo)
    os.set_inheritable(listening.fileno(), True)
    api = Child(
        name="api",
        command=("-m", "wardwatch.api_process"),
        orders=orders.model_copy(update={"listen_fd": listening.fileno()}),
        pass_fds=(listening.fileno(),),
    )
    return [api, *(_worker(orders, index, workers, store, clock) for index in range(workers))]


def _worker(orders: Orders, index: int, count: int, store: Store, clock: Clock) -> Child:
    name = f"worker-{index + 1}"
    share = (index, count)
    return Child(
        name=name,
        command=("-m", "wardwatch.worker_process"),
        orders=orders.model_copy(update={"worker": name, "share": share}),
        on_end=lambda: record_unwatched(store, clock, share),
    )


def record_unwatched(store: Store, clock: Clock, share: tuple[int, int] = (0, 1)) -> None:
    """Say in the record that nobody watches the cameras of a share from now on: their worker
    died, or the node stops."""
    index, count = share
    try:
        with store.write(EVERYTHING) as record:
            statuses = record.cameras.statuses()
            for number, camera in enumerate(record.cameras.list()):
                status = statuses.get(camera.id)
                if number % count != index or status is None:
                    continue
                if status.state in (CameraState.ONLINE, CameraState.DEGRADED):
                    record.cameras.set_status(
                        CameraStatus(
                            camera.id, CameraState.OFFLINE, CameraReason.WORKER_LOST, clock.now()
                        )
                    )
    except RecordError as error:
        log.error("unwatched_not_recorded", reason=str(error))
