"""Close looks of a worker's cameras: a second opinion on who is in view, on time to spare.

What a picture shows unhidden hangs on it (`detect.ground`), so a camera that has had none since its
stream began goes first, and of those one that is watched; then whichever had its last one longest
ago. A look takes half a second of a core, so it has a thread of its own, which gives way to all
others and takes no more than a share of the time, however many cameras there are.
"""

import os
import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial

import structlog

from detect import Detections
from record.clock import Clock
from record.frames import Picture
from record.ids import CameraId
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_ground import Due

SHARE = {Due.FIRST_SEEN: 1.0, Due.FIRST: 0.5, Due.AGAIN: 0.05}
"""Of its thread's time, at most, that close looks take."""
IDLE_S = 0.2
"""Until it is asked again whether one is due; also after the detector has failed."""
NICE = 10
"""Where the system knows threads by their own niceness: a tenth of a core that others want too."""

Detect = Callable[[CameraId, Picture], Detections | None]
"""None: the detector has failed."""

_log = structlog.get_logger()


class CloseLooks:
    def __init__(
        self, cameras: Callable[[], Mapping[CameraId, WatchedCamera]], detect: Detect, clock: Clock
    ) -> None:
        self._cameras = cameras
        self._detect = detect
        self._clock = clock
        self._next_at = float("-inf")
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="close-looks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell_to_stop(self) -> None:
        self._stop.set()

    def join(self, within_s: float) -> bool:
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def step(self) -> bool:
        """Show the detector one piece, if one is due and there is time for it; whether it did."""
        began = self._clock.monotonic()
        if began < self._next_at:
            return False
        self._next_at = began + IDLE_S
        camera, due = self._chosen()
        if camera is None or due is None:
            return False
        if not camera.look_closely(partial(self._detect, camera.settings.camera.id)):
            return False
        self._next_at = began + (self._clock.monotonic() - began) / SHARE[due]
        return True

    def _chosen(self) -> tuple[WatchedCamera | None, Due | None]:
        """The one that wants it most; of two that want it alike the one that has begun."""
        cameras = tuple(self._cameras().values())
        wanting = [
            (due, not camera.looking_closely, camera.closely_at, number)
            for number, camera in enumerate(cameras)
            if (due := camera.close_look_due) is not None
        ]
        if not wanting:
            return None, None
        due, _, _, number = min(wanting)
        return cameras[number], due

    def _run(self) -> None:
        _give_way()
        while not self._stop.is_set():
            try:
                self.step()
            except Exception:  # noqa: BLE001 - top of a thread: what is not granted stays hidden
                _log.exception("a close look failed")
            self._stop.wait(max(0.0, self._next_at - self._clock.monotonic()))


def _give_way() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
