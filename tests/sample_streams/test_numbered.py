"""Frames that carry their number."""

from pathlib import Path

import av
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sample_streams.numbered import (
    BITS,
    BLOCK,
    MOST_FRAMES,
    blocks_of,
    draw_number,
    write_numbered,
)

numbers = st.integers(0, MOST_FRAMES - 1)


def read(blocks: tuple[bool, ...]) -> int:
    gray = 0
    for white in blocks[2 : 2 + BITS]:
        gray = gray * 2 + white
    number = 0
    while gray:
        number ^= gray
        gray >>= 1
    return number


@given(numbers)
def test_a_number_is_read_back_and_its_parity_fits(number: int) -> None:
    blocks = blocks_of(number)
    assert read(blocks) == number
    assert blocks[:2] == (True, False)
    assert sum(blocks[2:]) % 2 == 0


@given(numbers.filter(lambda number: number + 1 < MOST_FRAMES))
def test_one_bit_and_the_parity_change_a_frame(number: int) -> None:
    pairs = zip(blocks_of(number), blocks_of(number + 1), strict=True)
    assert sum(one != other for one, other in pairs) == 2


def test_blocks_are_drawn_where_they_are_read() -> None:
    pixels = np.full((360, 640, 3), 128, np.uint8)
    draw_number(pixels, 341)
    middles = pixels[BLOCK // 2, BLOCK // 2 : BLOCK * (BITS + 3) : BLOCK, 0]
    assert [bool(level) for level in middles] == list(blocks_of(341))
    assert (pixels[BLOCK:] == 128).all()


def test_a_numbered_scene_has_every_frame_of_the_scene(tmp_path: Path) -> None:
    count = write_numbered("gate", tmp_path / "gate.mp4")
    with av.open(str(tmp_path / "gate.mp4")) as clip:
        assert clip.streams.video[0].frames == count > 100
        first = next(clip.decode(video=0)).to_ndarray(format="gray")
    levels = first[10, BLOCK // 2 : BLOCK * (BITS + 3) : BLOCK]
    assert tuple(bool(level > 128) for level in levels) == blocks_of(0)
