from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ingest.capture_time import BELIEVABLE_DELAY, TRUSTED, CaptureClock, CaptureTime
from record.frames import TimeSource

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seconds_of(moment: datetime) -> float:
    return (moment - START).total_seconds()


delays = st.lists(st.floats(0.001, 1.9), min_size=2, max_size=60)
origins = st.floats(0, 1e6)


def by_arrival(clock: CaptureClock, number: int, delay: float, origin: float = 0.0) -> CaptureTime:
    captured = number * 0.1
    return clock.estimate(arrived=at(captured + delay), pts_s=origin + captured, reported=None)


@given(delays, origins)
def test_jitter_is_taken_out_once_the_quickest_frame_has_been_seen(
    jitter: list[float], origin: float
) -> None:
    clock = CaptureClock()
    # Frames arrive in their order whatever the jitter: the network is one TCP connection.
    arrivals: list[float] = []
    for number, delay in enumerate(jitter):
        arrivals.append(max([number * 0.1 + delay, *arrivals]))
    for number, arrived in enumerate(arrivals):
        clock.estimate(arrived=at(arrived), pts_s=origin + number * 0.1, reported=None)
    smallest = min(arrived - number * 0.1 for number, arrived in enumerate(arrivals))
    settled = [
        clock.estimate(
            arrived=at(number * 0.1 + smallest + 0.05), pts_s=origin + number * 0.1, reported=None
        )
        for number in range(len(jitter) + 20, len(jitter) + 60)
    ]
    last = settled[-1]
    assert abs(seconds_of(last.at) - ((len(jitter) + 59) * 0.1 + smallest)) < 0.001
    assert last.source is TimeSource.ARRIVAL


@given(delays, origins)
def test_time_strictly_grows_and_never_passes_arrival(jitter: list[float], origin: float) -> None:
    clock = CaptureClock()
    arrived, answers = 0.0, []
    for number, delay in enumerate(jitter):
        arrived = max(arrived, number * 0.1 + delay)
        answer = clock.estimate(arrived=at(arrived), pts_s=origin + number * 0.1, reported=None)
        answers.append(answer.at)
        # A microsecond a frame is what telling equal moments apart may cost.
        assert answer.at <= at(arrived) + timedelta(microseconds=number)
    assert all(before < after for before, after in pairwise(answers))


@given(st.floats(-1.9, 1.9), st.integers(1, 30))
def test_a_sender_report_near_enough_is_the_capture_time(ahead: float, before: int) -> None:
    clock = CaptureClock()
    for number in range(before):
        by_arrival(clock, number, 0.02)
    answers = [
        clock.estimate(
            arrived=at(number * 0.1 + 0.02),
            pts_s=number * 0.1,
            reported=at(number * 0.1 + 0.02 + ahead),
        )
        for number in range(before, before + 100)
    ]
    assert {answer.source for answer in answers} == {TimeSource.SENDER_REPORT}
    assert clock.clock_offset is None
    assert abs(seconds_of(answers[-1].at) - ((before + 99) * 0.1 + 0.02 + ahead)) < 0.001
    assert all(one.at < other.at for one, other in pairwise(answers))


def test_a_slow_camera_clock_makes_time_run_at_half_speed_until_it_agrees() -> None:
    clock = CaptureClock()
    by_arrival(clock, 0, 0.0)
    steps = [
        clock.estimate(arrived=at(n * 0.1), pts_s=n * 0.1, reported=at(n * 0.1 - 1.0)).at
        for n in range(1, 40)
    ]
    gaps = [round((after - before).total_seconds(), 6) for before, after in pairwise(steps)]
    assert gaps[:18] == [0.05] * 18
    assert gaps[-5:] == [0.1] * 5


@given(st.floats(2.1, 1e6), st.booleans())
def test_a_clock_that_is_off_is_not_believed_and_is_reported_once(off: float, behind: bool) -> None:
    clock, ahead = CaptureClock(), timedelta(seconds=-off if behind else off)
    offsets = []
    for number in range(120):
        moment = at(number * 0.1)
        answer = clock.estimate(arrived=moment, pts_s=number * 0.1, reported=moment + ahead)
        assert answer.source is TimeSource.ARRIVAL
        assert abs(answer.at - moment) < timedelta(milliseconds=1)
        offsets.append(clock.clock_offset)
    assert offsets[40] is None
    assert offsets[-1] == ahead
    assert len({offset for offset in offsets if offset is not None}) == 1


def test_old_pictures_at_the_beginning_do_not_make_a_clock_wrong() -> None:
    """A camera may begin with the pictures since its last keyframe, four seconds ago."""
    clock = CaptureClock()
    for number in range(40):
        clock.estimate(arrived=at(4.0), pts_s=number * 0.1, reported=at(number * 0.1))
    assert clock.clock_offset is None
    now = clock.estimate(arrived=at(4.02), pts_s=4.0, reported=at(4.0))
    assert now == CaptureTime(now.at, TimeSource.SENDER_REPORT)


def test_a_clock_put_right_is_trusted_again_only_well_within_the_limit() -> None:
    clock = CaptureClock()

    def see(number: int, ahead: float) -> TimeSource:
        moment = at(number * 0.1)
        return clock.estimate(
            arrived=moment, pts_s=number * 0.1, reported=moment + timedelta(seconds=ahead)
        ).source

    for number in range(60):
        see(number, 3.0)
    assert [see(60, 1.9), clock.clock_offset] == [TimeSource.ARRIVAL, timedelta(seconds=1.9)]
    assert [see(61, 1.4), clock.clock_offset] == [TimeSource.SENDER_REPORT, None]
    assert [see(62, 1.9), clock.clock_offset] == [TimeSource.SENDER_REPORT, None]


@given(st.floats(0.11, 1000), st.integers(2, 50))
def test_a_loop_that_begins_again_is_captured_when_it_arrives(length: float, before: int) -> None:
    clock = CaptureClock()
    for number in range(before):
        clock.estimate(arrived=at(number * 0.1), pts_s=length + number * 0.1, reported=None)
    arrived = at(before * 0.1)
    answer = clock.estimate(arrived=arrived, pts_s=0.0, reported=None)
    assert answer.at == arrived


@given(st.floats(0.2, 1000))
def test_a_jump_forward_is_captured_when_it_arrives(jump: float) -> None:
    clock = CaptureClock()
    for number in range(10):
        by_arrival(clock, number, 0.05)
    answer = clock.estimate(arrived=at(1.05), pts_s=1.0 + jump, reported=None)
    assert answer.at == at(1.05)


def test_our_own_clock_set_forward_is_followed_at_once() -> None:
    """A site box boots with the wrong time and is set by NTP an hour later."""
    clock, hour = CaptureClock(), 3600.0
    for number in range(10):
        by_arrival(clock, number, 0.05)
    answer = clock.estimate(arrived=at(1.05 + hour), pts_s=1.0, reported=None)
    assert answer.at == at(1.05 + hour)
    assert timedelta(seconds=hour) > BELIEVABLE_DELAY


def test_two_quartzes_drifting_apart_stay_within_some_milliseconds() -> None:
    """The camera's clock runs 100 ppm slow: an hour makes 360 ms if nothing is forgotten."""
    clock, worst = CaptureClock(), 0.0
    for second in range(3600):
        captured = float(second)
        answer = clock.estimate(
            arrived=at(captured + 0.01), pts_s=captured * (1 - 100e-6), reported=None
        )
        worst = max(worst, captured + 0.01 - seconds_of(answer.at))
    assert worst < 0.013


def test_a_first_packet_without_time_is_captured_when_it_arrives() -> None:
    clock = CaptureClock()
    first = clock.estimate(arrived=at(0.03), pts_s=None, reported=None)
    second = clock.estimate(arrived=at(0.13), pts_s=0.1, reported=None)
    assert (first.at, second.at) == (at(0.03), at(0.13))


def test_the_limit_is_the_two_seconds_of_the_design() -> None:
    assert timedelta(seconds=2) == TRUSTED
