"""Against servers that nobody here wrote: GStreamer's and VLC's."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Self

import pytest

from ingest import AvOpener, CameraReader, StreamFailed, StreamOptions
from record.cameras import CameraReason, CameraState, CameraStatus, CameraUrl, Transport
from record.clock import SystemClock
from record.frames import Frame, TimeSource
from record.ids import CameraId
from tests.ingest.clips import write_camera_clip
from tests.peers.servers import Peer, description, gstreamer, vlc

pytestmark = pytest.mark.peers

CAMERA = CameraId("gate")
CLOCK = SystemClock()
CODECS = {"h264": "h264", "h264-b": "h264", "h265": "hevc", "mjpeg": "mjpeg"}
TRANSPORTS = [Transport.TCP, Transport.UDP]
NOTICED_S = 2.5
BACK_S = 10.0


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("peers")
    # Long ones: VLC makes a new track of each round, and ends the sessions of the last.
    return {kind: write_camera_clip(folder, kind, frames=300) for kind in CODECS}


def read(
    url: str, count: int, transport: Transport = Transport.TCP
) -> tuple[list[Frame], Transport | None, str, int]:
    stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(url), options=StreamOptions(transport))
    try:
        frames = [stream.read() for _ in range(count)]
        info = stream.info
        return frames, info.transport, info.codec, stream.counts.corrupt
    finally:
        stream.close()


def holds(url: str, kind: str, wanted: Transport, used: Transport | None = None) -> None:
    frames, transport, codec, corrupt = read(url, 25, wanted)
    assert (transport, codec, corrupt) == (used or wanted, CODECS[kind], 0)
    assert all(after.captured_at > before.captured_at for before, after in pairwise(frames))
    assert CLOCK.now() - frames[-1].captured_at < timedelta(seconds=1)


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("kind", CODECS)
def test_gstreamer_plays(kind: str, transport: Transport) -> None:
    with gstreamer(kind) as peer:
        holds(peer.url(), kind, transport)


@pytest.mark.parametrize("wanted", TRANSPORTS)
@pytest.mark.parametrize("kind", CODECS)
def test_vlc_plays(clips: dict[str, Path], kind: str, wanted: Transport) -> None:
    """It has no media over TCP: whoever wants that gets them over UDP."""
    with vlc(clips[kind]) as peer:
        holds(peer.url(), kind, wanted, Transport.UDP)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_gstreamer_without_parameter_sets_in_its_description(transport: Transport) -> None:
    with gstreamer("h264", bare=True) as peer:
        assert "sprop-parameter-sets" not in description(peer)
        holds(peer.url(), "h264", transport)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_gstreamer_with_and_without_sender_reports(transport: Transport) -> None:
    for reports, source in ((True, TimeSource.SENDER_REPORT), (False, TimeSource.ARRIVAL)):
        with gstreamer("h264", reports=reports) as peer:
            frames, *_ = read(peer.url(), 45, transport)
            assert frames[-1].time_source is source
            holds(peer.url(), "h264", transport)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_time_goes_on_where_gstreamers_time_stamps_leap_back(transport: Transport) -> None:
    with gstreamer("h264", leap_s=-1.2) as peer:
        frames, *_ = read(peer.url(), 60, transport)
    steps = [after.pts_s - before.pts_s for before, after in pairwise(frames)]
    assert sum(step < -1 for step in steps) >= 2
    assert all(after.captured_at > before.captured_at for before, after in pairwise(frames))
    took_s = frames[-1].received - frames[20].received
    told_s = (frames[-1].captured_at - frames[20].captured_at).total_seconds()
    assert abs(told_s - took_s) < 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_gstreamer_asks_for_a_digest(transport: Transport) -> None:
    with gstreamer("h264", user="viewer", password="secret") as peer:
        holds(peer.url("viewer:secret"), "h264", transport)
        for wrong in ("", "viewer:guess"):
            with pytest.raises(StreamFailed) as failed:
                read(peer.url(wrong), 1)
            assert failed.value.reason is CameraReason.AUTH_FAILED


def test_gstreamer_with_sound_beside_the_picture() -> None:
    with gstreamer("h264", sound=True) as peer:
        holds(peer.url(), "h264", Transport.TCP)


def test_a_path_that_gstreamer_does_not_have() -> None:
    with gstreamer("h264") as peer, pytest.raises(StreamFailed) as failed:
        read(peer.url() + "-2", 1)
    assert failed.value.reason is CameraReason.NOT_FOUND


def test_gstreamer_ends() -> None:
    with gstreamer("h264", frames=45) as peer:
        began = time.monotonic()
        with pytest.raises(StreamFailed) as failed:
            read(peer.url(), 200)
        assert time.monotonic() - began < 3 + 2 * NOTICED_S
    assert failed.value.reason in {CameraReason.ENDED, CameraReason.STALLED}


class Watching:
    """A reader on a peer, and when its states began."""

    def __init__(self, url: str) -> None:
        self.states: list[tuple[float, CameraStatus]] = []
        self.reader = CameraReader(CAMERA, CameraUrl.parse(url), AvOpener(CLOCK), CLOCK, self)

    def __enter__(self) -> Self:
        self.reader.start()
        self.await_state(CameraState.ONLINE, 10)
        return self

    def __exit__(self, *_: object) -> None:
        assert self.reader.stop(2)

    def on_state(self, status: CameraStatus) -> None:
        self.states.append((time.monotonic(), status))

    def on_frame(self, camera: CameraId) -> None:
        return

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        return

    def await_state(self, state: CameraState, within_s: float) -> float:
        """Seconds until the reader is in it."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            if self.states and self.states[-1][1].state is state:
                return time.monotonic() - began
            time.sleep(0.02)
        pytest.fail(f"not {state} within {within_s} s: {self.states}")


Start = Callable[..., AbstractContextManager[Peer]]


@pytest.fixture(params=["gstreamer", "vlc"])
def start(request: pytest.FixtureRequest, clips: dict[str, Path]) -> Start:
    if request.param == "vlc":
        return lambda port=None: vlc(clips["h264"], port)
    return lambda port=None: gstreamer("h264", port)


def test_a_peer_that_freezes_is_noticed_and_back(start: Start) -> None:
    with start() as peer, Watching(peer.url()) as watching:
        peer.freeze()
        watching.await_state(CameraState.OFFLINE, NOTICED_S)
        assert watching.states[-1][1].reason is CameraReason.STALLED
        # It accepts connections meanwhile, as the kernel does for it, and says nothing.
        time.sleep(2)
        peer.thaw()
        watching.await_state(CameraState.ONLINE, BACK_S)


def test_a_peer_that_restarts_is_back(start: Start) -> None:
    with start() as peer:
        watching = Watching(peer.url())
        with watching:
            peer.end()
            watching.await_state(CameraState.OFFLINE, NOTICED_S)
            with start(peer.port):
                watching.await_state(CameraState.ONLINE, BACK_S)


def test_vlc_ends(tmp_path: Path) -> None:
    clip = write_camera_clip(tmp_path, "h264", frames=60)
    with vlc(clip, loops=False) as peer, pytest.raises(StreamFailed) as failed:
        read(peer.url(), 200)
    assert failed.value.reason in {
        CameraReason.ENDED,
        CameraReason.STALLED,
        CameraReason.REFUSED,
        CameraReason.NOT_FOUND,
    }
