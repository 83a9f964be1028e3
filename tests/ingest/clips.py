"""Clips made for a test: something moves, so that no two frames are the same."""

from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream

from sample_streams.rtsp.clip import Clip, CodedFrame

WIDTH, HEIGHT, RATE = 160, 96, 10
LIVE = {"preset": "ultrafast", "tune": "zerolatency", "g": "10"}
"""As cameras encode: no picture waits for another."""


def picture(number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """(96, 160, 3) uint8 RGB noise that shifts by three columns a frame."""
    noise = np.random.default_rng(7).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    return np.roll(noise, 3 * number, axis=1)


def write_clip(
    path: Path,
    *,
    frames: int,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pixels: str = "yuv420p",
) -> Path:
    """A video file; the codec is FFmpeg's name of an encoder."""
    with av.open(str(path), "w") as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=RATE))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        stream.codec_context.options = options or LIVE
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture(number), "rgb24")))
        container.mux(stream.encode(None))
    return path


def h265_clip(frames: int) -> Clip:
    """An H.265 stream, every frame with the parameter sets it may need."""
    encoder = av.CodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, RATE), Fraction(RATE, 1)
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "x265-params": "log-level=none:repeat-headers=1:keyint=10:pools=none:frame-threads=1",
    }
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number), "rgb24").reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    # What a Clip has of its own, SPS and PPS of H.264, goes with keyframes: there are none here.
    coded = tuple(CodedFrame(tuple(nal_units(bytes(packet))), key=False) for packet in packets)
    return Clip(coded, Fraction(RATE), WIDTH, HEIGHT, b"", b"")


def encode_h264(frames: int, parameters: str) -> list[tuple[int, list[bytes]]]:
    """(pts in frames, NAL units without start codes) of each packet, in coding order."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, RATE), Fraction(RATE, 1)
    encoder.options = {"preset": "fast", "x264-params": f"threads=1:repeat-headers=1:{parameters}"}
    packets = []
    for number in range(frames):
        frame = av.VideoFrame.from_ndarray(picture(number), "rgb24").reformat(format="yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return [(packet.pts or 0, nal_units(bytes(packet))) for packet in packets]


def nal_units(data: bytes) -> list[bytes]:
    """An Annex B byte stream, split at its start codes (H.264 annex B)."""
    return [unit for unit in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1") if unit]
