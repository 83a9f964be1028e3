import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment  # type: ignore[import-untyped] # ships no types

from detect.assignment import assign

costs = st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(0, 1, width=16))
)


def test_two_who_want_the_same_are_served_together() -> None:
    cost = np.array([[0.1, 0.2], [0.15, 0.9]])
    assert assign(cost, 0.95) == [(0, 1), (1, 0)]


def test_what_costs_the_limit_is_never_paired() -> None:
    assert assign(np.array([[0.5, 0.9]]), 0.5) == []
    assert assign(np.zeros((0, 3)), 0.5) == []
    assert assign(np.zeros((3, 0)), 0.5) == []


@pytest.mark.parametrize("shape", [(50, 50), (50, 20), (20, 50)])
def test_a_crowd(shape: tuple[int, int]) -> None:
    cost = np.random.default_rng(7).random(shape)
    rows, columns = linear_sum_assignment(cost)
    pairs = assign(cost, 2.0)
    assert len(pairs) == min(shape)
    assert sum(cost[pair] for pair in pairs) == pytest.approx(cost[rows, columns].sum())


@given(costs, st.floats(0.05, 1.2))
def test_no_pairing_gains_more(cost: np.ndarray, limit: float) -> None:
    pairs = assign(cost, limit)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert all(cost[pair] < limit for pair in pairs)
    gain = np.minimum(cost - limit, 0)
    rows, columns = linear_sum_assignment(gain)
    ours = sum(gain[pair] for pair in pairs)
    assert ours == pytest.approx(gain[rows, columns].sum(), abs=1e-9)
