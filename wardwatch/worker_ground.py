"""What one watched camera shows when nobody is there, and the close looks that this is granted by.

How often a close look is due, and what it does, are decided here. Whose turn it is, and how much
time it may take: `wardwatch.worker_close`.

Two threads meet here. The looking thread alone touches the ground; the thread of close looks reads
it, and shows the detector piece after piece. What that brought is taken in by the looking thread.
"""

from collections.abc import Callable
from dataclasses import dataclass
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
UNWATCHED_S = 600.0
"""The same while nobody watches, in doubt or not: what is in doubt is hidden meanwhile, and looked
at when somebody begins to watch."""
DOUBTFUL = 4
"""Cells of 160 columns that call for one: somebody 32 rows of 720 tall fills six."""
DOUBTED = 5
"""In so many looks in a row: what only passes is not worth one."""


class Due(IntEnum):
    """How much a close look is wanted; the smaller, the more."""

    FIRST_SEEN = 0
    """None since the stream began: somebody is watching, and sees nothing for it."""
    FIRST = 1
    """None since the stream began."""
    AGAIN = 2


@dataclass(frozen=True, slots=True, eq=False)
class UnderWay:
    """A close look, at a picture of the stream that began as number `stream`."""

    stream: int
    close: CloseLook


class CameraGround:
    """`step` after every look; when a close look is `due`, `closely` until it is over, and then
    `judge`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.stream = 0
        """Number of the stream that is looked at."""
        self._ground: Ground | None = None
        self._under_way: UnderWay | None = None
        self.judged_at = float("-inf")
        """When the last close look was over, by the monotonic clock."""
        self._doubts = 0

    # The looking thread

    @property
    def now(self) -> Ground | None:
        """As of the last look; None: nobody has looked since the stream began."""
        return self._ground

    def clear(self) -> None:
        """The stream was lost: what comes next may be another view."""
        self.stream += 1
        self._ground = self._under_way = None
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

    def step(self, seen: Coarse, look: Look, *, watched: bool) -> Ground:
        ground = step_ground(self._ground, seen, look.tracks, look.occupancy.at)
        asked = watched and self._since_s >= DOUBT_S
        self._doubts = self._doubts + 1 if asked and doubtful(ground) >= DOUBTFUL else 0
        self._ground = ground
        return ground

    def judge(self, over: UnderWay) -> None:
        """Take in a close look that is over, unless the stream was lost meanwhile."""
        if self._ground is None or over.stream != self.stream:
            return
        self._ground = judge(self._ground, over.close.judged)
        self.judged_at = self._clock.monotonic()
        self._under_way = None
        self._doubts = 0

    # The thread of close looks

    def due(self, *, watched: bool) -> Due | None:
        """Whether a close look is wanted, or under way; None: not now."""
        ground, under_way = self._ground, self._of_this_stream()
        if ground is None or (under_way is not None and under_way.close.over):
            return None
        if ground.judged is None:
            return Due.FIRST_SEEN if watched else Due.FIRST
        routine_s = ROUTINE_S if watched else UNWATCHED_S
        # Doubts are counted from `DOUBT_S` on.
        again = self._doubts >= DOUBTED or self._since_s >= routine_s
        return Due.AGAIN if again or under_way is not None else None

    @property
    def looking(self) -> bool:
        """A close look is under way."""
        return self._of_this_stream() is not None

    def closely(
        self, frame: Frame, stream: int, detect: Callable[[Picture], Detections | None]
    ) -> UnderWay | None:
        """One piece of a close look, which begins with `frame`, of the stream of that number. None
        when the detector fails: it takes the look with it, which begins anew another time."""
        under_way = self._of_this_stream()
        if under_way is None:
            under_way = self._under_way = UnderWay(stream, CloseLook(frame))
        found = detect(under_way.close.piece())
        if found is None:
            self._under_way = None
            return None
        under_way.close.take(found)
        return under_way

    def _of_this_stream(self) -> UnderWay | None:
        under_way = self._under_way
        return under_way if under_way is not None and under_way.stream == self.stream else None

    @property
    def _since_s(self) -> float:
        return self._clock.monotonic() - self.judged_at
