"""A stream that is read for its coded pictures alone, through a real server."""

import time

from ingest import AvOpener, CodedPacket, StreamOptions
from ingest.ring import PacketRing
from record.cameras import CameraUrl, Transport
from record.clock import SystemClock
from record.frames import Frame
from record.ids import CameraId
from sample_streams.server import SampleCamera, SampleServer

CLOCK = SystemClock()


class Into:
    def __init__(self) -> None:
        self.ring = PacketRing(CLOCK.now, CLOCK.monotonic)

    def on_packet(self, packet: CodedPacket) -> None:
        self.ring.add(packet)


def test_the_ring_fills_and_nothing_is_decoded() -> None:
    into = Into()
    options = StreamOptions(Transport.TCP, into, decode=False)
    with SampleServer([SampleCamera("gate", "gate")]) as server:
        url = CameraUrl.parse(server.url("gate"))
        stream = AvOpener(CLOCK).open(CameraId("gate"), url, options=options)
        began = time.monotonic()
        frames: list[Frame] = []
        while len(frames) < 40 and time.monotonic() - began < 20:
            frames.append(stream.read())
        counts = stream.counts
        stream.close()
    assert (counts.decoded, counts.corrupt) == (0, 0)
    assert [frame.number for frame in frames] == list(range(40))
    assert not frames[0].picture.bgr(64, 36).any()
    assert not frames[0].picture.planes(64, 36).luma.any()
    assert frames[0].picture.grey().shape == (frames[0].picture.height, frames[0].picture.width)
    kept = into.ring.after(0)
    assert kept[0].packet.keyframe
    assert len(kept) > 15
    assert [one.packet.codec for one in kept] == ["h264"] * len(kept)
