"""Sides, crossings and counts, on cases done by hand and on properties."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.generate.script import AreaSpec, LineSpec, Point, RuleSpec
from sample_streams.generate.truth import (
    Count,
    Frame,
    Lasting,
    Person,
    Span,
    counts,
    crossings,
    in_area,
    in_view,
    inside,
    lasting,
    side,
    spans,
)

STEP = 0.1
COORDINATE = st.integers(0, 100).map(lambda at: at / 100)
POINT = st.tuples(COORDINATE, COORDINATE)
FOOT = POINT.map(lambda point: (point[0] + 0.00371, point[1] + 0.00593))
"""Off the grid of the lines: whether touching an end is crossing is nobody's question."""
LINES = st.builds(LineSpec, id=st.just("l"), a=POINT, b=POINT).filter(lambda line: line.a != line.b)


def walk(*feet: Point, share: float = 1.0) -> list[Frame]:
    return [
        Frame(at * STEP, (Person(1, foot, (0, 0, 1, 1), share),)) for at, foot in enumerate(feet)
    ]


@pytest.mark.parametrize(
    ("a", "b", "right_of_it"),
    [
        ((0.5, 1.0), (0.5, 0.0), (0.9, 0.5)),  # facing up the screen: right is right
        ((0.5, 0.0), (0.5, 1.0), (0.1, 0.5)),  # facing down: right is the left half
        ((0.0, 0.5), (1.0, 0.5), (0.5, 0.9)),  # facing right: right is below
        ((1.0, 0.5), (0.0, 0.5), (0.5, 0.1)),  # facing left: right is above
        ((0.75, 1.0), (0.75, 0.45), (0.95, 0.8)),  # the door of one-by-one: out at the right edge
    ],
)
def test_the_right_side_as_seen_on_the_screen(a: Point, b: Point, right_of_it: Point) -> None:
    line = LineSpec("l", a, b)
    assert side(line, right_of_it) > 0
    assert side(LineSpec("l", b, a), right_of_it) < 0


def test_outward_is_from_left_to_right() -> None:
    door = LineSpec("door", (0.5, 0.9), (0.5, 0.1))
    (out,) = crossings(door, walk((0.3, 0.5), (0.4, 0.5), (0.6, 0.5), (0.7, 0.5)))
    assert out.direction == "outward"
    assert out.at_s == pytest.approx(0.15)
    (back,) = crossings(door, walk((0.7, 0.5), (0.45, 0.5)))
    assert back.direction == "inward"
    assert back.at_s == pytest.approx(0.08)


def test_past_the_end_of_the_line_is_no_crossing() -> None:
    door = LineSpec("door", (0.5, 0.9), (0.5, 0.4))
    assert crossings(door, walk((0.3, 0.2), (0.7, 0.2))) == ()


def test_turning_back_before_the_line_is_no_crossing() -> None:
    door = LineSpec("door", (0.5, 0.9), (0.5, 0.1))
    assert crossings(door, walk((0.3, 0.5), (0.49, 0.5), (0.3, 0.5))) == ()


@given(LINES, st.lists(FOOT, min_size=2, max_size=8))
def test_reversing_a_line_swaps_the_directions(line: LineSpec, feet: list[Point]) -> None:
    there = crossings(line, walk(*feet))
    back = crossings(LineSpec("l", line.b, line.a), walk(*feet))
    assert [c.at_s for c in there] == pytest.approx([c.at_s for c in back])
    assert all(one.direction != other.direction for one, other in zip(there, back, strict=True))


@given(LINES, st.lists(FOOT, min_size=2, max_size=8))
def test_mirroring_the_picture_swaps_the_directions(line: LineSpec, feet: list[Point]) -> None:
    def mirror(point: Point) -> Point:
        return 1 - point[0], point[1]

    there = crossings(line, walk(*feet))
    mirrored = LineSpec("l", mirror(line.a), mirror(line.b))
    across = crossings(mirrored, walk(*map(mirror, feet)))
    assert all(a.direction != b.direction for a, b in zip(there, across, strict=True))


@given(st.lists(POINT, min_size=3, max_size=6), st.integers(0, 5), POINT)
def test_an_area_does_not_mind_where_its_polygon_starts(
    polygon: list[Point], turn: int, point: Point
) -> None:
    turned = (*polygon[turn % len(polygon) :], *polygon[: turn % len(polygon)])
    assert inside(tuple(polygon), point) == inside(turned, point)


def test_moments_join_over_small_gaps_only() -> None:
    found = spans([0.0, 0.1, 0.2, 0.9, 1.0, 4.0], STEP, gap_s=0.6)
    assert [one.from_s for one in found] == [0.0, 4.0]
    assert [one.to_s for one in found] == pytest.approx([1.1, 4.1])


def test_hidden_for_less_than_two_seconds_is_in_view_and_longer_is_not() -> None:
    def hidden_for(frames: int) -> list[Frame]:
        shares = [1.0] * 5 + [0.2] * frames + [1.0] * 5
        return [
            Frame(at * STEP, (Person(1, (0.5, 0.5), (0, 0, 1, 1), share),))
            for at, share in enumerate(shares)
        ]

    assert len(in_view(hidden_for(19), STEP)[1]) == 1
    assert len(in_view(hidden_for(21), STEP)[1]) == 2


def test_a_step_into_an_area_is_no_stay() -> None:
    area = AreaSpec("yard", ((0.5, 0), (1, 0), (1, 1), (0.5, 1)))

    def stays(*inside_for: int) -> int:
        feet: list[Point] = []
        for at, length in enumerate(inside_for):
            feet += [(0.2 if at % 2 == 0 else 0.8, 0.5)] * length
        frames = walk(*feet)
        return len(in_area(area, frames, in_view(frames, STEP), STEP).get(1, ()))

    assert stays(5, 4, 5) == 0
    assert stays(5, 6, 5) == 1
    assert stays(5, 6, 9, 6) == 1
    assert stays(5, 6, 12, 6) == 2


SPANS = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 20)).map(
        lambda one: Span(one[0] / 10, (one[0] + one[1]) / 10)
    ),
    max_size=3,
)


@given(st.dictionaries(st.integers(1, 6), SPANS.map(lambda one: tuple(one[:1])), max_size=6))
def test_counts_add_up_to_the_time_everybody_was_there(
    presence: dict[int, tuple[Span, ...]],
) -> None:
    levels = counts(None, presence)
    person_s = sum(s.to_s - s.from_s for stays in presence.values() for s in stays)
    assert sum(c.count * (c.to_s - c.from_s) for c in levels) == pytest.approx(person_s)
    assert all(c.count > 0 for c in levels)
    assert all(a.to_s <= b.from_s for a, b in itertools.pairwise(levels))


def test_a_gathering_lasts_from_the_third_to_the_third_last() -> None:
    rule = RuleSpec("crowd", "gathering", area="yard", persons=3, seconds=5)
    levels = [Count("yard", *span) for span in ((1.0, 4.0, 2), (4.0, 6.0, 3), (6.0, 9.5, 4))]
    assert lasting(rule, levels) == (Lasting("gathering", "crowd", 4.0, 9.5),)
    assert lasting(rule, levels[:2]) == ()
    bridged = [Count("yard", 0.0, 3.0, 3), Count("yard", 3.0, 3.9, 2), Count("yard", 3.9, 6.0, 3)]
    assert lasting(rule, bridged) == (Lasting("gathering", "crowd", 0.0, 6.0),)


def test_anybody_in_a_restricted_area_counts() -> None:
    rule = RuleSpec("ward", "restricted", area="ward")
    levels = [Count("ward", 1.0, 2.0, 1), Count("ward", 4.0, 5.0, 2)]
    assert [(one.from_s, one.to_s) for one in lasting(rule, levels)] == [(1.0, 2.0), (4.0, 5.0)]
