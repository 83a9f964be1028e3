"""One playing connection: numbers the packets, and never lets a slow reader fill the memory."""

import asyncio
import secrets
from collections.abc import Sequence

from sample_streams.rtsp.rtp import Payload, goodbye, interleaved, packet, sender_report

MAX_UNREAD_BYTES = 1 << 20
"""A viewer this far behind gets no more until it has read on: about 20 s of a sample clip."""


class Viewer:
    def __init__(
        self, transport: asyncio.WriteTransport, channels: tuple[int, int], name: str
    ) -> None:
        self._transport = transport
        self._rtp, self._rtcp = channels
        self._name = name
        self._ssrc = secrets.randbits(32)
        self._packets = 0
        self._octets = 0
        self._waiting = True
        self.sequence = secrets.randbits(15)
        """Sequence number of the next packet."""
        self.dropped = 0
        """Pictures not sent because the viewer did not read, or came without their keyframe."""

    @property
    def ssrc(self) -> int:
        return self._ssrc

    def wait_for_keyframe(self) -> None:
        """What follows does not continue what was sent: begin again with a keyframe."""
        self._waiting = True

    def send(self, pieces: Sequence[Payload], *, timestamp: int, key: bool) -> None:
        """One picture, or nothing when it would be of no use to this viewer."""
        if self._transport.is_closing():
            return
        if self._transport.get_write_buffer_size() > MAX_UNREAD_BYTES:
            self._waiting = True
        elif key:
            self._waiting = False
        if self._waiting:
            self.dropped += 1
            return
        self._transport.write(b"".join(self._number(piece, timestamp) for piece in pieces))

    def report(self, *, wall_s: float, timestamp: int) -> None:
        """Tell which wall-clock time an RTP timestamp belongs to."""
        report = sender_report(
            ssrc=self._ssrc,
            wall_s=wall_s,
            timestamp=timestamp,
            packets=self._packets,
            octets=self._octets,
            name=self._name,
        )
        self._write_control(report)

    def end(self) -> None:
        self._write_control(goodbye(self._ssrc))

    def _write_control(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(interleaved(self._rtcp, data))

    def _number(self, piece: Payload, timestamp: int) -> bytes:
        data = packet(piece, sequence=self.sequence, timestamp=timestamp, ssrc=self._ssrc)
        self.sequence = (self.sequence + 1) & 0xFFFF
        self._packets += 1
        self._octets += len(piece.data)
        return interleaved(self._rtp, data)
