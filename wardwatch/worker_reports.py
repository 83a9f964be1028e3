"""What a worker tells the API: counts as they change, its health, and pictures on request."""

from collections.abc import Callable, Collection, Mapping

from detect import Look
from record.cameras import CameraReason, CameraState
from record.clock import Clock
from record.ids import CameraId
from record.messages import (
    AskPicture,
    CameraHealth,
    Counts,
    Health,
    PictureMissing,
    PictureSent,
)
from wardwatch.worker_answers import Answer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_detector import WatchedDetector
from wardwatch.worker_health import WorkerHealth
from wardwatch.worker_timing import Timings

COUNTS_S = 0.5
"""Least time between two counts of one camera that are passed on."""
COUNTS_AGAIN_S = 2.0
"""A count that stays the same is told again: silence would read as not knowing."""


class ToApi:
    def __init__(
        self,
        worker: str,
        cameras: Callable[[], Mapping[CameraId, WatchedCamera]],
        detector: WatchedDetector,
        timings: Timings,
        clock: Clock,
        *,
        fares: WorkerHealth,
        events_waiting: Callable[[], int],
        lacks: Callable[[], Collection[CameraReason]],
    ) -> None:
        self._worker = worker
        self._cameras = cameras
        self._detector = detector
        self._timings = timings
        self._clock = clock
        self._fares = fares
        self._events_waiting = events_waiting
        self._lacks = lacks

    def counts(self, camera: WatchedCamera, look: Look) -> Counts | None:
        """What is to be told after this look: on change, at most two a second; a change held back
        is passed on by a later look. The looking thread."""
        seen, now = look.occupancy, self._clock.monotonic()
        counts = Counts(camera=seen.camera, at=seen.at, persons=seen.view, areas={**seen.areas})
        if camera.told is not None:
            told_at, told = camera.told
            same = (told.persons, told.areas) == (counts.persons, counts.areas)
            if now - told_at < (COUNTS_AGAIN_S if same else COUNTS_S):
                return None
        camera.told = (now, counts)
        return counts

    def picture(self, asked: AskPicture) -> Answer:
        name = CameraId(asked.camera)
        camera = self._cameras().get(name)
        still = None if camera is None else camera.still(asked.width)
        if still is not None:
            sent = PictureSent(
                request=asked.request,
                camera=name,
                captured_at=still.frame.captured_at,
                width=still.width,
                height=still.height,
                unlooked=still.unlooked,
            )
            return sent, still.jpeg
        state: CameraState = CameraState.OFFLINE
        reason: CameraReason | None = None
        last_at = None
        if camera is not None:
            health = self._health_of(camera)
            state, reason, last_at = health.state, health.reason, health.frame_at
        missing = PictureMissing(
            request=asked.request, camera=name, state=state, reason=reason, last_at=last_at
        )
        return missing, b""

    def health(self) -> Health:
        """What the worker says of itself. Any thread."""
        state, detail = self._detector.condition
        return Health(
            worker=self._worker,
            at=self._clock.now(),
            detector=state,
            detector_detail=detail,
            model=self._detector.model,
            cameras=tuple(map(self._health_of, self._cameras().values())),
            stages=self._timings.figures(),
            events_waiting=self._events_waiting(),
            lacks=tuple(sorted(self._lacks())),
        )

    def _health_of(self, camera: WatchedCamera) -> CameraHealth:
        return self._fares.measured(camera, camera.health(self._fares.status(camera)))
