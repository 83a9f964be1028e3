from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from detect.geometry import outward_offset
from detect.lines import DEFAULT_MARGIN, LineState, Passage, step_line, step_tracks
from detect.tracks import Track
from record.cameras import Line, Point
from record.ids import LineId
from record.sightings import Crossing, Direction, Footstep
from tests.detect.walks import GATE, at, seconds, steps, track

ASPECT = 9 / 16
OUT, IN = Direction.OUTWARD, Direction.INWARD

Walk = Sequence[tuple[float, float]]


def crossings(line: Line, path: Sequence[Footstep]) -> list[tuple[Direction, float]]:
    passage: Passage | None = None
    found = []
    for step in path:
        passage, crossed = step_line(passage, line, step, ASPECT)
        if crossed is not None:
            found.append((crossed[0], seconds(crossed[1])))
    return found


def ways(line: Line, walk: Walk) -> list[Direction]:
    return [way for way, _ in crossings(line, steps(walk))]


@pytest.mark.parametrize(
    ("walk", "expected"),
    [
        # straight through, to the right of somebody who looks up the line
        ([(0.4, 0.5), (0.6, 0.5)], [OUT]),
        # and back
        ([(0.6, 0.5), (0.4, 0.5)], [IN]),
        # there and back again are two
        ([(0.4, 0.5), (0.6, 0.5), (0.4, 0.5)], [OUT, IN]),
        # up to the line and away
        ([(0.4, 0.5), (0.495, 0.5), (0.4, 0.5)], []),
        # on the line, a step over it, and back: never beyond the margin
        ([(0.4, 0.5), (0.505, 0.5), (0.495, 0.5), (0.508, 0.5), (0.4, 0.5)], []),
        # waits on the line, then goes on
        ([(0.4, 0.5), (0.495, 0.5), (0.505, 0.5), (0.495, 0.5), (0.6, 0.5)], [OUT]),
        # waits on the line and wobbles before it goes on: once
        ([(0.4, 0.5), (0.505, 0.5), (0.495, 0.5), (0.505, 0.5), (0.6, 0.5)], [OUT]),
        # past the line's lower end
        ([(0.4, 0.95), (0.6, 0.95)], []),
        # past its upper end
        ([(0.4, 0.2), (0.6, 0.2)], []),
        # around the end and back through it is a crossing inward
        ([(0.4, 0.95), (0.6, 0.95), (0.6, 0.5), (0.4, 0.5)], [IN]),
        # through it and back around the end is a crossing outward
        ([(0.4, 0.5), (0.6, 0.5), (0.6, 0.95), (0.4, 0.95)], [OUT]),
        # through within the margin, along it past the end, back around the end: nothing
        ([(0.4, 0.85), (0.505, 0.88), (0.505, 0.95), (0.495, 0.95), (0.4, 0.95)], []),
        # born on the line: nobody knows where it came from
        ([(0.5, 0.5), (0.6, 0.5)], []),
    ],
)
def test_walks(walk: Walk, expected: list[Direction]) -> None:
    assert ways(GATE, walk) == expected
    reversed_line = replace(GATE, a=GATE.b, b=GATE.a)
    swapped = [IN if way is OUT else OUT for way in expected]
    assert ways(reversed_line, walk) == swapped


def test_the_moment_is_interpolated() -> None:
    ((way, moment),) = crossings(GATE, steps([(0.4, 0.5), (0.8, 0.5)], every_s=1.0))
    assert way is OUT
    assert moment == pytest.approx(0.25)


def test_the_moment_is_the_last_time_through_when_somebody_waits_on_the_line() -> None:
    walk = [(0.4, 0.5), (0.505, 0.5), (0.495, 0.5), (0.495, 0.5), (0.505, 0.5), (0.6, 0.5)]
    ((_, moment),) = crossings(GATE, steps(walk, every_s=1.0))
    assert moment == pytest.approx(3.5)


def test_a_line_may_bring_its_own_margin() -> None:
    walk = [(0.4, 0.5), (0.53, 0.5), (0.4, 0.5)]
    assert ways(GATE, walk) == [OUT, IN]
    assert ways(replace(GATE, margin=0.05), walk) == []


# Properties -----------------------------------------------------------------------------------

coordinates = st.integers(0, 1000).map(lambda value: value / 1000)
walks = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=12)
lines = st.builds(
    lambda a, b: Line(LineId("any"), Point(*a), Point(*b)),
    st.tuples(coordinates, coordinates),
    st.tuples(coordinates, coordinates),
).filter(lambda line: abs(line.a.x - line.b.x) + abs(line.a.y - line.b.y) > 0.05)


def _off_the_tips(line: Line, path: Walk) -> bool:
    """Whether no step passes so near an end of the line that rounding decides."""
    from_a = [(x - line.a.x, (y - line.a.y) * ASPECT) for x, y in path]
    dx, dy = line.b.x - line.a.x, (line.b.y - line.a.y) * ASPECT
    for (px, py), (qx, qy) in pairwise(from_a):
        for tx, ty in ((0.0, 0.0), (dx, dy)):
            length = (qx - px) ** 2 + (qy - py) ** 2
            u = ((tx - px) * (qx - px) + (ty - py) * (qy - py)) / length if length else 0.0
            u = min(1.0, max(0.0, u))
            if (px + u * (qx - px) - tx) ** 2 + (py + u * (qy - py) - ty) ** 2 < 1e-8:
                return False
    return True


def _off_the_edges(line: Line, path: Walk) -> bool:
    """Whether no foot point stands so near the line or its margins that rounding decides."""
    offsets = [abs(offset) for offset in _offsets(line, path)]
    return all(offset > 1e-7 and abs(offset - DEFAULT_MARGIN) > 1e-7 for offset in offsets)


def _offsets(line: Line, path: Walk) -> list[float]:
    return [outward_offset(line.a, line.b, Point(x, y), ASPECT) for x, y in path]


@given(lines, walks)
def test_turning_the_line_round_swaps_outward_and_inward(line: Line, walk: Walk) -> None:
    assume(_off_the_tips(line, walk) and _off_the_edges(line, walk))
    turned = ways(replace(line, a=line.b, b=line.a), walk)
    assert turned == [IN if way is OUT else OUT for way in ways(line, walk)]


@given(lines, walks)
def test_mirroring_the_picture_swaps_outward_and_inward(line: Line, walk: Walk) -> None:
    assume(_off_the_tips(line, walk) and _off_the_edges(line, walk))
    mirrored = replace(line, a=Point(1 - line.a.x, line.a.y), b=Point(1 - line.b.x, line.b.y))
    swapped = [IN if way is OUT else OUT for way in ways(line, walk)]
    assert ways(mirrored, [(1 - x, y) for x, y in walk]) == swapped


@given(lines, walks)
def test_walking_backwards_crosses_as_often_the_other_way(line: Line, walk: Walk) -> None:
    assume(_off_the_tips(line, walk) and _off_the_edges(line, walk))
    ends = [walk[0], walk[-1]]
    assume(all(abs(offset) > DEFAULT_MARGIN for offset in _offsets(line, ends)))
    back = ways(line, walk[::-1])
    assert back == [IN if way is OUT else OUT for way in ways(line, walk)][::-1]


@given(lines, walks, st.integers(1, 5))
def test_more_points_along_a_path_change_no_count(line: Line, walk: Walk, more: int) -> None:
    assume(_off_the_tips(line, walk) and _off_the_edges(line, walk))
    finer = [walk[0]]
    for (px, py), (qx, qy) in pairwise(walk):
        shares = [k / (more + 1) for k in range(1, more + 2)]
        finer += [(px + (qx - px) * share, py + (qy - py) * share) for share in shares]
    coarse = crossings(line, steps(walk, every_s=1.0))
    fine = crossings(line, steps(finer, every_s=1.0 / (more + 1)))
    assert [way for way, _ in fine] == [way for way, _ in coarse]
    assert [moment for _, moment in fine] == pytest.approx(
        [moment for _, moment in coarse], abs=1e-4
    )


@given(
    lines,
    st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.99, 0.99)), min_size=1, max_size=30),
    st.booleans(),
)
def test_jitter_within_the_margin_counts_nothing(
    line: Line, jitter: list[tuple[float, float]], comes_and_goes: bool
) -> None:
    dx, dy = line.b.x - line.a.x, (line.b.y - line.a.y) * ASPECT
    length = (dx**2 + dy**2) ** 0.5

    def beside(along: float, margins: float) -> tuple[float, float]:
        off = margins * DEFAULT_MARGIN / length
        return line.a.x + along * dx - off * dy, line.a.y + (along * dy + off * dx) / ASPECT

    walk = [beside(along, margins) for along, margins in jitter]
    if comes_and_goes:  # from one side, and back to it
        walk = [beside(0.5, 3.0), *walk, beside(0.5, 3.0)]
        inside = all(0.01 < along < 0.99 for along, _ in jitter)
        assume(inside)
    assert ways(line, walk) == []


@given(lines, st.floats(0.02, 3.0), st.floats(0.02, 0.4), st.booleans())
def test_passing_beyond_an_end_counts_nothing(
    line: Line, past: float, reach: float, lower: bool
) -> None:
    dx, dy = line.b.x - line.a.x, (line.b.y - line.a.y) * ASPECT
    length = (dx**2 + dy**2) ** 0.5
    along = 1 + past if lower else -past
    off = reach / length

    def beside(sign: int) -> tuple[float, float]:
        return (
            line.a.x + along * dx - sign * off * dy,
            line.a.y + (along * dy + sign * off * dx) / ASPECT,
        )

    assert ways(line, [beside(-1), beside(1), beside(-1)]) == []


# Tracks ---------------------------------------------------------------------------------------


def play(looks: Sequence[Sequence[Track]]) -> list[Crossing]:
    state = LineState()
    found: list[Crossing] = []
    for index, tracks in enumerate(looks):
        state, crossed = step_tracks(state, GATE, tracks, at(index * 0.2), ASPECT)
        found.extend(crossed)
    return found


def test_a_crossing_carries_its_track_path_and_times() -> None:
    path = steps([(0.44, 0.5), (0.48, 0.5), (0.52, 0.5)])
    (crossing,) = play([[track(7, path[: n + 1])] for n in range(3)])
    assert (crossing.track, crossing.direction, crossing.line) == (7, OUT, GATE.id)
    assert seconds(crossing.at) == pytest.approx(0.3)
    assert seconds(crossing.decided_at) == pytest.approx(0.4)
    assert crossing.path == path
    assert crossing.confidence == 0.8


def test_a_track_that_is_confirmed_beyond_the_line_counts_from_its_birth() -> None:
    path = steps([(0.48, 0.5), (0.52, 0.5)])
    looks = [[track(1, path[:1], confirmed=False)], [track(1, path, newly=True)]]
    assert [one.direction for one in play(looks)] == [OUT]


def test_a_line_that_was_drawn_while_somebody_walked_counts_from_then_on() -> None:
    path = steps([(0.48, 0.5), (0.52, 0.5)])
    assert play([[track(1, path)]]) == []


def test_nobody_counts_before_being_confirmed() -> None:
    path = steps([(0.44, 0.5), (0.48, 0.5), (0.52, 0.5)])
    assert play([[track(1, path[: n + 1], confirmed=False)] for n in range(3)]) == []


def test_a_track_held_through_a_loss_crosses_when_it_is_found_again() -> None:
    path = steps([(0.44, 0.5), (0.46, 0.5)])
    again = (*path, Footstep(at(1.4), Point(0.56, 0.5)))
    looks = [
        [track(1, path[:1])],
        [track(1, path)],
        *[[track(1, path, seen=False)] for _ in range(5)],
        [track(1, again)],
    ]
    (crossing,) = play(looks)
    assert 0.2 < seconds(crossing.at) < 1.4


@pytest.mark.parametrize("held", [True, False], ids=["still held", "given up"])
@pytest.mark.parametrize(
    ("lost_at", "born_after_s", "born_at", "counts"),
    [
        # lost on the line, found again just beyond it
        (0.495, 0.4, 0.52, True),
        # a second is the longest
        (0.495, 1.0, 0.52, True),
        (0.495, 1.2, 0.52, False),
        # a box's width is the furthest; the box is 0.05 wide
        (0.495, 0.4, 0.56, False),
        # lost before the margin: that is somebody else
        (0.48, 0.4, 0.52, False),
    ],
)
def test_an_heir_takes_over_the_side(
    lost_at: float, born_after_s: float, born_at: float, counts: bool, held: bool
) -> None:
    first = steps([(0.45, 0.5), (lost_at, 0.5)])
    gap = round(born_after_s / 0.2)
    birth = Footstep(at(0.2 + born_after_s), Point(born_at, 0.5))
    grown = (birth, Footstep(at(0.4 + born_after_s), Point(born_at + 0.02, 0.5)))
    old = [track(1, first, seen=False)] if held else []
    looks = [
        [track(1, first[:1])],
        [track(1, first)],
        *[old for _ in range(gap - 1)],
        [*old, track(2, grown[:1], confirmed=False)],
        [*old, track(2, grown, newly=True)],
    ]
    assert [one.track for one in play(looks)] == ([2] if counts else [])


def test_one_who_is_still_seen_leaves_nothing_to_inherit() -> None:
    """A second box on somebody who stands on the line is not their heir."""
    first = steps([(0.45, 0.5), (0.495, 0.5), (0.495, 0.5), (0.495, 0.5)])
    twin = steps([(0.52, 0.5), (0.53, 0.5)])
    twin = tuple(Footstep(at(0.4 + 0.2 * n), step.point) for n, step in enumerate(twin))
    looks = [
        [track(1, first[:1])],
        [track(1, first[:2])],
        [track(1, first[:3]), track(2, twin[:1], confirmed=False)],
        [track(1, first), track(2, twin, newly=True)],
    ]
    assert play(looks) == []


def test_a_side_is_handed_on_once() -> None:
    first = steps([(0.45, 0.5), (0.495, 0.5)])
    heirs = [Footstep(at(0.4), Point(x, 0.5)) for x in (0.515, 0.52)]
    later = [Footstep(at(0.6), Point(x, 0.5)) for x in (0.53, 0.535)]
    looks = [
        [track(1, first[:1])],
        [track(1, first)],
        [track(2, heirs[:1], confirmed=False), track(3, heirs[1:], confirmed=False)],
        [track(2, (heirs[0], later[0]), newly=True), track(3, (heirs[1], later[1]), newly=True)],
    ]
    assert [one.track for one in play(looks)] == [2]


def test_who_is_gone_is_forgotten() -> None:
    state = LineState()
    for key in range(500):
        path = (Footstep(at(key * 0.2), Point(0.495, 0.5)),)
        state, _ = step_tracks(state, GATE, [track(key, path)], at(key * 0.2), ASPECT)
    assert len(state.passages) == 1
    assert len(state.lost) <= 10
