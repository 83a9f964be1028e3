"""How what is hidden is drawn: mosaics, and privacy masks over them. Pure but for the array that is
drawn on."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.ground import halved
from record.cameras import Mask

CELLS = 6
"""Cells at most to a person's height, each of them an even colour (design: a sixth)."""
MASKED = (48, 48, 48)
"""Colour of a privacy mask: plainly not a part of the scene."""
FINEST = 3
"""The finest mosaic has about `CELLS` * 2^3 rows: with finer cells, of two or three pixels, a
picture is hardly changed. People under an eighth of its height get coarser ones than they need."""
COARSEST = FINEST + 1

Hidden = NDArray[np.uint8]
"""(rows, columns) uint8, a grid of at most 160 columns over the picture: 0 what is shown, else how
coarse the mosaic over it is, 1 the finest."""


def draw(
    shown: NDArray[np.uint8], hidden: Hidden, masks: Sequence[Mask], colour: tuple[int, ...]
) -> None:
    """Mosaics and masks over `shown`, (height, width[, 3]) uint8, in place: a whole picture, or
    one of its planes. `colour`: of a mask there."""
    cover(shown, masks, colour)  # before, so that no cell takes its colour from behind a mask
    if hidden.any():
        _draw(shown, hidden)
        cover(shown, masks, colour)  # and after, so that its own edge is not drawn into cells


def cover(
    shown: NDArray[np.uint8], masks: Sequence[Mask], colour: tuple[int, ...] = MASKED
) -> None:
    """Paint over `masks` in `shown`, (height, width[, 3]) uint8, in place: one even colour, and a
    pixel further than drawn."""
    height, width = shown.shape[:2]
    for mask in masks:
        corners = [(point.x * width, point.y * height) for point in mask.polygon]
        whole = np.round(np.array(corners, np.float64)).astype(np.int32)
        cv2.fillPoly(shown, [whole], colour)
        cv2.polylines(shown, [whole], isClosed=True, color=colour, thickness=3)


def _draw(shown: NDArray[np.uint8], hidden: Hidden) -> None:
    """Mosaics over `shown`, in place.

    All cells of a fineness lie on one raster of the whole picture, so that places which overlap,
    or move on from picture to picture, are never averaged in two ways. They are put together on
    the grid, and enlarged once.
    """
    rows, columns = hidden.shape
    small = halved(shown, columns)
    if small.shape[:2] != (rows, columns):
        scaled = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_AREA)
        small = np.asarray(scaled, np.uint8)
    mosaic = np.zeros_like(small)
    for coarseness in range(1, COARSEST + 1):
        where = (hidden == coarseness).view(np.uint8)
        if where.any():
            cell = max(2, -(-rows // (CELLS * 2 ** (COARSEST - coarseness))))
            cv2.copyTo(_in_cells(small, cell), where, mosaic)
    shape = (shown.shape[0], shown.shape[1])
    cv2.copyTo(enlarged(mosaic, shape), enlarged(hidden, shape), shown)


def _in_cells(small: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
    """`small` in even squares of `cell` by `cell`; the last ones of a row or column may be cut."""
    rows, columns = small.shape[:2]
    wide, tall = -(-columns // cell), -(-rows // cell)
    right, below = wide * cell - columns, tall * cell - rows
    whole = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE)
    few = cv2.resize(whole, (wide, tall), interpolation=cv2.INTER_AREA)
    across, down = np.arange(columns) // cell, np.arange(rows) // cell
    cells: NDArray[np.uint8] = np.take(np.take(few, across, axis=1), down, axis=0)
    return cells


def enlarged(few: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """`few` (rows, columns[, 3]) at `shape`, each cell an even colour: OpenCV to the sides and rows
    copied down, a quarter of the time that either takes alone."""
    height, width = shape
    wide = cv2.resize(few, (width, few.shape[0]), interpolation=cv2.INTER_NEAREST)
    tall: NDArray[np.uint8] = np.take(wide, np.arange(height) * len(few) // height, axis=0)
    return tall
