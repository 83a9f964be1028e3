"""A recorded clip as coded frames, ready to be put into RTP packets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal, TypeAlias

import av
from av.video.stream import VideoStream


class ClipUnusable(Exception):
    """The file cannot be played as a looping camera; says what it would need."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path.name}: {reason}")


Codec: TypeAlias = Literal["h264", "h265", "mjpeg"]
_CODECS: dict[str, Codec] = {"h264": "h264", "hevc": "h265", "mjpeg": "mjpeg"}
_H265_SETS = {32: "vps", 33: "sps", 34: "pps"}


@dataclass(frozen=True, slots=True)
class CodedFrame:
    """One picture as NAL units, without start codes or lengths; a JPEG is one unit."""

    nal_units: tuple[bytes, ...]
    key: bool
    late: int = 0
    """Frames from when it is sent to when it is to be shown, less the same number for all so that
    none is sent before it was taken: 0 or negative. All 0 without B-frames."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole clip in memory, in the order of coding. It begins with a keyframe."""

    frames: tuple[CodedFrame, ...]
    frames_per_s: Fraction
    width: int
    height: int
    sps: bytes
    pps: bytes
    """Sent ahead of each keyframe; empty when the keyframes bring their own."""
    vps: bytes = b""
    codec: Codec = "h264"

    @property
    def sets(self) -> tuple[bytes, ...]:
        return tuple(unit for unit in (self.vps, self.sps, self.pps) if unit)

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
    """Read every coded frame of a file: H.264, H.265 or JPEG. Raises `ClipUnusable`."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ClipUnusable(path, "has no video stream")
            return _read(path, container, container.streams.video[0])
    except (av.FFmpegError, OSError) as error:
        raise ClipUnusable(path, f"cannot be read ({error})") from error


def joined(clips: Sequence[Clip]) -> Clip:
    """One after the other, each keyframe with its own parameter sets and none announced: a camera
    whose picture changes size in mid-stream. The codec and rate are the first one's."""
    frames = tuple(
        replace(frame, nal_units=(*clip.sets, *frame.nal_units)) if frame.key else frame
        for clip in clips
        for frame in clip.frames
    )
    return replace(clips[0], frames=frames, vps=b"", sps=b"", pps=b"")


def _read(path: Path, container: av.container.InputContainer, stream: VideoStream) -> Clip:
    context = stream.codec_context
    if (codec := _CODECS.get(context.name)) is None:
        raise ClipUnusable(path, f"is {context.name}, not H.264, H.265 or JPEG")
    if stream.average_rate is None:
        raise ClipUnusable(path, "does not say its frame rate")
    length_bytes, sets = _sets(codec, context.extradata or b"")
    packets = [packet for packet in container.demux(stream) if packet.size]
    lates = _lates(packets, stream.average_rate)
    frames = tuple(
        CodedFrame(_units(bytes(packet), length_bytes), packet.is_keyframe, late)
        for packet, late in zip(packets, lates, strict=True)
    )
    if not frames or not frames[0].key:
        raise ClipUnusable(path, "does not begin with a keyframe")
    return Clip(
        frames,
        stream.average_rate,
        context.width,
        context.height,
        sps=sets.get("sps", b""),
        pps=sets.get("pps", b""),
        vps=sets.get("vps", b""),
        codec=codec,
    )


def _sets(codec: Codec, extradata: bytes) -> tuple[int, dict[str, bytes]]:
    """Bytes of a NAL length (0: there are no NAL units), and parameter sets by their name."""
    if codec == "mjpeg":
        return 0, {}
    if codec == "h264":
        length_bytes, sps, pps = parameter_sets(extradata)
        return length_bytes, {"sps": sps, "pps": pps}
    return h265_parameter_sets(extradata)


def _units(sample: bytes, length_bytes: int) -> tuple[bytes, ...]:
    return split_nal_units(sample, length_bytes) if length_bytes else (sample,)


def _lates(packets: Sequence["av.Packet[VideoStream]"], rate: Fraction) -> list[int]:
    """Per picture, in frames, how its place in the order of showing differs from that of coding."""
    shown = [
        at
        if packet.pts is None or not packet.time_base
        else round(packet.pts * packet.time_base * rate)
        for at, packet in enumerate(packets)
    ]
    lates = [place - at for at, place in enumerate(shown)]
    most = max(lates, default=0)
    return [late - most for late in lates]


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


def h265_parameter_sets(hvcc: bytes) -> tuple[int, dict[str, bytes]]:
    """As `parameter_sets`, of an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15 §8.3.3.1)."""
    if len(hvcc) < 23 or hvcc[0] != 1:
        raise ValueError("not an HEVC decoder configuration record")
    found: dict[str, bytes] = {}
    at = 23
    for _ in range(hvcc[22]):
        kind, count = hvcc[at] & 0x3F, int.from_bytes(hvcc[at + 1 : at + 3], "big")
        at += 3
        for _ in range(count):
            start = at + 2
            at = start + int.from_bytes(hvcc[at:start], "big")
            if kind in _H265_SETS:
                found.setdefault(_H265_SETS[kind], hvcc[start:at])
    if len(found) < len(_H265_SETS) or at > len(hvcc):
        raise ValueError("parameter sets are cut short")
    return (hvcc[21] & 0b11) + 1, found


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
