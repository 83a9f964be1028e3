"""One coded picture to RTP payloads, by codec. Pure.

H.264 has its own module, `sample_streams.rtsp.rtp`; here are H.265 (RFC 7798) and JPEG (RFC 2435).
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sample_streams.rtsp.rtp import MAX_PAYLOAD, Payload, payloads

_FU = 49  # RFC 7798 §4.4.3
_QUANTISATION, _RESTART, _FRAME, _SCAN = 0xDB, 0xDD, 0xC0, 0xDA  # ITU-T T.81 table B.1
_WITH_RESTARTS, _WHOLE_PICTURE = 64, 0xFFFF  # RFC 2435 §3.1.7
_TABLES_FOLLOW = 255  # RFC 2435 §3.1.8


def h265_payloads(units: Sequence[bytes]) -> tuple[Payload, ...]:
    """A unit alone when it fits, else in fragmentation units."""
    return _marked([piece for unit in units for piece in _h265_pieces(unit)])


def jpeg_payloads(units: Sequence[bytes]) -> tuple[Payload, ...]:
    """`units` is one baseline JPEG picture with the standard Huffman tables; its tables of
    quantisation go along with the first packet. Raises ValueError for another kind."""
    (picture,) = units
    parts = _jpeg_parts(picture)
    tables = struct.pack("!BBH", 0, 0, len(parts.tables)) + parts.tables
    kind, restart = parts.kind, b""
    if parts.restart:
        kind, restart = kind + _WITH_RESTARTS, struct.pack("!HH", parts.restart, _WHOLE_PICTURE)
    size = bytes([kind, _TABLES_FOLLOW, parts.width // 8, parts.height // 8])
    pieces, at = [], 0
    while at < len(parts.scan):
        head = struct.pack("!I", at) + size + restart + (tables if at == 0 else b"")
        part = parts.scan[at : at + MAX_PAYLOAD - len(head)]
        pieces.append(head + part)
        at += len(part)
    return _marked(pieces)


PACKERS: Mapping[str, Callable[[Sequence[bytes]], tuple[Payload, ...]]] = MappingProxyType(
    {"h264": payloads, "h265": h265_payloads, "mjpeg": jpeg_payloads}
)


def _marked(pieces: list[bytes]) -> tuple[Payload, ...]:
    return tuple(Payload(piece, at == len(pieces) - 1) for at, piece in enumerate(pieces))


def _h265_pieces(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MAX_PAYLOAD:
        yield unit
        return
    header, kind = bytes([(unit[0] & 0x81) | _FU << 1, unit[1]]), unit[0] >> 1 & 0x3F
    size = MAX_PAYLOAD - 3
    for start in range(2, len(unit), size):
        end = min(start + size, len(unit))
        begins, ends = start == 2, end == len(unit)
        yield header + bytes([begins << 7 | ends << 6 | kind]) + unit[start:end]


@dataclass(slots=True)
class _Jpeg:
    kind: int = -1
    """RFC 2435 §4.1: by the sampling of luma against chroma."""
    width: int = 0
    height: int = 0
    restart: int = 0
    """Blocks from one restart marker to the next; 0: there are none."""
    tables: bytes = b""
    scan: bytes = b""


def _jpeg_parts(picture: bytes) -> _Jpeg:
    found, tables = _Jpeg(), dict[int, bytes]()
    at = 2
    while at + 4 <= len(picture):
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4], "big")
        segment = picture[at + 4 : at + 2 + length]
        at += 2 + length
        if marker == _QUANTISATION:
            for begin in range(0, len(segment), 65):
                tables[segment[begin] & 0xF] = segment[begin + 1 : begin + 65]
        elif marker == _RESTART:
            found.restart = int.from_bytes(segment, "big")
        elif marker == _FRAME:
            found.height, found.width = struct.unpack("!HH", segment[1:5])
            found.kind = {0x21: 0, 0x22: 1}.get(segment[7], -1)
        elif marker == _SCAN:
            if found.kind < 0 or 0 not in tables:
                raise ValueError("this kind of JPEG has no RTP payload")
            # The tables of luma and of chroma, even when they are the same one.
            found.tables = tables[0] + tables.get(1, tables[0])
            found.scan = picture[at:].removesuffix(b"\xff\xd9")
            return found
    raise ValueError("not a baseline JPEG")
