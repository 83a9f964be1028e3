"""Cameras' own events on a worker: a listener for each camera, and whoever wants to be told."""

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

import structlog

from ingest.onvif import NoticeKind, OnvifNotice
from ingest.onvif_events import Connection, OnNotice, OnvifEvents
from record.cameras import Camera, CameraUrl
from record.clock import Clock
from record.ids import CameraId
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerPart

_log = structlog.get_logger()

Connect = Callable[[CameraUrl], Connection]
"""Reaches the device at the host of an address, with its credentials; raises `OnvifFailed`."""


def log_notice(notice: OnvifNotice) -> None:
    """Tamper for whoever reads the log; motion, which comes by the thousand, for nobody."""
    if notice.kind is not NoticeKind.MOTION:
        _log.warning(
            "camera tells of tamper",
            camera=notice.camera,
            kind=notice.kind.value,
            begun=notice.state,
        )


class OnvifPart(WorkerPart):
    """`listeners` are told in a camera's listening thread; they must be quick and not raise."""

    def __init__(self, connect: Connect, listeners: Sequence[OnNotice], clock: Clock) -> None:
        self._connect = connect
        self._listeners = tuple(listeners)
        self._clock = clock
        self._listening: dict[CameraId, tuple[CameraUrl, OnvifEvents]] = {}
        self._cameras: Mapping[CameraId, WatchedCamera] = {}

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        self._cameras = cameras
        wanted = {name: one.settings.camera.url for name, one in cameras.items() if _dialled(one)}
        for name, (url, events) in list(self._listening.items()):
            if wanted.get(name) != url:
                del self._listening[name]
                events.stop(0.0)
        for name, url in wanted.items():
            if name not in self._listening:
                events = OnvifEvents(name, self._connector(url), self._tell, self._clock)
                self._listening[name] = (url, events)
                events.start()

    def stop(self) -> None:
        for _, events in self._listening.values():
            events.stop(0.0)
        for _, events in self._listening.values():
            events.stop(0.4 / len(self._listening))

    def _connector(self, url: CameraUrl) -> Callable[[], Connection]:
        return lambda: self._connect(url)

    def _tell(self, notice: OnvifNotice) -> None:
        watched = self._cameras.get(notice.camera)
        if watched is not None and notice.state and notice.kind is not NoticeKind.MOTION:
            watched.witness()
        for listener in self._listeners:
            listener(notice)


def _dialled(watched: WatchedCamera) -> bool:
    camera: Camera = watched.settings.camera
    return camera.enabled and urlsplit(camera.url.address).scheme in {"rtsp", "rtsps"}
