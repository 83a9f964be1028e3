"""What really happens in a scene, by its paths. Pure; normalised coordinates, y down; seconds.

Crossings are where the foot's path cuts the line's segment. Somebody is in view with at least
35 % of them visible, and stays in view over gaps of up to 2 s; in an area when in view with the
foot inside, where less than 0.5 s inside does not count and less than 1 s outside is bridged.
What lasts runs from the frame at which the condition holds to the one at which it no longer does,
over gaps of up to 1 s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sample_streams.generate.script import AreaSpec, LineSpec, Point, Polygon, RuleSpec, Script

IN_VIEW_SHARE = 0.35
VIEW_GAP_S = 2.0
AREA_STAY_S, AREA_GAP_S, LASTING_GAP_S = 0.5, 1.0, 1.0
_EPS = 1e-6

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """One person in one frame."""

    number: int
    foot: Point
    box: Box | None
    """x0, y0, x1, y1 of the part inside the frame, hidden or not."""
    share: float
    """Visible part, 0..1."""


@dataclass(frozen=True, slots=True)
class Frame:
    at_s: float
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    line: str
    direction: Literal["outward", "inward"]
    person: int
    at_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """From the first frame to before the frame at `to_s`."""

    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Count:
    """How many were in the view (`area` None) or an area, while it was constant."""

    area: str | None
    from_s: float
    to_s: float
    count: int


@dataclass(frozen=True, slots=True)
class Moment:
    """A crossing, as the scene file lists it."""

    kind: str
    rule: str
    at_s: float


@dataclass(frozen=True, slots=True)
class Lasting:
    kind: str
    rule: str
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Truth:
    crossings: tuple[Crossing, ...]
    events: tuple[Moment | Lasting, ...]
    occupancy: tuple[Count, ...]


def side(line: LineSpec, point: Point) -> float:
    """Positive to the right of a→b as seen on the screen facing from a to b, negative left.

    With y down the cross product of the line with the way to the point is positive clockwise,
    which is to the right. Outward is from the left to the right.
    """
    (ax, ay), (bx, by) = line.a, line.b
    return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)


def inside(polygon: Polygon, point: Point) -> bool:
    """Even-odd rule."""
    x, y = point
    within = False
    for (x0, y0), (x1, y1) in zip(polygon, (*polygon[1:], polygon[0]), strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            within = not within
    return within


def crossings(line: LineSpec, frames: Sequence[Frame]) -> tuple[Crossing, ...]:
    """Every time somebody's foot path cuts the segment, in the order of time."""
    last: dict[int, tuple[float, Point]] = {}
    found: list[Crossing] = []
    for frame in frames:
        for person in frame.people:
            before = last.get(person.number)
            last[person.number] = (frame.at_s, person.foot)
            if before is None:
                continue
            share = _cut(line, before[1], person.foot)
            if share is not None:
                at_s = before[0] + share * (frame.at_s - before[0])
                outward = side(line, person.foot) > 0
                direction: Literal["outward", "inward"] = "outward" if outward else "inward"
                found.append(Crossing(line.id, direction, person.number, at_s))
    return tuple(sorted(found, key=lambda crossing: crossing.at_s))


def _cut(line: LineSpec, start: Point, end: Point) -> float | None:
    """Share of the way from start to end at which it cuts the segment, or None."""
    from_side, to_side = side(line, start), side(line, end)
    if (from_side > 0) == (to_side > 0):
        return None
    share = from_side / (from_side - to_side)
    x, y = (start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1]))
    (ax, ay), (bx, by) = line.a, line.b
    along = (x - ax) * (bx - ax) + (y - ay) * (by - ay)
    return share if 0 <= along <= (bx - ax) ** 2 + (by - ay) ** 2 else None


def spans(moments: Iterable[float], step_s: float, *, gap_s: float = 0.0) -> tuple[Span, ...]:
    """Moments (frames at which something holds, in order) joined over gaps of up to `gap_s`."""
    joined: list[Span] = []
    for at_s in moments:
        if joined and at_s - joined[-1].to_s <= gap_s + _EPS:
            joined[-1] = Span(joined[-1].from_s, at_s + step_s)
        else:
            joined.append(Span(at_s, at_s + step_s))
    return tuple(joined)


def in_view(frames: Sequence[Frame], step_s: float) -> dict[int, tuple[Span, ...]]:
    """When each person is in view."""
    seen: dict[int, list[float]] = {}
    for frame in frames:
        for person in frame.people:
            if person.share >= IN_VIEW_SHARE:
                seen.setdefault(person.number, []).append(frame.at_s)
    return {number: spans(at, step_s, gap_s=VIEW_GAP_S) for number, at in seen.items()}


def in_area(
    area: AreaSpec, frames: Sequence[Frame], view: dict[int, tuple[Span, ...]], step_s: float
) -> dict[int, tuple[Span, ...]]:
    """When each person is in an area."""
    within: dict[int, list[float]] = {}
    for frame in frames:
        for person in frame.people:
            viewed = any(
                s.from_s - _EPS <= frame.at_s < s.to_s - _EPS for s in view.get(person.number, ())
            )
            if viewed and inside(area.polygon, person.foot):
                within.setdefault(person.number, []).append(frame.at_s)
    return {
        number: tuple(
            span
            for span in spans(at, step_s, gap_s=AREA_GAP_S)
            if span.to_s - span.from_s >= AREA_STAY_S - _EPS
        )
        for number, at in within.items()
    }


def counts(area: str | None, presence: dict[int, tuple[Span, ...]]) -> tuple[Count, ...]:
    """How many are present, as intervals of constant count; none where nobody is."""
    changes: dict[float, int] = {}
    for stays in presence.values():
        for span in stays:
            changes[round(span.from_s, 3)] = changes.get(round(span.from_s, 3), 0) + 1
            changes[round(span.to_s, 3)] = changes.get(round(span.to_s, 3), 0) - 1
    found: list[Count] = []
    level, since = 0, 0.0
    for at_s in sorted(changes):
        if changes[at_s] == 0:
            continue
        if level:
            found.append(Count(area, since, at_s, level))
        level, since = level + changes[at_s], at_s
    return tuple(found)


def lasting(rule: RuleSpec, levels: Sequence[Count]) -> tuple[Lasting, ...]:
    """When a rule's condition holds long enough, given the counts of its area."""
    least = rule.persons if rule.kind == "gathering" and rule.persons else 1
    held: list[Span] = []
    for level in levels:
        if level.count < least:
            continue
        if held and level.from_s - held[-1].to_s <= LASTING_GAP_S + _EPS:
            held[-1] = Span(held[-1].from_s, level.to_s)
        else:
            held.append(Span(level.from_s, level.to_s))
    dwell_s = rule.seconds or 0.0
    return tuple(
        Lasting(rule.kind, rule.id, span.from_s, span.to_s)
        for span in held
        if span.to_s - span.from_s >= dwell_s
    )


def tell(script: Script, frames: Sequence[Frame], step_s: float) -> Truth:
    """The whole truth of a scene."""
    crossed = tuple(
        sorted((c for line in script.lines for c in crossings(line, frames)), key=lambda c: c.at_s)
    )
    view = in_view(frames, step_s)
    levels = {
        area.id: counts(area.id, in_area(area, frames, view, step_s)) for area in script.areas
    }
    events: list[Moment | Lasting] = []
    for rule in script.rules:
        if rule.line is not None:
            wanted = "outward" if rule.kind == "exit" else "inward"
            events += [
                Moment(rule.kind, rule.id, c.at_s)
                for c in crossed
                if c.line == rule.line and c.direction == wanted
            ]
        elif rule.area is not None:
            events += lasting(rule, levels[rule.area])
        else:
            # A light that goes out is nobody's doing to the camera.
            deeds = [t for t in script.tampering if t.kind != "dark"]
            events += [Lasting(rule.kind, rule.id, t.from_s, t.to_s) for t in deeds]
    events.sort(key=lambda e: e.at_s if isinstance(e, Moment) else e.from_s)
    occupancy = (*counts(None, view), *(count for one in levels.values() for count in one))
    return Truth(crossed, tuple(events), occupancy)
