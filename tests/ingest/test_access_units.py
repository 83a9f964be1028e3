"""Pictures from pieces, against FFmpeg's own decoding of the same stream."""

from collections.abc import Sequence
from itertools import chain

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.access_units import MOST_BYTES, TRUSTED_AFTER, AccessUnit, AccessUnits
from ingest.nal_units import START_CODE
from sample_streams.rtsp.rtp import payloads
from tests.ingest.clips import encode_h264

Pieces = list[tuple[bytes, int]]
KEYFRAME, DELTA, PARAMETERS = 0x65, 0x41, 0x67


def pieces_of(pictures: Sequence[tuple[int, list[bytes]]]) -> Pieces:
    """What FFmpeg makes of a sender's RTP packets without its parser: the start of a unit with a
    start code, later fragments bare (libavformat/rtpdec_h264.c)."""
    pieces: Pieces = []
    for pts, units in pictures:
        for payload in payloads(units):
            data = payload.data
            if data[0] & 0x1F != 28:
                pieces.append((START_CODE + data, pts))
            elif data[1] & 0x80:
                header = bytes([(data[0] & 0xE0) | (data[1] & 0x1F)])
                pieces.append((START_CODE + header + data[2:], pts))
            else:
                pieces.append((data[2:], pts))
    return pieces


def nal(kind: int, size: int, *, first: bool = True) -> bytes:
    """A slice says in its first bit whether it is its picture's first."""
    return bytes([kind]) + (b"\x88" if first else b"\x08") * (size - 1)


def units_of(pieces: Pieces) -> tuple[list[list[AccessUnit]], AccessUnits]:
    """What each piece gave, and at last what flushing gave."""
    units = AccessUnits()
    given = [units.add(data, pts) for data, pts in pieces]
    return [*given, units.flush()], units


def decode(packets: Sequence[tuple[int, bytes]]) -> dict[int, bytes]:
    """pts → pixels of every picture that the decoder does not call damaged."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    pictures = {}
    for pts, data in packets:
        packet = av.Packet(data)
        packet.pts = pts
        for frame in decoder.decode(packet):
            if not frame.is_corrupt:
                pictures[frame.pts or 0] = frame.to_ndarray().tobytes()
    for frame in decoder.decode(None):
        pictures[frame.pts or 0] = frame.to_ndarray().tobytes()
    return pictures


def decoded_whole(coded: Sequence[tuple[int, list[bytes]]]) -> dict[int, bytes]:
    return decode([(pts, b"".join(START_CODE + unit for unit in units)) for pts, units in coded])


@pytest.mark.parametrize(
    "parameters",
    [
        "bframes=0:keyint=20",
        "bframes=0:keyint=20:slices=4",
        "bframes=0:keyint=20:slice-max-size=700",  # as many slices as the picture needs
        "bframes=2:keyint=20",
        "bframes=0:keyint=20:aud=1",
        "bframes=0:keyint=20:bitrate=30",  # pictures smaller than a packet
    ],
)
def test_every_picture_is_the_one_that_ffmpeg_decodes(parameters: str) -> None:
    coded = encode_h264(60, parameters)
    expected = decoded_whole(coded)
    given, units = units_of(pieces_of(coded))
    got = decode([(unit.pts or 0, unit.data) for unit in chain.from_iterable(given)])
    assert len(expected) == 60
    assert not units.misjudged
    assert {pts: got.get(pts) == pixels for pts, pixels in expected.items()} == dict.fromkeys(
        expected, True
    )


@pytest.mark.parametrize("slices", [1, 2, 4])
def test_a_picture_is_given_with_its_last_piece(slices: int) -> None:
    coded = encode_h264(60, f"bframes=0:keyint=20:slices={slices}")
    pieces = pieces_of(coded)
    given, _ = units_of(pieces)
    last_pieces = [
        index
        for index, (_, pts) in enumerate(pieces)
        if index + 1 == len(pieces) or pieces[index + 1][1] != pts
    ]
    after = last_pieces[TRUSTED_AFTER + 2 :]
    assert len(after) > 40
    assert [[unit.pts for unit in given[index]] for index in after] == [
        [pieces[index][1]] for index in after
    ]


def trusting() -> AccessUnits:
    """One slice a picture, and packets of up to 1400 bytes: known by now."""
    units = AccessUnits()
    for pts in range(TRUSTED_AFTER + 2):
        units.add(START_CODE + nal(DELTA if pts else KEYFRAME, 1399), -100 + pts)
        units.add(b"\x88" * 10, -100 + pts)
    return units


def test_the_end_is_the_first_fragment_that_is_not_full() -> None:
    units = trusting()
    assert units.add(START_CODE + nal(DELTA, 1399), 0) == []
    assert units.add(b"\x88" * 1398, 0) == []
    assert [len(unit.data) for unit in units.add(b"\x88" * 200, 0)] == [1403 + 1398 + 200]


def test_a_last_fragment_that_is_full_is_waited_out() -> None:
    units = trusting()
    assert units.add(START_CODE + nal(DELTA, 1399), 0) == []
    assert units.add(b"\x88" * 1398, 0) == []
    # Both at once: the picture that was waited out, and the one that is over with its only piece.
    late, prompt = units.add(START_CODE + nal(DELTA, 100), 1)
    assert (late.pts, len(late.data)) == (0, 1403 + 1398)
    assert (prompt.pts, len(prompt.data)) == (1, 104)
    assert not units.misjudged


def test_a_unit_that_goes_on_after_its_end_costs_the_trust() -> None:
    units = trusting()
    units.add(START_CODE + nal(DELTA, 1399), 0)
    assert len(units.add(b"\x88" * 700, 0)) == 1
    assert units.add(b"\x88" * 800, 0) == []
    assert units.misjudged
    # From then on, patience: a picture is over when the next begins.
    picture = START_CODE + nal(DELTA, 300)
    assert units.add(picture, 1) == []
    assert units.add(picture, 2) == [AccessUnit(picture, 1)]
    assert units.flush() == [AccessUnit(picture, 2)]


def test_one_more_slice_than_ever_costs_the_trust() -> None:
    units, piece = trusting(), START_CODE + nal(DELTA, 300)
    assert units.add(piece, 0) == [AccessUnit(piece, 0)]
    assert units.add(START_CODE + nal(DELTA, 300, first=False), 0) == []
    assert units.misjudged


def test_a_camera_that_forgets_its_time_stamps_still_sends_one_picture_after_the_other() -> None:
    units, piece = AccessUnits(), START_CODE + nal(DELTA, 300)
    assert units.add(START_CODE + nal(KEYFRAME, 300), 0) == []
    for number in range(TRUSTED_AFTER + 5):
        given = units.add(piece, 0)
        assert len(given) == 1, number
    assert not units.misjudged


def test_what_never_ends_is_cut_off() -> None:
    units, kept = AccessUnits(), 0
    units.add(START_CODE + nal(KEYFRAME, 1399), 0)
    for _ in range(3 * MOST_BYTES // 100_000):
        kept += sum(len(unit.data) for unit in units.add(b"\x88" * 100_000, 0))
    assert kept >= MOST_BYTES


def test_no_trust_before_a_keyframe_was_seen_to_have_as_many_slices() -> None:
    units, piece = AccessUnits(), START_CODE + nal(DELTA, 300)
    units.add(START_CODE + nal(KEYFRAME, 900), 0)
    units.add(START_CODE + nal(KEYFRAME, 300, first=False), 0)
    for pts in range(1, 3 * TRUSTED_AFTER):
        assert [unit.pts for unit in units.add(piece, pts)] == [pts - 1]


def test_fewer_slices_than_before_are_waited_for_until_the_next_picture() -> None:
    units, piece = AccessUnits(), START_CODE + nal(DELTA, 300)
    for pts in range(TRUSTED_AFTER + 2):
        units.add(START_CODE + nal(DELTA if pts else KEYFRAME, 900), pts)
        units.add(START_CODE + nal(DELTA, 300, first=False), pts)
    assert units.add(piece, 100) == []
    assert [unit.pts for unit in units.add(piece, 101)] == [100]
    assert not units.misjudged


def test_parameter_sets_go_with_the_picture_that_follows_them() -> None:
    units = trusting()
    sets, key = START_CODE + nal(PARAMETERS, 20), START_CODE + nal(KEYFRAME, 300)
    assert units.add(sets, 0) == []
    assert units.add(key, 0) == [AccessUnit(sets + key, 0)]
    # Also where a sender stamps them with the picture before.
    assert units.add(sets, 0) == []
    assert units.add(key, 1) == [AccessUnit(sets + key, 1)]


def test_whoever_joins_in_the_middle_of_a_unit_leaves_it_out() -> None:
    units = AccessUnits()
    assert units.add(b"\x88" * 500, 0) == []
    assert units.add(START_CODE + nal(KEYFRAME, 50), 1) == []
    assert units.flush() == [AccessUnit(START_CODE + nal(KEYFRAME, 50), 1)]
    assert not units.misjudged


@given(
    st.lists(
        st.tuples(st.lists(st.integers(2, 5000), min_size=1, max_size=4), st.booleans()),
        min_size=1,
        max_size=30,
    )
)
def test_nothing_is_lost_or_doubled_and_pictures_stay_apart(
    pictures: list[tuple[list[int], bool]],
) -> None:
    coded = [
        (
            pts,
            [nal(KEYFRAME if key else DELTA, size, first=not at) for at, size in enumerate(sizes)],
        )
        for pts, (sizes, key) in enumerate(pictures)
    ]
    given, units = units_of(pieces_of(coded))
    # With any number of slices in any picture, trust may be betrayed; until then all is there.
    pictures_given = list(chain.from_iterable(given))
    expected = {pts: b"".join(START_CODE + unit for unit in parts) for pts, parts in coded}
    assert [unit.pts for unit in pictures_given] == sorted(expected)
    cut_short = [unit for unit in pictures_given if unit.data != expected[unit.pts or 0]]
    assert len(cut_short) <= 1
    assert units.misjudged == bool(cut_short)


@given(st.lists(st.tuples(st.binary(max_size=40), st.integers(0, 3)), max_size=60))
def test_noise_neither_raises_nor_piles_up(pieces: Pieces) -> None:
    given, _ = units_of(pieces)
    size = sum(len(unit.data) for unit in chain.from_iterable(given))
    assert size <= sum(len(data) for data, _ in pieces)


def test_noise_pictures_are_told_apart_from_real_ones() -> None:
    """The comparison above would not notice if all pictures were alike."""
    coded = encode_h264(5, "bframes=0:keyint=20")
    pictures = decoded_whole(coded)
    assert len(set(pictures.values())) == 5
    assert np.frombuffer(pictures[0], np.uint8).std() > 10
