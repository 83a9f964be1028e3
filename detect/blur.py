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
from detect.ground import COLUMNS, Cells, Coarse, Ground, closed, coarse, moved, unlike
from detect.mosaic import COARSEST, FINEST, Hidden, enlarged, even_height
from detect.tracks import Track
from detect.veil import Room, gone_on, room_for
from record.frames import Picture

LOOKED_WITHIN_S = 1.0
"""With no detection younger than this the whole picture is hidden (design, "Live out")."""
_UNKNOWN = 1
"""The mosaic over what only moved: twelve rows, a sixth of somebody half as tall as the picture.
Who is taller than that is found."""
_AROUND = np.ones((9, 7), np.uint8)
"""What is unlike is hidden three cells of 160 further to the sides and four up and down: coats and
legs in the colour of the ground."""
_LEAST_FIGURE = 5
"""Rows of 90: somebody less tall is hidden by `_AROUND`."""
_FURTHER = 0.2
"""Around what came, so many of its heights: whoever steps into the picture is told by what differs
from the ground, and it is the legs, or the arm that goes before, that does not. As around boxes
(`detect.veil`)."""


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
    if ground is None or detected_age_s is None or unlooked(detected_age_s, ground):
        hidden[:] = COARSEST
        return hidden
    aspect = height / width
    seen = (*people, *(gone_on(track, detected_age_s) for track in tracks))
    rooms = [room_for(box, detected_age_s, aspect) for box in seen]
    rooms += [room_for(stood.box, 0.0, aspect) for stood in ground.stood]
    _hide(hidden, rooms)
    _hide_unlike(hidden, picture, ground, before)
    return hidden


def unlooked(detected_age_s: float | None, ground: Ground | None) -> bool:
    """Whether nobody has looked for people lately, or never closely: all is hidden."""
    if detected_age_s is None or detected_age_s > LOOKED_WITHIN_S:
        return True
    return ground is None or ground.judged is None


def _grid(width: int, height: int) -> Hidden:
    columns = min(COLUMNS, width)
    return np.zeros((max(1, round(columns * height / width)), columns), np.uint8)


def _hide(hidden: Hidden, rooms: Sequence[Room]) -> None:
    """With the finest mosaic whose cells are a sixth of whoever stands in a room; where rooms
    overlap, with the coarser one."""
    rows, columns = hidden.shape
    cells = []
    for left, top, right, bottom in rooms:
        fineness = min(FINEST, math.floor(-math.log2(min(1.0, max(bottom - top, 1e-6)))))
        # In whole cells, outward, within the grid.
        first = max(0, math.floor(left * columns)), max(0, math.floor(top * rows))
        last = max(0, math.ceil(right * columns)), max(0, math.ceil(bottom * rows))
        cells.append((COARSEST - fineness, *first, *last))
    for coarseness, left, top, right, bottom in sorted(cells):
        hidden[top:bottom, left:right] = coarseness


def _hide_unlike(hidden: Hidden, picture: Picture, ground: Ground, before: Coarse | None) -> None:
    now = coarse(picture)
    cells = unlike(ground, now)
    if before is not None:
        cells |= moved(before, now) if before.shape == now.shape else np.ones_like(now)
    if ground.granted.shape == cells.shape and (came := cells & ground.granted).any():
        _hide_around(cells, closed(came))
    wide = np.asarray(cv2.dilate(cells, _AROUND), np.uint8)
    if wide.shape != hidden.shape:
        wide = enlarged(wide, hidden.shape)
    np.maximum(hidden, wide * np.uint8(COARSEST - _UNKNOWN), out=hidden)


def _hide_around(cells: Cells, came: Cells) -> None:
    """Also in `cells`, around each thing that stands for itself in `came`, in proportion to it."""
    # Labels of 16 bits are enough, and take two fifths of the time of those of 32.
    _, _, things, _ = cv2.connectedComponentsWithStats(came, connectivity=8, ltype=cv2.CV_16U)
    tall = things[1:][things[1:, cv2.CC_STAT_HEIGHT] >= _LEAST_FIGURE]
    for left, top, width, height, _ in tall.tolist():
        further = round(_FURTHER * height)
        rows = slice(max(0, top - further), top + height + further)
        cells[rows, max(0, left - further) : left + width + further] = 1
