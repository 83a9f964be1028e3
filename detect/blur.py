"""Makes people unreadable in a picture that is to be shown, and fails safe. Pure.

Hidden are: every place where somebody is or may be (`detect.veil`); whatever is unlike the ground
or moved since the last look (`detect.ground`); and the whole picture when nobody has looked for
people lately. Hiding is a mosaic with at most six cells to a person's height, which leaves neither
face nor gait; what it shows is that there is somebody. Privacy masks are painted over, always.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.geometry import Box
from detect.ground import COLUMNS, Cells, Coarse, Ground, coarse, halved, moved, unlike
from detect.tracks import Track
from detect.veil import gone_on, room_for
from record.cameras import Mask
from record.frames import Picture

CELLS = 6
"""Cells at most to a person's height, each of them an even colour (design: a sixth)."""
LOOKED_WITHIN_S = 1.0
"""With no detection younger than this the whole picture is hidden (design, "Live out")."""
MASKED = (48, 48, 48)
"""Colour of a privacy mask: plainly not a part of the scene."""

_FINEST = 3
"""The finest mosaic has about `CELLS` * 2^3 rows: with finer cells, of two or three pixels, a
picture is hardly changed. People under an eighth of its height get coarser ones than they need."""
_COARSEST = _FINEST + 1
_UNKNOWN = 1
"""The mosaic over what only moved: twelve rows, a sixth of somebody half as tall as the picture.
Who is taller than that is found."""
_AROUND = np.ones((9, 7), np.uint8)
"""What is unlike is hidden three cells of 160 further to the sides and four up and down: coats and
legs in the colour of the ground."""

Hidden = NDArray[np.uint8]
"""(rows, columns) uint8, a grid of at most 160 columns over the picture: 0 what is shown, else how
coarse the mosaic over it is, 1 the finest."""


def unreadable(
    picture: Picture,
    width: int,
    people: Sequence[Box],
    *,
    detected_age_s: float | None,
    tracks: Sequence[Track] = (),
    ground: Ground | None = None,
    before: Coarse | None = None,
    masks: Sequence[Mask] = (),
) -> NDArray[np.uint8]:
    """`picture` at `width` columns, (height, width, 3) uint8 BGR, with nobody readable in it.

    `people`, `tracks`: of the newest look; `detected_age_s`: how much older that look's frame is
    than this picture, None when there was none; `ground`: as of that look; `before`: `coarse` of
    the picture shown last; `masks`: places of which nothing is shown, whatever else.
    """
    height = max(2, round(width * picture.height / picture.width / 2) * 2)
    shown = np.array(picture.bgr(width, height))
    cover(shown, masks)  # before, so that no cell takes its colour from behind a mask
    hidden = _grid(width, height)
    if detected_age_s is None or detected_age_s > LOOKED_WITHIN_S:
        hidden[:] = _COARSEST
    else:
        aspect = height / width
        for box in (*people, *(gone_on(track, detected_age_s) for track in tracks)):
            _hide(hidden, room_for(box, detected_age_s, aspect))
        for stood in ground.stood if ground is not None else ():
            _hide(hidden, room_for(stood.box, 0.0, aspect))
        _hide_unlike(hidden, picture, ground, before)
    _draw(shown, hidden)
    cover(shown, masks)  # and after, so that its own edge is not drawn into cells
    return shown


def cover(shown: NDArray[np.uint8], masks: Sequence[Mask]) -> None:
    """Paint over `masks` in `shown`, (height, width, 3) uint8, in place: one even colour, and a
    pixel further than drawn."""
    height, width = shown.shape[:2]
    for mask in masks:
        corners = [(point.x * width, point.y * height) for point in mask.polygon]
        whole = np.round(np.array(corners, np.float64)).astype(np.int32)
        cv2.fillPoly(shown, [whole], MASKED)
        cv2.polylines(shown, [whole], isClosed=True, color=MASKED, thickness=3)


def _grid(width: int, height: int) -> Hidden:
    columns = min(COLUMNS, width)
    return np.zeros((max(1, round(columns * height / width)), columns), np.uint8)


def _hide(hidden: Hidden, room: Box) -> None:
    """With the finest mosaic whose cells are a sixth of whoever stands in `room`."""
    rows, columns = hidden.shape
    fineness = max(0, min(_FINEST, math.floor(math.log2(1 / max(room.height, 1e-6)))))
    left, top, right, bottom = _cells(room, columns, rows)
    part = hidden[top:bottom, left:right]
    np.maximum(part, _COARSEST - fineness, out=part)


def _hide_unlike(
    hidden: Hidden, picture: Picture, ground: Ground | None, before: Coarse | None
) -> None:
    if ground is None and before is None:
        return
    now = coarse(picture)
    cells: Cells = np.zeros_like(now)
    if ground is not None:
        cells |= unlike(ground, now)
    if before is not None:
        cells |= moved(before, now) if before.shape == now.shape else np.ones_like(now)
    if cells.any():
        wide = np.asarray(cv2.dilate(cells, _AROUND), np.uint8) * (_COARSEST - _UNKNOWN)
        np.maximum(hidden, _enlarged(wide, hidden.shape), out=hidden)


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
    for coarseness in range(1, _COARSEST + 1):
        where = (hidden == coarseness).view(np.uint8)
        if where.any():
            cell = max(2, -(-rows // (CELLS * 2 ** (_COARSEST - coarseness))))
            cv2.copyTo(_in_cells(small, cell), where, mosaic)
    shape = (shown.shape[0], shown.shape[1])
    cv2.copyTo(_enlarged(mosaic, shape), _enlarged(hidden, shape), shown)


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


def _enlarged(few: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.uint8]:
    """`few` (rows, columns[, 3]) at `shape`, each cell an even colour: OpenCV to the sides and rows
    copied down, a quarter of the time that either takes alone."""
    height, width = shape
    wide = cv2.resize(few, (width, few.shape[0]), interpolation=cv2.INTER_NEAREST)
    enlarged: NDArray[np.uint8] = np.take(wide, np.arange(height) * len(few) // height, axis=0)
    return enlarged


def _cells(box: Box, columns: int, rows: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole cells, outward, within the grid."""
    return (
        max(0, math.floor(box.left * columns)),
        max(0, math.floor(box.top * rows)),
        min(columns, math.ceil(box.right * columns)),
        min(rows, math.ceil(box.bottom * rows)),
    )
