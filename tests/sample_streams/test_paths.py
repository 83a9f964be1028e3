"""Feet on the ground: speeds in metres, no jumps, no sliding."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.generate.paths import SAME_PLACE_PX, lay_path
from sample_streams.generate.perspective import PERSON_M, Perspective
from sample_streams.generate.script import Step

COURTYARD = Perspective(0.2385, -66.4, 800.0)
POINTS = st.tuples(st.floats(-40, 680), st.floats(60, 380))
STEPS = st.lists(
    st.one_of(
        st.builds(Step, to=POINTS, metres_per_s=st.floats(0.8, 1.4)),
        st.builds(Step, wait_s=st.floats(0.5, 5)),
    ),
    min_size=1,
    max_size=4,
)


def test_a_step_sideways_is_measured_against_a_person() -> None:
    """At a row where a person is 86 px high, 50 px are a metre."""
    row = COURTYARD.horizon_row + 86 / COURTYARD.height_per_row
    right, away = COURTYARD.ground_step(100, row, 150, row)
    assert right == pytest.approx(PERSON_M * 50 / 86)
    assert away == 0


@given(st.floats(0, 300), st.integers(0, 300), st.sampled_from([0.5, 0.8333, 2.0]))
def test_a_cropped_and_scaled_view_measures_the_same(row: float, top: int, scale: float) -> None:
    view = COURTYARD.cropped(top, scale)
    assert view.height_px((row - top) * scale) == pytest.approx(COURTYARD.height_px(row) * scale)
    assert view.depth_m((row - top) * scale) == pytest.approx(COURTYARD.depth_m(row))


@pytest.mark.parametrize(
    ("to", "heading"), [((200, 100), 0), ((0, 100), 180), ((100, 90), 90), ((100, 110), -90)]
)
def test_headings_on_the_ground(to: tuple[float, float], heading: float) -> None:
    assert abs(COURTYARD.heading_deg(100, 100, *to)) == pytest.approx(abs(heading))
    assert math.copysign(1, COURTYARD.heading_deg(100, 100, *to)) == math.copysign(1, heading)


@given(POINTS, STEPS)
def test_walks_are_continuous_and_never_faster_than_a_walk(
    start: tuple[float, float], steps: list[Step]
) -> None:
    if all(step.to and math.dist(step.to, start) < SAME_PLACE_PX for step in steps):
        with pytest.raises(ValueError, match="somewhere else"):
            lay_path(COURTYARD, 2.0, start, steps)
        return
    path = lay_path(COURTYARD, 2.0, start, steps)
    before = path.stance(path.from_s)
    assert before is not None
    assert (before.x, before.y) == pytest.approx(start)
    for tick in range(1, 60):
        now = path.stance(min(path.from_s + tick * 0.1, path.to_s))
        assert now is not None
        assert 0 <= now.walked_m - before.walked_m <= 0.14 + 1e-6
        moved = math.hypot(*COURTYARD.ground_step(before.x, before.y, now.x, now.y))
        assert moved <= now.walked_m - before.walked_m + 1e-2
        before = now
    assert path.stance(path.from_s - 0.01) is None
    assert path.stance(path.to_s + 0.01) is None


def test_whoever_waits_stays_and_counts_the_time() -> None:
    steps = [Step(to=(300, 200)), Step(wait_s=4), Step(to=(100, 200))]
    path = lay_path(COURTYARD, 0.0, (100, 200), steps)
    arrived = path.legs[0].to_s
    stance = path.stance(arrived + 3)
    assert stance is not None
    assert (stance.x, stance.y) == (300, 200)
    assert stance.waited_s == pytest.approx(3.0)
    assert path.to_s == pytest.approx(2 * arrived + 4)
