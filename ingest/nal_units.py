"""NAL units in an Annex B byte stream: which ones there are, and what they are. Pure.

H.264 (ITU-T H.264 table 7-1) has its type in the low five bits of a unit's first byte, H.265
(ITU-T H.265 table 7-1) in bits 1 to 6.
"""

from collections.abc import Iterator
from dataclasses import dataclass

START_CODE = b"\x00\x00\x00\x01"
_SHORT = b"\x00\x00\x01"


@dataclass(frozen=True, slots=True)
class NalCodec:
    """How to read the units of one codec."""

    slices: frozenset[int]
    """Types that hold picture data."""
    entries: frozenset[int]
    """Of those, the ones that decoding may begin with."""
    sets: tuple[int, ...]
    """Parameter sets, in the order in which a decoder wants them."""
    header_bytes: int
    shift: int
    mask: int

    def kind(self, first_byte: int) -> int:
        return first_byte >> self.shift & self.mask


H264 = NalCodec(frozenset({1, 5}), frozenset({5}), (7, 8), 1, 0, 0x1F)
"""Non-IDR and IDR slices; SPS and PPS. Data partitioning (2 to 4) no camera sends."""
H265 = NalCodec(
    frozenset(range(22)), frozenset(range(16, 22)), (32, 33, 34), header_bytes=2, shift=1, mask=0x3F
)
"""VCL units 0 to 21, of which 16 to 21 are intra random access points; VPS, SPS and PPS."""

CODECS = {"h264": H264, "hevc": H265}
"""By FFmpeg's name."""


def units(data: bytes) -> Iterator[bytes]:
    """The units of a byte stream, without start codes."""
    begins = data.find(_SHORT)
    while begins >= 0:
        begins += len(_SHORT)
        ends = data.find(_SHORT, begins)
        # The fourth byte of a start code, and trailing zeros, belong to no unit (annex B.1.1).
        yield data[begins : None if ends < 0 else ends].rstrip(b"\0")
        begins = ends


def parameter_sets(data: bytes, codec: NalCodec) -> bytes:
    """The parameter sets in `data` as a byte stream; empty unless there is one of every kind, for
    half of them is of no use."""
    found: dict[int, list[bytes]] = {kind: [] for kind in codec.sets}
    for unit in units(data):
        if unit and (kind := codec.kind(unit[0])) in found and unit not in found[kind]:
            found[kind].append(unit)
    if not all(found.values()):
        return b""
    return b"".join(START_CODE + unit for kind in codec.sets for unit in found[kind])


def begins_anew(data: bytes, codec: NalCodec) -> bool:
    """Whether decoding may begin with this picture: it is an entry point by its type, or brings
    its parameter sets along, as cameras that refresh without IDR pictures do."""
    kinds = {codec.kind(unit[0]) for unit in units(data) if unit}
    return bool(kinds & codec.entries) or kinds.issuperset(codec.sets)
