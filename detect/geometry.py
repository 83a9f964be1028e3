"""Where things lie in a picture: sides, crossings, polygons and distances. Pure.

Everybody else hands in points as fractions of the frame (x to the right, y down) and the frame's
`aspect`, height / width. Distances come out as fractions of the frame's *width*: y is scaled by
`aspect`, so that a margin is equally wide in every direction.

**The only place that says which side is outward.** Facing from a to b on the screen, outward is
towards the right. With y down, the right of the direction (dx, dy) is (-dy, dx), so the outward
side is where the cross product (b - a) x (p - a) is positive. A textbook, whose y points up,
calls that same side left.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from record.cameras import Point


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the frame: `left < right`, `top < bottom`, y down."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def foot(self) -> Point:
        """Where a person stands: the middle of the lower edge."""
        return Point((self.left + self.right) / 2, self.bottom)

    def grown(self, share: float) -> "Box":
        """Larger by `share` of its own size in all, half of it on either side; may leave 0..1."""
        dx, dy = self.width * share / 2, self.height * share / 2
        return Box(self.left - dx, self.top - dy, self.right + dx, self.bottom + dy)


def outward_offset(a: Point, b: Point, p: Point, aspect: float) -> float:
    """Distance of `p` from the endless line through a and b, in frame widths.

    Positive on the outward side, negative on the inward one. `a` and `b` differ.
    """
    dx, dy = b.x - a.x, (b.y - a.y) * aspect
    px, py = p.x - a.x, (p.y - a.y) * aspect
    return (dx * py - dy * px) / math.hypot(dx, dy)


def crossing_share(a: Point, b: Point, p: Point, q: Point, aspect: float) -> float | None:
    """How far along p→q, 0..1, the step goes through the segment a-b; None when it does not.

    A point exactly on the line counts as outward, so that a path cut at any of its points goes
    through exactly as often as the whole.
    """
    before = outward_offset(a, b, p, aspect)
    after = outward_offset(a, b, q, aspect)
    if (before >= 0) == (after >= 0):
        return None
    share = before / (before - after)
    x = p.x + (q.x - p.x) * share - a.x
    y = (p.y + (q.y - p.y) * share - a.y) * aspect
    dx, dy = b.x - a.x, (b.y - a.y) * aspect
    along = (x * dx + y * dy) / (dx * dx + dy * dy)
    return share if 0.0 <= along <= 1.0 else None


def distance(p: Point, q: Point, aspect: float) -> float:
    """Between two points, in frame widths."""
    return math.hypot(q.x - p.x, (q.y - p.y) * aspect)


def contains(polygon: Sequence[Point], p: Point) -> bool:
    """Whether `p` lies in the simple `polygon`: an odd number of edges to its right.

    Neither the corner it starts with nor its turning sense matters: every edge is computed from
    its upper end, so that even rounding comes out the same.
    """
    odd = False
    for upper, lower in _edges(polygon):
        if upper.y <= p.y < lower.y:
            x = upper.x + (p.y - upper.y) / (lower.y - upper.y) * (lower.x - upper.x)
            odd ^= p.x < x
    return odd


def _edges(polygon: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    previous = polygon[-1]
    for corner in polygon:
        if previous.y <= corner.y:
            yield previous, corner
        else:
            yield corner, previous
        previous = corner
