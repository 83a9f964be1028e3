"""A close look shows the detector everybody whole, upright or lying, as tall as it knows people."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import Box, CloseLook, Detections, Piece
from detect.close import LEAST_ROWS, MOST_ROWS, MOST_WIDE, PIECE
from record.frames import Frame
from tests.detect.walks import found, frame
from tests.fakes.pictures import ArrayPicture

RED = (0, 0, 255)
SIZES = [(640, 360), (1280, 720), (360, 640), (64, 36)]


def marked(width: int, height: int, box: Box) -> Frame:
    """Red where the box is, which is in whole pixels."""
    image = np.zeros((height, width, 3), np.uint8)
    rows = slice(round(box.top * height), round(box.bottom * height))
    image[rows, round(box.left * width) : round(box.right * width)] = RED
    return frame(0.0, ArrayPicture(image))


def red_in(piece: Piece) -> Box | None:
    red = (piece.image[:, :, 2] > 127) & (piece.image[:, :, 0] < 64)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    if not len(rows):
        return None
    height, width = PIECE
    return Box(
        columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height
    )


def looked_at(frame: Frame) -> tuple[CloseLook, list[Box]]:
    """By a detector that finds what is red, and what it found in the pieces, as they were."""
    close, seen = CloseLook(frame), []
    while not close.over:
        box = red_in(close.piece())
        seen += [] if box is None else [box]
        close.take(Detections.none() if box is None else found([box]))
    return close, seen


def is_about(one: Box, other: Box, slack: float) -> bool:
    return all(
        abs(a - b) <= slack
        for a, b in zip(
            (one.left, one.top, one.right, one.bottom),
            (other.left, other.top, other.right, other.bottom),
            strict=True,
        )
    )


@pytest.mark.parametrize(("width", "height"), SIZES[:3])
@settings(max_examples=8)
@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_everybody_is_seen_whole_at_a_size_that_the_detector_knows(
    width: int, height: int, x: float, y: float, size: float, lies: bool
) -> None:
    longest = width if lies else height
    tall = round(LEAST_ROWS * (longest / LEAST_ROWS) ** size)
    across = max(8, round(0.4 * tall))
    w, h = (tall, across) if lies else (across, tall)
    w, h = min(w, width), min(h, height)
    left, top = round(x * (width - w)), round(y * (height - h))
    box = Box(left / width, top / height, (left + w) / width, (top + h) / height)
    close, seen = looked_at(marked(width, height, box))
    slack = 5 * max(w, h) / LEAST_ROWS / min(width, height)  # a pixel of the picture halved
    assert any(is_about(one, box, slack) for one in close.judged.people)
    # And not larger in any piece from which it was taken: those are left to the picture halved.
    assert any(LEAST_ROWS - 4 <= one.height * PIECE[0] <= MOST_ROWS for one in seen)


def test_who_fills_a_piece_is_left_to_the_picture_halved() -> None:
    """A piece of cloth, a wall, a picture on its side: taken for one person as large as the piece
    (seen: a yard turned by 90 degrees, hidden whole for good)."""
    close = CloseLook(marked(640, 360, Box(0, 0, 1, 1)))
    while not close.over:
        close.piece()
        close.take(found([Box(0, 0, 1, 1)]))
    assert close.judged.people == ()


@pytest.mark.parametrize(("width", "height"), [*SIZES, (3840, 2160)])
def test_what_it_costs_is_bounded(width: int, height: int) -> None:
    close = CloseLook(marked(width, height, Box(0, 0, 0.5, 0.5)))
    assert close.left <= 180
    if width >= MOST_WIDE:
        assert close.left == CloseLook(marked(1280, 720, Box(0, 0, 0.5, 0.5))).left


def test_a_piece_is_of_the_detectors_size() -> None:
    for width, height in SIZES:
        close = CloseLook(marked(width, height, Box(0, 0, 1, 1)))
        while not close.over:
            piece = close.piece()
            assert piece.bgr(PIECE[1], PIECE[0]) is piece.image
            assert piece.image.shape == (*PIECE, 3)
            close.take(Detections.none())
