"""A close look: the whole picture once more, in pieces at full size and turned each way. Pure.

The second opinion of the fail-safe blur. A look shrinks the picture to the detector's input, where
somebody far off is a few rows tall, and knows people upright only. A close look cuts the picture
into pieces of that input's size, halves it and cuts it again until the tallest figure fits, and
does the same with the picture turned to the left, to the right and upside down: cameras are
mounted that way, and people lie down. Every figure is thus seen once between 32 and 160 rows tall,
the sizes at which the detector is at its best.

It takes some fifty runs of the detector (640x360; 170 at 1280x720), so it is done piece by piece,
seldom, and in time to spare.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.detector import Detections
from detect.geometry import Box
from detect.ground import Coarse, Judged, coarse
from record.frames import Frame

PIECE = (192, 320)
"""(rows, columns) of a piece: the detector's input (`detect.nanodet`)."""
MOST_WIDE = 1280
"""Columns of the picture that is cut up; a wider one is shrunk to it."""
LEAST_ROWS, MOST_ROWS = 32, 160
"""Of a figure in the detector's input: smaller ones are found one time in two (`detect.pixels`),
larger ones are looked at again in the picture halved."""
TURNS = (0, 1, 2, 3)
"""Quarter turns against the clock: upright, lying to either side, upside down."""
SURE = 0.3
"""Score from which a detection counts here: less than the best score of anybody tried in six sample
scenes, upright, turned, and shrunk to 36 rows of 720. A place with nobody that reaches it stays
hidden, no more."""
MOST_PEOPLE = 256

_OVERLAP_ALONG, _OVERLAP_ACROSS = 2 * LEAST_ROWS, LEAST_ROWS
"""Of neighbouring pieces, along a figure's height and across it: whoever is cut by the edges of two
pieces is tall enough for the picture halved."""
_GREY = (104, 116, 124)
"""What the detector takes for nothing: the mean it subtracts."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A piece: where in which picture."""

    columns: int
    """Of the whole picture, in the size that it is cut from."""
    left: int
    top: int
    width: int
    height: int
    turns: int


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A `record.frames.Picture` of the detector's size, a part of another in its upper left."""

    image: NDArray[np.uint8]
    """(192, 320, 3) uint8 BGR."""

    @property
    def width(self) -> int:
        return int(self.image.shape[1])

    @property
    def height(self) -> int:
        return int(self.image.shape[0])

    def grey(self) -> NDArray[np.uint8]:
        return np.asarray(cv2.cvtColor(self.image, cv2.COLOR_BGR2GRAY), np.uint8)

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        if (width, height) == (self.width, self.height):
            return self.image
        scaled = cv2.resize(self.image, (width, height), interpolation=cv2.INTER_AREA)
        return np.asarray(scaled, np.uint8)


class CloseLook:
    """At one frame: `piece` after `piece` is to be shown to the detector, and what it found to be
    given to `take`, until it is `over`. Not safe for two threads."""

    def __init__(self, frame: Frame) -> None:
        picture = frame.picture
        width = min(MOST_WIDE, picture.width)
        height = max(1, round(width * picture.height / picture.width))
        self._at = frame.captured_at
        self._seen: Coarse = coarse(picture)
        self._cut_from = _evened(np.ascontiguousarray(picture.bgr(width, height)))
        self._places = deque(_places(width, height))
        self._people: list[Box] = []

    @property
    def over(self) -> bool:
        return not self._places

    @property
    def left(self) -> int:
        """Pieces to be looked at."""
        return len(self._places)

    def piece(self) -> Piece:
        """The next one."""
        place = self._places[0]
        while self._cut_from.shape[1] > place.columns:
            self._cut_from = _halved(self._cut_from)
        right, bottom = place.left + place.width, place.top + place.height
        part = np.rot90(self._cut_from[place.top : bottom, place.left : right], place.turns)
        image = np.full((*PIECE, 3), _GREY, np.uint8)
        image[: part.shape[0], : part.shape[1]] = part
        return Piece(image)

    def take(self, found: Detections) -> None:
        """What the detector found in the piece that `piece` gave last."""
        place = self._places.popleft()
        columns, rows = self._cut_from.shape[1], self._cut_from.shape[0]
        for box, score in zip(found.as_boxes(), found.scores, strict=True):
            small = box.height * PIECE[0] <= MOST_ROWS
            if small and score >= SURE and len(self._people) < MOST_PEOPLE:
                self._people.append(_in_whole(box, place, columns, rows))

    @property
    def judged(self) -> Judged:
        """What it brought, once it is over."""
        return Judged(self._at, self._seen, tuple(self._people))


def _places(width: int, height: int) -> Iterator[_Place]:
    """Of all pieces of a picture of that size, from the largest to the smallest."""
    done: set[int] = set()
    while len(done) < len(TURNS):
        for turns in TURNS:
            if turns not in done:
                yield from _cut(width, height, turns)
                if (height if turns % 2 == 0 else width) <= MOST_ROWS:
                    done.add(turns)
        width, height = max(1, width // 2), max(1, height // 2)


def _cut(width: int, height: int, turns: int) -> Iterator[_Place]:
    rows, columns = PIECE if turns % 2 == 0 else PIECE[::-1]
    down, across = _OVERLAP_ALONG, _OVERLAP_ACROSS
    if turns % 2:
        down, across = across, down
    for top in _begins(height, rows, down):
        for left in _begins(width, columns, across):
            yield _Place(width, left, top, min(columns, width), min(rows, height), turns)


def _begins(length: int, piece: int, overlap: int) -> list[int]:
    """Where pieces begin that cover `length` evenly and overlap by `overlap` at least."""
    if length <= piece:
        return [0]
    count = math.ceil((length - overlap) / (piece - overlap))
    return [round(index * (length - piece) / (count - 1)) for index in range(count)]


def _evened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without the noise of single pixels, and with contrast also where it is dark: a figure that
    stands out by ten of 255 at night is found then, and no fewer by day."""
    quiet = cv2.cvtColor(cv2.medianBlur(image, 3), cv2.COLOR_BGR2YCrCb)
    quiet[:, :, 0] = cv2.createCLAHE(2.0, (8, 8)).apply(quiet[:, :, 0])
    return np.asarray(cv2.cvtColor(quiet, cv2.COLOR_YCrCb2BGR), np.uint8)


def _halved(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = max(1, image.shape[1] // 2), max(1, image.shape[0] // 2)
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _in_whole(box: Box, place: _Place, columns: int, rows: int) -> Box:
    """`box`, in fractions of a piece, in fractions of the picture it was cut from."""
    left, right = box.left * PIECE[1], box.right * PIECE[1]
    top, bottom = box.top * PIECE[0], box.bottom * PIECE[0]
    match place.turns:
        case 1:
            sides = place.width - bottom, left, place.width - top, right
        case 2:
            sides = (
                place.width - right,
                place.height - bottom,
                place.width - left,
                place.height - top,
            )
        case 3:
            sides = top, place.height - right, bottom, place.height - left
        case _:
            sides = left, top, right, bottom
    return Box(
        (place.left + sides[0]) / columns,
        (place.top + sides[1]) / rows,
        (place.left + sides[2]) / columns,
        (place.top + sides[3]) / rows,
    )
