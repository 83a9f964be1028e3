"""What is to be made unreadable in a picture that is to be shown. Fails safe. Pure.

Hidden are: every place where somebody is or may be (`detect.veil`); whatever is unlike the ground
or moved since the last look (`detect.ground`); and the whole picture when nobody has looked for
people lately. Hiding is a mosaic with at most six cells to a person's height, which leaves neither
face nor gait; what it shows is that there is somebody (`detect.mosaic`).
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from detect.geometry import Box
from detect.ground import COLUMNS, Cells, Coarse, Ground, coarse, moved, unlike
from detect.mosaic import COARSEST, FINEST, Hidden, enlarged, even_height
from detect.tracks import Track
from detect.veil import gone_on, room_for
from record.frames import Picture

LOOKED_WITHIN_S = 1.0
"""With no detection younger than this the whole picture is hidden (design, "Live out")."""
_UNKNOWN = 1
"""The mosaic over what only moved: twelve rows, a sixth of somebody half as tall as the picture.
Who is taller than that is found."""
_AROUND = np.ones((9, 7), np.uint8)
"""What is unlike is hidden three cells of 160 further to the sides and four up and down: coats and
legs in the colour of the ground."""


def hidden_in(
    picture: Picture,
    width: int,
    people: Sequence[Box],
    *,
    detected_age_s: float | None,
    tracks: Sequence[Track] = (),
    ground: Ground | None = None,
    before: Coarse | None = None,
) -> Hidden:
    """What nobody may see of `picture` at `width` columns.

    `people`, `tracks`: of the newest look; `detected_age_s`: how much older that look's frame is
    than this picture, None when there was none; `ground`: as of that look; `before`: `coarse` of
    the picture shown last.
    """
    height = even_height(picture, width)
    hidden = _grid(width, height)
    granted = ground is not None and ground.judged is not None
    if detected_age_s is None or detected_age_s > LOOKED_WITHIN_S or not granted:
        hidden[:] = COARSEST
        return hidden
    aspect = height / width
    for box in (*people, *(gone_on(track, detected_age_s) for track in tracks)):
        _hide(hidden, room_for(box, detected_age_s, aspect))
    for stood in ground.stood if ground is not None else ():
        _hide(hidden, room_for(stood.box, 0.0, aspect))
    _hide_unlike(hidden, picture, ground, before)
    return hidden


def _grid(width: int, height: int) -> Hidden:
    columns = min(COLUMNS, width)
    return np.zeros((max(1, round(columns * height / width)), columns), np.uint8)


def _hide(hidden: Hidden, room: Box) -> None:
    """With the finest mosaic whose cells are a sixth of whoever stands in `room`."""
    rows, columns = hidden.shape
    fineness = max(0, min(FINEST, math.floor(math.log2(1 / max(room.height, 1e-6)))))
    left, top, right, bottom = _cells(room, columns, rows)
    part = hidden[top:bottom, left:right]
    np.maximum(part, COARSEST - fineness, out=part)


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
        wide = np.asarray(cv2.dilate(cells, _AROUND), np.uint8) * (COARSEST - _UNKNOWN)
        np.maximum(hidden, enlarged(wide, hidden.shape), out=hidden)


def _cells(box: Box, columns: int, rows: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole cells, outward, within the grid."""
    return (
        max(0, math.floor(box.left * columns)),
        max(0, math.floor(box.top * rows)),
        min(columns, math.ceil(box.right * columns)),
        min(rows, math.ceil(box.bottom * rows)),
    )
