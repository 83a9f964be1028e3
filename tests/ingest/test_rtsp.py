"""Real RTSP: the sample server for what works, a scripted one for what does not."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ingest import AvOpener, CameraReader, Patience, Stream, StreamFailed
from record.cameras import CameraReason, CameraState, CameraStatus, CameraUrl
from record.clock import SystemClock
from record.frames import TimeSource
from record.ids import CameraId
from sample_streams.rtsp.access import Credentials
from sample_streams.rtsp.clip import Clip, load_clip
from sample_streams.rtsp.live import Sent
from sample_streams.rtsp.packing import h265_payloads
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.rtsp import (
    H265,
    SOUND_ONLY,
    Behaviour,
    FakeRtspServer,
    Plays,
    Talk,
    describes,
    hangs_up,
    refuses,
    says_nothing,
    speaks_http,
)
from tests.ingest.clips import h265_clip, picture

CAMERA = CameraId("gate")
SECRET = "correct-horse"
CLOCK = SystemClock()


@pytest.fixture(scope="module")
def coded(clip: Path) -> Clip:
    return load_clip(clip)


@pytest.fixture
def no_thread_left() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert left == []


def failure(url: str, opener: AvOpener) -> StreamFailed:
    """Why it cannot be opened, or why it ends."""
    with pytest.raises(StreamFailed) as failed:
        read_to_the_end(opener, CameraUrl.parse(url))
    return failed.value


def read_to_the_end(opener: AvOpener, url: CameraUrl) -> None:
    stream = opener.open(CAMERA, url)
    try:
        exhaust(stream)
    finally:
        stream.close()


def exhaust(stream: Stream) -> None:
    while True:
        stream.read()


# What works


def test_frames_come_as_they_are_sent_with_the_cameras_own_time(clip: Path) -> None:
    sent: dict[int, Sent] = {}
    with SampleServer(
        [SampleCamera("gate", clip)], on_sent=lambda one: sent.update({round(one.pts_s * 10): one})
    ) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url("gate")))
        frames = [stream.read() for _ in range(20)]
        assert (stream.info.codec, stream.info.width, stream.info.height) == ("h264", 160, 96)
        assert stream.counts.decoded == 20
        assert stream.counts.corrupt == 0
        stream.close()
    assert [frame.number for frame in frames] == list(range(20))
    assert {frame.time_source for frame in frames} == {TimeSource.SENDER_REPORT}
    for frame in frames[-10:]:
        log = sent[round(frame.pts_s * 10)]
        assert frame.captured_at.timestamp() == pytest.approx(log.due_at, abs=0.005)
        assert frame.received <= frame.decoded


def test_a_picture_is_there_before_the_next_one_is_sent(clip: Path) -> None:
    """FFmpeg's parser would hold it back for 100 ms."""
    last: list[Sent] = []
    with SampleServer([SampleCamera("gate", clip)], on_sent=last.append) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url("gate")))
        for _ in range(12):
            frame = stream.read()
        behind = []
        for _ in range(8):
            frame = stream.read()
            behind.append(round(last[-1].pts_s - frame.pts_s, 3))
        stream.close()
    assert sorted(behind)[len(behind) // 2] == 0


def test_the_first_picture_comes_within_half_a_second(clip: Path) -> None:
    with SampleServer([SampleCamera("gate", clip)]) as server:
        time.sleep(0.3)
        began = time.monotonic()
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url("gate")))
        stream.read()
        took_s = time.monotonic() - began
        stream.close()
    assert took_s < 0.5


def test_a_camera_without_reports_is_timed_by_arrival(coded: Clip) -> None:
    with FakeRtspServer(Plays(coded, frames=40, every_s=0.05)) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url))
        frames = [stream.read() for _ in range(30)]
        stream.close()
    assert {frame.time_source for frame in frames} == {TimeSource.ARRIVAL}
    ages = [CLOCK.monotonic() - frame.received for frame in frames]
    assert ages == sorted(ages, reverse=True)
    steps = [
        (after.captured_at - before.captured_at).total_seconds()
        for before, after in pairwise(frames[10:])
    ]
    assert sum(steps) / len(steps) == pytest.approx(0.05, abs=0.01)


def test_a_camera_whose_clock_is_off_is_not_believed(coded: Clip) -> None:
    plays = Plays(coded, frames=40, every_s=0.02, clock_ahead_s=3600.0)
    with FakeRtspServer(plays) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url))
        frames = [stream.read() for _ in range(30)]
        stream.close()
    assert {frame.time_source for frame in frames} == {TimeSource.ARRIVAL}
    assert CLOCK.now() - frames[-1].captured_at < timedelta(seconds=1)


def test_another_codec_is_read_with_ffmpegs_own_parser() -> None:
    plays = Plays(h265_clip(30), frames=90, every_s=0.02, sdp=H265, pack=h265_payloads)
    with FakeRtspServer(plays) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url))
        frames = [stream.read() for _ in range(20)]
        stream.close()
        # The first connection showed which codec it is, and that pieces of it are of no use.
        assert server.connections == 2
    assert stream.info.codec == "hevc"
    assert stream.counts.corrupt == 0
    shown = frames[-1].picture.bgr(160, 96)[:, :, ::-1].astype(int)
    likeness = [float(np.abs(shown - picture(number)).mean()) for number in range(30)]
    assert int(np.argmin(likeness)) == frames[-1].number == 19


@pytest.mark.parametrize("scheme", ["basic", "digest"])
def test_the_right_password_opens(clip: Path, scheme: str) -> None:
    access = Credentials("viewer", "p@ss/wörd", "digest" if scheme == "digest" else "basic")
    with SampleServer([SampleCamera("gate", clip)], credentials=access) as server:
        url = replace(CameraUrl.parse(server.url("gate")), username="viewer", password="p@ss/wörd")
        stream = AvOpener(CLOCK).open(CAMERA, url)
        assert stream.read().picture.width == 160
        stream.close()


# What does not work, and says why


def test_a_wrong_password_is_told_from_a_wrong_path(clip: Path) -> None:
    access = Credentials("viewer", "right")
    with SampleServer([SampleCamera("gate", clip)], credentials=access) as server:
        at = server.url("gate").removeprefix("rtsp://")
        wrong = failure(f"rtsp://viewer:wrong@{at}", AvOpener(CLOCK))
        missing = failure(f"rtsp://viewer:right@{at}-2", AvOpener(CLOCK))
    assert wrong.reason is CameraReason.AUTH_FAILED
    assert missing.reason is CameraReason.NOT_FOUND


@pytest.mark.parametrize(
    ("behaves", "reason"),
    [
        (refuses("403 Forbidden"), CameraReason.AUTH_FAILED),
        (refuses("404 Not Found"), CameraReason.NOT_FOUND),
        (refuses("453 Not Enough Bandwidth"), CameraReason.REFUSED),
        (refuses("503 Service Unavailable"), CameraReason.REFUSED),
        (describes(SOUND_ONLY), CameraReason.NO_VIDEO),
        (hangs_up, CameraReason.REFUSED),
        (speaks_http, CameraReason.REFUSED),
    ],
)
def test_each_refusal_has_its_reason(behaves: Behaviour, reason: CameraReason) -> None:
    with FakeRtspServer(behaves) as server:
        failed = failure(server.url, AvOpener(CLOCK, connect_timeout_s=2))
    assert failed.reason is reason


def test_nobody_listening_is_refused() -> None:
    with FakeRtspServer(says_nothing) as server:
        url = server.url
    assert failure(url, AvOpener(CLOCK)).reason is CameraReason.REFUSED


def test_no_such_host_is_unreachable() -> None:
    failed = failure("rtsp://camera.invalid/live", AvOpener(CLOCK))
    assert failed.reason is CameraReason.UNREACHABLE


def test_a_camera_that_accepts_and_says_nothing_is_given_up_in_time() -> None:
    with FakeRtspServer(says_nothing) as server:
        began = time.monotonic()
        failed = failure(server.url, AvOpener(CLOCK, connect_timeout_s=0.7))
        took_s = time.monotonic() - began
    assert failed.reason is CameraReason.STALLED
    assert 0.6 < took_s < 2.2  # with a second look


def test_a_camera_that_stalls_in_mid_stream_is_given_up_in_time(coded: Clip) -> None:
    last_sent: list[float] = []
    plays = Plays(coded, frames=30, every_s=0.02, then=lambda talk: stall(talk, last_sent))
    with FakeRtspServer(plays) as server:
        failed = failure(server.url, AvOpener(CLOCK, patience=Patience(0.7)))
        took_s = time.monotonic() - last_sent[0]
    assert failed.reason is CameraReason.STALLED
    assert 0.6 < took_s < 1.2


def stall(talk: Talk, since: list[float]) -> None:
    since.append(time.monotonic())
    talk.wait()


def test_a_camera_that_sends_reports_but_no_pictures_is_stalled(coded: Clip) -> None:
    """Packets of another kind must not keep a dead picture alive."""
    plays = Plays(
        coded,
        frames=60,
        every_s=0.05,
        clock_ahead_s=0.0,
        mangle=lambda number, data: data if number < 10 else data[: data.index(b"$", 1)],
    )
    with FakeRtspServer(plays) as server:
        failed = failure(server.url, AvOpener(CLOCK, patience=Patience(0.6)))
    assert failed.reason is CameraReason.STALLED


def test_a_cut_line_is_an_end(coded: Clip) -> None:
    with FakeRtspServer(Plays(coded, frames=10, every_s=0.02, then=lambda _: None)) as server:
        failed = failure(server.url, AvOpener(CLOCK))
    assert failed.reason is CameraReason.ENDED


def test_pictures_that_turn_to_noise_are_corrupt_and_counted(coded: Clip) -> None:
    plays = Plays(coded, frames=300, every_s=0.01, mangle=noisy_from_the_40th)
    with FakeRtspServer(plays) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url))
        with pytest.raises(StreamFailed) as failed:
            exhaust(stream)
        stream.close()
    assert failed.value.reason is CameraReason.CORRUPT
    assert stream.counts.corrupt > 50
    assert 35 < stream.counts.decoded < 60


def noisy_from_the_40th(number: int, wire: bytes) -> bytes:
    """The first bytes of each packet are kept, so that it is still taken for a picture."""
    if number < 40:
        return wire
    packets, at = [], 0
    while at < len(wire):
        size = 4 + int.from_bytes(wire[at + 2 : at + 4], "big")
        kept, rest = wire[at : at + 40], wire[at + 40 : at + size]
        packets.append((kept + bytes(byte ^ 0x5A for byte in rest))[:size])
        at += size
    return b"".join(packets)


def test_no_secret_leaves_in_an_error_or_a_log(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    told = []
    for behaves in (refuses("401 Unauthorized"), refuses("404 Not Found"), hangs_up):
        with FakeRtspServer(behaves) as server:
            url = server.url.replace("rtsp://", f"rtsp://viewer:{SECRET}@")
            failed = failure(url, AvOpener(CLOCK, connect_timeout_s=2))
        told += [str(failed), repr(failed), repr(failed.__cause__), repr(failed.__context__)]
    out, err = capfd.readouterr()
    assert SECRET not in "".join([*told, caplog.text, out, err])
    assert "viewer" not in "".join([*told, caplog.text, out, err])


# The reader on the real thing


class Listener:
    def __init__(self) -> None:
        self.states: list[tuple[float, CameraStatus]] = []

    def on_state(self, status: CameraStatus) -> None:
        self.states.append((time.monotonic(), status))

    def on_frame(self, camera: CameraId) -> None:
        return

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        return

    def await_state(self, state: CameraState, within_s: float) -> float:
        """Seconds until the reader is in that state."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            if self.states and self.states[-1][1].state is state:
                return time.monotonic() - began
            time.sleep(0.01)
        pytest.fail(f"not {state} within {within_s} s: {self.states}")


@pytest.mark.usefixtures("no_thread_left")
def test_a_server_that_dies_and_comes_back(clip: Path) -> None:
    cameras, listener = [SampleCamera("gate", clip)], Listener()
    with SampleServer(cameras) as server:
        port, url = server.port, CameraUrl.parse(server.url("gate"))
        reader = CameraReader(CAMERA, url, AvOpener(CLOCK), CLOCK, listener)
        reader.start()
        listener.await_state(CameraState.ONLINE, 5)
    listener.await_state(CameraState.OFFLINE, 2.5)
    gone = listener.states[-1][1]
    assert gone.reason in (CameraReason.ENDED, CameraReason.REFUSED)
    with SampleServer(cameras, port=port):
        listener.await_state(CameraState.ONLINE, 10)
        frame = reader.newest()
        assert frame is not None
        assert reader.counts.reconnects >= 1
        assert reader.stop()


@pytest.mark.usefixtures("no_thread_left")
def test_a_server_that_freezes_is_noticed_and_back(clip: Path) -> None:
    """Its kernel still accepts connections, and nobody speaks on them."""
    serve = [sys.executable, "-m", "sample_streams", "serve", "--camera", f"gate={clip}"]
    listener = Listener()
    with subprocess.Popen([*serve, "--die-with-parent"], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout is not None
            ready = child.stdout.readline().decode().split()
            url = CameraUrl.parse(f"{ready[1]}/gate")
            reader = CameraReader(CAMERA, url, AvOpener(CLOCK), CLOCK, listener)
            reader.start()
            listener.await_state(CameraState.ONLINE, 5)
            child.send_signal(signal.SIGSTOP)
            listener.await_state(CameraState.OFFLINE, 2.5)
            assert listener.states[-1][1].reason is CameraReason.STALLED
            child.send_signal(signal.SIGCONT)
            listener.await_state(CameraState.ONLINE, 10)
            assert reader.stop()
        finally:
            child.send_signal(signal.SIGCONT)
            child.terminate()


@pytest.mark.usefixtures("no_thread_left")
@pytest.mark.parametrize("stage", ["connecting", "reading"])
def test_stop_breaks_off_a_blocked_call(coded: Clip, stage: str) -> None:
    behaves = says_nothing if stage == "connecting" else Plays(coded, frames=30, every_s=0.01)
    listener = Listener()
    opener = AvOpener(CLOCK, connect_timeout_s=30, patience=Patience(30))
    with FakeRtspServer(behaves) as server:
        reader = CameraReader(CAMERA, CameraUrl.parse(server.url), opener, CLOCK, listener)
        reader.start()
        if stage == "reading":
            listener.await_state(CameraState.ONLINE, 5)
        while not server.connections:
            time.sleep(0.01)
        time.sleep(0.3)
        began = time.monotonic()
        assert reader.stop(timeout_s=1.0)
        assert time.monotonic() - began < 0.6
