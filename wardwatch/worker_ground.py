"""What one watched camera shows when nobody is there, and the close looks that this is granted by.

The looking thread's own; how often a close look is due, and what it does, are decided here. Whose
turn it is and how much time it may take: `wardwatch.worker_close`.
"""

from collections.abc import Callable
from enum import IntEnum

import numpy as np

from detect import (
    UNSURE,
    CloseLook,
    Coarse,
    Detections,
    Ground,
    Look,
    clears,
    doubtful,
    judge,
    step_ground,
)
from record.clock import Clock
from record.frames import Frame, Picture

DOUBT_S = 10.0
"""Least time between two close looks while something is there that the last one did not see."""
ROUTINE_S = 120.0
"""And between two in any case: whoever the detector misses once it may find another time."""
DOUBTFUL = 4
"""Cells of 160 columns that call for one: somebody 32 rows of 720 tall fills six."""
DOUBTED = 5
"""In so many looks in a row: what only passes is not worth one."""


class Due(IntEnum):
    """How much a close look is wanted; the smaller, the more."""

    FIRST = 0
    """None since the stream began: the picture is hidden whole."""
    DOUBT = 1
    ROUTINE = 2


class CameraGround:
    """`step` after every look; `close_look`, until it is over, when one is `due`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ground: Ground | None = None
        self._close: CloseLook | None = None
        self.judged_at = float("-inf")
        """When the last close look was over, by the monotonic clock."""
        self._doubts = 0

    @property
    def now(self) -> Ground | None:
        """As of the last look; None: nobody has looked since the stream began."""
        return self._ground

    def clear(self) -> None:
        """The stream was lost: what comes next may be another view."""
        self._ground = self._close = None
        self._doubts = 0

    def believed(self, seen: Coarse, found: Detections) -> Detections:
        """`found` without what is unsure and lies where a close look has found nobody and nothing
        has changed since: a stone, an eave, a picture on its side taken for one person."""
        ground = self._ground
        if ground is None:
            return found
        kept = np.array(
            [
                score >= UNSURE or not clears(ground, seen, box)
                for box, score in zip(found.as_boxes(), found.scores, strict=True)
            ],
            np.bool_,
        )
        return Detections(found.boxes[kept], found.scores[kept])

    def step(self, seen: Coarse, look: Look) -> Ground:
        ground = step_ground(self._ground, seen, look.tracks, look.occupancy.at)
        self._doubts = self._doubts + 1 if doubtful(ground) >= DOUBTFUL else 0
        self._ground = ground
        return ground

    @property
    def due(self) -> Due | None:
        """Whether a close look is wanted, or under way; None: not now."""
        if self._ground is None:
            return None
        if self._ground.judged is None:
            return Due.FIRST
        since_s = self._clock.monotonic() - self.judged_at
        if self.looking or (self._doubts >= DOUBTED and since_s >= DOUBT_S):
            return Due.DOUBT
        return Due.ROUTINE if since_s >= ROUTINE_S else None

    @property
    def looking(self) -> bool:
        """A close look is under way."""
        return self._close is not None

    def closely(self, frame: Frame, detect: Callable[[Picture], Detections | None]) -> bool:
        """One piece of a close look, which begins with `frame`. False when the detector fails: it
        takes the look with it, which begins anew another time."""
        if self._ground is None:
            return False
        close = self._close = self._close or CloseLook(frame)
        found = detect(close.piece())
        if found is None:
            self._close = None
            return False
        close.take(found)
        if close.over:
            self._close = None
            self.judged_at = self._clock.monotonic()
            self._ground = judge(self._ground, close.judged)
        return True
