"""Coded pictures on their way to whoever keeps them, before they are decoded."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ingest.nal_units import CODECS, begins_anew, parameter_sets
from ingest.streams import CodedPacket, PacketTap

if TYPE_CHECKING:
    from ingest.decoder import VideoPacket


_ALL_KEYFRAMES = frozenset({"mjpeg"})


class CodedPictures:
    """Tells one tap of one connection's pictures, with the parameter sets that go with them.

    `byte_stream`: the pictures are an Annex B byte stream, as from a camera, not as from a file.
    """

    def __init__(self, tap: PacketTap, codec: str, extradata: bytes, *, byte_stream: bool) -> None:
        self._tap = tap
        self._codec = codec
        self._extradata = extradata
        self._nal = CODECS.get(codec) if byte_stream else None

    def tell(self, packet: VideoPacket, pts_s: float, captured_at: datetime | None) -> None:
        data = bytes(packet)
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
