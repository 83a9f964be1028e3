"""How what is hidden is drawn: mosaics, and privacy masks over them. Pure but for the array that is
drawn on."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.ground import halved
from record.cameras import Mask
from record.frames import Picture, Planes

CELLS = 6
"""Cells at most to a person's height, each of them an even colour (design: a sixth)."""
MASKED = (48, 48, 48)
"""Colour of a privacy mask, BGR: plainly not a part of the scene."""
MASKED_PLANES = (57, 128, 128)
"""The same as luma and chroma (ITU-R BT.601)."""
FINEST = 3
"""The finest mosaic has about `CELLS` * 2^3 rows: with finer cells, of two or three pixels, a
picture is hardly changed. People under an eighth of its height get coarser ones than they need."""
COARSEST = FINEST + 1

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

    All cells of a fineness lie on one raster of the whole picture, so that places which overlap,
    or move on from picture to picture, are never averaged in two ways. They are put together on
    the grid, and enlarged once.
    """
    rows, columns = hidden.shape
    small = cv2.merge([_at_grid(shown, rows, columns) for shown, _ in layers])
    mosaic = np.zeros_like(small)
    # Each call here lets other threads have the interpreter, and waits for it: few are made.
    for coarseness in np.flatnonzero(np.bincount(hidden.ravel(), minlength=1)[1:]) + 1:
        where = (hidden == coarseness).view(np.uint8)
        cell = max(2, -(-rows // (CELLS * 2 ** (COARSEST - int(coarseness)))))
        cv2.copyTo(_in_cells(np.asarray(small, np.uint8), cell), where, mosaic)
    used = np.flatnonzero(hidden.any(axis=1))
    first, last = int(used[0]), int(used[-1])
    masks: dict[tuple[int, int], NDArray[np.uint8]] = {}
    parts = cv2.split(mosaic) if len(layers) > 1 else [mosaic]
    for (shown, _), part in zip(layers, parts, strict=True):
        shape = (shown.shape[0], shown.shape[1])
        if shape not in masks:
            masks[shape] = enlarged(hidden, shape, first, last)
        top = -(-first * shape[0] // rows)
        band = shown[top : top + len(masks[shape])]
        cv2.copyTo(enlarged(np.asarray(part, np.uint8), shape, first, last), masks[shape], band)


def _at_grid(shown: NDArray[np.uint8], rows: int, columns: int) -> NDArray[np.uint8]:
    small = halved(shown, columns)
    if small.shape[:2] == (rows, columns):
        return small
    return np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8)


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


def enlarged(
    few: NDArray[np.uint8], shape: tuple[int, int], first: int = 0, last: int | None = None
) -> NDArray[np.uint8]:
    """`few` (rows, columns[, 3]) at `shape`, each cell an even colour, and of that what comes from
    its rows `first` to `last`. OpenCV to the sides and rows copied down: a quarter of the time that
    either takes alone."""
    height, width = shape
    rows = len(few)
    end = rows if last is None else last + 1
    wide = cv2.resize(few[first:end], (width, end - first), interpolation=cv2.INTER_NEAREST)
    down = np.arange(-(-first * height // rows), -(-end * height // rows)) * rows // height
    tall: NDArray[np.uint8] = np.take(wide, down - first, axis=0)
    return tall
