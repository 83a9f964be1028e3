"""A camera's own time: the clip goes round, the numbers only grow."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sample_streams.rtsp.live import Timeline
from sample_streams.rtsp.rtp import CLOCK_HZ

TIMELINES = st.builds(
    Timeline,
    frames_per_s=st.sampled_from([Fraction(10), Fraction(25), Fraction(30000, 1001)]),
    length=st.integers(1, 700),
    offset=st.integers(0, 699),
    began=st.floats(0, 1e6),
    rtp_base=st.integers(1, 2**31),
)


@given(TIMELINES, st.integers(0, 100_000))
def test_pictures_go_round_and_time_goes_on(timeline: Timeline, number: int) -> None:
    assert timeline.picture(number + timeline.length) == timeline.picture(number)
    assert timeline.due(number + 1) > timeline.due(number)
    step = (timeline.timestamp(number + 1) - timeline.timestamp(number)) % 2**32
    assert abs(step - CLOCK_HZ / timeline.frames_per_s) <= 1


@given(TIMELINES, st.integers(0, 100_000))
def test_reports_and_packets_share_one_clock(timeline: Timeline, number: int) -> None:
    """A sender report made as a frame is due gives the frame that very moment."""
    reported = timeline.timestamp_at(timeline.due(number))
    gap = (timeline.timestamp(number) - reported + 2**31) % 2**32 - 2**31
    assert abs(gap) <= 2


@given(TIMELINES, st.floats(0, 1e5))
def test_a_late_camera_goes_on_with_the_next_frame_due(timeline: Timeline, later: float) -> None:
    number = timeline.first_due_after(timeline.began + later)
    assert timeline.due(number) >= timeline.began + later - 1e-3
    assert number == 0 or timeline.due(number - 1) <= timeline.began + later + 1e-3


@given(TIMELINES, st.integers(1, 20), st.integers(0, 50), st.integers(0, 100_000))
def test_a_rest_shows_the_first_group_over_and_over_and_then_begins_anew(
    timeline: Timeline, idle: int, groups: int, number: int
) -> None:
    idle = min(idle, timeline.length)
    resting = replace(timeline, idle=idle, rest=idle * groups, offset=0)
    period = timeline.length + resting.rest
    assert resting.picture(number + period) == resting.picture(number)
    at = number % period
    picture = resting.picture(number)
    assert picture == (at if at < timeline.length else (at - timeline.length) % idle)
    # A player meets a keyframe where the rest begins, and where it ends.
    assert resting.picture(timeline.length) == 0
    assert resting.picture(period) == 0
