"""One playing connection: numbers the packets, and never lets a slow reader fill the memory."""

import secrets
from collections.abc import Sequence

from sample_streams.rtsp.rtp import PAYLOAD_TYPE, Payload, goodbye, packet, sender_report
from sample_streams.rtsp.wires import Wire

MAX_UNREAD_BYTES = 1 << 20
"""A viewer this far behind gets no more until it has read on: about 20 s of a sample clip."""


class Viewer:
    def __init__(self, wire: Wire, name: str, payload_type: int = PAYLOAD_TYPE) -> None:
        self._wire = wire
        self._name = name
        self._type = payload_type
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
        if self._wire.closed:
            return
        if self._wire.unread > MAX_UNREAD_BYTES:
            self._waiting = True
        elif key:
            self._waiting = False
        if self._waiting:
            self.dropped += 1
            return
        self._wire.media([self._number(piece, timestamp) for piece in pieces])

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
        self._wire.close()

    def _write_control(self, data: bytes) -> None:
        if not self._wire.closed:
            self._wire.control(data)

    def _number(self, piece: Payload, timestamp: int) -> bytes:
        data = packet(
            piece,
            sequence=self.sequence,
            timestamp=timestamp,
            ssrc=self._ssrc,
            payload_type=self._type,
        )
        self.sequence = (self.sequence + 1) & 0xFFFF
        self._packets += 1
        self._octets += len(piece.data)
        return data
