from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.ids import CameraId
from record.occupancy import MINUTE, Counts, OccupancyMinute, steps, unchanged
from tests.record.world import NOW

counts = st.builds(
    lambda least, more, most: Counts(least, least + more + most, least + more),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 5),
)
known = st.none() | counts


def minutes(values: list[Counts | None]) -> list[OccupancyMinute]:
    return [
        OccupancyMinute(CameraId("c"), None, NOW + number * MINUTE, value)
        for number, value in enumerate(values)
    ]


def changed_only(rows: list[OccupancyMinute]) -> list[OccupancyMinute]:
    """What the store keeps of a minute-by-minute record."""
    kept: list[OccupancyMinute] = []
    for row in rows:
        if not kept or not unchanged(kept[-1].counts, row.counts):
            kept.append(row)
    return kept


@given(st.lists(known, min_size=1, max_size=30))
def test_filling_gaps_gives_back_every_minute(values: list[Counts | None]) -> None:
    rows = minutes(values)
    end = NOW + len(rows) * MINUTE
    assert list(steps(changed_only(rows), NOW, end, MINUTE)) == rows


@given(st.lists(known, min_size=1, max_size=30), st.integers(1, 7), st.integers(0, 29))
def test_longer_steps_hold_least_most_and_last(
    values: list[Counts | None], length: int, skipped: int
) -> None:
    rows = minutes(values)
    since, end = NOW + skipped * MINUTE, NOW + len(rows) * MINUTE
    for step in steps(changed_only(rows), since, end, length * MINUTE):
        parts = [
            row.counts for row in rows if step.minute <= row.minute < step.minute + length * MINUTE
        ]
        sure = [part for part in parts if part is not None]
        if len(sure) < len(parts):
            assert step.counts is None
        else:
            assert step.counts == Counts(
                min(part.least for part in sure), max(part.most for part in sure), sure[-1].last
            )


def test_nothing_is_said_of_the_time_before_the_first() -> None:
    rows = minutes([Counts.steady(2)])
    found = list(steps(rows, NOW - 2 * MINUTE, NOW + 2 * MINUTE, MINUTE))
    assert [row.minute for row in found] == [NOW, NOW + MINUTE]


def test_unknown_is_not_unchanged() -> None:
    assert not unchanged(Counts.steady(0), None)
    assert not unchanged(None, Counts.steady(0))
    assert unchanged(None, None)
    assert unchanged(Counts(0, 3, 2), Counts.steady(2))
    assert not unchanged(Counts(0, 3, 2), Counts(0, 3, 2))


def test_counts_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="least 3"):
        Counts(3, 2, 2)
    assert timedelta(minutes=1) == MINUTE
