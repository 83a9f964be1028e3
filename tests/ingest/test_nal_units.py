"""Units in a byte stream, and the parameter sets and entry points among them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.nal_units import H264, H265, START_CODE, begins_anew, parameter_sets, units

# No run of zeros that would be a start code, and none at the end: encoders escape the one and
# stop bits prevent the other (H.264 §7.4.1).
UNIT = st.lists(st.integers(1, 255), min_size=1, max_size=60).map(bytes)


@given(st.lists(UNIT, max_size=8), st.sampled_from([START_CODE, b"\0\0\1"]))
def test_units_are_what_was_put_in(wanted: list[bytes], start: bytes) -> None:
    assert list(units(b"".join(start + unit for unit in wanted))) == wanted


@given(st.binary(max_size=200))
def test_noise_does_not_raise(data: bytes) -> None:
    for codec in (H264, H265):
        begins_anew(data, codec)
        found = list(units(data))
        assert sum(map(len, found)) <= len(data)
        assert set(units(parameter_sets(data, codec))) <= set(found)


def stream(*kinds: int, h265: bool = False) -> bytes:
    heads = (bytes([kind << 1, 1]) if h265 else bytes([0x60 | kind]) for kind in kinds)
    return b"".join(START_CODE + head + b"\x88\x99" for head in heads)


@pytest.mark.parametrize(
    ("data", "begins"),
    [
        (stream(7, 8, 5), True),
        (stream(5), True),
        (stream(1), False),
        (stream(6, 1), False),
        # Refreshed without IDR pictures: the sets mark where one can come in.
        (stream(7, 8, 6, 1), True),
        (stream(7, 1), False),
    ],
)
def test_where_decoding_of_h264_may_begin(data: bytes, begins: bool) -> None:
    assert begins_anew(data, H264) is begins


@pytest.mark.parametrize(
    ("kinds", "begins"), [((32, 33, 34, 19), True), ((21,), True), ((1,), False), ((39, 0), False)]
)
def test_where_decoding_of_h265_may_begin(kinds: tuple[int, ...], begins: bool) -> None:
    assert begins_anew(stream(*kinds, h265=True), H265) is begins


def test_sets_come_in_the_order_a_decoder_wants_and_only_when_all_are_there() -> None:
    assert parameter_sets(stream(8, 7, 5), H264) == stream(7, 8)
    assert parameter_sets(stream(7, 7, 8, 5), H264) == stream(7, 8)
    assert parameter_sets(stream(7, 5), H264) == b""
    assert parameter_sets(stream(33, 34, 19, h265=True), H265) == b""
