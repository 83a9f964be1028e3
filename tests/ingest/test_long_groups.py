"""Cameras with seconds between keyframes, joined in the middle: savers of the line ("H.264+",
"smart codec"), and recorders that pass a stream on as it comes."""

import pytest

from ingest import AvOpener, Patience, Stream, StreamFailed
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from sample_streams.rtsp.clip import Clip, load_clip
from tests.fakes.rtsp import FakeRtspServer, Plays
from tests.ingest.clips import write_clip

CAMERA = CameraId("gate")
GROUP = 60
EVERY_S = 0.02
OPENER = AvOpener(SystemClock(), patience=Patience(0.4))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Clip:
    options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(GROUP)}
    path = tmp_path_factory.mktemp("long") / "long.mp4"
    return load_clip(write_clip(path, frames=GROUP, options=options))


def without_the_first(number: int, data: bytes) -> bytes:
    """Joined right after a keyframe: the next one is a whole group away."""
    return b"" if number == 0 else data


def test_the_keyframe_is_waited_for_while_packets_come(long: Clip) -> None:
    """1.2 s to the keyframe, three times what a running stream may be silent."""
    plays = Plays(long, frames=2 * GROUP, every_s=EVERY_S, mangle=without_the_first)
    with FakeRtspServer(plays) as server:
        stream = OPENER.open(CAMERA, CameraUrl.parse(server.url))
        frame = stream.read()
        stream.close()
    assert frame.number == 0
    assert (frame.picture.width, frame.picture.height) == (long.width, long.height)


def test_a_stream_that_has_run_is_given_no_such_time(long: Clip) -> None:
    """Its pictures are missing from now on, not still to come."""
    garbled = Plays(
        long,
        frames=2 * GROUP,
        every_s=EVERY_S,
        mangle=lambda number, data: data if number < 10 else without_picture(data),
    )
    with FakeRtspServer(garbled) as server:
        stream = OPENER.open(CAMERA, CameraUrl.parse(server.url))
        with pytest.raises(StreamFailed) as failed:
            exhaust(stream)
        stream.close()
    assert failed.value.reason in {CameraReason.STALLED, CameraReason.CORRUPT}
    assert stream.counts.decoded <= 11


def test_packets_without_a_keyframe_are_not_waited_for_for_ever(long: Clip) -> None:
    plays = Plays(
        long,
        frames=3 * GROUP,
        every_s=EVERY_S,
        mangle=lambda number, data: data * (number % GROUP > 0),
    )
    opener = AvOpener(SystemClock(), patience=Patience(0.4, first_picture_s=1.5))
    with FakeRtspServer(plays) as server:
        stream = opener.open(CAMERA, CameraUrl.parse(server.url))
        with pytest.raises(StreamFailed) as failed:
            stream.read()
        stream.close()
    assert failed.value.reason is CameraReason.CORRUPT


def without_picture(data: bytes) -> bytes:
    """The packets' own heads, and nothing of the picture in them."""
    return data[:16] + bytes(len(data) - 16)


def exhaust(stream: Stream) -> None:
    for _ in range(2 * GROUP):
        stream.read()
