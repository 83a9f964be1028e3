"""RTP for H.264 (RFC 6184) and the sender reports of RTCP (RFC 3550). Pure: bytes in, bytes out."""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CLOCK_HZ = 90_000
"""RTP clock of every video format (RFC 6184 §8.1)."""
PAYLOAD_TYPE = 96
"""First dynamic payload type (RFC 3551 §3)."""
MAX_PAYLOAD = 1_400
"""Bytes of payload a packet: an Ethernet frame less IP, UDP and RTP headers, with room to spare."""

_FU_A = 28  # RFC 6184 §5.8
_NTP_EPOCH_S = 2_208_988_800  # 1900-01-01 to 1970-01-01, RFC 5905 §6
_SENDER_REPORT, _DESCRIPTION, _BYE = 200, 202, 203  # RFC 3550 §12.1
_CNAME = 1


@dataclass(frozen=True, slots=True)
class Payload:
    """The payload of one RTP packet; `last` marks the end of a picture."""

    data: bytes
    last: bool


def payloads(nal_units: Iterable[bytes]) -> tuple[Payload, ...]:
    """One picture's NAL units as packet payloads: alone when they fit, else in FU-A fragments."""
    pieces = [piece for unit in nal_units for piece in _pieces(unit)]
    return tuple(Payload(piece, at == len(pieces) - 1) for at, piece in enumerate(pieces))


def _pieces(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MAX_PAYLOAD:
        yield unit
        return
    indicator = (unit[0] & 0b1110_0000) | _FU_A
    kind = unit[0] & 0b0001_1111
    size = MAX_PAYLOAD - 2
    for start in range(1, len(unit), size):
        end = min(start + size, len(unit))
        header = kind | (0x80 if start == 1 else 0) | (0x40 if end == len(unit) else 0)
        yield bytes((indicator, header)) + unit[start:end]


def packet(
    payload: Payload,
    *,
    sequence: int,
    timestamp: int,
    ssrc: int,
    payload_type: int = PAYLOAD_TYPE,
) -> bytes:
    """Header and payload. `sequence` and `timestamp` wrap as their fields do."""
    marker = 0x80 if payload.last else 0
    header = struct.pack(
        "!BBHII", 0x80, marker | payload_type, sequence & 0xFFFF, timestamp & 0xFFFF_FFFF, ssrc
    )
    return header + payload.data


def sender_report(
    *, ssrc: int, wall_s: float, timestamp: int, packets: int, octets: int, name: str
) -> bytes:
    """Says which RTP timestamp belongs to which wall-clock moment.

    `wall_s` is seconds since 1970 UTC; `packets` and `octets` were sent so far. A compound
    packet: the report, then the CNAME every compound must carry (RFC 3550 §6.1).
    """
    seconds = int(wall_s)
    fraction = int((wall_s - seconds) * (1 << 32))
    report = struct.pack(
        "!BBHIIIIII",
        0x80,
        _SENDER_REPORT,
        6,
        ssrc,
        (seconds + _NTP_EPOCH_S) & 0xFFFF_FFFF,
        fraction,
        timestamp & 0xFFFF_FFFF,
        packets & 0xFFFF_FFFF,
        octets & 0xFFFF_FFFF,
    )
    return report + _description(ssrc, name)


def goodbye(ssrc: int) -> bytes:
    """Tell a viewer that the stream ends here (RFC 3550 §6.6)."""
    return struct.pack("!BBHI", 0x81, _BYE, 1, ssrc)


def _description(ssrc: int, name: str) -> bytes:
    text = name.encode()[:255]
    chunk = struct.pack("!IBB", ssrc, _CNAME, len(text)) + text
    chunk += bytes(4 - len(chunk) % 4)  # at least one null ends the list of items
    return struct.pack("!BBH", 0x81, _DESCRIPTION, len(chunk) // 4) + chunk


def interleaved(channel: int, data: bytes) -> bytes:
    """A packet inside the RTSP connection (RFC 2326 §10.12)."""
    return struct.pack("!BBH", 0x24, channel, len(data)) + data
