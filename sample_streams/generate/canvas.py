"""One frame, painted back to front, with a map of whose pixel each is. Pixels of 640x360."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams.generate.figures import Cell, Rgba

SOLID = 0.43
"""Alpha from which a pixel counts as part of somebody: boxes and shares rest on it."""
SHADOW_WIDE, SHADOW_FLAT, SHADOW_DARK = 0.26, 0.055, 0.35
"""Contact shadow: half width and half height per height of its owner, and its darkness."""

Picture = NDArray[np.float32]
"""(height, width, 3) float32 BGR, 0..255."""
Mask = NDArray[np.float32]
"""(height, width) float32, 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A cut-out scaled to where it stands; may reach beyond the frame."""

    pixels: Rgba
    left: int
    top: int

    @property
    def solid(self) -> NDArray[np.bool_]:
        return self.pixels[..., 3] > SOLID


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Where somebody was painted: box in pixels (x0, y0, x1, y1; ends exclusive)."""

    number: int
    box: tuple[int, int, int, int] | None
    """Of the part inside the frame, hidden or not; None when nothing is inside."""
    pixels: int
    """All solid pixels, also those outside the frame."""


def place(cell: Cell, x: float, y: float, height: float, *, strength: float = 1.0) -> Placed:
    """Scale a cut-out so that it is `height` pixels high and stands on (x, y)."""
    pixels, scale = cell.pixels, height / cell.height
    foot_x, foot_y = cell.foot_x, cell.foot_y
    if scale < 0.7:
        # Bilinear sampling alone would skip pixels and shimmer.
        size = (
            max(1, round(pixels.shape[1] * scale * 1.3)),
            max(1, round(pixels.shape[0] * scale * 1.3)),
        )
        ratio_x, ratio_y = size[0] / pixels.shape[1], size[1] / pixels.shape[0]
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32)
        scale, foot_x, foot_y = scale / ratio_y, foot_x * ratio_x, foot_y * ratio_y
    left, top = int(np.floor(x - foot_x * scale)) - 1, int(np.floor(y - foot_y * scale)) - 1
    width = int(np.ceil(pixels.shape[1] * scale)) + 3
    rows = int(np.ceil(pixels.shape[0] * scale)) + 3
    move = np.array(
        [[scale, 0, x - foot_x * scale - left], [0, scale, y - foot_y * scale - top]], np.float64
    )
    warped = cv2.warpAffine(pixels, move, (width, rows), flags=cv2.INTER_LINEAR)
    return Placed((warped * strength).astype(np.float32), left, top)


class Canvas:
    def __init__(self, background: Picture) -> None:
        self._background = background
        self.picture: Picture = background.copy()
        self.ids: NDArray[np.uint8] = np.zeros(background.shape[:2], np.uint8)
        """Number of whoever is seen at a pixel; 0 for nobody."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.ids.shape[1], self.ids.shape[0]

    def shadow(self, x: float, y: float, half_width: float, half_height: float) -> None:
        """Darken the ground softly around a foot point."""
        width, height = self.size
        left, right = max(0, int(x - 2.5 * half_width)), min(width, int(x + 2.5 * half_width) + 1)
        top, bottom = max(0, int(y - 3 * half_height)), min(height, int(y + 3 * half_height) + 1)
        if left >= right or top >= bottom:
            return
        across = (np.arange(left, right, dtype=np.float32) - x) / half_width
        down = (np.arange(top, bottom, dtype=np.float32) - y) / half_height
        dark = SHADOW_DARK * np.exp(-(down[:, None] ** 2) - across[None, :] ** 2)
        self.picture[top:bottom, left:right] *= 1.0 - dark[..., None]

    def paint(self, placed: Placed, number: int, *, gain: float, lift: float) -> Silhouette:
        """Blend a cut-out over what is there; its solid pixels take `number`."""
        width, height = self.size
        rows, columns = placed.pixels.shape[:2]
        left, top = max(placed.left, 0), max(placed.top, 0)
        right, bottom = min(placed.left + columns, width), min(placed.top + rows, height)
        solid = placed.solid
        total = int(solid.sum())
        if left >= right or top >= bottom:
            return Silhouette(number, None, total)
        inside = (
            slice(top - placed.top, bottom - placed.top),
            slice(left - placed.left, right - placed.left),
        )
        pixels = placed.pixels[inside]
        alpha = pixels[..., 3:]
        there = self.picture[top:bottom, left:right]
        there *= 1.0 - alpha
        there += pixels[..., :3] * gain + lift * alpha
        seen = solid[inside]
        self.ids[top:bottom, left:right][seen] = number
        return Silhouette(number, _box(seen, left, top), total)

    def repaint(self, mask: Mask) -> None:
        """Bring the background back where something in it stands in front."""
        self.picture += mask[..., None] * (self._background - self.picture)
        self.ids[mask > SOLID] = 0

    def share(self, silhouette: Silhouette) -> float:
        """How much of somebody is to be seen, 0..1, once everything is painted."""
        if silhouette.pixels == 0 or silhouette.number == 0:
            return 0.0
        return float(np.count_nonzero(self.ids == silhouette.number)) / silhouette.pixels


def _box(seen: NDArray[np.bool_], left: int, top: int) -> tuple[int, int, int, int] | None:
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return None
    return (
        left + int(columns[0]),
        top + int(rows[0]),
        left + int(columns[-1]) + 1,
        top + int(rows[-1]) + 1,
    )
