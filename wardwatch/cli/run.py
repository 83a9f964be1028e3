"""Commands that run: `up` and `demo`."""

import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from record.clock import SystemClock
from record.store import upgrade
from wardwatch import compose, logs
from wardwatch.cli.shared import Database, DataDir, refusals
from wardwatch.node_processes import free_port, run_node
from wardwatch.settings import Settings
from wardwatch.supervisor import Child

Host = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to listen on; 0 takes a free one.")]


def register(app: typer.Typer) -> None:
    app.command()(up)
    app.command("demo")(demo_command)


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
    from wardwatch import demo

    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.store_url)
    secret = demo.password()
    rtsp_port = free_port()
    store = compose.open_store(settings)
    try:
        demo.prepare(store, f"rtsp://127.0.0.1:{rtsp_port}", secret, SystemClock().now())
    finally:
        store.close()
    cameras = demo.sample_cameras(demo.CAMERAS, rtsp_port)

    def announce() -> None:
        for name in ("admin", "supervisor", "authority"):
            typer.echo(f"{name}  {secret}")

    _run(settings, demo_mode=True, extra=[cameras], announce=announce)


def _run(
    settings: Settings, *, demo_mode: bool, extra: Sequence[Child], announce: Callable[[], None]
) -> None:
    def on_ready(url: str) -> None:
        typer.echo(f"ready {url}")
        announce()
        sys.stdout.flush()

    run_node(settings, _stop_on_signals(), demo_mode=demo_mode, extra=extra, on_ready=on_ready)


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    return stop
