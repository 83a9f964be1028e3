"""A camera that sends without end, as fast as the line carries it, beside one that is as it should
be: it may cost what it costs, the other is not held up."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ingest import AvOpener, CameraReader, CheckedOpener
from record.cameras import CameraStatus, CameraUrl
from record.clock import SystemClock
from record.ids import CameraId
from record.networks import CameraNetworks
from sample_streams.rtsp.clip import load_clip
from sample_streams.rtsp.rtp import Payload, interleaved, packet, payloads
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.rtsp import SDP, FakeRtspServer, Plays, Talk
from tests.ingest.clips import write_clip

CLOCK = SystemClock()
WATCHED_S = 1.5
LATE_S = 1.0
"""Of a picture that is due every 0.1 s, on a machine whose cores run other tests, too. A reader
that waits for another's would wait for seconds."""


def tiny(_: Path) -> bytes:
    """The middles of pictures whose beginning never comes."""
    return b"".join(
        interleaved(0, packet(Payload(b"\x61", True), sequence=at, timestamp=at, ssrc=1))
        for at in range(2000)
    )


def quick(clip: Path) -> bytes:
    """A second of pictures, to be sent as often as the line takes it."""
    wire, sequence = b"", 0
    coded = load_clip(clip)
    for number, frame in enumerate(coded.frames[:10]):
        sets = (coded.sps, coded.pps) if frame.key else ()
        for payload in payloads((*sets, *frame.nal_units)):
            stamp = 9000 * number
            wire += interleaved(0, packet(payload, sequence=sequence, timestamp=stamp, ssrc=1))
            sequence += 1
    return wire


class Noted:
    def __init__(self) -> None:
        self.at: list[float] = []
        self.begun = threading.Event()

    def on_state(self, status: CameraStatus) -> None:
        """Whatever it is."""

    def on_frame(self, camera: CameraId) -> None:
        self.at.append(time.monotonic())
        self.begun.set()

    def on_clock(self, camera: CameraId, ahead: timedelta | None) -> None:
        """Whatever it is."""


def reading(url: str, noted: Noted) -> CameraReader:
    opener = CheckedOpener(AvOpener(CLOCK), CameraNetworks.parse(["127.0.0.1"]))
    reader = CameraReader(CameraId("camera"), CameraUrl.parse(url), opener, CLOCK, noted)
    reader.start()
    return reader


@pytest.mark.parametrize("sends", [tiny, quick])
def test_a_camera_that_floods_holds_up_no_other(
    tmp_path: Path, sends: Callable[[Path], bytes]
) -> None:
    clip = write_clip(tmp_path / "clip.mp4", frames=10, rate=10)
    wire, sent = sends(clip), threading.Event()

    def flood(talk: Talk) -> None:
        while not talk.stopped.is_set():
            talk.connection.sendall(wire)
            sent.set()

    noted = Noted()
    floods = Plays(load_clip(clip), frames=0, sdp=SDP, then=flood)
    with FakeRtspServer(floods) as hostile, SampleServer([SampleCamera("gate", clip)]) as server:
        readers = [reading(server.url("gate"), noted)]
        assert noted.begun.wait(10)
        readers.append(reading(hostile.url, Noted()))
        assert sent.wait(10)
        began = time.monotonic()
        time.sleep(WATCHED_S)
        for reader in readers:
            assert reader.stop(2)
    moments = [at for at in noted.at if at >= began]
    assert len(moments) >= 0.7 * WATCHED_S * 10
    assert max(after - before for before, after in pairwise(moments)) < LATE_S
