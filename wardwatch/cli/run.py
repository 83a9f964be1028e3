"""Commands that run: `up`, `demo`, and the two that the supervisor starts."""

import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import structlog
import typer

from record.clock import SystemClock
from record.errors import Invalid
from record.places import EVERYTHING
from record.store import upgrade
from wardwatch import compose, demo, logs
from wardwatch.cli.shared import Database, DataDir, refusals
from wardwatch.node_processes import address_of, listen, node_children, worker_count
from wardwatch.processes import receive_orders, settings_of, stop_event
from wardwatch.settings import Settings
from wardwatch.supervisor import Child, Supervisor

log = structlog.get_logger()

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 takes a free one.")]

READY_WITHIN_S = 30.0


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command("demo")(demo_command)
    app.command("run-api", hidden=True)(run_api)
    app.command("run-worker", hidden=True)(run_worker)


def up(
    data_dir: DataDir = None, database_url: Database = None, host: Host = None, port: Port = None
) -> None:
    """Run this node: supervisor, API and workers, until Ctrl-C."""
    with refusals():
        settings = Settings.load(data_dir=data_dir, database_url=database_url, host=host, port=port)
        logs.configure(settings, "supervisor")
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        upgrade(settings.store_url)
        _run(settings, demo_mode=False, extra=[], announce=lambda: None)


def demo_command(
    data_dir: DataDir = None, database_url: Database = None, port: Port = None
) -> None:
    """Sample cameras, one watched site and three accounts on 127.0.0.1, until Ctrl-C."""
    with refusals():
        settings = Settings.load(
            data_dir=data_dir, database_url=database_url, port=port, host="127.0.0.1"
        )
        kept = "data_dir" in settings.model_fields_set or settings.database_url is not None
        folder = settings.data_dir if kept else Path(tempfile.mkdtemp(prefix="wardwatch-demo-"))
        settings = settings.model_copy(update={"data_dir": folder})
        logs.configure(settings, "supervisor")
        try:
            _demo(settings)
        finally:
            if not kept:
                shutil.rmtree(folder, ignore_errors=True)


def _demo(settings: Settings) -> None:
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.store_url)
    secret = demo.password()
    rtsp_port = _free_port()
    store = compose.open_store(settings)
    try:
        demo.prepare(store, f"rtsp://127.0.0.1:{rtsp_port}", secret, SystemClock().now())
    finally:
        store.close()
    arguments = [f"{sample.path}={sample.scene}:+{sample.offset_s}" for sample in demo.CAMERAS]
    cameras = Child(
        name="sample-cameras",
        command=(
            "-m", "sample_streams", "serve", "--port", str(rtsp_port), "--end-with-stdin",
            *(part for argument in arguments for part in ("--camera", argument)),
        ),
    )  # fmt: skip

    def announce() -> None:
        for name in ("admin", "supervisor", "authority"):
            typer.echo(f"{name}  {secret}")

    _run(settings, demo_mode=True, extra=[cameras], announce=announce)


def _run(
    settings: Settings, *, demo_mode: bool, extra: Sequence[Child], announce: Callable[[], None]
) -> None:
    """Run the node's processes, and those of `extra` first, until SIGINT or SIGTERM."""
    stop = _stop_on_signals()
    clock = SystemClock()
    store = compose.open_store(settings)
    try:
        if not demo_mode and not settings.on_loopback and demo.is_demo(store):
            raise Invalid("host", "a store that the demo made is served on loopback only")
        with store.read(EVERYTHING) as record:
            workers = worker_count(len(record.cameras.list()))
        with listen(settings) as listening:
            url = address_of(listening, settings)
            children = node_children(settings, listening, workers, store, clock, demo=demo_mode)
            threading.Thread(
                target=_announce_when_ready, args=(url, stop, announce), daemon=True
            ).start()
            Supervisor([*extra, *children], stop).run()
    finally:
        store.close()


def _announce_when_ready(url: str, stop: threading.Event, announce: Callable[[], None]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while not stop.is_set() and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2):  # noqa: S310 - our own http
                break
        except (urllib.error.URLError, OSError):
            stop.wait(0.1)
    else:
        if not stop.is_set():
            log.error("not_ready", url=url, after_s=READY_WITHIN_S)
        return
    typer.echo(f"ready {url}")
    announce()
    sys.stdout.flush()


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    return stop


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run_api() -> None:
    """The API process; started by the supervisor."""
    orders = receive_orders()
    settings = settings_of(orders)
    logs.configure(settings, "api")
    if orders.listen_fd is None:
        raise typer.Exit(2)
    stop = stop_event()
    store = compose.open_store(settings)
    try:
        app = compose.build_app(settings, store, demo=orders.demo)
        compose.serve(app, socket.socket(fileno=orders.listen_fd), stop)
    finally:
        store.close()


def run_worker() -> None:
    """A worker process; started by the supervisor."""
    orders = receive_orders()
    settings = settings_of(orders)
    logs.configure(settings, orders.worker)
    stop = stop_event()
    store = compose.open_store(settings)
    try:
        compose.build_worker(settings, store, orders.worker, orders.share).run(stop)
    finally:
        store.close()
