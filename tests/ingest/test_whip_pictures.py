import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.whip_pictures import (
    MOST_LATE,
    MOST_WAITING,
    REORDER_S,
    CodedPicture,
    PictureQueue,
    Pictures,
    Piece,
)

START = b"\x00\x00\x00\x01"
KEY, DELTA = START + b"\x65", START + b"\x41"
"""First bytes of an IDR and of a non-IDR slice."""
TICKS = 9000


def sent(
    count: int,
    *,
    parts: int = 3,
    first: int = 0,
    every: int = 1000,
    marker: bool = True,
    begins_at: int = 0,
) -> list[Piece]:
    """So many pictures of so many packets; the first, and each `every`-th, is a keyframe."""
    pieces = []
    for picture in range(begins_at, begins_at + count):
        head = KEY if picture % every == 0 else DELTA
        for part in range(parts):
            data = (head if part == 0 else b"") + bytes([picture % 256, part])
            sequence = (first + picture * parts + part) % 65536
            last = marker and part == parts - 1
            pieces.append(Piece(sequence, picture * TICKS % (1 << 32), last, data, part == 0))
    return pieces


def taken(pictures: Pictures, pieces: list[Piece], *, at: float = 0.0) -> list[CodedPicture]:
    return [whole for piece in pieces for whole in pictures.add(piece, at)]


def test_a_picture_is_whole_with_its_marker() -> None:
    pictures = Pictures(h264=True)
    *before, last = sent(1)
    assert taken(pictures, before) == []
    (whole,) = pictures.add(last, 0.0)
    assert whole.keyframe
    assert whole.data == KEY + bytes([0, 0, 0, 1, 0, 2])


def test_without_markers_it_is_whole_when_the_next_begins() -> None:
    pictures = Pictures(h264=True)
    assert len(taken(pictures, sent(3, marker=False))) == 2


@given(st.integers(0, 65535), st.integers(1, 12), st.integers(1, 8), st.randoms())
def test_the_order_of_packets_changes_nothing(
    first: int, count: int, parts: int, chance: random.Random
) -> None:
    """Whatever comes out of order by fewer than 20 packets, doubled or not, over the wrap."""
    pieces = sent(count, parts=parts, first=first)
    in_order = taken(Pictures(h264=True), pieces)
    begin, *rest = pieces
    places = {id(piece): place + chance.uniform(0, 20) for place, piece in enumerate(rest)}
    mixed = sorted([*rest, *chance.sample(rest, len(rest) // 3)], key=lambda one: places[id(one)])
    assert taken(Pictures(h264=True), [begin, *mixed]) == in_order
    assert len(in_order) == count


def test_time_stamps_go_on_beyond_their_32_bits() -> None:
    around = (1 << 32) // TICKS
    wholes = taken(Pictures(h264=True), sent(8, begins_at=around - 4, every=1))
    steps = [two.ticks - one.ticks for one, two in itertools.pairwise(wholes)]
    assert steps == [TICKS] * 7


def test_nothing_is_given_before_a_keyframe() -> None:
    pictures = Pictures(h264=True)
    assert taken(pictures, sent(4, begins_at=1, every=5)) == []
    assert pictures.wants_keyframe
    assert pictures.dropped == 4
    assert [one.keyframe for one in taken(pictures, sent(2, begins_at=5, every=5))] == [True, False]
    assert not pictures.wants_keyframe


def test_what_is_missing_is_known_and_waited_for() -> None:
    pictures = Pictures(h264=True)
    pieces = sent(4)
    lost = pieces.pop(4)
    assert len(taken(pictures, pieces)) == 1
    assert pictures.missing == [4]
    assert len(pictures.add(lost, REORDER_S / 2)) == 3
    assert pictures.missing == []
    assert (pictures.lost, pictures.dropped) == (0, 0)


def test_what_never_comes_costs_everything_up_to_the_next_keyframe() -> None:
    pictures = Pictures(h264=True)
    pieces = sent(6, every=4)
    del pieces[4]
    assert len(taken(pictures, pieces[:8])) == 1
    wholes = taken(pictures, pieces[8:], at=REORDER_S)
    assert [one.keyframe for one in wholes] == [True, False]
    assert pictures.lost == 1
    assert pictures.dropped == 3


def test_a_gap_that_too_much_waits_behind_is_given_up_at_once() -> None:
    pictures = Pictures(h264=True)
    pieces = sent(MOST_WAITING, every=50)
    del pieces[4]
    wholes = taken(pictures, pieces)
    assert pictures.lost == 1
    assert len(wholes) > MOST_WAITING - 100


def test_a_sender_that_counts_anew_is_followed() -> None:
    pictures = Pictures(h264=True)
    taken(pictures, sent(20, first=30000))
    after = sent(80, first=100, every=20)
    wholes = taken(pictures, after)
    assert [one.keyframe for one in wholes][:1] == [True]
    assert len(wholes) >= 80 - MOST_LATE // 3 - 20


def test_a_leap_ahead_holds_nothing_up() -> None:
    pictures = Pictures(h264=True)
    taken(pictures, sent(2))
    wholes = taken(pictures, sent(2, first=20000))
    assert [one.keyframe for one in wholes] == [True, False]
    assert len(pictures.missing) <= MOST_WAITING


def test_half_a_vp8_frame_is_no_keyframe() -> None:
    """The lowest bit of any byte may be 0; only the first of a frame says anything."""
    pictures = Pictures(h264=False)
    middle = Piece(10, 0, marker=True, data=b"\x00rest", begins=False)
    assert pictures.add(middle, 0.0) == []
    assert len(pictures.add(Piece(11, 1, marker=True, data=b"\x00key"), 0.0)) == 1
    (delta,) = pictures.add(Piece(12, 2, marker=True, data=b"\x01delta"), 0.0)
    assert not delta.keyframe


def test_padding_is_counted_and_carries_nothing() -> None:
    pictures = Pictures(h264=True)
    pieces = sent(1)
    padding = Piece(3, TICKS * 7, marker=False, data=b"")
    (after,) = sent(1, parts=1, first=3, begins_at=1)
    assert len(taken(pictures, [*pieces, padding, after])) == 2


def picture(size: int = 10, *, keyframe: bool = False) -> CodedPicture:
    return CodedPicture(bytes(size), 0, keyframe)


def test_a_queue_gives_in_order() -> None:
    queue = PictureQueue(most=3)
    for number in range(3):
        assert queue.put(picture(number), float(number))
    assert [one[1] for one in iter(queue.take, None)] == [0.0, 1.0, 2.0]
    assert queue.dropped == 0


@pytest.mark.parametrize("queue", [PictureQueue(most=3), PictureQueue(most_bytes=39)])
def test_a_full_queue_begins_anew_with_a_keyframe(queue: PictureQueue) -> None:
    for _ in range(3):
        queue.put(picture(), 0.0)
    assert not queue.put(picture(), 0.0)
    assert queue.wants_keyframe
    assert not queue.put(picture(), 0.0)
    assert (len(queue), queue.dropped) == (0, 5)
    assert queue.put(picture(keyframe=True), 1.0)
    assert queue.put(picture(), 2.0)
    assert len(queue) == 2
