"""Packets of an open container to pictures, everything lost on the way counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import Protocol, TypeAlias, cast

import av.error
from av import Packet, VideoFrame
from av.container import InputContainer
from av.video.stream import VideoStream

from ingest import errors
from ingest.access_units import AccessUnit, AccessUnits
from ingest.nal_units import CODECS
from ingest.streams import PacketTap, Secrecy, StreamCounts, StreamInfo
from ingest.tap import ByteStream, CodedPictures
from record.cameras import Transport

VideoPacket: TypeAlias = "Packet[VideoStream]"

MOST_CORRUPT = 100
"""Pictures in a row that could not be decoded, after which the stream is given up: ten seconds at
10 fps, longer than anybody waits for a keyframe."""


@dataclass(frozen=True, slots=True)
class Line:
    """How a camera's packets come, and what is wanted for them."""

    transport: Transport
    secrecy: Secrecy
    hardware_wanted: bool = False


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded picture; or an empty packet, at the end, that makes the decoder give the rest."""

    data: VideoPacket
    came_with: VideoPacket
    """The packet that completed it; it carries the camera's clock."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture, and the packet that completed it."""

    picture: VideoFrame
    packet: VideoPacket


class Decoder(Protocol):
    @property
    def info(self) -> StreamInfo: ...

    @property
    def counts(self) -> StreamCounts: ...

    @property
    def corrupt_in_a_row(self) -> int:
        """Pictures lost since the last good one."""
        ...

    def next(self) -> VideoPacket | None:
        """The next packet, waiting for it; None at the end. Raises PyAV's errors."""
        ...

    def coded(self, packet: VideoPacket) -> list[Coded]:
        """The coded pictures that `packet` completes."""
        ...

    def pictures(self, coded: Coded) -> list[Decoded]:
        """What `coded` brings. Raises `StreamFailed` after too much that cannot be decoded."""
        ...

    def tapped_by(self, tap: PacketTap) -> CodedPictures:
        """Ready to tell `tap` of every coded picture."""
        ...

    def close(self) -> None: ...


class PacketDecoder:
    """For packets that hold a whole picture each: those of files, and of FFmpeg's parsers."""

    def __init__(
        self,
        container: InputContainer,
        video: VideoStream,
        line: Line | None = None,
        ahead: VideoPacket | None = None,
    ) -> None:
        """`line`: what it comes by; None: a file. `ahead`: its first packet, if it was read."""
        self._container = container
        self._line = line
        self._video = video
        self._context = video.codec_context
        later: Iterator[VideoPacket] = container.demux(video)
        self._packets = later if ahead is None else chain([ahead], later)
        self._corrupt_in_a_row = 0
        self._damaged = False
        """Whether pictures may show the damage of an earlier one."""
        self._hardware: bool | None = None
        """Known with the first picture."""
        self._counts = StreamCounts()
        rate = video.average_rate
        # Some announce none, and some what cannot be.
        self._frames_per_s = float(rate) if rate is not None and 0 < rate <= 1000 else None

    @property
    def info(self) -> StreamInfo:
        context, line = self._context, self._line
        return StreamInfo(
            context.width,
            context.height,
            context.name,
            self._frames_per_s,
            line.transport if line else None,
            line.secrecy if line else None,
            hardware=bool(self._hardware),
        )

    @property
    def counts(self) -> StreamCounts:
        return self._counts

    @property
    def corrupt_in_a_row(self) -> int:
        return self._corrupt_in_a_row

    def next(self) -> VideoPacket | None:
        packet = next(self._packets, None)
        if packet is not None and packet.size:
            self._counts = replace(self._counts, received=self._counts.received + 1)
        return packet

    def coded(self, packet: VideoPacket) -> list[Coded]:
        return [Coded(packet, packet)]

    def pictures(self, coded: Coded) -> list[Decoded]:
        return self._keep(coded.came_with, self._decode(coded.data))

    def tapped_by(self, tap: PacketTap) -> CodedPictures:
        codec, extradata = self._context.name, self._context.extradata or b""
        if self._line is None and codec in CODECS:
            # The container's parameter sets are of its own form; each keyframe brings ours.
            return CodedPictures(tap, codec, b"", ByteStream(self._video))
        return CodedPictures(tap, codec, extradata)

    def close(self) -> None:
        self._container.close()

    def _decode(self, packet: VideoPacket) -> list[VideoFrame]:
        try:
            return self._context.decode(packet)
        except av.error.InvalidDataError:
            self._await_keyframe()
            self._count_corrupt(1)
            return []

    def _keep(self, packet: VideoPacket, decoded: list[VideoFrame]) -> list[Decoded]:
        """Whole pictures only."""
        whole = [picture for picture in decoded if self._is_whole(picture)]
        if len(whole) < len(decoded):
            self._count_corrupt(len(decoded) - len(whole))
        if whole:
            self._note_hardware()
            self._corrupt_in_a_row = 0
            self._counts = replace(self._counts, decoded=self._counts.decoded + len(whole))
        return [Decoded(picture, packet) for picture in whole]

    def _is_whole(self, picture: VideoFrame) -> bool:
        if picture.is_corrupt:
            # What it is a reference for is damaged too, and the decoder does not say so.
            self._await_keyframe()
        elif picture.key_frame:
            self._damaged = False
        return not self._damaged

    def _note_hardware(self) -> None:
        if self._hardware is None:
            self._hardware = self._context.is_hwaccel
            if self._line is not None and self._line.hardware_wanted and not self._hardware:
                self._counts = replace(self._counts, in_software=1)

    def _await_keyframe(self) -> None:
        self._damaged = True

    def _count_corrupt(self, more: int) -> None:
        self._corrupt_in_a_row += more
        self._counts = replace(self._counts, corrupt=self._counts.corrupt + more)
        # Before the first picture these are not lost, only the end of a group joined in its middle.
        if self._counts.decoded and self._corrupt_in_a_row > MOST_CORRUPT:
            raise errors.too_corrupt(self._corrupt_in_a_row)


class PieceDecoder(PacketDecoder):
    """For H.264 and H.265 in the pieces that RTP brought them in: see `ingest.access_units`."""

    def __init__(
        self,
        container: InputContainer,
        video: VideoStream,
        line: Line,
        ahead: VideoPacket | None = None,
    ) -> None:
        super().__init__(container, video, line, ahead)
        self._units = AccessUnits(CODECS[video.codec_context.name])
        self._misjudged = False

    def coded(self, packet: VideoPacket) -> list[Coded]:
        data = bytes(packet)
        units = self._units.add(data, packet.pts) if data else self._units.flush()
        if self._units.misjudged and not self._misjudged:
            self._misjudged = True
            self._await_keyframe()
        coded = [_coded(unit, packet) for unit in units]
        return coded if data else [*coded, Coded(packet, packet)]


def _coded(unit: AccessUnit, packet: VideoPacket) -> Coded:
    data = cast("VideoPacket", Packet(unit.data))
    data.pts = data.dts = unit.pts
    data.time_base = packet.time_base
    return Coded(data, packet)
