"""The reader's states and waits, by scripted cameras on a clock that jumps."""

import threading
import time
from datetime import timedelta

import pytest

from ingest import CameraReader
from ingest.backoff import PUBLISHER_S
from record.cameras import CameraReason, CameraState, CameraStatus, CameraUrl
from record.ids import CameraId
from tests.fakes.camera import (
    Calls,
    ClockAhead,
    Connection,
    Fails,
    FakeOpener,
    Frames,
    Hangs,
    Refuses,
)
from tests.fakes.clock import EPOCH, FakeClock

CAMERA = CameraId("gate")
URL = CameraUrl.parse("rtsp://user:secret@camera.test/live")
CONNECTING, ONLINE, OFFLINE = CameraState.CONNECTING, CameraState.ONLINE, CameraState.OFFLINE


class Listener:
    def __init__(self) -> None:
        self.states: list[CameraStatus] = []
        self.frames = 0
        self.clocks: list[timedelta | None] = []

    def on_state(self, status: CameraStatus) -> None:
        self.states.append(status)

    def on_frame(self, camera: CameraId) -> None:
        self.frames += 1

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        self.clocks.append(ahead)

    @property
    def story(self) -> list[tuple[CameraState, CameraReason | None]]:
        return [(status.state, status.reason) for status in self.states]


class Scene:
    """One reader over one script; `play` returns when the script has come to `the_end`."""

    def __init__(self, script: list[Connection], url: CameraUrl = URL) -> None:
        self.clock = FakeClock()
        self.listener = Listener()
        self.ended = threading.Event()
        self.opener = FakeOpener(
            self.clock, {CAMERA: [*script, [self.the_end, Hangs()]]}, self.clock.advance
        )
        self.reader = CameraReader(
            CAMERA, url, self.opener, self.clock, self.listener, uniform=lambda _, most: most
        )

    @property
    def the_end(self) -> Calls:
        return Calls(self.ended.set)

    def play(self) -> None:
        self.reader.start()
        assert self.ended.wait(5)
        self.reader.tell_to_stop()
        self.opener.released.set()
        assert self.reader.stop()

    @property
    def waits(self) -> float:
        return round(sum(self.clock.slept), 6)


def test_a_camera_comes_online_with_its_first_picture() -> None:
    scene = Scene([[Frames(30), Fails(CameraReason.STALLED)]])
    scene.play()
    assert scene.listener.story == [
        (CONNECTING, None),
        (ONLINE, None),
        (OFFLINE, CameraReason.STALLED),
    ]
    online, offline = scene.listener.states[1:3]
    assert (online.width, online.height) == (64, 36)
    assert online.since == EPOCH + timedelta(seconds=0.1)
    assert offline.since == EPOCH + timedelta(seconds=3)


def test_what_cannot_be_opened_says_why_once_and_again_when_the_reason_changes() -> None:
    refused, missing = Refuses(CameraReason.REFUSED), Refuses(CameraReason.NOT_FOUND)
    scene = Scene([refused, refused, refused, missing, [Frames(1)]])
    scene.play()
    assert scene.listener.story == [
        (CONNECTING, None),
        (OFFLINE, CameraReason.REFUSED),
        (OFFLINE, CameraReason.NOT_FOUND),
        (ONLINE, None),
        (OFFLINE, CameraReason.ENDED),
    ]


def test_the_wait_grows_with_each_failure() -> None:
    scene = Scene([Refuses(CameraReason.REFUSED)] * 4)
    scene.play()
    assert scene.waits == 1 + 2 + 4 + 5
    assert max(scene.clock.slept) <= 0.2


def test_a_publisher_that_stalls_again_and_again_is_waited_for_at_once() -> None:
    stalls: list[Connection] = [[Frames(1), Fails(CameraReason.STALLED)]] * 8
    scene = Scene(stalls, CameraUrl.parse("whip:"))
    scene.play()
    assert scene.waits == 0.8 == pytest.approx(8 * PUBLISHER_S)


def test_a_minute_of_health_makes_the_next_wait_short() -> None:
    scene = Scene([*[Refuses(CameraReason.REFUSED)] * 3, [Frames(650), Fails(CameraReason.ENDED)]])
    scene.play()
    assert scene.waits == (1 + 2 + 4) + 1


def test_a_camera_that_shows_one_picture_and_dies_is_not_healthy() -> None:
    scene = Scene([[Frames(1), Fails(CameraReason.ENDED)]] * 3)
    scene.play()
    assert scene.waits == 1 + 2 + 4


def test_everything_dropped_is_counted() -> None:
    scene = Scene([[Frames(10)], [Frames(5, age_s=2.0)]])
    scene.play()
    counts = scene.reader.counts
    assert (counts.received, counts.decoded, counts.reconnects) == (15, 15, 2)
    # The second connection begins after a second's wait, with pictures from before the break.
    assert counts.dropped["late"] == 5
    assert counts.dropped["newer"] == 10
    assert scene.listener.frames == 10


def test_after_a_break_there_is_nothing_to_look_at() -> None:
    scene = Scene([[Frames(3), Fails(CameraReason.STALLED)]])
    scene.play()
    assert scene.reader.newest() is None
    kept = scene.reader.peek()
    assert kept is not None
    assert kept.number == 2


def test_streams_are_closed_however_they_end() -> None:
    scene = Scene([[Frames(1)], [Fails(CameraReason.CORRUPT)], Refuses(CameraReason.REFUSED)])
    scene.play()
    assert len(scene.opener.streams) == 3
    assert all(stream.closed for stream in scene.opener.streams)


def test_a_clock_that_goes_off_is_told_once_and_once_that_it_is_right_again() -> None:
    ahead = timedelta(seconds=7)
    scene = Scene(
        [[Frames(2), ClockAhead(ahead), Frames(3), ClockAhead(None), Frames(3)]],
    )
    scene.play()
    assert scene.listener.clocks == [ahead, None]


def test_a_defect_in_a_stream_does_not_silence_the_camera() -> None:
    def defect() -> None:
        raise ZeroDivisionError

    scene = Scene([[Frames(1), Calls(defect)], [Frames(1)]])
    scene.play()
    assert (OFFLINE, CameraReason.CORRUPT) in scene.listener.story
    assert scene.listener.story[-2] == (ONLINE, None)


@pytest.mark.parametrize("script", [[Hangs()], [Frames(2), Hangs()]])
def test_nothing_is_said_after_the_reader_was_told_to_stop(script: list[Frames | Hangs]) -> None:
    scene = Scene([])
    hanging = threading.Event()
    scene.opener.scripts[CAMERA] = [[*script[:-1], Calls(hanging.set), script[-1]]]
    scene.reader.start()
    assert hanging.wait(5)
    told = len(scene.listener.states)
    scene.reader.tell_to_stop()
    scene.opener.released.set()
    assert scene.reader.stop()
    assert len(scene.listener.states) == told


def test_a_thread_that_cannot_be_stopped_is_admitted() -> None:
    scene = Scene([])
    scene.reader.start()
    assert scene.ended.wait(5)
    assert not scene.reader.stop(timeout_s=0.05)
    scene.opener.released.set()
    assert scene.reader.stop()


class SlowClock(FakeClock):
    """Sleeping takes its time."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeping = threading.Event()

    def sleep(self, seconds: float) -> None:
        self.sleeping.set()
        time.sleep(seconds)
        super().sleep(seconds)


def test_stop_is_heard_in_the_longest_wait() -> None:
    clock = SlowClock()
    opener = FakeOpener(clock, {CAMERA: [Refuses(CameraReason.AUTH_FAILED)]})
    reader = CameraReader(CAMERA, URL, opener, clock, Listener(), uniform=lambda *_: 30.0)
    reader.start()
    assert clock.sleeping.wait(5)
    assert reader.stop(timeout_s=1.0)
