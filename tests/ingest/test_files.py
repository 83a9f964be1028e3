import contextlib
import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import cast

import av
import numpy as np
import pytest

from ingest import AvOpener, CodedPacket, StreamEnded, StreamFailed, StreamOptions
from ingest.clips import ClipWriter
from ingest.decoder import VideoPacket
from ingest.nal_units import CODECS, parameter_sets
from ingest.ring import KeptPacket
from ingest.tap import ByteStream
from record.cameras import CameraReason, CameraUrl
from record.frames import Frame, TimeSource
from record.ids import CameraId
from tests.fakes.clock import EPOCH, FakeClock
from tests.ingest.clips import B_FRAMES, H265_LIVE, LIVE, picture, write_clip

CAMERA = CameraId("file")


def read_all(path: Path, opener: AvOpener) -> list[Frame]:
    stream = opener.open(CAMERA, CameraUrl.parse(f"file://{path}"))
    frames = []
    try:
        while True:
            frames.append(stream.read())
    except StreamEnded:
        return frames
    finally:
        stream.close()


def test_every_frame_comes_in_order_with_its_own_time(clip: Path) -> None:
    frames = read_all(clip, AvOpener(FakeClock()))
    assert [frame.number for frame in frames] == list(range(30))
    assert [round(frame.pts_s, 6) for frame in frames] == [n / 10 for n in range(30)]
    assert [frame.captured_at for frame in frames] == [
        EPOCH + timedelta(seconds=n / 10) for n in range(30)
    ]
    assert {frame.time_source for frame in frames} == {TimeSource.FILE}
    assert {frame.camera for frame in frames} == {CAMERA}


def test_pictures_are_those_of_the_file(clip: Path) -> None:
    frame = read_all(clip, AvOpener(FakeClock()))[7]
    shown = frame.picture.bgr(160, 96)[:, :, ::-1].astype(int)
    likeness = [float(np.abs(shown - picture(number)).mean()) for number in range(30)]
    assert int(np.argmin(likeness)) == 7


def test_pictures_that_are_coded_out_of_order_are_shown_in_order(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "b.mp4", frames=20, options={"preset": "fast", "bf": "2"})
    frames = read_all(clip, AvOpener(FakeClock()))
    assert [round(frame.pts_s, 6) for frame in frames] == [n / 10 for n in range(20)]


@pytest.mark.parametrize("codec", ["mpeg4", "mjpeg", "libx265"])
def test_other_codecs_simply_work(tmp_path: Path, codec: str) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {"q": "4"}
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    clip = write_clip(
        tmp_path / "other.mkv", frames=12, codec=codec, options=options, pixels=pixels
    )
    frames = read_all(clip, AvOpener(FakeClock()))
    assert len(frames) == 12
    assert frames[0].picture.grey().shape == (96, 160)


def test_a_paced_file_takes_its_time(clip: Path) -> None:
    clock = FakeClock()
    frames = read_all(clip, AvOpener(clock, paced_files=True))
    assert clock.monotonic() == pytest.approx(2.9)
    assert frames[-1].received == pytest.approx(2.9)


def test_a_path_may_hold_blanks_and_signs(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "sân 1 #3.mp4", frames=3)
    assert len(read_all(Path(f"{tmp_path}/s%C3%A2n%201%20%233.mp4"), AvOpener(FakeClock()))) == 3
    assert clip.exists()


def test_a_file_cut_short_ends_where_it_ends(tmp_path: Path) -> None:
    whole = write_clip(tmp_path / "whole.mkv", frames=30)
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    frames = read_all(cut, AvOpener(FakeClock()))
    assert 5 < len(frames) < 30


def sound_only(folder: Path) -> Path:
    path = folder / "sound.wav"
    path.write_bytes(
        b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00"
        b"\x80\x3e\x00\x00\x02\x00\x10\x00data\x08\x00\x00\x00" + bytes(8)
    )
    return path


def text(folder: Path) -> Path:
    path = folder / "notes.txt"
    path.write_text("no video here\n" * 100)
    return path


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: folder / "nothing.mp4", CameraReason.NOT_FOUND),
        (lambda folder: folder, CameraReason.NOT_FOUND),
        (sound_only, CameraReason.NO_VIDEO),
        (text, CameraReason.CORRUPT),
    ],
)
def test_what_is_no_video_says_so(
    tmp_path: Path, make: Callable[[Path], Path], reason: CameraReason
) -> None:
    with pytest.raises(StreamFailed) as failed:
        read_all(make(tmp_path), AvOpener(FakeClock()))
    assert failed.value.reason is reason


def test_a_file_may_not_lead_to_another_protocol(tmp_path: Path) -> None:
    """A playlist that names an address on the network: FFmpeg would dial it."""
    playlist = tmp_path / "list.m3u8"
    playlist.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/secret.ts\n#EXT-X-ENDLIST\n")
    with pytest.raises(StreamFailed):
        read_all(playlist, AvOpener(FakeClock()))


class Kept:
    """A ring's view of a file: its pictures in their order."""

    def __init__(self) -> None:
        self.packets: list[KeptPacket] = []

    def on_packet(self, packet: CodedPacket) -> None:
        number = len(self.packets)
        at = packet.captured_at or EPOCH
        self.packets.append(KeptPacket(number, 1, packet.pts_s, at, packet.pts_s, packet))


@pytest.mark.parametrize("kind", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize(("codec", "encoder"), [("h264", "libx264"), ("hevc", "libx265")])
def test_what_a_file_holds_is_told_as_a_camera_would_have_sent_it(
    tmp_path: Path, codec: str, encoder: str, kind: str
) -> None:
    """Annex B with its parameter sets, so that clips are cut from it as from any other."""
    options = B_FRAMES if codec == "h264" else H265_LIVE
    path = write_clip(tmp_path / f"a.{kind}", frames=30, codec=encoder, options=options)
    kept, frames = Kept(), 0
    opener = AvOpener(FakeClock())
    url = CameraUrl.parse(f"file://{path}")
    stream = opener.open(CAMERA, url, options=StreamOptions(packets=kept))
    with contextlib.suppress(StreamEnded):
        while frames < 100:
            stream.read()
            frames += 1
    stream.close()
    assert frames == 30  # the decoder has had its packets all the same
    told = [one.packet for one in kept.packets]
    assert len(told) == 30
    assert [one.keyframe for one in told] == [number % 10 == 0 for number in range(30)]
    nal = CODECS[codec]
    for packet in told:
        assert packet.data.startswith(b"\x00\x00\x00\x01")
        assert packet.extradata == parameter_sets(packet.extradata, nal) != b""
    sink = io.BytesIO()
    writer = ClipWriter(sink, kept.packets[10:])
    writer.finish()
    sink.seek(0)
    with av.open(sink, "r") as clip:
        assert len(list(clip.decode(video=0))) == 20


def test_a_picture_that_is_broken_in_the_file_is_not_told_and_ends_nothing(clip: Path) -> None:
    with av.open(str(clip), "r") as container:
        stream = ByteStream(container.streams.video[0])
        broken = cast("VideoPacket", av.Packet(b"\xff\xff\xff\xff\x41\x9a"))
        assert stream.of(broken) == b""
        whole = next(container.demux(video=0))
        assert stream.of(whole).startswith(b"\x00\x00\x00\x01")


@pytest.mark.parametrize("matrix", ["YCgCo", "bt2020c", "chroma-derived-c"])
def test_colours_tagged_in_a_way_that_is_not_converted_are_shown_nevertheless(
    tmp_path: Path, matrix: str
) -> None:
    """Found by fuzzing: swscale refuses such a picture, whoever asks for it."""
    path = write_clip(
        tmp_path / "odd.mp4", frames=3, options={**LIVE, "x264-params": f"colormatrix={matrix}"}
    )
    frame = read_all(path, AvOpener(FakeClock()))[0]
    assert frame.picture.bgr(64, 36).shape == (36, 64, 3)
    assert frame.picture.planes(64, 36).luma.shape == (36, 64)
