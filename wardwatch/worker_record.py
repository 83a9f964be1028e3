"""What a worker tells the record: findings, minutes and states, each as a job of its writer."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from detect import Look
from record.cameras import CameraStatus
from record.clock import Clock
from record.events import EventType, Json, NewEvent, StoredEvent
from record.ids import CameraId, Position
from record.store import Writing
from record.watching import Unwatched
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_minutes import MinuteCounts
from wardwatch.worker_timing import LookStamps, Timings
from wardwatch.worker_writer import Job

_log = structlog.get_logger()


class ToRecord:
    """Any thread; waits only while the writer's queue is full."""

    def __init__(
        self,
        put: Callable[[Job], None],
        timings: Timings,
        clock: Clock,
        before_status: Callable[[], None],
        recorded: Callable[[CameraId, Position], None],
    ) -> None:
        """`before_status` is called ahead of each change of a camera's state, and `recorded` when
        it stands in the record: who reads it there can tell whether what the worker said last was
        said before."""
        self._put = put
        self._before_status = before_status
        self._recorded = recorded
        self._timings = timings
        self._clock = clock

    def findings(
        self,
        camera: WatchedCamera,
        look: Look,
        stamps: LookStamps | None,
        told: Callable[[Sequence[StoredEvent]], None],
    ) -> None:
        """`told` of the events, once they are committed."""
        known, now = camera.settings.camera, self._clock.now()
        findings = look.findings
        events: Sequence[StoredEvent] = ()

        def write(record: Writing) -> None:
            nonlocal events
            events = record.findings.record(known, findings, now)

        def done() -> None:
            if stamps is not None:
                stored = replace(stamps, stored=self._clock.monotonic())
                self._timings.add("findings", stored)
            told(events)

        self._put(Job("findings", write, done))

    def end_unheard(self, camera: WatchedCamera, first_look_at: datetime) -> None:
        """Whatever a worker before this one left open, and nobody has seen again since."""
        known, since, now = camera.settings.camera, camera.began_at, self._clock.now()
        self._put(
            Job(
                "unheard",
                lambda record: record.findings.end_unheard(known, since, first_look_at, now),
            )
        )

    def end_unwatched(self, camera: WatchedCamera, pictures: bool) -> None:
        """The same where nobody can look for people: whether it lasts nobody knows."""
        known, since, now = camera.settings.camera, camera.began_at, self._clock.now()
        self._put(
            Job(
                "unwatched end",
                lambda record: record.findings.end_unwatched(known, since, pictures, now),
            )
        )

    def minute(self, camera: WatchedCamera, minute: MinuteCounts) -> None:
        known = camera.settings.camera
        self._put(
            Job(
                "minute",
                lambda record: record.occupancy.record_minute(
                    known, minute.minute, minute.view, minute.areas
                ),
            )
        )

    def status(self, status: CameraStatus) -> None:
        self._before_status()
        position: Position | None = None

        def write(record: Writing) -> None:
            nonlocal position
            position = record.cameras.set_status(status)

        def done() -> None:
            if position is not None:
                self._recorded(status.camera, position)

        self._put(Job("status", write, done))

    def missed(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        """What was not watched of a camera meanwhile."""
        self._put(Job("unwatched", lambda record: record.watching.missed(camera, gaps)))

    def heard(self, cameras: Sequence[CameraId], at: datetime) -> None:
        """They are watched at this moment."""
        self._put(Job("heard", lambda record: record.watching.heard(cameras, at)))

    def unsaid(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        """To be said later, should this worker live."""
        self._put(Job("unsaid", lambda record: record.watching.unsaid(camera, gaps)))

    def resumed(self, camera: CameraId, at: datetime) -> None:
        """This worker watches it since `at`."""
        self._put(Job("resumed", lambda record: record.watching.resumed(camera, at)))

    def clock_skewed(self, camera: WatchedCamera, ahead: timedelta | None) -> None:
        """`ahead` None: the camera's clock is near ours again."""
        known, now = camera.settings.camera, self._clock.now()
        ahead_ms = 0 if ahead is None else round(ahead.total_seconds() * 1000)

        def write(record: Writing) -> None:
            data: dict[str, Json] = {"camera": known.id, "site": known.site, "ahead_ms": ahead_ms}
            data["skewed"] = ahead is not None
            unit = record.sites.get(known.site).unit
            kind = EventType.CAMERA_CLOCK_SKEWED
            record.events.append(NewEvent(kind, now, known.id, known.site, unit, data))

        _log.warning("camera clock", camera=known.id, ahead_ms=ahead_ms)
        self._put(Job("clock", write))
