from datetime import timedelta
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Look, Tampering
from record.cameras import CameraReason
from record.ids import AreaId, CameraId
from record.occupancy import Counts
from record.sightings import Occupancy
from record.watching import BLIND
from tests.fakes.clock import EPOCH
from wardwatch.worker_minutes import LATE, MinuteCounts, MinuteTally, counted

CAMERA, YARD = CameraId("gate"), AreaId("yard")


def seen(seconds: float, view: int | None, yard: int = 0) -> Occupancy:
    areas = {} if view is None else {YARD: yard}
    return Occupancy(CAMERA, EPOCH + timedelta(seconds=seconds), view, areas)


def minutes_of(*looks: Occupancy) -> list[MinuteCounts]:
    tally = MinuteTally(CAMERA)
    return [*chain.from_iterable(tally.add(look) for look in looks), *tally.close()]


def test_a_minute_has_the_least_the_most_and_the_last() -> None:
    (minute,) = minutes_of(seen(1, 2, 1), seen(2, 5, 0), seen(3, 1, 1), seen(59, 3, 1))
    assert minute == MinuteCounts(CAMERA, EPOCH, Counts(1, 5, 3), {YARD: Counts(0, 1, 1)})


def test_a_minute_is_over_with_the_first_look_after_it() -> None:
    tally = MinuteTally(CAMERA)
    assert list(tally.add(seen(1, 2))) == []
    assert [minute.minute for minute in tally.add(seen(60, 7))] == [EPOCH]
    (second,) = tally.close()
    assert (second.minute, second.view) == (EPOCH + timedelta(minutes=1), Counts.steady(7))


def test_a_stream_that_breaks_leaves_the_count_unknown() -> None:
    (minute,) = minutes_of(seen(1, 2, 1), seen(30, None))
    assert (minute.view, minute.areas) == (None, {YARD: None})


def test_a_stream_that_comes_back_is_known_again_by_what_it_shows() -> None:
    (minute,) = minutes_of(seen(1, 4, 2), seen(10, None), seen(20, 1, 1))
    assert minute == MinuteCounts(CAMERA, EPOCH, Counts.steady(1), {YARD: Counts.steady(1)})


def test_a_camera_that_is_away_has_its_minute_closed_by_the_clock() -> None:
    tally = MinuteTally(CAMERA)
    list(tally.add(seen(10, None)))
    assert list(tally.over(EPOCH + timedelta(minutes=1))) == []
    (minute,) = tally.over(EPOCH + timedelta(minutes=1) + LATE)
    assert (minute.minute, minute.view) == (EPOCH, None)
    assert list(tally.over(EPOCH + timedelta(hours=1))) == []


@pytest.mark.parametrize("reason", CameraReason)
def test_nobody_seen_by_a_camera_that_shows_nothing_is_unknown(reason: CameraReason) -> None:
    look = Look((), seen(1, 0, 0), (), ())
    told = counted(look, Tampering(reason, EPOCH, EPOCH, 1.0)).occupancy
    assert (told.view, told.areas) == ((None, {}) if reason in BLIND else (0, {YARD: 0}))
    assert counted(look, None) == look


@settings(derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 300), st.one_of(st.none(), st.integers(0, 9))), min_size=1))
def test_every_minute_once_in_order_and_counts_within_what_was_seen(
    looks: list[tuple[float, int | None]],
) -> None:
    looks.sort(key=lambda look: look[0])
    minutes = minutes_of(*(seen(at, view) for at, view in looks))
    starts = [minute.minute for minute in minutes]
    assert starts == sorted(set(starts))
    assert {(start - EPOCH).total_seconds() // 60 for start in starts} == {
        at // 60 for at, _ in looks
    }
    for minute in minutes:
        inside = [
            view for at, view in looks if at // 60 == (minute.minute - EPOCH).total_seconds() // 60
        ]
        if minute.view is None:
            assert inside[-1] is None
        else:
            assert minute.view.last == inside[-1]
            assert minute.view.most <= max(view for view in inside if view is not None)
