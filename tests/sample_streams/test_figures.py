"""The right cut-out for a heading and a stride."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.generate.figures import (
    Cell,
    Figure,
    Loop,
    angle_between,
    dress,
    nearest,
    to_and_fro,
)
from sample_streams.generate.paths import Stance
from sample_streams.generate.script import Role


def cell(blue: float = 0.0, width: int = 4) -> Cell:
    """A figure 10 px high, 2 px wide, standing at the left of its cell."""
    pixels = np.zeros((12, width, 4), np.float32)
    pixels[1:11, :2] = (blue, 20, 20, 1)
    return Cell(pixels, 1.0, 11.0, 10.0)


RIGHT = Loop(True, tuple(cell(blue) for blue in range(5)), 10.0, 0.1)
AWAY = Loop(True, (cell(),), 85.0, 0.1)
STAND = Loop(False, (cell(50), cell(60), cell(70)))


@pytest.mark.parametrize(
    ("heading", "loop", "mirrored"),
    [
        (0, RIGHT, False),
        (175, RIGHT, True),
        (-170, RIGHT, True),
        (88, AWAY, False),
        (97, AWAY, True),
    ],
)
def test_the_nearest_walk_is_chosen_mirrored_where_that_is_nearer(
    heading: float, loop: Loop, mirrored: bool
) -> None:
    assert nearest((RIGHT, AWAY), heading) == (loop, mirrored)


@given(st.floats(-720, 720), st.floats(-720, 720))
def test_angles_between_are_symmetric_and_at_most_half_a_turn(a: float, b: float) -> None:
    assert 0 <= angle_between(a, b) <= 180
    assert angle_between(a, b) == pytest.approx(angle_between(b, a), abs=1e-6)


@given(st.integers(0, 1000), st.integers(1, 30))
def test_to_and_fro_moves_one_frame_at_a_time(step: int, length: int) -> None:
    here, there = to_and_fro(step, length), to_and_fro(step + 1, length)
    assert 0 <= here < length
    assert abs(there - here) == min(1, length - 1)


def test_strides_follow_the_metres_walked() -> None:
    figure = Figure((RIGHT,), ())
    blues = [
        figure.cell(Stance(0, 0, 0, walked, None)).pixels[5, 0, 0]
        for walked in (0.0, 0.05, 0.11, 0.49, 0.51)
    ]
    assert blues == [0, 0, 1, 4, 0]


def test_a_mirrored_figure_stands_on_the_mirrored_foot() -> None:
    shown = Figure((RIGHT,), ()).cell(Stance(0, 0, 180, 0, None))
    assert shown.foot_x == 3.0
    assert shown.pixels[5, 3, 3] == 1


def test_whoever_waits_is_shown_standing() -> None:
    figure = Figure((RIGHT,), (STAND,))
    blues = [figure.cell(Stance(0, 0, 0, 1, s)).pixels[5, 0, 0] for s in (0, 0.4, 0.8, 1.2, 1.6)]
    assert blues == [50, 60, 70, 60, 50]


def test_clothes_change_colour_and_legs_do_not() -> None:
    role = Role("p", 0, (0, 0), (), coat_bgr=(40, 0, 0))
    (dressed,) = dress([Loop(True, (cell(10),), 0, 0.1)], role).walks
    blue = dressed.cells[0].pixels[:, 0, 0]
    assert blue[4] == 50
    assert blue[9] == 10
