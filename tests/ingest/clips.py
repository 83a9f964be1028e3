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
    size: tuple[int, int] = (WIDTH, HEIGHT),
    rate: int = RATE,
) -> Path:
    """A video file; the codec is FFmpeg's name of an encoder."""
    with av.open(str(path), "w") as container:
        stream = cast("VideoStream", container.add_stream(codec, rate=rate))
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.options = options or LIVE
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number), "rgb24")
            container.mux(stream.encode(frame.reformat(*size, pixels)))
        container.mux(stream.encode(None))
    return path


H265_LIVE = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "x265-params": "log-level=none:keyint=10:pools=none:frame-threads=1",
}
B_FRAMES = {"preset": "fast", "bf": "2", "g": "10"}
JPEG = {"huffman": "default", "q": "4"}
"""RTP carries no Huffman tables (RFC 2435)."""


def write_camera_clip(folder: Path, what: str, rate: int = RATE, frames: int = 30) -> Path:
    """As a camera of that kind sends its pictures: a codec, or H.264 with B-frames."""
    path = folder / f"{what}-{rate}.mp4"
    match what:
        case "h264":
            return write_clip(path, frames=frames, rate=rate)
        case "h264-b":
            return write_clip(path, frames=frames, rate=rate, options=B_FRAMES)
        case "h265":
            return write_clip(path, frames=frames, rate=rate, codec="libx265", options=H265_LIVE)
        case _:
            return write_clip(
                path, frames=frames, rate=rate, codec="mjpeg", options=JPEG, pixels="yuvj420p"
            )


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
