"""Pictures of the other codecs in packets: what a receiver puts together is what was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.rtsp.packing import h265_payloads, jpeg_payloads
from sample_streams.rtsp.rtp import MAX_PAYLOAD

UNITS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 5_000)).map(
        lambda of: bytes([of[0] << 1, 1]) + b"\x55" * of[1]
    ),
    min_size=1,
    max_size=5,
)


@given(UNITS)
def test_h265_units_come_out_whole(units: list[bytes]) -> None:
    pieces = h265_payloads(units)
    assert all(len(piece.data) <= MAX_PAYLOAD for piece in pieces)
    assert [piece.last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    received: list[bytes] = []
    for piece in pieces:
        data = piece.data
        if data[0] >> 1 & 0x3F != 49:
            received.append(data)
        elif data[2] & 0x80:
            header = bytes([(data[0] & 0x81) | (data[2] & 0x3F) << 1, data[1]])
            received.append(header + data[3:])
        else:
            received[-1] += data[3:]
    assert received == units


def jpeg(*, sampling: int = 0x22, restart: int = 0, scan: bytes = b"\x12" * 3_000) -> bytes:
    """The segments of a 64x32 picture; nothing of it could be decoded."""

    def segment(marker: int, data: bytes) -> bytes:
        return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data

    frame = b"\x08\x00\x20\x00\x40\x03" + bytes([1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1])
    restarts = segment(0xDD, restart.to_bytes(2, "big")) if restart else b""
    tables = segment(0xDB, b"\x00" + bytes(range(64)) + b"\x01" + bytes(range(64, 128)))
    head = b"\xff\xd8" + tables + restarts + segment(0xC0, frame)
    return head + segment(0xDA, bytes(10)) + scan + b"\xff\xd9"


@pytest.mark.parametrize(
    ("sampling", "restart", "kind"), [(0x21, 0, 0), (0x22, 0, 1), (0x22, 10, 65)]
)
def test_a_jpeg_is_cut_behind_its_header(sampling: int, restart: int, kind: int) -> None:
    pieces = jpeg_payloads([jpeg(sampling=sampling, restart=restart)])
    extra = 4 if restart else 0
    scan = b""
    for at, piece in enumerate(pieces):
        assert len(piece.data) <= MAX_PAYLOAD
        assert int.from_bytes(piece.data[:4], "big") == len(scan)
        assert piece.data[4:8] == bytes([kind, 255, 64 // 8, 32 // 8])
        begins = 8 + extra + (4 + 128 if at == 0 else 0)
        scan += piece.data[begins:]
    assert scan == b"\x12" * 3_000
    assert pieces[0].data[8 + extra + 4 : 8 + extra + 132] == bytes(range(128))


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8", jpeg(sampling=0x11), jpeg()[:60]])
def test_what_has_no_payload_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="JPEG"):
        jpeg_payloads([broken])
