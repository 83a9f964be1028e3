"""How well what was found agrees with the truth. Pure.

Events are matched one to one within a rule, nearest first, within the scene's tolerance;
occupancy is compared at the middle of every second.
"""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from record.ids import AreaId, RuleId
from record.orders import RuleKind
from wardwatch.scenes import Stretch, TrueEvent, Truth


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """What detection says happened, in seconds of the video."""

    kind: RuleKind
    rule: RuleId
    from_s: float
    """The moment itself, or when what lasted began, without its dwell."""
    raised_s: float | None = None
    """For what lasts: when the dwell was fulfilled. None: a moment."""
    to_s: float | None = None
    """For what lasts: its end; None while it goes on."""

    def until(self, to_s: float) -> "FoundEvent":
        return replace(self, to_s=to_s)


@dataclass(frozen=True, slots=True)
class EventScore:
    """Counts that can be added up over scenes."""

    truth: int
    found: int
    errors_s: tuple[float, ...]
    """Distance in time of each match; as many as there are matches."""

    @property
    def matched(self) -> int:
        return len(self.errors_s)

    @property
    def precision(self) -> float | None:
        """None: nothing was found."""
        return self.matched / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """None: there was nothing to find."""
        return self.matched / self.truth if self.truth else None

    @property
    def f1(self) -> float | None:
        """None: nothing happened and nothing was found."""
        both = self.truth + self.found
        return 2 * self.matched / both if both else None

    @property
    def median_error_s(self) -> float | None:
        return statistics.median(self.errors_s) if self.errors_s else None

    @property
    def max_error_s(self) -> float | None:
        return max(self.errors_s, default=None)


@dataclass(frozen=True, slots=True)
class OccupancyScore:
    """Counts that can be added up over scenes; one reading a second and area."""

    readings: int
    exact: int
    off_by: int
    """Sum of absolute differences."""

    @property
    def mae(self) -> float | None:
        return self.off_by / self.readings if self.readings else None

    @property
    def exact_share(self) -> float | None:
        return self.exact / self.readings if self.readings else None


def score_events(
    truth: Sequence[TrueEvent], found: Sequence[FoundEvent], tolerance_s: float
) -> EventScore:
    """Pair within each rule: the two that are nearest in time first, each once."""
    errors: list[float] = []
    for rule in sorted({event.rule for event in truth}):
        true_s = [event.from_s for event in truth if event.rule == rule]
        found_s = [event.from_s for event in found if event.rule == rule]
        errors.extend(_pair(true_s, found_s, tolerance_s))
    return EventScore(len(truth), len(found), tuple(errors))


def _pair(true_s: Sequence[float], found_s: Sequence[float], tolerance_s: float) -> Iterable[float]:
    candidates = sorted(
        (abs(one - other), i, j) for i, one in enumerate(true_s) for j, other in enumerate(found_s)
    )
    used_true: set[int] = set()
    used_found: set[int] = set()
    for apart, i, j in candidates:
        # Times in scene files have one decimal: a hair over is rounding, not lateness.
        if apart > tolerance_s + 1e-6 or i in used_true or j in used_found:
            continue
        used_true.add(i)
        used_found.add(j)
        yield apart


Readings = Sequence[tuple[float, int | None, Mapping[AreaId, int]]]
"""(seconds of the video, people in view, people by area) of each look, oldest first."""


def score_occupancy(truth: Truth, readings: Readings, duration_s: float) -> OccupancyScore | None:
    """At mid-second the newest reading against the truth, for every area that the truth counts
    (the view when it counts none); None when the truth does not speak of occupancy."""
    if truth.occupancy is None:
        return None
    areas = {stretch.area for stretch in truth.occupancy} or {None}
    exact = off_by = seconds = 0
    for second in range(math.floor(duration_s)):
        moment = second + 0.5
        for area in areas:
            off = abs(_read(readings, area, moment) - true_count(truth.occupancy, area, moment))
            exact += off == 0
            off_by += off
            seconds += 1
    return OccupancyScore(seconds, exact, off_by)


def true_count(stretches: Iterable[Stretch], area: AreaId | None, moment: float) -> int:
    """Outside of all intervals 0; where intervals overlap, each adds its people."""
    return sum(
        stretch.count
        for stretch in stretches
        if stretch.area == area and stretch.from_s <= moment < stretch.to_s
    )


def _read(readings: Readings, area: AreaId | None, moment: float) -> int:
    count: int | None = 0
    for at_s, view, by_area in readings:
        if at_s > moment:
            break
        count = view if area is None else by_area.get(area, 0)
    return count or 0


def pool_events(scores: Iterable[EventScore]) -> EventScore:
    scores = tuple(scores)
    return EventScore(
        truth=sum(score.truth for score in scores),
        found=sum(score.found for score in scores),
        errors_s=tuple(error for score in scores for error in score.errors_s),
    )


def pool_occupancy(scores: Iterable[OccupancyScore | None]) -> OccupancyScore:
    known = [score for score in scores if score is not None]
    return OccupancyScore(
        readings=sum(score.readings for score in known),
        exact=sum(score.exact for score in known),
        off_by=sum(score.off_by for score in known),
    )
