"""Close looks of a worker's cameras: a second opinion on who is in view, in the detector's spare
time.

What a picture shows unhidden hangs on it (`detect.ground`), so a camera that has had none since its
stream began goes first, and whoever is watched before others. One piece is looked at at a time,
between two looks; how much of the time that may take is bounded, however many cameras there are.
"""

from collections.abc import Callable, Mapping
from functools import partial

from detect import Detections
from record.clock import Clock
from record.frames import Picture
from record.ids import CameraId
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_ground import Due

SHARE = 0.05
"""Of the looking thread's time, at most, that close looks take."""
FIRST_SHARE = 0.5
"""The same while a camera has had none yet, and is hidden whole for it."""
IDLE_S = 0.2
"""Until it is asked again whether one is due; also after the detector has failed."""


Detect = Callable[[CameraId, Picture], Detections | None]
"""None: the detector has failed."""


class CloseLooks:
    """`step` in the looking thread, between two looks."""

    def __init__(self, detect: Detect, clock: Clock) -> None:
        self._detect = detect
        self._clock = clock
        self._camera: CameraId | None = None
        """That is being looked at."""
        self._next_at = float("-inf")

    def step(self, cameras: Mapping[CameraId, WatchedCamera]) -> bool:
        """Show the detector one piece, if one is due and there is time for it; whether it did."""
        began = self._clock.monotonic()
        if began < self._next_at:
            return False
        self._next_at = began + IDLE_S
        camera = cameras.get(self._camera) if self._camera is not None else None
        if camera is None or not camera.looking_closely:
            self._camera = self._chosen(cameras)
            if self._camera is None:
                return False
            camera = cameras[self._camera]
        share = FIRST_SHARE if camera.close_look_due is Due.FIRST else SHARE
        if not camera.look_closely(partial(self._detect, camera.settings.camera.id)):
            return False
        self._next_at = began + (self._clock.monotonic() - began) / share
        return True

    def _chosen(self, cameras: Mapping[CameraId, WatchedCamera]) -> CameraId | None:
        due = {
            name: (rank, not camera.watched, camera.closely_at)
            for name, camera in cameras.items()
            if (rank := camera.close_look_due) is not None
        }
        return min(due, key=lambda name: due[name], default=None)
