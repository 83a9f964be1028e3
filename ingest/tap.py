"""Coded pictures on their way to whoever keeps them, before they are decoded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import av.error
from av import Packet
from av.bitstream import BitStreamFilterContext

from ingest.nal_units import CODECS, begins_anew, parameter_sets
from ingest.streams import CodedPacket, PacketTap

if TYPE_CHECKING:
    from av.video.stream import VideoStream

    from ingest.decoder import VideoPacket


_ALL_KEYFRAMES = frozenset({"mjpeg"})
_TO_BYTE_STREAM = {"h264": "h264_mp4toannexb", "hevc": "hevc_mp4toannexb"}
"""FFmpeg's filters; what is a byte stream already they let pass as it is."""


class ByteStream:
    """A file's H.264 or H.265 as a camera would have sent it: containers hold lengths in place of
    start codes, and the parameter sets once, apart (ISO/IEC 14496-15 §5)."""

    def __init__(self, video: VideoStream) -> None:
        self._filter = BitStreamFilterContext(_TO_BYTE_STREAM[video.codec_context.name], video)

    def of(self, packet: VideoPacket) -> bytes:
        """Of one picture; empty when it is broken."""
        # A copy, for the filter empties what it is given, and the decoder wants it, too.
        copy = Packet(bytes(packet))
        try:
            return b"".join(bytes(one) for one in self._filter.filter(copy))
        except av.error.FFmpegError:
            return b""


class CodedPictures:
    """Tells one tap of one connection's pictures, with the parameter sets that go with them."""

    def __init__(
        self, tap: PacketTap, codec: str, extradata: bytes, made_by: ByteStream | None = None
    ) -> None:
        """`made_by`: for a file, whose pictures are not told as they are."""
        self._tap = tap
        self._codec = codec
        self._extradata = extradata
        self._made_by = made_by
        self._nal = CODECS.get(codec)

    def tell(self, packet: VideoPacket, pts_s: float, captured_at: datetime | None) -> None:
        if not packet.size:
            return
        data = bytes(packet) if self._made_by is None else self._made_by.of(packet)
        if not data:
            return
        keyframe = packet.is_keyframe or self._codec in _ALL_KEYFRAMES
        if self._nal is not None:
            # FFmpeg knows only with its parser, and that is switched off where we can.
            keyframe = begins_anew(data, self._nal)
            if keyframe:
                self._extradata = parameter_sets(data, self._nal) or self._extradata
        self._tap.on_packet(
            CodedPacket(data, pts_s, captured_at, keyframe, self._codec, self._extradata)
        )
