from datetime import timedelta

from ingest.slot import OVERLAP, NewestFrame
from record.frames import Frame, TimeSource
from record.ids import CameraId
from tests.fakes.clock import EPOCH
from tests.fakes.pictures import FakePicture


def frame(seconds: float) -> Frame:
    at = EPOCH + timedelta(seconds=seconds)
    return Frame(CameraId("c"), 0, at, TimeSource.FILE, seconds, seconds, FakePicture())


def test_the_newest_wins_and_is_taken_once() -> None:
    slot, frames = NewestFrame(), [frame(n / 10) for n in range(3)]
    assert all(slot.put(one) for one in frames)
    before = slot.waiting
    assert [slot.take(), slot.take()] == [frames[2], None]
    assert [before, slot.waiting] == [frames[2].captured_at, None]
    assert slot.last is frames[2]
    assert slot.dropped == {"newer": 2, "late": 0}


def test_what_was_captured_before_the_last_one_is_late() -> None:
    slot = NewestFrame()
    slot.put(frame(5))
    assert not slot.put(frame(4))
    assert not slot.put(frame(5))
    assert slot.put(frame(5.1))
    assert slot.dropped == {"newer": 1, "late": 2}


def test_our_clock_set_back_does_not_silence_a_camera() -> None:
    slot, far = NewestFrame(), OVERLAP.total_seconds() + 1
    slot.put(frame(far))
    assert slot.put(frame(0))
    assert slot.last is not None
    assert slot.last.captured_at == EPOCH


def test_a_broken_stream_leaves_nothing_to_look_at_but_something_to_show() -> None:
    slot, only = NewestFrame(), frame(1)
    slot.put(only)
    slot.drop()
    assert slot.take() is None
    assert slot.last is only
    assert slot.dropped == {"newer": 1, "late": 0}
