"""Which cut-out shows somebody. Pure choice over the atlas."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from sample_streams.generate.paths import Stance
from sample_streams.generate.script import Role

MIN_METRES_PER_FRAME = 0.08
"""Shorter strides come from people who dawdled: played at their pace they would scurry."""
STAND_FRAMES = 4
"""Pictures shown of each frame of a standing sequence, at 10 a second."""
FRAMES_PER_S = 10
CLOTHES = 0.58
"""Upper part of a figure in which colours are changed; below are trousers and ground."""
HEAD = 0.15

Rgba = NDArray[np.float32]
"""(height, width, 4) float32, BGR 0..255 times alpha, then alpha 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """One cut-out with the point it stands on."""

    pixels: Rgba
    foot_x: float
    foot_y: float
    height: float
    """Of the person, in pixels of the cell."""

    def mirrored(self) -> "Cell":
        flipped = np.ascontiguousarray(self.pixels[:, ::-1])
        return Cell(flipped, self.pixels.shape[1] - self.foot_x, self.foot_y, self.height)


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A loop of cut-outs of one person."""

    walking: bool
    cells: tuple[Cell, ...]
    heading_deg: float = 0.0
    metres_per_frame: float = 0.1


@dataclass(slots=True, eq=False)
class Figure:
    """One person of a scene, dressed, ready to be asked for the cut-out of a stance."""

    walks: tuple[Loop, ...]
    stands: tuple[Loop, ...]
    _mirrored: dict[int, Cell] = field(default_factory=dict)

    def cell(self, stance: Stance) -> Cell:
        if stance.waited_s is not None and self.stands:
            cells = self.stands[0].cells
            frame = int(stance.waited_s * FRAMES_PER_S) // STAND_FRAMES
            return cells[to_and_fro(frame, len(cells))]
        sequence, mirror = nearest(self.walks, stance.heading_deg)
        if stance.waited_s is not None:
            cell = min(sequence.cells, key=_spread)
        else:
            stride = max(sequence.metres_per_frame, MIN_METRES_PER_FRAME)
            cell = sequence.cells[int(stance.walked_m / stride) % len(sequence.cells)]
        if not mirror:
            return cell
        return self._mirrored.setdefault(id(cell), cell.mirrored())


def to_and_fro(step: int, length: int) -> int:
    """0, 1, …, length-1, length-2, …, 1, 0, 1, …"""
    if length == 1:
        return 0
    around = step % (2 * length - 2)
    return min(around, 2 * length - 2 - around)


def angle_between(a_deg: float, b_deg: float) -> float:
    """0..180."""
    return abs((a_deg - b_deg + 180.0) % 360.0 - 180.0)


def nearest(walks: Sequence[Loop], heading_deg: float) -> tuple[Loop, bool]:
    """The sequence walking most nearly that way, and whether it must be mirrored for it."""
    candidates = [(walk, mirror) for walk in walks for mirror in (False, True)]

    def turn(candidate: tuple[Loop, bool]) -> float:
        walk, mirror = candidate
        seen = 180.0 - walk.heading_deg if mirror else walk.heading_deg
        return angle_between(seen, heading_deg)

    return min(candidates, key=turn)


def _spread(cell: Cell) -> float:
    """Width of the legs: the smallest is the frame with the feet together."""
    rows = cell.pixels[int(cell.foot_y - 0.3 * cell.height) : int(cell.foot_y), :, 3]
    columns = np.flatnonzero((rows > 0.5).any(axis=0))
    return float(columns[-1] - columns[0]) if columns.size else float("inf")


def dress(sequences: Sequence[Loop], role: Role) -> Figure:
    """The figure of a role, in the role's colours."""
    dressed = [
        Loop(
            s.walking,
            tuple(_recoloured(cell, role) for cell in s.cells),
            s.heading_deg,
            s.metres_per_frame,
        )
        for s in sequences
    ]
    return Figure(
        tuple(s for s in dressed if s.walking), tuple(s for s in dressed if not s.walking)
    )


def _recoloured(cell: Cell, role: Role) -> Cell:
    if not role.hue_deg and role.coat_bgr is None:
        return cell
    alpha = cell.pixels[..., 3:]
    plain: NDArray[np.float32] = (
        np.clip(cell.pixels[..., :3] / np.maximum(alpha, 1e-3), 0, 255)
    ).astype(np.float32)
    share = (np.arange(len(plain)) - (cell.foot_y - cell.height)) / cell.height
    if role.hue_deg:
        plain = _turned(plain, share, role.hue_deg)
    if role.coat_bgr is not None:
        dark = np.clip((90 - plain.max(axis=2)) / 40, 0, 1)
        coat = dark * ((share > HEAD) & (share < CLOTHES))[:, None]
        plain += (coat[..., None] * np.array(role.coat_bgr)).astype(np.float32)
    pixels = np.concatenate([np.clip(plain, 0, 255) * alpha, alpha], axis=2).astype(np.float32)
    return Cell(pixels, cell.foot_x, cell.foot_y, cell.height)


def _turned(
    plain: NDArray[np.float32], share: NDArray[np.floating], degrees: float
) -> NDArray[np.float32]:
    hsv = cv2.cvtColor(plain.astype(np.uint8), cv2.COLOR_BGR2HSV)
    coloured = (hsv[..., 1] > 70) & (share < CLOTHES)[:, None]
    hue = (hsv[..., 0].astype(np.int32) + round(degrees / 2)) % 180
    hsv[..., 0] = np.where(coloured, hue, hsv[..., 0])
    return cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR).astype(np.float32)
