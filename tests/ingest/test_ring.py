"""The packet ring: bounded whatever comes, decodable from its first picture, in order."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ring import KeptPacket, PacketRing, RingBounds, segments
from ingest.streams import CodedPacket

BEGIN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
SMALL = RingBounds(keep_s=4.0, most_s=9.0, most_bytes=2000)


class Time:
    def __init__(self) -> None:
        self.passed_s = 0.0

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=self.passed_s)

    def monotonic(self) -> float:
        return self.passed_s


NORMAL = RingBounds()


def ring_of(bounds: RingBounds = NORMAL) -> tuple[PacketRing, Time]:
    time = Time()
    return PacketRing(time.now, time.monotonic, bounds), time


PICTURE = CodedPacket(b"\0" * 100, 0.0, None, keyframe=False, codec="h264", extradata=b"sets")
KEYFRAME = replace(PICTURE, keyframe=True)


def play(ring: PacketRing, time: Time, seconds: float, *, fps: int = 10, gop: int = 20) -> None:
    """A camera in order."""
    for number in range(round(seconds * fps)):
        time.passed_s += 1 / fps
        packet = KEYFRAME if number % gop == 0 else PICTURE
        ring.add(replace(packet, pts_s=time.passed_s, captured_at=time.now()))


@dataclass(frozen=True)
class Event:
    packet: CodedPacket
    after_s: float
    breaks: bool


events = st.builds(
    Event,
    st.builds(
        CodedPacket,
        data=st.integers(0, 900).map(bytes),
        pts_s=st.one_of(st.floats(0, 100), st.floats(-1e6, 1e6)),
        captured_at=st.none() | st.integers(-50, 50).map(lambda s: BEGIN + timedelta(seconds=s)),
        keyframe=st.sampled_from((True, False, False)),
        codec=st.sampled_from(("h264", "h264", "h264", "hevc")),
        extradata=st.sampled_from((b"one", b"one", b"other", b"")),
    ),
    st.sampled_from((0.0, 0.04, 0.1, 0.5, 3.0, 20.0)),
    st.sampled_from((False, False, False, False, True)),
)


@given(st.lists(events, max_size=80))
def test_whatever_comes_it_is_bounded_begins_at_a_keyframe_and_keeps_the_order(
    story: list[Event],
) -> None:
    ring, time = ring_of(SMALL)
    for event in story:
        time.passed_s += event.after_s
        if event.breaks:
            ring.interrupt()
        ring.add(event.packet)
        held = ring.after(0)
        assert ring.bytes == sum(one.size for one in held) <= SMALL.most_bytes
        assert ring.span_s <= SMALL.most_s
        assert [one.number for one in held] == sorted({one.number for one in held})
        for run in segments(held):
            check_run(run)


def check_run(run: list[KeptPacket]) -> None:
    assert run[0].packet.keyframe
    assert len({one.packet.codec for one in run}) == 1
    assert len({one.packet.extradata for one in run if one.packet.keyframe}) == 1
    assert all(abs(after.time_s - before.time_s) <= 60 for before, after in pairwise(run))


@given(st.lists(events, max_size=60), st.integers(-60, 60))
def test_a_cut_begins_at_the_last_keyframe_before_and_goes_on_to_the_end(
    story: list[Event], at_s: int
) -> None:
    ring, time = ring_of(SMALL)
    for event in story:
        time.passed_s += event.after_s
        ring.add(event.packet)
    held, at = ring.after(0), BEGIN + timedelta(seconds=at_s)
    cut = ring.cut(at)
    assert cut == held[len(held) - len(cut) :]
    if cut:
        assert cut[0].packet.keyframe
        early = [one for one in held if one.packet.keyframe and one.at <= at]
        assert cut[0] is (early[-1] if early else held[0])


def test_ten_seconds_before_are_there_and_not_much_more() -> None:
    ring, time = ring_of()
    play(ring, time, 120)
    cut = ring.cut(time.now() - timedelta(seconds=10))
    assert timedelta(seconds=10) <= time.now() - cut[0].at < timedelta(seconds=12.1)
    assert 16 <= ring.span_s < 18.2


def test_keyframes_far_apart_are_waited_for() -> None:
    ring, time = ring_of()
    play(ring, time, 60, gop=200)
    assert time.now() - ring.cut(time.now() - timedelta(seconds=10))[0].at >= timedelta(seconds=10)


def test_a_group_that_is_larger_than_the_ring_is_not_kept_at_all() -> None:
    ring, time = ring_of(SMALL)
    play(ring, time, 5, gop=1000)
    assert (ring.after(0), ring.bytes) == ((), 0)
    assert ring.overlong == 1
    play(ring, time, 1)
    assert ring.after(0)[0].packet.keyframe


@pytest.mark.parametrize(
    "other",
    [
        replace(KEYFRAME, codec="hevc", pts_s=50),
        replace(KEYFRAME, extradata=b"another size", pts_s=50),
    ],
    ids=["codec", "size"],
)
def test_another_form_begins_another_segment(other: CodedPacket) -> None:
    ring, time = ring_of()
    play(ring, time, 5)
    ring.add(other)
    ring.add(replace(other, keyframe=False))
    assert [len(run) for run in segments(ring.after(0))] == [50, 2]


def test_after_a_break_nothing_is_kept_before_a_keyframe() -> None:
    ring, time = ring_of()
    play(ring, time, 5)
    ring.interrupt()
    time.passed_s += 3
    ring.add(replace(PICTURE, pts_s=time.passed_s))
    assert ring.waited == 1
    play(ring, time, 2)
    assert [len(run) for run in segments(ring.after(0))] == [50, 20]


def test_what_was_dropped_while_nobody_read_shows_as_a_hole() -> None:
    ring, time = ring_of(RingBounds(keep_s=2.0))
    play(ring, time, 4)
    last = ring.after(0)[-1]
    play(ring, time, 10)
    later = ring.after(last.number)
    assert later[0].number > last.number + 1
    assert later[0].packet.keyframe
    assert len(segments([last, *later])) == 2


@pytest.mark.parametrize(
    ("pts_s", "expected"),
    [
        ([0.0, 0.1, 0.2, 0.3], [0.0, 0.1, 0.2, 0.3]),
        ([0.0, 0.0, 0.0, 0.0], [0.0, 0.1, 0.2, 0.3]),  # no time stamps at all
        ([0.0, 0.1, 90000.1, 90000.2], [0.0, 0.1, 0.2, 0.3]),  # leaps ahead
        ([500.0, 500.1, 3.0, 3.1], [0.0, 0.1, 0.2, 0.3]),  # leaps back
        ([0.0, 0.3, 0.1, 0.2], [0.0, 0.3, 0.1, 0.2]),  # B-frames
    ],
)
def test_media_time_goes_on_whatever_the_time_stamps_do(
    pts_s: list[float], expected: list[float]
) -> None:
    ring, time = ring_of()
    for number, pts in enumerate(pts_s):
        time.passed_s += 0.1
        ring.add(replace(KEYFRAME if number == 0 else PICTURE, pts_s=pts))
    assert [one.time_s for one in ring.after(0)] == pytest.approx(expected)
