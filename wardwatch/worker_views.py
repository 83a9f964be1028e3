"""Keeps what guards know of their cameras: a worker that begins anew goes on where the last ended.

A covered camera stays covered over a restart or a power cut, and is told when it was covered
meanwhile. One thread writes; it only reads what the looking thread leaves.
"""

import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import structlog

from record.clock import Clock
from record.errors import KeyUnusable, StoreUnavailable
from record.events import EventType, StoredEvent
from record.ids import CameraId
from wardwatch.view_files import ViewFiles
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerHost, WorkerPart

LOOK_S = 1.0
"""How soon it is kept when something else is said of a camera."""
KEEP_EVERY_S = 300.0
"""How often it is in any case: the view goes with the seasons, not with the minutes."""
RETRY_S = 60.0
"""After a disk that is full, or a key that is mislaid: it is said in the log as often."""
STOP_S = 0.4

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    version: int
    says: tuple[str | None, ...]


class ViewsPart(WorkerPart):
    """`known`: all cameras of the node, whoever reads them; may raise `StoreUnavailable`."""

    def __init__(
        self, files: ViewFiles, known: Callable[[], Collection[CameraId]], clock: Clock
    ) -> None:
        self._files = files
        self._known = known
        self._clock = clock
        self._cameras: Mapping[CameraId, WatchedCamera] = {}
        self._kept: dict[CameraId, _Kept] = {}
        self._removed: deque[CameraId] = deque()
        self._gone: set[CameraId] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="views", daemon=True)

    def start(self, host: WorkerHost) -> None:  # noqa: ARG002 - told of cameras by `on_cameras`
        self._thread.start()

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        before, self._cameras = self._cameras, cameras
        for name, camera in cameras.items():
            if before.get(name) is not camera and (memory := self._files.load(name)) is not None:
                camera.recall(memory)

    def on_events(self, events: Sequence[StoredEvent]) -> None:
        self._removed += (
            CameraId(event.subject) for event in events if event.type is EventType.CAMERA_REMOVED
        )

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(STOP_S)

    def _run(self) -> None:
        self._guarded(self._sweep)
        wait_s = LOOK_S
        while not self._stop.wait(wait_s):
            wait_s = LOOK_S if self._guarded(self._look) else RETRY_S
        self._guarded(lambda: self._look(last=True))

    def _guarded(self, what: Callable[[], None]) -> bool:
        try:
            what()
        except (OSError, KeyUnusable, StoreUnavailable) as error:
            _log.warning("views are not kept", reason=type(error).__name__)
            return False
        return True

    def _sweep(self) -> None:
        self._files.sweep(self._known())

    def _look(self, *, last: bool = False) -> None:
        cameras = self._cameras
        while self._removed:
            removed = self._removed.popleft()
            self._gone.add(removed)
            self._files.remove(removed)
        # It is read until the plan is; and an id never comes back.
        self._gone &= cameras.keys()
        self._kept = {name: kept for name, kept in self._kept.items() if name in cameras}
        for name, camera in cameras.items():
            if name not in self._gone:
                self._keep(name, camera, last=last)

    def _keep(self, name: CameraId, camera: WatchedCamera, *, last: bool) -> None:
        memory = camera.memory
        if memory is None:
            return
        now, kept = self._clock.monotonic(), self._kept.get(name)
        same = kept is not None and (kept.version, kept.says) == (memory.version, memory.says)
        if same and kept is not None and not last and now - kept.at < KEEP_EVERY_S:
            return
        self._files.keep(name, memory)
        self._kept[name] = _Kept(now, memory.version, memory.says)
