"""The one place that wires: typed settings in, rooms that know each other by their faces out.

The builders of a worker and of the API import their rooms when they are called, and only then:
an API process holds no ONNX Runtime, a worker no FastAPI, the supervisor neither, which is worth
100 MB and a second of start a process.
"""

from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from record.clock import Clock, SystemClock
from record.grants import GrantKey
from record.ids import NodeId
from record.keyring import KeyFile
from record.store import Store
from wardwatch.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from detect import NanoDet
    from ingest import Opener
    from ingest.rtc import RtcLoop, RtcSettings
    from wardwatch.worker import Worker
    from wardwatch.worker_detector import DetectorProblem
    from wardwatch.worker_live import LiveViews
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
    return Store.open(
        settings.store_url, node=node, wake_dir=settings.run_dir, keys=KeyFile(settings.secrets_key)
    )


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


def rtc_settings(settings: Settings) -> "RtcSettings":
    """Where WebRTC peers may find this node, and what helps them."""
    from ingest.rtc import RtcSettings, TurnServer

    turn, password = None, settings.webrtc_turn_password
    if settings.webrtc_turn:
        secret = "" if password is None else password.get_secret_value()
        turn = TurnServer(settings.webrtc_turn, settings.webrtc_turn_username, secret)
    loopback = (ip_network("127.0.0.0/8"),) if settings.on_loopback else ()
    return RtcSettings(settings.webrtc_stun, turn, settings.webrtc_networks or loopback)


def grant_key(settings: Settings) -> GrantKey:
    """What the API signs leave for a clear picture with, and the worker checks."""
    keys = KeyFile(settings.secrets_key)
    return GrantKey(lambda: keys.key(create=True).secret)


def live_views(settings: Settings, loop: "RtcLoop", clock: Clock) -> "LiveViews":
    from wardwatch.worker_live import LiveViews, ViewServer

    def new_server(
        on_keyframe: Callable[[str], None], on_ended: Callable[[str, str], None]
    ) -> ViewServer:
        from ingest.live_server import LiveServer  # aiortc, 25 MB: with the first viewer only

        return LiveServer(rtc_settings(settings), loop, on_keyframe, on_ended)

    return LiveViews(new_server, grant_key(settings), clock)


def build_worker(settings: Settings, store: Store, name: str, assigned: "Assigned") -> "Worker":
    """A worker; without a usable model its cameras are read, shown unreadable and said to be
    degraded, and no rule fires."""
    from ingest.rtc import RtcLoop
    from wardwatch.worker import Worker, WorkerSettings
    from wardwatch.worker_rtc import SharedLoop

    loop = RtcLoop()
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
        # The loop last: it ends after all that runs on it.
        parts=(live_views(settings, loop, clock), SharedLoop(loop)),
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
