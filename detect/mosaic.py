"""How what is hidden is drawn: mosaics, and privacy masks over them. Pure but for the array that is
drawn on."""

from collections.abc import Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.ground import halved
from record.cameras import Mask
from record.frames import Picture, Planes

CELLS = 6
"""Cells at most to a person's height, each of them an even colour (design: a sixth). Their sides
are powers of two of the grid, so that each can be made of the next finer ones."""
MASKED = (48, 48, 48)
"""Colour of a privacy mask, BGR: plainly not a part of the scene."""
MASKED_PLANES = (57, 128, 128)
"""The same as luma and chroma (ITU-R BT.601)."""
FINEST = 3
"""The finest mosaic has at most `CELLS` * 2^3 rows: with finer cells, of two or three pixels, a
picture is hardly changed. People under an eighth of its height get coarser ones than they need."""
COARSEST = FINEST + 1

_PLANE = 2
"""Dimensions of a plane; a picture of all colours has three."""
_ROWS_OF: Mapping[int, tuple[type[np.unsignedinteger[Any]], int]] = {
    1: (np.uint8, 1),
    2: (np.uint16, 0x0101),
    4: (np.uint32, 0x01010101),
    8: (np.uint64, 0x0101010101010101),
}
"""Pixels → the number that is as long, and by what one pixel's value is multiplied to fill it."""

Hidden = NDArray[np.uint8]
"""(rows, columns) uint8, a grid of at most 160 columns over the picture: 0 what is shown, else how
coarse the mosaic over it is, 1 the finest."""


def drawn(picture: Picture, hidden: Hidden, masks: Sequence[Mask], width: int) -> NDArray[np.uint8]:
    """`picture` at `width` columns, (height, width, 3) uint8 BGR, with what is `hidden` as mosaics
    and nothing of what lies behind `masks`; the height is even."""
    shown = np.array(picture.bgr(width, even_height(picture, width)))
    _draw([(shown, MASKED)], hidden, masks)
    return shown


def draw_planes(planes: Planes, hidden: Hidden, masks: Sequence[Mask]) -> None:
    """The same over planes, in place."""
    _draw(_with_masked(planes), hidden, masks)


def cover_planes(planes: Planes, masks: Sequence[Mask]) -> None:
    """Nothing but the masks, in place."""
    _cover(_with_masked(planes), masks)


def even_height(picture: Picture, width: int) -> int:
    """Of `picture` at `width` columns."""
    return max(2, round(width * picture.height / picture.width / 2) * 2)


Layers = Sequence[tuple[NDArray[np.uint8], tuple[int, ...]]]
"""What makes up a picture, drawn on in place, and what a mask is in each: (height, width, 3) uint8
alone, or planes (height, width) uint8 of it."""


def _with_masked(planes: Planes) -> Layers:
    layers = (planes.luma, planes.blue, planes.red)
    return [(one, (value,)) for one, value in zip(layers, MASKED_PLANES, strict=True)]


def _draw(layers: Layers, hidden: Hidden, masks: Sequence[Mask]) -> None:
    _cover(layers, masks)  # before, so that no cell takes its colour from behind a mask
    if hidden.any():
        _hide(layers, hidden)
        _cover(layers, masks)  # and after, so that its own edge is not drawn into cells


def _cover(layers: Layers, masks: Sequence[Mask]) -> None:
    """Paint over masks: one even colour, and a pixel further than drawn."""
    for shown, colour in layers:
        height, width = shown.shape[:2]
        for mask in masks:
            corners = [(point.x * width, point.y * height) for point in mask.polygon]
            whole = np.round(np.array(corners, np.float64)).astype(np.int32)
            cv2.fillPoly(shown, [whole], colour)
            cv2.polylines(shown, [whole], isClosed=True, color=colour, thickness=3)


def _hide(layers: Layers, hidden: Hidden) -> None:
    """Mosaics over what is hidden.

    All cells of a coarseness lie on one raster of the whole picture, so that places which overlap,
    or move on from picture to picture, are never averaged in two ways. They are put together on
    the grid, and enlarged once.
    """
    mosaic = _in_cells(_at_grid(layers, hidden.shape), hidden)
    where = hidden > 0
    for place, (shown, _) in enumerate(layers):
        part = mosaic[:, :, place] if shown.ndim == _PLANE else mosaic[:, :, : shown.shape[2]]
        _lay(shown, part, where)


def _at_grid(layers: Layers, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(rows, columns, 4) uint8, the fourth of no meaning."""
    small = [_shrunk(shown, shape) for shown, _ in layers]
    if len(small) == 1:
        return np.asarray(cv2.cvtColor(small[0], cv2.COLOR_BGR2BGRA), np.uint8)
    return np.asarray(cv2.merge([*small, small[0]]), np.uint8)


def _shrunk(shown: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    small = halved(shown, shape[1])
    if small.shape[:2] == shape:
        return small
    return np.asarray(cv2.resize(small, shape[::-1], interpolation=cv2.INTER_AREA), np.uint8)


def _in_cells(small: NDArray[np.uint8], hidden: Hidden) -> NDArray[np.uint8]:
    """`small`, (rows, columns, 4) uint8, in even squares, as coarse as `hidden` says for each
    place; the last one of a row or column takes in what is left. 0 where nothing is hidden.

    Squares of twice the size are means of two by two, and a place of the grid is one number: each
    call here lets other threads have the interpreter and waits for it, so few are made.
    """
    rows, columns = hidden.shape
    finest = _finest_cell(rows)
    below, right = -rows % (finest << FINEST), -columns % (finest << FINEST)
    few = np.asarray(cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_REPLICATE), np.uint8)
    grid = cv2.copyMakeBorder(hidden, 0, below, 0, right, cv2.BORDER_CONSTANT, value=0)
    mosaic = np.zeros(grid.shape, np.uint32)
    used = hidden.tobytes()  # to look for a value there is quicker than any count
    for coarseness in range(1, COARSEST + 1):
        if coarseness not in used:
            continue
        cell = finest << coarseness - 1
        while len(few) * cell > len(grid):
            few = _half(few)
        _take_in(few, rows // cell, columns // cell)
        squares = (-1, cell, grid.shape[1])
        across = np.repeat(few.view(np.uint32)[:, :, 0], cell, axis=1)
        np.copyto(
            mosaic.reshape(squares), across[:, None], where=(grid == coarseness).reshape(squares)
        )
    return mosaic.view(np.uint8).reshape(*grid.shape, 4)[:rows, :columns]


def _half(few: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = few.shape[1] // 2, few.shape[0] // 2
    return np.asarray(cv2.resize(few, size, interpolation=cv2.INTER_AREA), np.uint8)


def _take_in(few: NDArray[np.uint8], down: int, across: int) -> None:
    """Of whole squares there are so many; what is left below and beside them looks like the last,
    in place."""
    if down:
        few[down:] = few[down - 1]
    if across:
        few[:, across:] = few[:, across - 1, None]


def _finest_cell(rows: int) -> int:
    """Side of the finest mosaic's cells on a grid of so many rows: a power of two."""
    cell = 2
    while rows > cell * CELLS << FINEST:
        cell *= 2
    return cell


def _lay(shown: NDArray[np.uint8], part: NDArray[np.uint8], where: NDArray[np.bool_]) -> None:
    """Each place of the grid over the pixels that it stands for, in place."""
    (height, width), (rows, columns) = shown.shape[:2], where.shape
    down, across = height // rows, width // columns
    whole = shown.ndim == _PLANE and (rows * down, columns * across) == (height, width)
    if whole and across in _ROWS_OF:
        # A row of a place's pixels is one number.
        kind, ones = _ROWS_OF[across]
        even = part.astype(kind) * kind(ones)
        pixels = shown.view(kind).reshape(rows, down, columns, copy=False)
        np.copyto(pixels, even[:, None], where=where[:, None])
    else:
        mask = enlarged(where.view(np.uint8), (height, width))
        cv2.copyTo(enlarged(part, (height, width)), mask, shown)


def enlarged(few: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """`few` (rows, columns[, n]) at `shape`, each place an even colour. OpenCV's nearest neighbour
    takes three times as long."""
    down, across = (np.arange(to) * of // to for to, of in zip(shape, few.shape, strict=False))
    large: NDArray[np.uint8] = np.take(np.take(few, across, axis=1), down, axis=0)
    return large
