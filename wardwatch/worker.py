"""A worker: reads its cameras, looks at them in turn, and tells the record what it finds.

    reader threads ─ newest frame ─▶ looking thread ─ findings, minutes ─▶ writing thread ─▶ store
         │ states                          │ counts                             ▲
         └─────────────────────────────────┼────────────── statuses ────────────┘
                                           ▼
                                  socket thread ⇄ API

The thread that calls `run` follows the log: a camera, rule or order that changes there changes
here, without a restart and without touching the other cameras.
"""

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from detect import Detector, Look
from ingest import CameraReader, CodedPacket, Opener, PacketTap, StreamOptions
from record.cameras import Camera, CameraReason, CameraState, CameraStatus, CameraUrl, Transport
from record.clock import Clock
from record.errors import StoreUnavailable
from record.events import StoredEvent
from record.frames import Frame
from record.ids import CameraId, Position
from record.messages import AskPicture, Health
from record.places import EVERYTHING
from record.sightings import Occupancy
from record.store import Store, Tail
from wardwatch.worker_answers import Answers
from wardwatch.worker_camera import (
    GIVEN_UP_AFTER,
    TAKEN_OVER_AFTER,
    CameraSettings,
    WatchedCamera,
)
from wardwatch.worker_detector import DetectorProblem, WatchedDetector
from wardwatch.worker_health import WorkerHealth
from wardwatch.worker_in_force import SettingsInForce
from wardwatch.worker_looks import Looker
from wardwatch.worker_minutes import counted
from wardwatch.worker_parts import WorkerPart
from wardwatch.worker_plan import CHANGES_PLAN, Assigned, Plan, read_plan
from wardwatch.worker_pulse import Pulse
from wardwatch.worker_record import ToRecord
from wardwatch.worker_reports import ToApi
from wardwatch.worker_socket import WorkerSocket
from wardwatch.worker_timing import LookStamps, Timings
from wardwatch.worker_writer import Job, RecordWriter

__all__ = ["DetectorProblem", "Worker", "WorkerSettings"]

FOLLOW_S = 0.25
"""Longest wait for the log; `stop` is heard in between."""
REREAD_S = 60.0
"""The plan is read again this often in any case."""
STOP_READERS_S = 0.5
FLUSH_S = 1.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WorkerSettings:
    name: str
    """Also of its socket: `<socket_dir>/<name>.sock`."""
    socket_dir: Path
    looks_per_s: float = 5.0
    taken_over_after: timedelta = TAKEN_OVER_AFTER
    given_up_after: timedelta = GIVEN_UP_AFTER


class Worker:
    """A plain object: who runs it decides whether it is a thread or a process. Runs once."""

    def __init__(
        self,
        settings: WorkerSettings,
        store: Store,
        opener: Opener,
        detector: Detector | DetectorProblem,
        clock: Clock,
        parts: Sequence[WorkerPart] = (),
        assigned: Assigned | None = None,
    ) -> None:
        self._settings = settings
        self._parts = (SettingsInForce(), *parts)
        self._assigned = assigned or Assigned()
        self._pulse = Pulse(clock)
        self._store = store
        self._opener = opener
        self._clock = clock
        self._detector = WatchedDetector(detector)
        self._cameras: Mapping[CameraId, WatchedCamera] = {}
        self._timings = Timings()
        self._writer = RecordWriter(store)
        self._looker = Looker(
            lambda: self._cameras,
            self._detector,
            settings.looks_per_s,
            clock,
            self._timings,
            self,
            lambda: self._pulse.beat("looks"),
        )
        self._to_record = ToRecord(
            self._writer.put, self._timings, clock, self._tell_health, self._on_recorded
        )
        self._fares = WorkerHealth(clock, self._lacks, self._to_record)
        self._to_api = ToApi(
            settings.name,
            lambda: self._cameras,
            self._detector,
            self._timings,
            clock,
            fares=self._fares,
            events_waiting=lambda: self._writer.waiting,
            lacks=self._lacks,
        )
        answers = Answers(
            {AskPicture: self._to_api.picture}
            | {k: a for p in self._parts for k, a in p.quick().items()},
            {kind: answer for part in self._parts for kind, answer in part.slow().items()},
        )
        self._socket = WorkerSocket(
            settings.socket_dir / f"{settings.name}.sock",
            answers,
            self.health,
            clock,
            lambda: self._pulse.beat("socket"),
        )

    def run(self, stop: threading.Event) -> None:
        """Until `stop`; then ends within two seconds, with everything found written down."""
        _log.info("worker begins", model=self._detector.model[:12])
        self._writer.start()
        for part in self._parts:
            part.start(self)
        self._looker.start()
        self._socket.start()
        try:
            self._follow(stop)
        finally:
            self._end()

    def stuck(self) -> tuple[str, ...]:
        """Threads that have stood still for seconds; those that wait for the record do so by
        right: what they hold is worth more than a fresh start. Any thread."""
        return () if self._writer.full else self._pulse.stuck()

    def _on_recorded(self, camera: CameraId, position: Position) -> None:
        self._fares.recorded(camera, position)

    def _tell_health(self) -> None:
        self._socket.tell_health()

    def _lacks(self) -> set[CameraReason]:
        """What every camera suffers from."""
        lacking = {reason for part in self._parts if (reason := part.lacks) is not None}
        return lacking if self._detector.ready else lacking | {CameraReason.NO_DETECTOR}

    # What the parts may ask (`WorkerHost`)

    @property
    def cameras(self) -> Mapping[CameraId, WatchedCamera]:
        return self._cameras

    def write(self, job: Job) -> None:
        self._writer.put(job)

    def wake(self) -> None:
        self._looker.wake()

    # Following the log

    def _follow(self, stop: threading.Event) -> None:
        tail: Tail | None = None
        try:
            while not stop.is_set():
                try:
                    if tail is None:
                        tail = self._tail()
                    self._follow_once(tail, stop)
                except StoreUnavailable:
                    # Cameras go on being watched; what they find waits in the writer's queue.
                    _log.warning("store unavailable, settings stay as they are")
                    stop.wait(1.0)
        finally:
            if tail is not None:
                tail.close()

    def _tail(self) -> Tail:
        """From now on. The place is taken before the plan is read, so that no change falls in
        between."""
        with self._store.read(EVERYTHING) as record:
            return self._store.tail(record.events.last())

    def _follow_once(self, tail: Tail, stop: threading.Event) -> None:
        own = self._assigned.cameras
        self._apply(read_plan(self._store, own))
        reread_at = self._clock.monotonic() + REREAD_S
        while not stop.is_set() and self._clock.monotonic() < reread_at:
            if self._assigned.cameras != own:
                return
            events = tail.wait(FOLLOW_S)
            for part in self._parts if events else ():
                part.on_events(events)
            if any(event.type in CHANGES_PLAN for event in events):
                return

    def _apply(self, plan: Plan) -> None:
        with self._store.read(EVERYTHING) as record:
            position = record.events.last()
        before = self._cameras
        after: dict[CameraId, WatchedCamera] = {}
        replaced: list[CameraReader] = []
        for name, settings in plan.items():
            camera = before.get(name)
            if camera is None:
                camera = WatchedCamera(
                    settings,
                    self._detector.model,
                    self._clock,
                    self._settings.taken_over_after,
                    self._settings.given_up_after,
                )
                # Until the first look nobody knows how many there are.
                camera.interrupt(self._clock.now())
            elif camera.settings != settings:
                replaced += self._reconfigure(camera, settings)
            after[name] = camera
        for name in before.keys() - after.keys():
            replaced += _reader_of(before[name])
            self._looker.forget(name)
        self._cameras = after
        self._fares.keep(after)
        self._fares.took_over(after.keys() - before.keys(), position)
        _stop_all(replaced)
        for part in self._parts:
            part.on_cameras(after)
        for camera in after.values():
            self._dial(camera)
        self._looker.wake()

    def _reconfigure(self, camera: WatchedCamera, settings: CameraSettings) -> list[CameraReader]:
        """The reader that has to go when the address has changed or the camera is switched off."""
        was, now = camera.settings.camera, settings.camera
        camera.configure(settings)
        _log.info("camera reconfigured", camera=now.id, version=now.version)
        if _dialled_as(was) == _dialled_as(now):
            return []
        camera.interrupt(self._clock.now())
        readers, camera.reader = _reader_of(camera), None
        return readers

    def _dial(self, camera: WatchedCamera) -> None:
        wanted = camera.settings.camera
        if camera.reader is None and wanted.enabled:
            camera.reader = CameraReader(
                wanted.id,
                wanted.watched_url,
                self._opener,
                self._clock,
                self,
                options=StreamOptions(wanted.transport, self._tap_of(wanted.id)),
            )
            camera.reader.start()

    def _tap_of(self, camera: CameraId) -> PacketTap:
        parts = tuple(part for part in self._parts if part.wants_packets)
        return _Tap(camera, self._fares, parts)

    # Told by the readers (`ReaderListener`)

    def on_state(self, status: CameraStatus) -> None:
        camera = self._cameras.get(status.camera)
        if camera is not None and status.state is CameraState.OFFLINE:
            camera.interrupt(status.since)
            self._looker.wake()
        if camera is not None:
            self._fares.on_state(camera, status)
        for part in self._parts:
            part.on_status(status)

    def on_frame(self, camera: CameraId) -> None:
        self._looker.wake()
        watched = self._cameras.get(camera)
        if watched is not None:
            self._fares.on_frame(watched)
            for part in self._parts:
                part.on_frame(watched)

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        watched = self._cameras.get(camera)
        if watched is not None:
            self._fares.on_clock(camera, ahead)
            self._to_record.clock_skewed(watched, ahead)

    # Told by the looking thread (`LookListener`)

    def on_look(self, camera: WatchedCamera, look: Look, stamps: LookStamps | None) -> None:
        look = counted(look, camera.tampering)
        if look.findings:
            frame = None if stamps is None else camera.looked_frame
            told = partial(self._tell_findings, camera, frame, look)
            self._to_record.findings(camera, look, stamps, told)
        for minute in camera.minutes(look):
            self._to_record.minute(camera, minute)
        if stamps is not None and (first := camera.taken_over(look.occupancy.at)) is not None:
            self._to_record.end_unheard(camera, first)
        counts = self._to_api.counts(camera, look)
        if counts is not None:
            self._socket.tell(counts)
        for part in self._parts:
            part.on_look(camera, look)

    def _tell_findings(
        self, camera: WatchedCamera, frame: Frame | None, look: Look, events: Sequence[StoredEvent]
    ) -> None:
        for part in self._parts:
            part.on_findings(camera, frame, look, events)

    def on_glance(self, camera: WatchedCamera) -> None:
        deed = camera.tampering
        what = None if deed is None else deed.reason.value
        _log.info("tampering", camera=camera.settings.camera.id, deed=what)
        self._fares.check(camera)

    def on_second(self, camera: WatchedCamera) -> None:
        self._fares.on_second(camera)
        self._fares.beat(self._cameras)
        found = camera.check(self._fares.away(camera.settings.camera.id))
        if found:
            unknown = Occupancy(camera.settings.camera.id, self._clock.now(), None, {})
            look = Look(found, unknown, (), ())
            told = partial(self._tell_findings, camera, None, look)
            self._to_record.findings(camera, look, None, told)
        for minute in camera.minutes(None):
            self._to_record.minute(camera, minute)
        if camera.never_taken_over():
            self._to_record.end_unwatched(camera, camera.live_frame is not None)

    def on_detector(self) -> None:
        state, detail = self._detector.condition
        _log.warning("detector", state=state, detail=detail)
        for camera in self._cameras.values():
            if not self._detector.ready:
                camera.interrupt(self._clock.now())
            self._fares.check(camera)

    # To the API

    def health(self) -> Health:
        """What the worker says of itself. Any thread."""
        return self._to_api.health()

    # The end

    def _end(self) -> None:
        began = time.monotonic()
        readers = [reader for camera in self._cameras.values() for reader in _reader_of(camera)]
        _stop_all(readers)
        self._looker.stop(STOP_READERS_S)
        for camera in self._cameras.values():
            # Nobody counts any more, and unknown is not unchanged.
            for minute in camera.unknown_from(self._clock.now()):
                self._to_record.minute(camera, minute)
        self._fares.end(self._cameras)
        for part in self._parts:
            part.stop()
        written = self._writer.stop(FLUSH_S)
        self._socket.stop()
        _log.info("worker ends", took_s=round(time.monotonic() - began, 2), all_written=written)


class _Tap:
    """One camera's coded pictures: counted, and for the parts that want them."""

    def __init__(
        self, camera: CameraId, fares: WorkerHealth, parts: tuple[WorkerPart, ...]
    ) -> None:
        self._camera = camera
        self._fares = fares
        self._parts = parts

    def on_packet(self, packet: CodedPacket) -> None:
        self._fares.on_packet(self._camera, len(packet.data))
        for part in self._parts:
            part.on_packet(self._camera, packet)


def _dialled_as(camera: Camera) -> tuple[CameraUrl, Transport, bool]:
    """What a connection hangs on; the rest takes effect without dialling anew."""
    return camera.watched_url, camera.transport, camera.enabled


def _reader_of(camera: WatchedCamera) -> list[CameraReader]:
    return [] if camera.reader is None else [camera.reader]


def _stop_all(readers: list[CameraReader]) -> None:
    """All at once, so that many take no longer than one."""
    for reader in readers:
        reader.tell_to_stop()
    until = time.monotonic() + STOP_READERS_S
    for reader in readers:
        if not reader.stop(max(0.0, until - time.monotonic())):
            _log.warning("camera reader is still ending", camera=reader.status.camera)
