"""The one place that wires: typed settings in, rooms that know each other by their faces out.

The builders of a worker and of the API import their rooms when they are called, and only then:
an API process holds no ONNX Runtime, a worker no FastAPI, the supervisor neither, which is worth
100 MB and a second of start a process.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from record.clock import Clock, SystemClock
from record.ids import NodeId
from record.store import Store
from wardwatch.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from detect import NanoDet
    from ingest import Opener
    from wardwatch.worker import Worker
    from wardwatch.worker_detector import DetectorProblem
    from wardwatch.worker_plan import Assigned

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


def build_detector(settings: Settings) -> "NanoDet | DetectorProblem":
    """The model of the settings, or why there is none."""
    from detect import DEFAULT_MODEL, ModelUnusable, NanoDet
    from wardwatch.worker_detector import DetectorProblem

    path = settings.model or DEFAULT_MODEL
    try:
        return NanoDet(path)
    except ModelUnusable as error:
        return DetectorProblem(missing=not path.is_file(), detail=str(error))


def camera_opener(settings: Settings, clock: Clock) -> "Opener":
    """What every dialling of a camera goes through: only inside the networks of the settings."""
    from ingest import AvOpener, CheckedOpener

    return CheckedOpener(AvOpener(clock), settings.networks)


def build_worker(settings: Settings, store: Store, name: str, assigned: "Assigned") -> "Worker":
    """A worker; without a usable model its cameras are read, shown unreadable and said to be
    degraded, and no rule fires."""
    from wardwatch.worker import Worker, WorkerSettings

    detector = build_detector(settings)
    clock = SystemClock()
    return Worker(
        WorkerSettings(
            name=name,
            socket_dir=settings.run_dir,
            looks_per_s=settings.looks_per_s,
        ),
        store,
        camera_opener(settings, clock),
        detector,
        clock,
        assigned=assigned,
    )


def build_app(settings: Settings, store: Store, *, demo: bool) -> "FastAPI":
    from api import ApiSettings, WorkerLink, create_app

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
