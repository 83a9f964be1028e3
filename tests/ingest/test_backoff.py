import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.backoff import (
    HEALTHY_AFTER_S,
    LONGEST_REFUSED_S,
    LONGEST_S,
    PUBLISHER_S,
    REFUSED_S,
    SHORTEST_S,
    Backoff,
)
from record.cameras import CameraReason

reasons = st.sampled_from(CameraReason)


def longest(_: float, most: float) -> float:
    return most


@given(st.lists(st.tuples(reasons, st.floats(0, 1e6)), max_size=50), st.floats(0, 1))
def test_waits_stay_within_their_bounds(
    failures: list[tuple[CameraReason, float]], draw: float
) -> None:
    backoff = Backoff()
    for reason, lasted_s in failures:
        backoff, wait_s = backoff.after(reason, lasted_s, lambda a, b: a + draw * (b - a))
        refused = reason in (CameraReason.AUTH_FAILED, CameraReason.NOT_FOUND)
        least, most = (REFUSED_S, LONGEST_REFUSED_S) if refused else (SHORTEST_S, LONGEST_S)
        assert least <= wait_s <= most


def test_waits_double_up_to_the_cap() -> None:
    backoff, waits = Backoff(), []
    for _ in range(6):
        backoff, wait_s = backoff.after(CameraReason.REFUSED, 0, longest)
        waits.append(wait_s)
    assert waits == [1, 2, 4, 5, 5, 5]


@pytest.mark.parametrize("reason", [CameraReason.AUTH_FAILED, CameraReason.NOT_FOUND])
def test_what_is_answered_with_no_is_asked_ever_more_rarely(reason: CameraReason) -> None:
    backoff, waits = Backoff(), []
    for _ in range(5):
        backoff, wait_s = backoff.after(reason, 0, longest)
        waits.append(wait_s)
    assert waits == [5, 10, 20, 30, 30]


@given(st.floats(0, 1), st.floats(0, 20))
def test_a_wrong_password_is_tried_four_times_in_the_first_half_minute_at_most(
    draw: float, dialled_s: float
) -> None:
    """Many cameras lock an account out after five. How long the answer took counts for nothing."""
    backoff, at, tries = Backoff(), 0.0, 0
    while at < 30:
        tries += 1
        backoff, wait_s = backoff.after(
            CameraReason.AUTH_FAILED, 0, lambda a, b: a + draw * (b - a), dialled_s
        )
        at += wait_s
    assert tries <= 4


def test_a_minute_of_health_wipes_the_slate() -> None:
    tired = Backoff(failures=9)
    rested, wait_s = tired.after(CameraReason.STALLED, HEALTHY_AFTER_S, longest)
    assert (rested, wait_s) == (Backoff(failures=1), 1)
    still_tired, wait_s = tired.after(CameraReason.STALLED, HEALTHY_AFTER_S - 1, longest)
    assert (still_tired, wait_s) == (Backoff(failures=10), 5)


def test_years_of_failure_do_not_overflow() -> None:
    assert Backoff(failures=10**9).after(CameraReason.REFUSED, 0, longest)[1] == LONGEST_S


def test_what_was_spent_on_a_dial_that_failed_counts_as_waited() -> None:
    """Five seconds in a camera that lets us in and says nothing, and then five more, would be
    longer than a camera may take to be back."""
    tired = Backoff(failures=9)
    assert tired.after(CameraReason.UNREACHABLE, 0, longest, dialled_s=3)[1] == LONGEST_S - 3
    assert tired.after(CameraReason.UNREACHABLE, 0, longest, dialled_s=5)[1] == SHORTEST_S


def test_one_no_after_many_failures_of_another_kind_is_waited_out_for_no_longer() -> None:
    """A camera that has just started says of its stream that there is none yet."""
    away = Backoff(failures=9)
    backoff, wait_s = away.after(CameraReason.NOT_FOUND, 0, longest)
    assert wait_s == REFUSED_S == LONGEST_S
    waits = []
    for _ in range(4):
        backoff, wait_s = backoff.after(CameraReason.NOT_FOUND, 0, longest)
        waits.append(wait_s)
    assert waits == [10, 20, 30, 30]
    backoff, _ = backoff.after(CameraReason.REFUSED, 0, longest)
    assert backoff.after(CameraReason.NOT_FOUND, 0, longest)[1] == LONGEST_S


@pytest.mark.parametrize("reason", [CameraReason.NO_PUBLISHER, CameraReason.STALLED])
def test_a_publisher_is_never_waited_for_longer_and_longer(reason: CameraReason) -> None:
    backoff = Backoff(failures=7)
    for _ in range(3):
        backoff, wait_s = backoff.after(reason, 0.0, longest, publishes=True)
        assert (backoff, wait_s) == (Backoff(), PUBLISHER_S)
