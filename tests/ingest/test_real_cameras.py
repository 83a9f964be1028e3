"""Cameras as they are: other codecs and transports, odd time stamps, dead tracks, changes in
mid-stream. All against the real sample server."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from ingest import (
    AvOpener,
    CodedPacket,
    Hardware,
    HwDecode,
    Patience,
    Stream,
    StreamFailed,
    StreamOptions,
)
from record.cameras import CameraReason, CameraUrl, Transport
from record.clock import SystemClock
from record.frames import Frame, TimeSource
from record.ids import CameraId
from sample_streams.rtsp.clip import joined, load_clip
from sample_streams.rtsp.live import Sent
from sample_streams.rtsp.packing import h265_payloads
from sample_streams.rtsp.quirks import Quirks
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.rtsp import SDP, FakeRtspServer, Plays
from tests.ingest.clips import h265_clip, picture, write_camera_clip, write_clip

CAMERA = CameraId("gate")
CLOCK = SystemClock()
UDP = StreamOptions(Transport.UDP)
KINDS = ("h264", "h264-b", "h265", "mjpeg")
PICTURES = [picture(number).astype(np.int16) for number in range(30)]
RATE = 30
"""Frames a second; quick, so that the tests are."""


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("cameras")
    return {kind: write_camera_clip(folder, kind, RATE) for kind in KINDS}


@dataclass
class Tap:
    packets: list[CodedPacket] = field(default_factory=list)

    def on_packet(self, packet: CodedPacket) -> None:
        self.packets.append(packet)


def open_at(server: SampleServer, opener: AvOpener, options: StreamOptions) -> Stream:
    return opener.open(CAMERA, CameraUrl.parse(server.url("gate")), options=options)


def read(stream: Stream, count: int) -> list[Frame]:
    try:
        return [stream.read() for _ in range(count)]
    finally:
        stream.close()


def shown(frame: Frame) -> int:
    """Which of the thirty pictures it is."""
    pixels = frame.picture.bgr(160, 96)[:, :, ::-1].astype(np.int16)
    return int(np.argmin([np.abs(pixels - other).mean() for other in PICTURES]))


@pytest.mark.parametrize("options", [StreamOptions(), UDP], ids=["tcp", "udp"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_codec_is_read_over_every_transport(
    clips: dict[str, Path], kind: str, options: StreamOptions
) -> None:
    with SampleServer([SampleCamera("gate", clips[kind])]) as server:
        stream = open_at(server, AvOpener(CLOCK), options)
        frames = read(stream, 20)
    assert stream.info.transport is options.transport
    assert stream.counts.corrupt == 0
    assert {frame.time_source for frame in frames} == {TimeSource.SENDER_REPORT}
    numbers = [shown(frame) for frame in frames]
    assert [(after - before) % 30 for before, after in pairwise(numbers)] == [1] * 19
    assert [round(after.pts_s - before.pts_s, 3) for before, after in pairwise(frames[1:])] == [
        round(1 / RATE, 3)
    ] * 18


@pytest.mark.parametrize("kind", ["h264", "h265", "mjpeg"])
def test_no_codec_waits_for_the_next_picture(tmp_path: Path, kind: str) -> None:
    """Also when the parameter sets come in the stream only."""
    last: list[Sent] = []
    clip = write_camera_clip(tmp_path, kind)
    camera = SampleCamera("gate", clip, quirks=Quirks(sets_announced=False))
    with SampleServer([camera], on_sent=last.append) as server:
        stream = open_at(server, AvOpener(CLOCK), StreamOptions())
        for _ in range(14):
            stream.read()
        behind = []
        for _ in range(8):
            frame = stream.read()
            behind.append(round(last[-1].pts_s - frame.pts_s, 3))
        stream.close()
    # A frame is noted down just after it was sent, and may have been read by then.
    assert sorted(behind)[len(behind) // 2] <= 0


@pytest.mark.parametrize("kind", ["h264", "h265"])
@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(reports=False),
        Quirks(timestamps=False),
        Quirks(leap_every=7, leap_s=3.7),
        Quirks(leap_every=7, leap_s=-3.7),
        Quirks(leap_every=9, leap_s=40_000.0),
        Quirks(dead_tracks=("audio", "application")),
        Quirks(dead_tracks=("video", "audio")),
    ],
    ids=lambda quirks: repr(quirks)[7:-1],
)
def test_time_goes_on_whatever_a_camera_says_of_it(
    clips: dict[str, Path], kind: str, quirks: Quirks
) -> None:
    with SampleServer([SampleCamera("gate", clips[kind], quirks=quirks)]) as server:
        stream = open_at(server, AvOpener(CLOCK), StreamOptions())
        frames, ages = [], []
        try:
            for _ in range(45):
                frames.append(stream.read())
                ages.append(CLOCK.now() - frames[-1].captured_at)
        finally:
            stream.close()
    numbers = [shown(frame) for frame in frames]
    assert [(after - before) % 30 for before, after in pairwise(numbers)] == [1] * 44
    assert all(after.captured_at > before.captured_at for before, after in pairwise(frames))
    # The first second may be from before the connection: it begins with the last keyframe.
    assert max(ages[12:]) < timedelta(seconds=0.3)


def test_a_firewall_that_swallows_udp_costs_one_patience_and_no_more(
    clips: dict[str, Path],
) -> None:
    camera = SampleCamera("gate", clips["h264"], quirks=Quirks(udp="swallows"))
    opener, took = AvOpener(CLOCK), []
    with SampleServer([camera]) as server:
        for _ in range(2):
            began = time.monotonic()
            stream = open_at(server, opener, UDP)
            stream.read()
            took.append(time.monotonic() - began)
            assert stream.info.transport is Transport.TCP
            stream.close()
    assert 2 < took[0] < 4
    assert took[1] < 0.5


def test_a_camera_that_refuses_udp_is_read_over_tcp_at_once(clips: dict[str, Path]) -> None:
    camera = SampleCamera("gate", clips["h264"], quirks=Quirks(udp="refuses"))
    with SampleServer([camera]) as server:
        began = time.monotonic()
        stream = open_at(server, AvOpener(CLOCK), UDP)
        stream.read()
        assert time.monotonic() - began < 0.5
        assert stream.info.transport is Transport.TCP
        stream.close()


def test_a_camera_without_tcp_is_read_over_udp(clips: dict[str, Path]) -> None:
    opener = AvOpener(CLOCK)
    with SampleServer([SampleCamera("gate", clips["h264"], quirks=Quirks(tcp=False))]) as server:
        for _ in range(2):
            began = time.monotonic()
            stream = open_at(server, opener, StreamOptions())
            stream.read()
            assert time.monotonic() - began < 0.5
            assert stream.info.transport is Transport.UDP
            stream.close()


def test_a_line_that_loses_too_much_over_udp_is_read_over_tcp_the_next_time(
    clips: dict[str, Path],
) -> None:
    camera = SampleCamera("gate", clips["h264"], quirks=Quirks(udp_loses=4))
    opener = AvOpener(CLOCK, patience=Patience(1.0))
    with SampleServer([camera]) as server:
        failed: StreamFailed | None = None
        until = time.monotonic() + 20
        while failed is None and time.monotonic() < until:
            try:
                stream = open_at(server, opener, UDP)
                read(stream, 100)
            except StreamFailed as error:
                failed = error
        assert failed is not None
        assert failed.reason is CameraReason.CORRUPT
        stream = open_at(server, opener, UDP)
        assert stream.info.transport is Transport.TCP
        assert len(read(stream, 5)) == 5


def test_a_picture_that_changes_its_size_in_mid_stream(tmp_path: Path) -> None:
    small = load_clip(write_clip(tmp_path / "small.mp4", frames=10, rate=RATE))
    large = load_clip(write_clip(tmp_path / "large.mp4", frames=10, rate=RATE, size=(320, 192)))
    with SampleServer([SampleCamera("gate", joined([small, large]))]) as server:
        tap = Tap()
        stream = open_at(server, AvOpener(CLOCK), StreamOptions(packets=tap))
        frames = read(stream, 35)
    assert stream.counts.corrupt == 0
    sizes = [(frame.picture.width, frame.picture.height) for frame in frames]
    assert set(sizes) == {(160, 96), (320, 192)}
    assert sum(before != after for before, after in pairwise(sizes)) >= 2
    # Whoever looks at a fixed size sees the picture whichever size it came in.
    for frame in frames:
        assert shown(frame) < 10
    numbers = [shown(frame) for frame in frames]
    assert [(after - before) % 10 for before, after in pairwise(numbers)] == [1] * 34
    assert len({packet.extradata for packet in tap.packets}) == 2


def test_a_camera_that_comes_back_with_another_codec(clips: dict[str, Path]) -> None:
    """What was learnt of it does not stand in its way."""
    opener = AvOpener(CLOCK)
    with SampleServer([SampleCamera("gate", clips["h265"])]) as server:
        port = server.port
        stream = open_at(server, opener, StreamOptions())
        assert stream.info.codec == "hevc"
        stream.close()
    for kind, codec in (("h264", "h264"), ("mjpeg", "mjpeg"), ("h265", "hevc")):
        with SampleServer([SampleCamera("gate", clips[kind])], port=port) as server:
            stream = open_at(server, opener, StreamOptions())
            assert stream.info.codec == codec
            assert len(read(stream, 12)) == 12


def test_another_codec_in_mid_stream_is_noticed_in_time(clips: dict[str, Path]) -> None:
    """The session goes on as H.264, and what comes is H.265: only dialling anew helps."""
    h264, h265 = load_clip(clips["h264"]), h265_clip(30)
    changed_at: list[float] = []

    def changes(number: int, wire: bytes) -> bytes:
        if number < 30:
            return wire
        changed_at.append(time.monotonic())
        return other._frame(number)

    other = Plays(h265, frames=300, every_s=0.02, sdp=SDP, pack=h265_payloads)
    with FakeRtspServer(Plays(h264, frames=300, every_s=0.02, mangle=changes)) as server:
        stream = AvOpener(CLOCK).open(CAMERA, CameraUrl.parse(server.url))
        with pytest.raises(StreamFailed) as failed:
            read(stream, 300)
    assert failed.value.reason in {CameraReason.CORRUPT, CameraReason.STALLED}
    assert time.monotonic() - changed_at[0] < 2.5 + 0.5


@pytest.mark.parametrize("kind", KINDS)
def test_coded_pictures_are_told_so_that_they_can_be_played(
    clips: dict[str, Path], kind: str
) -> None:
    tap = Tap()
    with SampleServer([SampleCamera("gate", clips[kind])]) as server:
        stream = open_at(server, AvOpener(CLOCK), StreamOptions(packets=tap))
        frames = read(stream, 25)
    kept = tap.packets
    assert kept[0].keyframe
    every = 1 if kind == "mjpeg" else 10
    keys = [at for at, packet in enumerate(kept) if packet.keyframe]
    assert {after - before for before, after in pairwise(keys)} == {every}
    # From the second keyframe on, with the parameter sets and nothing else.
    begins = keys[1]
    player = cast("av.VideoCodecContext", av.CodecContext.create(kept[0].codec, "r"))
    if kept[begins].extradata:
        player.extradata = kept[begins].extradata
    played = [frame for packet in kept[begins:] for frame in player.decode(av.Packet(packet.data))]
    assert len(played) >= len(kept) - begins - 3
    assert (played[0].width, played[0].height) == (160, 96)
    by_pts = {round(packet.pts_s, 3): packet for packet in kept}
    for frame in frames[1:]:
        captured_at = by_pts[round(frame.pts_s, 3)].captured_at
        assert captured_at is not None
        assert abs(captured_at - frame.captured_at) < timedelta(seconds=0.15)


@pytest.mark.parametrize("kind", [HwDecode.CUDA, HwDecode.VAAPI])
def test_without_a_card_the_picture_comes_in_software_and_that_is_counted(
    clips: dict[str, Path], kind: HwDecode
) -> None:
    """On a machine that has the card, the same stream is decoded there."""
    with SampleServer([SampleCamera("gate", clips["h264"])]) as server:
        stream = open_at(server, AvOpener(CLOCK, hardware=Hardware(kind)), StreamOptions())
        frames = read(stream, 12)
    assert shown(frames[-1]) == (shown(frames[0]) + 11) % 30
    assert stream.counts.in_software == (0 if stream.info.hardware else 1)
