"""Probes and calls for cameras on a worker: the API asks, the worker dials."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from ingest import StreamFailed
from record.cameras import CameraUrl
from record.errors import Invalid
from record.ids import CameraId
from record.messages import (
    Ask,
    AskDiscover,
    AskProbe,
    DiscoverDone,
    FoundDevice,
    ProbeDone,
)
from wardwatch.probing import Probing, Wanted
from wardwatch.worker_answers import Answer, Answerer, CannotAnswer
from wardwatch.worker_parts import WorkerHost, WorkerPart

MOST_AT_ONCE = 3
"""Each reads two streams at most; more would take the time that the watched cameras need."""

Discover = Callable[[str | None], tuple[FoundDevice, ...]]
"""By interface; raises `Invalid` for one that is none."""


class ProbePart(WorkerPart):
    def __init__(self, probing: Probing, discover: Discover) -> None:
        self._probing = probing
        self._discover = discover
        self._host: WorkerHost | None = None
        self._room = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._stop = threading.Event()
        self._under_way: set[threading.Event] = set()
        self._lock = threading.Lock()

    def slow(self) -> Mapping[type[Ask], Answerer]:
        return {AskProbe: self._probe, AskDiscover: self._call}

    def start(self, host: WorkerHost) -> None:
        self._host = host

    def stop(self) -> None:
        with self._lock:
            self._stop.set()
            for stop in self._under_way:
                stop.set()

    def _probe(self, ask: AskProbe) -> Answer:
        wanted = self._wanted(ask)
        if wanted.url.address == "whip:":
            raise CannotAnswer("publishes", "this camera publishes to us and is not dialled", "url")
        with self._place() as stop:
            probed = self._probing.look(wanted, stop)
        return ProbeDone(report=probed.report), probed.jpeg or b""

    def _wanted(self, ask: AskProbe) -> Wanted:
        if ask.camera is None:
            try:
                url = CameraUrl.parse(ask.url)
                sub = CameraUrl.parse(ask.sub_url, where="sub_url") if ask.sub_url else None
            except Invalid as refused:
                raise CannotAnswer("invalid", refused.reason, refused.field) from None
            sub = None if sub is None else sub.beside(url)
            return Wanted(url, sub, ask.transport, ask.person_height)
        known = {} if self._host is None else self._host.cameras
        watched = known.get(CameraId(ask.camera))
        if watched is None:
            raise CannotAnswer("no_such_camera", "this worker does not have that camera", "camera")
        camera = watched.settings.camera
        return Wanted(camera.url, camera.sub_url, camera.transport, ask.person_height, camera.masks)

    def _call(self, ask: AskDiscover) -> Answer:
        with self._place():
            try:
                return DiscoverDone(devices=self._discover(ask.interface)), b""
            except Invalid as refused:
                raise CannotAnswer("invalid", refused.reason, refused.field) from None
            except StreamFailed as failed:
                raise CannotAnswer(failed.reason.value, failed.detail) from None

    @contextmanager
    def _place(self) -> Iterator[threading.Event]:
        """One of the few; refused at once when they are taken."""
        if not self._room.acquire(blocking=False):
            raise CannotAnswer("busy", "other cameras are being probed; try again in a moment")
        stop = threading.Event()
        with self._lock:
            self._under_way.add(stop)
            if self._stop.is_set():
                stop.set()
        try:
            yield stop
        finally:
            with self._lock:
                self._under_way.discard(stop)
            self._room.release()
