"""Coded pictures into MP4 and back: every codec, in order, playable to the last fragment."""

import io
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import cast

import av
import numpy as np
import pytest
from av.video.codeccontext import VideoCodecContext
from hypothesis import given
from hypothesis import strategies as st

from ingest.clips import ClipForm, ClipImpossible, ClipWriter, read_clip, reorder_depth
from ingest.nal_units import CODECS, begins_anew, parameter_sets
from ingest.renditions import RenditionWriter
from ingest.ring import KeptPacket
from ingest.streams import CodedPacket
from record.ids import CameraId
from tests.ingest.clips import HEIGHT, RATE, WIDTH, picture

BEGIN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
CAMERA = CameraId("gate")
X264 = "repeat-headers=1:threads=1:keyint=10"
X265 = "log-level=none:repeat-headers=1:keyint=10:pools=none:frame-threads=1"


@dataclass(frozen=True)
class Coding:
    codec: str
    encoder: str
    pixels: str
    options: dict[str, str]


CODINGS = {
    "h264": Coding("h264", "libx264", "yuv420p", {"tune": "zerolatency", "x264-params": X264}),
    "h264 with B-frames": Coding("h264", "libx264", "yuv420p", {"x264-params": X264, "bf": "2"}),
    "hevc": Coding("hevc", "libx265", "yuv420p", {"tune": "zerolatency", "x265-params": X265}),
    "hevc with B-frames": Coding("hevc", "libx265", "yuv420p", {"x265-params": X265}),
    "vp8": Coding("vp8", "libvpx", "yuv420p", {"deadline": "realtime", "lag-in-frames": "0"}),
    "mjpeg": Coding("mjpeg", "mjpeg", "yuvj420p", {}),
}


def coded(coding: Coding, frames: int) -> list[KeptPacket]:
    """As a ring hands them over: an Annex B stream or JPEGs, in coding order."""
    encoder = cast("VideoCodecContext", av.CodecContext.create(coding.encoder, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, coding.pixels
    encoder.time_base, encoder.framerate = Fraction(1, RATE), Fraction(RATE, 1)
    encoder.options = coding.options
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number), "rgb24").reformat(format=coding.pixels)
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    kept, sets = [], b""
    for number, packet in enumerate(packets):
        data, keyframe = bytes(packet), packet.is_keyframe
        if (codec := CODECS.get(coding.codec)) is not None:
            keyframe = begins_anew(data, codec)
            sets = parameter_sets(data, codec) or sets
        time_s = (packet.pts or 0) / RATE
        one = CodedPacket(data, time_s, None, keyframe, coding.codec, sets)
        kept.append(KeptPacket(number + 1, 1, time_s, BEGIN + timedelta(seconds=time_s), 0.0, one))
    return kept


def written(packets: list[KeptPacket], first: int = 20) -> bytes:
    out = io.BytesIO()
    writer = ClipWriter(out, packets[:first])
    add_all(writer, packets[first:])
    writer.finish()
    return out.getvalue()


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
def test_every_picture_comes_back_at_its_time(coding: Coding) -> None:
    packets = coded(coding, 45)
    clip = written(packets)
    frames = list(read_clip(io.BytesIO(clip), CAMERA, BEGIN))
    assert [round(frame.pts_s, 3) for frame in frames] == [n / RATE for n in range(45)]
    assert [frame.number for frame in frames] == list(range(45))
    assert frames[-1].captured_at == BEGIN + timedelta(seconds=4.4)
    for number in (0, 20, 44):
        shown = frames[number].picture.bgr(WIDTH, HEIGHT)[:, :, ::-1].astype(int)
        off = [np.abs(shown - picture(other)).mean() for other in (number, number + 9)]
        assert off[0] < 0.85 * off[1]  # noise is hard to code


@pytest.mark.parametrize("coding", CODINGS.values(), ids=CODINGS)
def test_nothing_is_encoded_anew(coding: Coding) -> None:
    packets = coded(coding, 20)
    with av.open(io.BytesIO(written(packets)), "r") as clip:
        video = clip.streams.video[0]
        sizes = [packet.size for packet in clip.demux(video) if packet.size]
        assert video.codec_context.name == coding.codec
    assert sizes == [pytest.approx(len(one.packet.data), abs=80) for one in packets]


def test_it_says_what_it_holds() -> None:
    packets = coded(CODINGS["h264 with B-frames"], 30)
    writer = ClipWriter(io.BytesIO(), packets)
    writer.finish()
    assert writer.form == ClipForm("h264", WIDTH, HEIGHT)
    assert writer.begins_at == BEGIN
    assert writer.length_s == pytest.approx(2.9)


def test_it_plays_up_to_where_the_writing_ended() -> None:
    clip = written(coded(CODINGS["h264"], 45))
    frames = list(read_clip(io.BytesIO(clip[: len(clip) * 2 // 3]), CAMERA, BEGIN))
    assert 10 <= len(frames) < 45


def test_a_codec_that_mp4_cannot_hold_is_said_to_be_one() -> None:
    (one, *_) = coded(CODINGS["mjpeg"], 1)
    odd = CodedPacket(one.packet.data, 0.0, None, True, "theora", b"")
    with pytest.raises(ClipImpossible, match="theora"):
        ClipWriter(io.BytesIO(), [KeptPacket(1, 1, 0.0, BEGIN, 0.0, odd)])


@pytest.mark.parametrize("codec", ["h264", "hevc", "mjpeg"])
def test_rubbish_is_refused(codec: str) -> None:
    odd = CodedPacket(b"\0\0\0\1 rubbish" * 50, 0.0, None, True, codec, b"")
    with pytest.raises(ClipImpossible):
        ClipWriter(io.BytesIO(), [KeptPacket(1, 1, 0.0, BEGIN, 0.0, odd)])
    with pytest.raises(ClipImpossible):
        list(read_clip(io.BytesIO(odd.data), CAMERA, BEGIN))


def test_a_full_disk_is_an_error_of_the_disk() -> None:
    class Full(io.BytesIO):
        def write(self, plain: object) -> int:
            if self.tell() > 20_000:
                raise OSError(28, "No space left on device")
            return super().write(plain)  # type: ignore[arg-type]  # whatever FFmpeg hands over

    packets = coded(CODINGS["h264"], 45)
    writer = ClipWriter(Full(), packets[:1])
    with pytest.raises(OSError, match="No space"):
        add_all(writer, packets[1:])
    writer.abandon()


def add_all(writer: ClipWriter, packets: list[KeptPacket]) -> None:
    for one in packets:
        writer.add(one)


@given(st.permutations(range(12)))
def test_a_picture_is_never_decoded_after_it_is_shown(order: list[int]) -> None:
    depth = reorder_depth(order)
    reordered = sorted(order)
    for number, time in enumerate(order):
        assert number - depth < 0 or reordered[number - depth] <= time


def test_a_rendition_is_h264_with_its_index_in_front() -> None:
    writer = RenditionWriter(WIDTH, HEIGHT, RATE)
    for number in range(25):
        writer.add(np.ascontiguousarray(picture(number)[:, :, ::-1]), number / RATE)
    rendition = bytes(writer.finish())
    assert rendition.index(b"moov") < rendition.index(b"mdat")
    with av.open(io.BytesIO(rendition), "r") as container:
        video = container.streams.video[0]
        assert (video.codec_context.name, video.codec_context.profile) == (
            "h264",
            "Constrained Baseline",
        )
        times = [frame.time for frame in container.decode(video)]
    assert times == [pytest.approx(number / RATE, abs=0.001) for number in range(25)]


def test_of_a_long_group_only_a_little_is_held_in_memory() -> None:
    """Cameras that save bits send a keyframe every 20 s or more; many clips are written at once."""
    first, *rest = coded(replace(CODINGS["h264"], options={"tune": "zerolatency"}), 40)
    assert not any(one.packet.keyframe for one in rest)
    heavy = [replace(one.packet, data=one.packet.data + bytes(100_000)) for one in rest]
    out = io.BytesIO()
    clip = ClipWriter(out, [first])
    held, fed = 0, len(first.packet.data)
    for one, packet in zip(rest, heavy, strict=True):
        clip.add(replace(one, packet=packet))
        fed += len(packet.data)
        held = max(held, fed - out.tell())
    clip.finish()
    assert (fed > 3_500_000, held < 1_200_000) == (True, True), held
    frames = list(read_clip(io.BytesIO(out.getvalue()), CAMERA, BEGIN))
    assert [round(frame.pts_s, 3) for frame in frames] == [n / RATE for n in range(40)]
