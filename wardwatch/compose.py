"""The one place that wires: typed settings in, rooms that know each other by their faces out."""

import contextlib
import socket
import threading
from collections.abc import Generator
from pathlib import Path

from fastapi import FastAPI

from api import ApiSettings, Server, WorkerLink, create_app, prepare, server_config
from detect import DEFAULT_MODEL, Detector, ModelUnusable, NanoDet
from ingest import AvOpener
from record.clock import SystemClock
from record.ids import NodeId
from record.store import Store
from wardwatch.settings import Settings
from wardwatch.worker import DetectorProblem, Worker, WorkerSettings

INSTALLED_UI = Path(__file__).parent.parent / "api" / "static"
BUILT_UI = Path(__file__).parent.parent / "ui" / "dist"


def ui_dir() -> Path | None:
    """Where the built pages are: in the wheel, or beside the sources after `make setup`."""
    for place in (INSTALLED_UI, BUILT_UI):
        if (place / "index.html").is_file():
            return place
    return None


def open_store(settings: Settings, node: NodeId | None = None) -> Store:
    """Raises `SchemaOutdated` and `StoreUnavailable`."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.run_dir.mkdir(exist_ok=True, mode=0o700)
    return Store.open(settings.store_url, node=node, wake_dir=settings.run_dir)


def model_path(settings: Settings) -> Path:
    return settings.model or DEFAULT_MODEL


def load_detector(settings: Settings) -> Detector | DetectorProblem:
    """A detector, or why there is none: the cameras are then read, shown unreadable, and said to
    be degraded, and no rule fires."""
    path = model_path(settings)
    try:
        return NanoDet(path)
    except ModelUnusable as error:
        return DetectorProblem(missing=not path.is_file(), detail=str(error))


def build_worker(settings: Settings, store: Store, name: str, share: tuple[int, int]) -> Worker:
    clock = SystemClock()
    return Worker(
        WorkerSettings(
            name=name,
            socket_dir=settings.run_dir,
            share=share,
            looks_per_s=settings.looks_per_s,
        ),
        store,
        AvOpener(clock),
        load_detector(settings),
        clock,
    )


def build_app(settings: Settings, store: Store, *, demo: bool) -> FastAPI:
    token = settings.metrics_token
    return create_app(
        ApiSettings(
            ui_dir=ui_dir(),
            secure_cookie=not settings.on_loopback,
            demo=demo,
            metrics_token=token.get_secret_value() if token else None,
        ),
        store,
        SystemClock(),
        WorkerLink(settings.run_dir),
    )


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


def serve(app: FastAPI, listening: socket.socket, stop: threading.Event) -> None:
    """Serve `app` on a socket that listens already, until `stop`."""
    server = ApiServer(server_config(app))
    server.stop_on(stop)
    server.run(sockets=[prepare(listening)])
