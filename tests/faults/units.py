"""What passes over an RTSP connection, taken apart: messages, and packets between them. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

_MOST_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Unit:
    data: bytes
    is_packet: bool
    """An interleaved RTP or RTCP packet (RFC 2326 §10.12); else a message, or what is not known."""


class Units:
    """Takes bytes as they come, gives whole units; what is neither is passed on as it is."""

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[Unit]:
        self._held += data
        while (length := self._length()) and length <= len(self._held):
            unit = bytes(self._held[:length])
            del self._held[:length]
            yield Unit(unit, unit[:1] == b"$")

    def _length(self) -> int:
        """Bytes of the first unit; 0: not known yet."""
        held = self._held
        if held[:1] == b"$":
            return 4 + int.from_bytes(held[2:4], "big") if len(held) >= 4 else 0
        end = held.find(b"\r\n\r\n")
        if end < 0:
            return len(held) if len(held) > _MOST_HEAD else 0
        return end + 4 + _body_length(bytes(held[:end]))


def _body_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return int(value)
    return 0
