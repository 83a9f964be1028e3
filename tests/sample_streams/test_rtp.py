"""RTP packets: what a picture is cut into comes out whole again."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sample_streams.rtsp.rtp import (
    MAX_PAYLOAD,
    Payload,
    goodbye,
    interleaved,
    packet,
    payloads,
    sender_report,
)

NAL_UNITS = st.builds(
    lambda kind, importance, size: bytes([importance << 5 | kind]) + bytes(range(256)) * size,
    st.integers(1, 23),
    st.integers(0, 3),
    st.integers(0, 24),
)


def reassembled(pieces: tuple[Payload, ...]) -> list[bytes]:
    """NAL units from payloads, as RFC 6184 tells a receiver to do it."""
    units: list[bytes] = []
    for piece in pieces:
        if piece.data[0] & 31 != 28:
            units.append(piece.data)
            continue
        indicator, header = piece.data[:2]
        if header & 0x80:
            units.append(bytes([indicator & 0xE0 | header & 31]))
        units[-1] += piece.data[2:]
    return units


@given(st.lists(NAL_UNITS, min_size=1, max_size=5))
def test_a_picture_survives_its_packets(units: list[bytes]) -> None:
    pieces = payloads(units)
    assert reassembled(pieces) == units
    assert all(len(piece.data) <= MAX_PAYLOAD for piece in pieces)
    assert [piece.last for piece in pieces] == [False] * (len(pieces) - 1) + [True]


@given(st.integers(MAX_PAYLOAD + 1, 4 * MAX_PAYLOAD))
def test_a_fragmented_unit_has_one_start_and_one_end(size: int) -> None:
    pieces = payloads([b"\x65" * size])
    flags = [piece.data[1] & 0xC0 for piece in pieces]
    assert flags == [0x80, *[0] * (len(pieces) - 2), 0x40]


def test_the_header_of_a_packet() -> None:
    data = packet(Payload(b"abc", last=True), sequence=65_537, timestamp=2**32 + 7, ssrc=9)
    assert struct.unpack("!BBHII", data[:12]) == (0x80, 0x80 | 96, 1, 7, 9)
    assert data[12:] == b"abc"
    assert packet(Payload(b"", last=False), sequence=0, timestamp=0, ssrc=0)[1] == 96


def test_a_sender_report_ties_the_rtp_clock_to_the_wall() -> None:
    report = sender_report(
        ssrc=5, wall_s=1_000_000_000.25, timestamp=90_000, packets=3, octets=400, name="gate"
    )
    fields = struct.unpack("!BBHIIIIII", report[:28])
    assert fields == (0x80, 200, 6, 5, 3_208_988_800, 1 << 30, 90_000, 3, 400)
    description = report[28:]
    assert description[1] == 202
    assert len(description) == 4 * (struct.unpack("!H", description[2:4])[0] + 1)
    assert b"\x01\x04gate\x00" in description


def test_control_packets_inside_the_connection() -> None:
    assert interleaved(1, goodbye(7)) == b"$\x01\x00\x08" + struct.pack("!BBHI", 0x81, 203, 1, 7)
