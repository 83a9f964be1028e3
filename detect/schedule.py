"""Whose turn it is: shares one detector fairly among cameras. Pure of clocks and threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from record.ids import CameraId

LOOKS_PER_S = 5.0
"""Looks a second and camera, until a motion gate asks for more or fewer."""
JITTER = timedelta(milliseconds=50)
"""Half a frame at 10 frames a second: a look may come so much early, else every frame that is a
millisecond early costs a whole frame of waiting."""


@dataclass(slots=True)
class _Turn:
    due_at: datetime
    """Capture time from which the next look is owed."""
    served: int
    """Number of the last grant, over all cameras."""


class LookSchedule:
    """Round-robin among the cameras whose next look is due, by capture time.

    The average keeps to `looks_per_s` whatever the frame rate: due times stand on a grid, which
    is begun anew after a pause. One entry a camera; `forget` removes it.
    """

    def __init__(self, looks_per_s: float = LOOKS_PER_S) -> None:
        self._interval = timedelta(seconds=1 / looks_per_s)
        self._turns: dict[CameraId, _Turn] = {}
        self._grants = 0

    def grant(self, ready: Mapping[CameraId, datetime]) -> CameraId | None:
        """The camera to look at now: of those due the one that has waited longest.

        `ready`: capture time of the newest frame that has not been looked at, of every camera
        that has one. None: nobody is due.
        """
        due = [camera for camera, at in ready.items() if self._is_due(camera, at)]
        if not due:
            return None
        camera = min(due, key=lambda one: self._turns[one].served if one in self._turns else 0)
        self._grants += 1
        self._turns[camera] = _Turn(self._next(camera, ready[camera]), self._grants)
        return camera

    def forget(self, camera: CameraId) -> None:
        """The camera was removed, or its stream begins anew."""
        self._turns.pop(camera, None)

    def _is_due(self, camera: CameraId, at: datetime) -> bool:
        turn = self._turns.get(camera)
        if turn is None:
            return True
        early = turn.due_at - at
        return early <= JITTER or early > 2 * self._interval  # the clock was set back

    def _next(self, camera: CameraId, at: datetime) -> datetime:
        turn = self._turns.get(camera)
        if turn is None or abs(at - turn.due_at) >= self._interval:
            return at + self._interval
        return turn.due_at + self._interval
