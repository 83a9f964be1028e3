"""The looking thread: one detector, shared among the cameras, the newest frame of each."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from detect import Look, LookSchedule
from record.clock import Clock
from record.frames import Frame
from record.ids import CameraId
from wardwatch.worker_camera import WATCHED_LOOK_S, WatchedCamera
from wardwatch.worker_close import CloseLooks
from wardwatch.worker_detector import WatchedDetector
from wardwatch.worker_timing import LookStamps, Timings, captured_monotonic

IDLE_S = 0.25
"""Longest sleep without a frame; a frame wakes at once."""


class LookListener(Protocol):
    """Told from the looking thread."""

    def on_look(self, camera: WatchedCamera, look: Look, stamps: LookStamps | None) -> None:
        """`stamps` None: no frame was looked at; the stream broke or the settings changed."""
        ...

    def on_glance(self, camera: WatchedCamera) -> None:
        """Somebody has begun to tamper with the camera, or has ceased to."""
        ...

    def on_second(self, camera: WatchedCamera) -> None:
        """About once a second, for every camera, whether it was looked at or not."""
        ...

    def on_detector(self) -> None:
        """It has failed, or works again."""
        ...


class Looker:
    def __init__(
        self,
        cameras: Callable[[], Mapping[CameraId, WatchedCamera]],
        detector: WatchedDetector,
        looks_per_s: float,
        clock: Clock,
        timings: Timings,
        listener: LookListener,
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._cameras = cameras
        self._detector = detector
        self._clock = clock
        self._timings = timings
        self._listener = listener
        self._beat = beat
        self._turns = LookSchedule(looks_per_s)
        self._urgent_turns = LookSchedule(1 / WATCHED_LOOK_S)
        self._close = CloseLooks(cameras, detector.detect, clock)
        self._ready = detector.ready
        self._second = 0
        self._gone: deque[CameraId] = deque()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="looks", daemon=True)

    def start(self) -> None:
        self._thread.start()
        self._close.start()

    def wake(self) -> None:
        """There is a frame, or something was asked of a camera. Any thread."""
        self._wake.set()

    def forget(self, camera: CameraId) -> None:
        """The camera is gone. Any thread."""
        self._gone.append(camera)

    def stop(self, within_s: float) -> bool:
        self._stop.set()
        self._close.tell_to_stop()
        self._wake.set()
        self._thread.join(within_s)
        return self._close.join(within_s) and not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._beat()
            # Cleared before looking around, so that what comes while we look wakes us again.
            self._wake.clear()
            cameras = self._cameras()
            self._settle(cameras)
            camera = self._next(cameras) if self._detector.exists else None
            if camera is None:
                self._wake.wait(IDLE_S)
            elif (frame := self._take(camera)) is not None:
                self._look(camera, frame)

    def _settle(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        while self._gone:
            gone = self._gone.popleft()
            self._turns.forget(gone)
            self._urgent_turns.forget(gone)
        if self._detector.ready != self._ready:
            self._ready = not self._ready
            self._listener.on_detector()
        second = int(self._clock.monotonic())
        new_second, self._second = second != self._second, second
        for camera in cameras.values():
            for look in camera.settle():
                self._listener.on_look(camera, look, None)
            if camera.glance():
                self._listener.on_glance(camera)
            if new_second:
                self._listener.on_second(camera)

    def _next(self, cameras: Mapping[CameraId, WatchedCamera]) -> WatchedCamera | None:
        ready: dict[CameraId, datetime] = {}
        urgent: dict[CameraId, datetime] = {}
        for name, camera in cameras.items():
            if (at := camera.waiting) is not None:
                ready[name] = at
                if camera.urgent:
                    urgent[name] = at
        # Whoever is watched goes first when it is overdue, also at fewer than two looks a second.
        chosen = self._urgent_turns.grant(urgent) if urgent else None
        chosen = chosen or self._turns.grant(ready)
        return None if chosen is None else cameras[chosen]

    def _take(self, camera: WatchedCamera) -> Frame | None:
        return None if camera.reader is None else camera.reader.newest()

    def _look(self, camera: WatchedCamera, frame: Frame) -> None:
        clock = self._clock
        picked = clock.monotonic()
        captured = captured_monotonic(frame, clock)
        found = self._detector.detect(frame.camera, frame.picture)
        if found is None:
            return
        detected = clock.monotonic()
        look = camera.look(frame, found)
        stamps = LookStamps(
            captured=captured,
            received=frame.received,
            decoded=frame.decoded or frame.received,
            picked=picked,
            detected=detected,
            decided=clock.monotonic(),
        )
        self._timings.add("looks", stamps)
        self._listener.on_look(camera, look, stamps)
