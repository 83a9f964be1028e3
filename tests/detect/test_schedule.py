from collections import Counter
from datetime import timedelta

import pytest

from detect import LookSchedule
from record.ids import CameraId
from tests.detect.walks import at

A, B, C = CameraId("a"), CameraId("b"), CameraId("c")


def looks(frames_per_s: float, first_s: float = 0.0, for_s: float = 20.0) -> list[float]:
    """Capture times looked at of one camera."""
    schedule = LookSchedule(5.0)
    times = [first_s + n / frames_per_s for n in range(round(for_s * frames_per_s))]
    return [time for time in times if schedule.grant({A: at(time)}) is not None]


@pytest.mark.parametrize("first_s", [0.0, 0.03, 0.1])
@pytest.mark.parametrize("frames_per_s", [5, 6, 7.5, 10, 12, 12.5, 15, 20, 25, 29.97, 30, 60])
def test_five_looks_a_second_whatever_the_frame_rate(frames_per_s: float, first_s: float) -> None:
    assert len(looks(frames_per_s, first_s)) == pytest.approx(100, abs=2)


def test_a_slow_camera_is_looked_at_in_every_frame() -> None:
    assert len(looks(3)) == 60


def test_at_ten_frames_a_second_every_second_frame() -> None:
    assert looks(10, for_s=1.0) == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])


def test_a_frame_that_comes_a_little_early_is_not_left_out() -> None:
    schedule = LookSchedule(5.0)
    times = [0.0, 0.199, 0.401, 0.598, 0.8]
    assert [schedule.grant({A: at(time)}) for time in times] == [A] * 5


def test_who_waited_longest_is_first_and_nobody_starves() -> None:
    """A detector that manages 10 looks a second, and three cameras that want 5 each."""
    schedule = LookSchedule(5.0)
    served: Counter[CameraId] = Counter()
    for n in range(300):
        now = at(n * 0.1)
        camera = schedule.grant({A: now, B: now, C: now})
        assert camera is not None
        served[camera] += 1
    assert set(served.values()) == {100}


def test_nobody_is_due_twice_for_the_same_moment() -> None:
    schedule = LookSchedule(5.0)
    assert schedule.grant({A: at(0)}) == A
    assert schedule.grant({A: at(0)}) is None
    assert schedule.grant({A: at(0.1), B: at(0.1)}) == B
    assert schedule.grant({}) is None


def test_after_a_pause_the_grid_begins_anew() -> None:
    schedule = LookSchedule(5.0)
    assert schedule.grant({A: at(0)}) == A
    assert schedule.grant({A: at(60)}) == A
    assert schedule.grant({A: at(60.1)}) is None
    assert schedule.grant({A: at(60.2)}) == A


def test_a_clock_that_was_set_back_does_not_blind_a_camera() -> None:
    schedule = LookSchedule(5.0)
    assert schedule.grant({A: at(3600)}) == A
    assert schedule.grant({A: at(0)}) == A
    assert schedule.grant({A: at(0) + timedelta(seconds=0.1)}) is None


def test_a_camera_that_is_forgotten_begins_anew() -> None:
    schedule = LookSchedule(5.0)
    schedule.grant({A: at(0)})
    schedule.forget(A)
    schedule.forget(B)
    assert schedule.grant({A: at(0.01)}) == A
