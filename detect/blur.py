"""Makes people unreadable in a picture that is to be shown, and fails safe. Pure.

Hidden are: every box in which somebody is or may be, grown by a fifth; whatever moved since the
picture shown before; for a while, the place where somebody was last seen; and the whole picture
when nobody has looked for people lately. Hiding is a mosaic with at most six cells to a person's
height, which leaves neither face nor gait; what it shows is that there is somebody. Privacy masks
are painted over, always.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.geometry import Box
from detect.tracks import Track
from record.cameras import Mask
from record.frames import Picture
from record.ids import TrackId

GROWN = 0.2
"""Boxes are hidden larger by a fifth (design, "Live out")."""
CELLS = 6
"""Cells to a hidden region's height. It is a fifth taller than the person, so a cell is a fifth
of the person's height, and never under the sixth that is asked for."""
LOOKED_WITHIN_S = 1.0
"""With no detection younger than this the whole picture is hidden (design, "Live out")."""
REMEMBERED = timedelta(seconds=30)
"""How long the place stays hidden where a track was lost in mid-picture: somebody who stands so
still that neither detector nor movement shows them is still there."""
MASKED = (48, 48, 48)
"""Colour of a privacy mask: plainly not a part of the scene."""

_REMEMBERED_MOST = 32
_MOVED = 14
"""Change of luma, 0..255, of a patch of about 8x8 pixels that counts as movement: above the noise
of a night picture, below a dark coat on asphalt."""
_COARSE_WIDTH = 80
_MOVING_CELL = 1 / 24
"""Least cell of a moving region, in picture heights: it may be only the legs of somebody."""


@dataclass(frozen=True, slots=True)
class Veil:
    """Where somebody is or may be, carried from look to look. Bounded by time and number."""

    boxes: tuple[Box, ...] = ()
    """What is to be hidden now."""
    last: Mapping[TrackId, Box] = field(default_factory=dict)
    """Confirmed tracks of the last look."""
    remembered: tuple[tuple[datetime, Box], ...] = ()
    """Lost in mid-picture: until when, where."""


def step_veil(veil: Veil, tracks: Sequence[Track], detections: Sequence[Box], at: datetime) -> Veil:
    """One look: all detections, sure or not, all tracks, and those lost lately."""
    living = {track.id: track.box for track in tracks if track.confirmed}
    remembered = [(until, box) for until, box in veil.remembered if at < until]
    remembered += [
        (at + REMEMBERED, box)
        for track, box in veil.last.items()
        if track not in living and not _at_edge(box)
    ]
    remembered = remembered[-_REMEMBERED_MOST:]
    boxes = (
        *detections,
        *(track.box for track in tracks),
        *(box for _, box in remembered),
    )
    return Veil(boxes, living, tuple(remembered))


def _at_edge(box: Box, margin: float = 0.01) -> bool:
    return (
        box.left <= margin
        or box.top <= margin
        or box.right >= 1 - margin
        or box.bottom >= 1 - margin
    )


def coarse(picture: Picture) -> NDArray[np.uint8]:
    """Luma at 80 columns: what `unreadable` compares to see what moved. Keep it beside a picture
    that was shown."""
    height = max(1, round(_COARSE_WIDTH * picture.height / picture.width))
    small = cv2.resize(picture.grey(), (_COARSE_WIDTH, height), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def unreadable(
    picture: Picture,
    width: int,
    people: Sequence[Box],
    *,
    detected_age_s: float | None,
    before: NDArray[np.uint8] | None = None,
    masks: Sequence[Mask] = (),
) -> NDArray[np.uint8]:
    """`picture` at `width` columns, (height, width, 3) uint8 BGR, with nobody readable in it.

    `people`: `Look.people` of the newest look; `detected_age_s`: how much older that look's frame
    is than this picture, None when there was none; `before`: `coarse` of the picture shown last;
    `masks`: places of which nothing is shown, whatever else.
    """
    height = max(2, round(width * picture.height / picture.width / 2) * 2)
    shown = np.array(picture.bgr(width, height))
    cover(shown, masks)  # before, so that no cell takes its colour from behind a mask
    if detected_age_s is None or detected_age_s > LOOKED_WITHIN_S:
        _hide(shown, (0, 0, width, height))
    else:
        grown = [box.grown(GROWN) for box in people]
        for box in grown:
            _hide(shown, _pixels(box, width, height))
        if before is not None:
            _hide_moving(shown, before, coarse(picture), grown)
    cover(shown, masks)  # and after, so that its own edge is not drawn into cells
    return shown


def cover(shown: NDArray[np.uint8], masks: Sequence[Mask]) -> None:
    """Paint over `masks` in `shown`, (height, width, 3) uint8, in place: one even colour, and a
    pixel further than drawn."""
    if not masks:
        return
    height, width = shown.shape[:2]
    for mask in masks:
        corners = np.array(
            [[(point.x * width, point.y * height) for point in mask.polygon]], np.float64
        )
        whole = np.round(corners).astype(np.int32)
        cv2.fillPoly(shown, [whole[0]], MASKED)
        cv2.polylines(shown, [whole[0]], isClosed=True, color=MASKED, thickness=3)


def _hide_moving(
    shown: NDArray[np.uint8],
    before: NDArray[np.uint8],
    now: NDArray[np.uint8],
    hidden: Sequence[Box],
) -> None:
    """Hide, in place, what changed between two coarse pictures outside of what is hidden already.

    Each connected piece of change is taken for a person of its own, and only where it changed is
    drawn over: a box around two people who walk apart would cover half the picture.
    """
    height, width = shown.shape[:2]
    if before.shape != now.shape:
        _hide(shown, (0, 0, width, height))
        return
    changed = (cv2.absdiff(before, now) > _MOVED).astype(np.uint8)
    rows, columns = now.shape
    for box in hidden:
        left, top, right, bottom = _pixels(box, columns, rows)
        changed[top:bottom, left:right] = 0
    if not changed.any():
        return
    joined = cv2.dilate(changed, np.ones((3, 3), np.uint8))
    count, pieces, stats, _ = cv2.connectedComponentsWithStats(joined)
    least = round(_MOVING_CELL * height)
    for piece in range(1, count):
        x, y, w, h, _ = stats[piece].tolist()
        box = Box(x / columns, y / rows, (x + w) / columns, (y + h) / rows)
        left, top, right, bottom = region = _pixels(box, width, height)
        clear = shown[top:bottom, left:right].copy()
        _hide(shown, region, least)
        mask = (pieces[y : y + h, x : x + w] == piece).astype(np.uint8)
        mask = cv2.resize(mask, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST)
        np.copyto(shown[top:bottom, left:right], clear, where=mask[:, :, None] == 0)


def _pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels, outward, within the picture."""
    return (
        max(0, int(np.floor(box.left * width))),
        max(0, int(np.floor(box.top * height))),
        min(width, int(np.ceil(box.right * width))),
        min(height, int(np.ceil(box.bottom * height))),
    )


def _hide(shown: NDArray[np.uint8], region: tuple[int, int, int, int], least_cell: int = 1) -> None:
    """Draw a mosaic over `region`, in place."""
    left, top, right, bottom = region
    width, height = right - left, bottom - top
    if width <= 0 or height <= 0:
        return
    cell = max(least_cell, -(-height // CELLS), 2)
    size = max(1, width // cell), max(1, height // cell)
    part = shown[top:bottom, left:right]
    few = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    part[:] = cv2.resize(few, (width, height), interpolation=cv2.INTER_NEAREST)
