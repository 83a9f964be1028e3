"""A recorded clip as coded frames, ready to be put into RTP packets."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream


class ClipUnusable(Exception):
    """The file cannot be played as a looping camera; says what it would need."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path.name}: {reason}")


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """One picture as H.264 NAL units, without start codes or lengths."""

    nal_units: tuple[bytes, ...]
    key: bool


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole clip in memory. It begins with a keyframe and has no B-frames."""

    frames: tuple[CodedFrame, ...]
    frames_per_s: Fraction
    width: int
    height: int
    sps: bytes
    pps: bytes

    @property
    def duration_s(self) -> float:
        return float(len(self.frames) / self.frames_per_s)

    @property
    def first_group(self) -> int:
        """Frames from the first keyframe up to the second; all, when there is no second."""
        keys = (at for at, frame in enumerate(self.frames) if at and frame.key)
        return next(keys, len(self.frames))

    def since_keyframe(self, at: int) -> int:
        """Frames from the last keyframe to this one: 0 for a keyframe."""
        return next(back for back in range(at + 1) if self.frames[at - back].key)


def load_clip(path: Path) -> Clip:
    """Read every coded frame of an H.264 file. Raises `ClipUnusable`."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ClipUnusable(path, "has no video stream")
            return _read(path, container, container.streams.video[0])
    except (av.FFmpegError, OSError) as error:
        raise ClipUnusable(path, f"cannot be read ({error})") from error


def _read(path: Path, container: av.container.InputContainer, stream: VideoStream) -> Clip:
    codec = stream.codec_context
    if codec.name != "h264":
        raise ClipUnusable(path, f"is {codec.name}, not H.264")
    if codec.has_b_frames:
        raise ClipUnusable(path, "has B-frames; encode it without")
    if stream.average_rate is None:
        raise ClipUnusable(path, "does not say its frame rate")
    length_bytes, sps, pps = parameter_sets(codec.extradata or b"")
    frames = tuple(
        CodedFrame(split_nal_units(bytes(packet), length_bytes), packet.is_keyframe)
        for packet in container.demux(stream)
        if packet.size
    )
    if not frames or not frames[0].key:
        raise ClipUnusable(path, "does not begin with a keyframe")
    return Clip(frames, stream.average_rate, codec.width, codec.height, sps, pps)


def parameter_sets(avcc: bytes) -> tuple[int, bytes, bytes]:
    """Bytes of a NAL length, first SPS and first PPS of an AVCDecoderConfigurationRecord.

    ISO/IEC 14496-15 §5.3.3.1. Raises ValueError when the record is not one.
    """
    if len(avcc) < 8 or avcc[0] != 1:
        raise ValueError("not an AVC decoder configuration record")
    length_bytes = (avcc[4] & 0b11) + 1
    if avcc[5] & 0b11111 < 1:
        raise ValueError("no sequence parameter set")
    sps_end = 8 + int.from_bytes(avcc[6:8], "big")
    pps_start = sps_end + 3
    pps_end = pps_start + int.from_bytes(avcc[sps_end + 1 : pps_start], "big")
    sps, pps = avcc[8:sps_end], avcc[pps_start:pps_end]
    if not sps or not pps or pps_end > len(avcc):
        raise ValueError("parameter sets are cut short")
    return length_bytes, sps, pps


def split_nal_units(sample: bytes, length_bytes: int) -> tuple[bytes, ...]:
    """Cut an MP4 sample (each NAL unit behind its big-endian length) into NAL units."""
    units: list[bytes] = []
    at = 0
    while at < len(sample):
        start = at + length_bytes
        at = start + int.from_bytes(sample[at:start], "big")
        if at > len(sample):
            raise ValueError("a NAL unit is longer than its sample")
        if at > start:
            units.append(sample[start:at])
    return tuple(units)
