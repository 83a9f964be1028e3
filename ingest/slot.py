"""The hand-over between a camera's thread and whoever looks: one frame, and the newest wins."""

import threading
from datetime import datetime, timedelta

from record.frames import Frame

OVERLAP = timedelta(seconds=10)
"""How far a frame may lie behind the last one and count as late: a camera that was dialled anew
begins with pictures from before. More than that is our own clock being set back."""


class NewestFrame:
    """Holds the newest frame for looking at, once, and for showing, as often as asked."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._frame: Frame | None = None
        self._taken = True
        self._newer = 0
        self._late = 0

    def put(self, frame: Frame) -> bool:
        """False: it was captured no later than the one before, and is dropped."""
        with self._lock:
            if self._frame is not None:
                behind = self._frame.captured_at - frame.captured_at
                if timedelta() <= behind <= OVERLAP:
                    self._late += 1
                    return False
            if not self._taken:
                self._newer += 1
            self._frame, self._taken = frame, False
            return True

    def take(self) -> Frame | None:
        """The newest frame, if nobody has taken it."""
        with self._lock:
            if self._taken:
                return None
            self._taken = True
            return self._frame

    def drop(self) -> None:
        """The stream broke: what was not looked at in time is not looked at after."""
        with self._lock:
            if not self._taken:
                self._newer += 1
            self._taken = True

    @property
    def waiting(self) -> datetime | None:
        """Capture time of the frame that `take` would give."""
        with self._lock:
            return None if self._taken or self._frame is None else self._frame.captured_at

    @property
    def last(self) -> Frame | None:
        """The newest frame, taken or not."""
        return self._frame

    @property
    def dropped(self) -> dict[str, int]:
        """Frames nobody has looked at, by cause."""
        with self._lock:
            return {"newer": self._newer, "late": self._late}
