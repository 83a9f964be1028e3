"""A front that passes over the blocks of a picture, and what is none."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detect.front import GLIMPSES_PER_S, Front, step_front
from detect.tamper_view import Grey

T0 = datetime(2026, 1, 1, tzinfo=UTC)
ROWS, COLUMNS = 9, 16
DAY = np.random.default_rng(0).uniform(65, 220, (ROWS, COLUMNS)).astype(np.float32)
BLACK = np.full((ROWS, COLUMNS), 18, np.float32)


def arrived(pictures: Iterable[Grey]) -> bool:
    """By the last of them."""
    state = Front()
    for index, blocks in enumerate(pictures):
        state = step_front(state, blocks, T0 + timedelta(seconds=index / GLIMPSES_PER_S))
    return state.arrived


def over(columns: int, day: Grey = DAY) -> Grey:
    """Black up to a column, as before beyond."""
    return np.where(np.arange(COLUMNS) < columns, BLACK, day).astype(np.float32)


def lit(share: float, day: Grey = DAY) -> Grey:
    return (16 + (day - 16) * share).astype(np.float32)


def test_what_passes_over_everything_has_arrived() -> None:
    assert arrived([DAY, over(4), over(9), BLACK, BLACK])


def test_an_exposure_that_gives_way_hides_no_front() -> None:
    assert arrived([DAY, over(4, lit(1.2)), over(9, lit(1.5)), BLACK])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_light_that_falls_everywhere_by_one_factor_is_no_front(shares: list[float]) -> None:
    assert not arrived([DAY, *(lit(share) for share in shares), BLACK])


def test_one_picture_of_a_shutter_that_rolls_is_no_front() -> None:
    assert not arrived([DAY, over(8), BLACK, BLACK])


def test_a_front_that_stands_still_is_two_lamps() -> None:
    assert not arrived([DAY, *[over(8)] * 6, BLACK])


@pytest.mark.parametrize("back", [DAY, over(9)])
def test_it_is_over_when_light_is_back(back: Grey) -> None:
    assert not arrived([DAY, over(4), over(9), BLACK, BLACK, back])


def test_what_was_there_for_long_is_the_usual() -> None:
    """A curtain that hangs half before the lens, and then the light goes out."""
    hangs = [over(6), over(8)] * int(6 * GLIMPSES_PER_S)
    assert not arrived([DAY, *hangs, BLACK])


def test_where_nothing_is_lit_nothing_can_pass() -> None:
    dusk = lit(0.15)
    assert not arrived([dusk, over(4, dusk), over(9, dusk), BLACK])
