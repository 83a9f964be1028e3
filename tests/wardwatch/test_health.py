"""What is said of a camera: seconds of a life in, sayings out."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import TAMPER_REASONS
from record.cameras import CameraReason, CameraState
from record.watching import Unwatched, unwatched_reason
from wardwatch.health import (
    CORRECTED_AFTER,
    GAPS_EVERY,
    MOST_OUTAGES,
    OUTLASTS,
    WORST_FIRST,
    HealthState,
    Saying,
    Seen,
    last_words,
    step_health,
)

T0 = datetime(2026, 1, 1, tzinfo=UTC)
HALF = timedelta(seconds=0.5)
ONLINE, OFFLINE, DEGRADED = CameraState.ONLINE, CameraState.OFFLINE, CameraState.DEGRADED
UNSTABLE = CameraReason.UNSTABLE


def live(
    pattern: str,
    troubles: dict[int, CameraReason] | None = None,
    why: Callable[[int], CameraReason] = lambda _: CameraReason.ENDED,
) -> list[tuple[float, Saying]]:
    """One letter each half second: `+` pictures come, `-` none do. With what was said when.
    `why`: of each half second without pictures."""
    state, said = HealthState(), []
    first: datetime | None = None
    last: datetime | None = None
    since: dict[CameraReason, datetime] = {}
    for index, letter in enumerate(pattern):
        at = T0 + index * HALF
        trouble = (troubles or {}).get(index)
        since = {} if trouble is None else {trouble: since.get(trouble, at)}
        if letter == "+":
            first, last = first or at, at
            seen = Seen(at, ONLINE, None, first, last, since)
        else:
            first = None
            seen = Seen(at, OFFLINE, why(index), None, last)
        state, saying = step_health(state, seen)
        if saying is not None:
            said.append((index / 2, saying))
    return said


def seconds(moment: datetime | None) -> float:
    assert moment is not None
    return (moment - T0).total_seconds()


def test_online_only_after_pictures_have_come_for_a_moment() -> None:
    assert live("+") == []
    ((at, saying),) = live("+++++")
    assert (at, saying.state, seconds(saying.since)) == (0.5, ONLINE, 0.0)


def test_a_camera_that_sends_one_picture_and_hangs_up_is_never_online() -> None:
    said = live("+--+--+--")
    assert {saying.state for _, saying in said} == {OFFLINE}


def test_an_outage_has_the_ends_of_the_pictures() -> None:
    said = live("+++++" + "----" + "+++")
    states = [(saying.state, seconds(saying.since)) for _, saying in said]
    assert states == [(ONLINE, 0.0), (OFFLINE, 2.0), (ONLINE, 4.5)]
    assert said[1][1].reason is CameraReason.ENDED


def test_an_outage_is_said_once_whatever_reasons_take_turns() -> None:
    turns = (CameraReason.REFUSED, CameraReason.UNREACHABLE, CameraReason.STALLED)
    said = live("+++++" + "-" * 2000 + "+++", why=lambda index: turns[index // 9 % 3])
    assert [saying.state for _, saying in said] == [ONLINE, OFFLINE, ONLINE]
    assert said[1][1].reason is CameraReason.REFUSED


def test_the_reason_that_stands_is_told_later_once() -> None:
    def why(index: int) -> CameraReason:
        return CameraReason.ENDED if index < 10 else CameraReason.UNREACHABLE

    said = live("+++++" + "-" * 2000, why=why)
    told = [(at, saying.reason, seconds(saying.since)) for at, saying in said[1:]]
    assert told == [
        (2.5, CameraReason.ENDED, 2.0),
        (35.0, CameraReason.UNREACHABLE, 2.0),
    ]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(CameraReason)[:9]), st.integers(1, 300)),
        min_size=1,
        max_size=60,
    ),
    st.integers(0, 5),
)
def test_offline_is_said_once_an_outage_but_for_few_corrections(
    reasons: list[tuple[CameraReason, int]], breaks: int
) -> None:
    """Any reasons for any times, with the camera there for three seconds now and then."""
    away = [reason for reason, count in reasons for _ in range(count)]
    pattern = list("+++" + "-" * len(away))
    for number in range(breaks):
        at = 3 + (number + 1) * len(away) // (breaks + 1)
        pattern[at : at + 6] = "+" * 6
    line = "".join(pattern)
    said = live(line, why=lambda index: away[min(index - 3, len(away) - 1)])
    times = [at for at, saying in said if saying.state is OFFLINE]
    lengths = [len(one) / 2 for one in line.split("+") if one]
    unit = CORRECTED_AFTER.total_seconds()
    assert len(times) <= sum(1 + int(math.log2(length / unit + 1)) for length in lengths)


def test_a_flapping_camera_says_little_and_loses_nothing() -> None:
    """Ten minutes of five seconds there, two away: 86 outages."""
    said = live(("+" * 10 + "-" * 4) * 86 + "+" * 600)
    states = [saying for _, saying in said if saying.state is not None]
    assert len(said) <= 2 * MOST_OUTAGES + 12
    assert [saying.reason for saying in states].count(UNSTABLE) == 1
    assert states[-1].state is ONLINE
    outages = [seconds(one.since) for one in states if one.state is OFFLINE]
    gaps = [gap for _, saying in said for gap in saying.gaps]
    begins = sorted(outages + [seconds(gap.began_at) for gap in gaps])
    assert begins == [4.5 + 7 * number for number in range(86)]
    assert all(gap.ended_at is not None for gap in gaps)
    assert {seconds(gap.ended_at) - seconds(gap.began_at) for gap in gaps} == {2.5}


def test_gaps_are_handed_over_at_most_once_a_minute() -> None:
    said = live(("+" * 10 + "-" * 4) * 200)
    times = [at for at, saying in said if saying.gaps]
    assert min(b - a for a, b in pairwise(times)) >= GAPS_EVERY.total_seconds()


def test_what_was_kept_of_a_held_camera_is_said_when_nobody_follows_it_any_more() -> None:
    state = HealthState(
        DEGRADED,
        UNSTABLE,
        held=True,
        gaps=(Unwatched(T0, T0 + HALF, "ended"),),
        away_since=T0 + 4 * HALF,
        away_reason=CameraReason.STALLED,
    )
    told = (*state.gaps, Unwatched(T0 + 4 * HALF, T0 + 6 * HALF, "stalled"))
    assert last_words(state, T0 + 6 * HALF) == told
    assert last_words(replace(state, away_since=None), T0 + 6 * HALF) == state.gaps
    # Said to be offline already: that goes on by itself in the record.
    assert last_words(replace(state, state=OFFLINE), T0 + 6 * HALF) == state.gaps
    off = Seen(T0 + 6 * HALF, CameraState.DISABLED)
    assert step_health(state, off) == (HealthState(CameraState.DISABLED), Saying(gaps=told))


def test_a_held_camera_that_stays_away_is_offline_from_its_last_picture() -> None:
    said = live(("+" * 10 + "-" * 4) * 8 + "+" * 10 + "-" * 300)
    at, last = [one for one in said if one[1].state is not None][-1]
    assert (last.state, seconds(last.since)) == (OFFLINE, 8 * 7 + 4.5)
    assert at - 0.5 <= 8 * 7 + 4.5 + OUTLASTS.total_seconds()


def test_a_held_camera_that_is_long_away_again_and_again_says_so_once_a_minute() -> None:
    """Half a second too short to be said, and too long to be kept back: ten minutes of either."""
    said = live(("+" * 4 + "-" * 14) * 70 + "+" * 600)
    offline = [at for at, saying in said if saying.state is OFFLINE]
    held = offline[MOST_OUTAGES - 1 :]
    assert 8 <= len(held) <= 11
    assert min(b - a for a, b in pairwise(held)) >= GAPS_EVERY.total_seconds()


def test_a_deed_is_said_at_once_and_what_swings_only_when_it_lasts() -> None:
    covered = live("+" * 20, dict.fromkeys(range(6, 12), CameraReason.COVERED))
    assert [(at, one.state, one.reason) for at, one in covered[1:]] == [
        (3.0, DEGRADED, CameraReason.COVERED),
        (6.0, ONLINE, None),
    ]
    short = live("+" * 200, dict.fromkeys(range(20, 30), CameraReason.CORRUPT))
    assert len(short) == 1
    long = live("+" * 200, dict.fromkeys(range(20, 60), CameraReason.CORRUPT))
    assert [(at, one.state) for at, one in long[1:]] == [(20.0, DEGRADED), (50.0, ONLINE)]


def test_a_deed_and_darkness_are_said_and_count_as_not_watched() -> None:
    """What is said of a picture in `detect`, carried to the end."""
    for reason in TAMPER_REASONS | {CameraReason.DARK}:
        assert reason in WORST_FIRST
        assert unwatched_reason(CameraState.DEGRADED, reason) == reason.value


@pytest.mark.parametrize("reason", [CameraReason.CORRUPT, CameraReason.FROZEN])
def test_a_trouble_from_before_an_outage_does_not_take_it_back(reason: CameraReason) -> None:
    """Said to be worse since before it was away, a camera would never have been away."""
    said = live("+" * 29 + "--" + "+" * 40, dict.fromkeys(range(10, 71), reason))
    away = next(at for at, (_, one) in enumerate(said) if one.state is OFFLINE)
    assert seconds(said[away][1].since) == 14.0
    assert seconds(said[away + 1][1].since) == 15.5
    assert said[-1][1].reason is reason
    moments = [seconds(one.since) for _, one in said]
    assert moments == sorted(moments)


def test_what_swings_every_other_second_is_said_once() -> None:
    swinging = {index: CameraReason.LOW_FRAME_RATE for index in range(10, 400) if index % 4 < 2}
    steady = dict.fromkeys(range(10, 40), CameraReason.LOW_FRAME_RATE)
    said = live("+" * 400, swinging | steady)
    assert len(said) == 2


def test_a_camera_switched_off_is_disabled_and_nothing_is_said() -> None:
    state, saying = step_health(HealthState(ONLINE), Seen(T0, CameraState.DISABLED))
    assert (state.state, saying) == (CameraState.DISABLED, None)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(1, 30)), min_size=1, max_size=60))
def test_whatever_a_line_does_every_outage_is_said_once(runs: list[tuple[bool, int]]) -> None:
    """Outages after the camera was there, by half seconds, against what was said of them."""
    pattern = "+++" + "".join(("+" if up else "-") * count for up, count in runs) + "+" * 600
    said = live(pattern)
    intervals: list[tuple[float, float]] = []
    began: float | None = None
    for _, saying in said:
        intervals += [(seconds(gap.began_at), seconds(gap.ended_at)) for gap in saying.gaps]
        if saying.state is OFFLINE and began is None:
            began = seconds(saying.since)
        elif saying.state in (ONLINE, DEGRADED) and began is not None:
            end = seconds(saying.since)
            intervals.append((began, end))
            began = None
    assert began is None
    lost = sum(to - start for start, to in intervals)
    # Each outage, from the last picture before to the first one after; a flash of pictures too
    # short to count joins two.
    indices = [index for index, letter in enumerate(pattern) if letter == "+"]
    least = sum((b - a) / 2 for a, b in pairwise(indices) if b - a > 1)
    assert lost >= least - 1e-6
    assert lost <= least + pattern.count("-+-") * 0.5 + 1e-6
    assert sorted(intervals) == sorted(set(intervals))


def test_the_state_is_of_bounded_size() -> None:
    state = HealthState()
    for index in range(3000):
        at = T0 + index * timedelta(seconds=3)
        up = Seen(at, ONLINE, None, at - timedelta(seconds=1), at)
        for seen in (up, replace(up, link=OFFLINE, first_at=None)):
            state, _ = step_health(state, seen)
    assert len(state.outages) <= MOST_OUTAGES
    assert len(state.gaps) <= 64
