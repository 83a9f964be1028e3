import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from detect.geometry import Box, contains, crossing_share, distance, outward_offset
from record.cameras import Point

ASPECT = 9 / 16
coordinates = st.integers(0, 1000).map(lambda value: value / 1000)
points = st.builds(Point, coordinates, coordinates)
aspects = st.sampled_from([9 / 16, 3 / 4, 1.0, 16 / 9])


@pytest.mark.parametrize(
    ("a", "b", "outside"),
    [
        # facing up the screen, outward is to the right
        (Point(0.5, 0.9), Point(0.5, 0.1), Point(0.7, 0.5)),
        # facing down, to the left
        (Point(0.5, 0.1), Point(0.5, 0.9), Point(0.3, 0.5)),
        # facing right, downwards
        (Point(0.1, 0.5), Point(0.9, 0.5), Point(0.5, 0.7)),
        # facing left, upwards
        (Point(0.9, 0.5), Point(0.1, 0.5), Point(0.5, 0.3)),
    ],
)
def test_outward_is_to_the_right_as_seen_on_the_screen(a: Point, b: Point, outside: Point) -> None:
    assert outward_offset(a, b, outside, ASPECT) > 0
    assert outward_offset(b, a, outside, ASPECT) < 0


def test_distances_are_in_frame_widths_whatever_the_direction() -> None:
    upright, level = (Point(0.5, 0), Point(0.5, 1)), (Point(1, 0.5), Point(0, 0.5))
    assert abs(outward_offset(*upright, Point(0.6, 0.3), ASPECT)) == pytest.approx(0.1)
    assert abs(outward_offset(*level, Point(0.3, 0.6), ASPECT)) == pytest.approx(0.1 * ASPECT)
    assert distance(Point(0.1, 0.1), Point(0.1, 0.2), ASPECT) == pytest.approx(0.1 * ASPECT)


@given(points, points, points, aspects)
def test_turning_a_line_round_swaps_its_sides(a: Point, b: Point, p: Point, aspect: float) -> None:
    assume(a != b)
    there, back = outward_offset(a, b, p, aspect), outward_offset(b, a, p, aspect)
    assert there == pytest.approx(-back, abs=1e-9)


@given(points, points, points, aspects)
def test_mirroring_the_picture_swaps_the_sides(a: Point, b: Point, p: Point, aspect: float) -> None:
    assume(a != b)
    flipped_a, flipped_b, flipped_p = (Point(1 - one.x, one.y) for one in (a, b, p))
    mirrored = outward_offset(flipped_a, flipped_b, flipped_p, aspect)
    assert mirrored == pytest.approx(-outward_offset(a, b, p, aspect), abs=1e-9)


@given(points, points, points, points, aspects)
def test_a_step_goes_through_where_the_segments_meet(
    a: Point, b: Point, p: Point, q: Point, aspect: float
) -> None:
    assume(a != b and p != q)
    wall = shapely.LineString([(a.x, a.y), (b.x, b.y)])
    step = shapely.LineString([(p.x, p.y), (q.x, q.y)])
    ends = min(wall.distance(shapely.Point(one.x, one.y)) for one in (p, q))
    tips = min(step.distance(shapely.Point(one.x, one.y)) for one in (a, b))
    assume(ends > 1e-6 and tips > 1e-6)  # touching is decided by rounding
    share = crossing_share(a, b, p, q, aspect)
    assert (share is not None) == wall.intersects(step)
    if share is not None:
        met = Point(p.x + (q.x - p.x) * share, p.y + (q.y - p.y) * share)
        assert wall.distance(shapely.Point(met.x, met.y)) < 1e-6


@st.composite
def polygons(draw: st.DrawFn) -> tuple[Point, ...]:
    corners = draw(st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=8))
    shape = shapely.Polygon(corners)
    assume(len(set(corners)) == len(corners) and shape.is_valid and shape.area > 1e-4)
    return tuple(Point(x, y) for x, y in corners)


@given(polygons(), points)
def test_inside_is_where_shapely_says(polygon: tuple[Point, ...], p: Point) -> None:
    shape = shapely.Polygon([(corner.x, corner.y) for corner in polygon])
    assume(shape.exterior.distance(shapely.Point(p.x, p.y)) > 1e-9)
    assert contains(polygon, p) == shape.contains(shapely.Point(p.x, p.y))


@given(polygons(), points, st.integers(0, 7), st.booleans())
def test_inside_ignores_where_a_polygon_starts_and_how_it_turns(
    polygon: tuple[Point, ...], p: Point, start: int, back: bool
) -> None:
    start %= len(polygon)
    turned = polygon[start:] + polygon[:start]
    assert contains(turned[::-1] if back else turned, p) == contains(polygon, p)


def test_a_box_stands_on_the_middle_of_its_lower_edge_and_grows_in_all_directions() -> None:
    box = Box(0.25, 0.5, 0.5, 0.75)
    assert box.foot == Point(0.375, 0.75)
    assert box.grown(0.5) == Box(0.1875, 0.4375, 0.5625, 0.8125)
