"""The one place that wires: typed settings in, rooms that know each other by their faces out.

The builders of a worker and of the API import their rooms when they are called, and only then:
an API process holds no ONNX Runtime, a worker no FastAPI, the supervisor neither, which is worth
100 MB and a second of start a process.
"""

from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TYPE_CHECKING

from record.clock import Clock, SystemClock
from record.errors import NotInScope
from record.evidence_files import KEPT, EvidenceFiles
from record.grants import GrantKey
from record.ids import CameraId, NodeId, TokenId
from record.keyring import KeyFile
from record.places import EVERYTHING
from record.store import Store
from wardwatch.compose_probe import onvif_parts, probe_part, probing
from wardwatch.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from api import IceServer
    from detect import NanoDet
    from ingest import Opener, Publishers
    from ingest.rtc import RtcLoop, RtcSettings
    from ingest.whip_sdp import Offer
    from ingest.whip_session import Publication
    from ingest.whip_stream import WhipStream
    from wardwatch.evidence_room import RoomBounds
    from wardwatch.probing import Probing
    from wardwatch.worker import Worker
    from wardwatch.worker_detector import DetectorProblem
    from wardwatch.worker_evidence import EvidencePart
    from wardwatch.worker_live import LiveViews
    from wardwatch.worker_plan import Assigned
    from wardwatch.worker_views import ViewsPart

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
    from ingest import AvOpener, CameraTls, CheckedOpener, Hardware, HwDecode

    tls = CameraTls(settings.camera_tls == "verify", settings.camera_ca)
    opener = AvOpener(
        clock,
        paced_files=True,  # a file stands in for a camera: its pictures come when they are due
        tls=tls,
        hardware=Hardware(HwDecode(settings.hw_decode)),
    )
    return CheckedOpener(opener, settings.networks, tls)


def build_probing(settings: Settings, clock: Clock) -> "Probing":
    """Looks at cameras in this process, as a worker of these settings would."""
    return probing(settings, camera_opener(settings, clock), build_detector(settings), clock)


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
        from ingest.live_server import LiveServer  # brings aiortc: not before it is needed

        return LiveServer(rtc_settings(settings), loop, on_keyframe, on_ended)

    return LiveViews(new_server, grant_key(settings), clock)


def publishers(settings: Settings, loop: "RtcLoop", clock: Clock) -> "Publishers":
    from ingest import Publishers

    rtc, networks = rtc_settings(settings), settings.networks

    def allows(address: str) -> bool:
        return rtc.theirs(ip_address(address)) and networks.allows(address)

    def make(camera: CameraId, token: TokenId, offer: "Offer") -> "Publication":
        from ingest.whip_session import Publication  # aiortc: with the first offer only

        return Publication(camera, token, offer, rtc, allows, clock)

    return Publishers(loop, make, clock)


def token_of(store: Store, camera: CameraId) -> TokenId | None:
    """Of the token that lets somebody publish into a camera; None: nobody may."""
    with store.read(EVERYTHING) as record:
        try:
            token = record.publishing.token(camera)
        except NotInScope:
            return None
    return None if token is None else token.id


def publisher_opener(inner: "Opener", publishing: "Publishers", clock: Clock) -> "Opener":
    """Cameras that publish are waited for, all others are dialled by `inner`."""
    from ingest import StreamOptions, WhipOpener

    def read(camera: CameraId, publication: "Publication", options: StreamOptions) -> "WhipStream":
        from ingest.whip_stream import WhipStream

        return WhipStream(camera, publication, clock, tap=options.packets)

    return WhipOpener(inner, publishing, read)


def evidence_files(settings: Settings) -> EvidenceFiles:
    """Sealed with a key that is made for the first of them, and never after."""
    keys, folder = KeyFile(settings.evidence_key), settings.evidence_dir
    return EvidenceFiles(folder, lambda: keys.key(create=not (folder / KEPT).exists()))


def evidence_bounds(settings: Settings) -> "RoomBounds":
    from wardwatch.evidence_room import GB, RoomBounds

    return RoomBounds(
        round(settings.evidence_most_gb * GB), round(settings.evidence_least_free_gb * GB)
    )


def evidence_part(
    settings: Settings,
    store: Store,
    opener: "Opener",
    detector: "NanoDet | DetectorProblem",
    clock: Clock,
    worker: str,
) -> "EvidencePart":
    from detect import NanoDet
    from ingest import PacketRing, RingBounds
    from wardwatch.evidence_renditions import Renditions
    from wardwatch.evidence_room import EvidenceRoom
    from wardwatch.main_streams import MainStreams
    from wardwatch.worker_evidence import EvidencePart

    files = evidence_files(settings)
    room = EvidenceRoom(files, evidence_bounds(settings), clock)
    usable = detector if isinstance(detector, NanoDet) else None
    held = RingBounds(most_bytes=round(settings.evidence_ring_mb * 1_000_000))

    def new_ring() -> PacketRing:
        return PacketRing(clock.now, clock.monotonic, held)

    return EvidencePart(
        files,
        room,
        Renditions(files, room, store, usable, clock, worker),
        MainStreams(opener, clock, new_ring),
        new_ring,
        clock,
        worker,
    )


def views_part(settings: Settings, store: Store, clock: Clock) -> "ViewsPart":
    from wardwatch.view_files import ViewFiles
    from wardwatch.worker_views import ViewsPart

    def known() -> frozenset[CameraId]:
        with store.read(EVERYTHING) as record:
            return frozenset(camera.id for camera in record.cameras.list())

    return ViewsPart(ViewFiles(settings.views_dir, KeyFile(settings.secrets_key)), known, clock)


def build_worker(settings: Settings, store: Store, name: str, assigned: "Assigned") -> "Worker":
    """A worker; without a usable model its cameras are read, shown unreadable and said to be
    degraded, and no rule fires."""
    from ingest.rtc import RtcLoop
    from wardwatch.worker import Worker, WorkerSettings
    from wardwatch.worker_rtc import SharedLoop
    from wardwatch.worker_whip import PublishPart

    loop = RtcLoop()
    detector = build_detector(settings)
    clock = SystemClock()
    publishing = publishers(settings, loop, clock)
    opener = camera_opener(settings, clock)
    return Worker(
        WorkerSettings(
            name=name,
            socket_dir=settings.run_dir,
            looks_per_s=settings.looks_per_s,
        ),
        store,
        publisher_opener(opener, publishing, clock),
        detector,
        clock,
        # The loop last: it ends after all that runs on it.
        parts=(
            live_views(settings, loop, clock),
            evidence_part(settings, store, opener, detector, clock, name),
            probe_part(settings, opener, detector, clock),
            views_part(settings, store, clock),
            *onvif_parts(settings, clock),
            PublishPart(publishing, lambda camera: token_of(store, camera)),
            SharedLoop(loop),
        ),
        assigned=assigned,
    )


def ice_servers(settings: Settings) -> "tuple[IceServer, ...]":
    """What browsers are told; the relays' password with them, or they are of no use."""
    from api import IceServer

    told = []
    if settings.webrtc_stun:
        told.append(IceServer(settings.webrtc_stun))
    if settings.webrtc_turn:
        secret = settings.webrtc_turn_password
        password = "" if secret is None else secret.get_secret_value()
        told.append(IceServer(settings.webrtc_turn, settings.webrtc_turn_username, password))
    return tuple(told)


def build_app(settings: Settings, store: Store, *, demo: bool) -> "FastAPI":
    from api import ApiSettings, WorkerLink, create_app

    token = settings.metrics_token
    return create_app(
        ApiSettings(
            ui_dir=ui_dir(),
            secure_cookie=not settings.on_loopback,
            demo=demo,
            metrics_token=token.get_secret_value() if token else None,
            ice_servers=ice_servers(settings),
            evidence=evidence_files(settings),
            grants=grant_key(settings),
        ),
        store,
        SystemClock(),
        WorkerLink(settings.run_dir),
    )
