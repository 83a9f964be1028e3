"""Where somebody is at a moment. Pure: a script's steps in, stances out."""

import itertools
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sample_streams.generate.perspective import Perspective
from sample_streams.generate.script import Step

SAME_PLACE_PX = 0.01


@dataclass(frozen=True, slots=True)
class Stance:
    """How somebody stands or walks at a moment."""

    x: float
    y: float
    """Foot point in pixels of the view."""
    heading_deg: float
    """On the ground; while waiting, the direction of the last step."""
    walked_m: float
    """Metres since the start: decides the phase of the stride."""
    waited_s: float | None
    """How long they have been standing; None while they walk."""


@dataclass(frozen=True, slots=True)
class Leg:
    """A straight walk, or a wait when `metres` has a single entry."""

    from_s: float
    to_s: float
    points: tuple[tuple[float, float], ...]
    metres: tuple[float, ...]
    """Metres walked since the path's start at each of `points`."""
    heading_deg: float

    def stance(self, at_s: float) -> Stance:
        if len(self.points) == 1:
            (x, y), walked = self.points[0], self.metres[0]
            return Stance(x, y, self.heading_deg, walked, at_s - self.from_s)
        share = (at_s - self.from_s) / (self.to_s - self.from_s)
        walked = self.metres[0] + share * (self.metres[-1] - self.metres[0])
        after = min(max(bisect_right(self.metres, walked), 1), len(self.metres) - 1)
        before = after - 1
        part = (walked - self.metres[before]) / (self.metres[after] - self.metres[before])
        (x0, y0), (x1, y1) = self.points[before], self.points[after]
        return Stance(x0 + part * (x1 - x0), y0 + part * (y1 - y0), self.heading_deg, walked, None)


@dataclass(frozen=True, slots=True)
class Path:
    """Somebody's whole way through the scene, in scene seconds."""

    legs: tuple[Leg, ...]

    @property
    def from_s(self) -> float:
        return self.legs[0].from_s

    @property
    def to_s(self) -> float:
        return self.legs[-1].to_s

    def stance(self, at_s: float) -> Stance | None:
        """None before the first and after the last moment."""
        if not self.from_s <= at_s <= self.to_s:
            return None
        leg = next(leg for leg in self.legs if at_s <= leg.to_s)
        return leg.stance(at_s)


def lay_path(
    perspective: Perspective, enters_s: float, start: tuple[float, float], steps: Sequence[Step]
) -> Path:
    """Walk the steps at their speed in ground metres, so that feet do not slide.

    A step to where one stands takes no time. Raises ValueError when nothing is left of the path.
    """
    legs: list[Leg] = []
    at_s, here, walked, heading = enters_s, start, 0.0, 0.0
    for step in steps:
        if step.to is not None and math.dist(step.to, here) < SAME_PLACE_PX:
            continue
        if step.to is None:
            leg = Leg(at_s, at_s + step.wait_s, (here,), (walked,), heading)
        else:
            points = _between(here, step.to)
            metres = _metres(perspective, points, walked)
            # Sprites are chosen once a leg: the heading in its middle.
            middle = len(points) // 2
            heading = perspective.heading_deg(*points[middle - 1], *points[middle])
            duration_s = (metres[-1] - walked) / step.metres_per_s
            leg = Leg(at_s, at_s + duration_s, points, metres, heading)
        legs.append(leg)
        at_s, here, walked = leg.to_s, leg.points[-1], leg.metres[-1]
    if not legs:
        raise ValueError("a path needs a step to somewhere else")
    return Path(tuple(legs))


def _between(
    start: tuple[float, float], end: tuple[float, float]
) -> tuple[tuple[float, float], ...]:
    """Points about a pixel apart, both ends included."""
    count = max(1, math.ceil(math.dist(start, end)))
    (x0, y0), (x1, y1) = start, end
    return tuple(
        (x0 + (x1 - x0) * at / count, y0 + (y1 - y0) * at / count) for at in range(count + 1)
    )


def _metres(
    perspective: Perspective, points: Sequence[tuple[float, float]], walked: float
) -> tuple[float, ...]:
    metres = [walked]
    for here, there in itertools.pairwise(points):
        metres.append(metres[-1] + math.hypot(*perspective.ground_step(*here, *there)))
    return tuple(metres)
