"""What a camera is used to see, and how a picture compares with it. Pure.

Everything is said of gradients, pooled over blocks: light that is added takes nothing away from
them, and light that is multiplied scales them all alike. What is left of the usual structure is
measured by its normalised correlation, how strong it is by its regression on the usual one, and
noise, which correlates with nothing, drops out of both.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from record.frames import Picture

COLUMNS = 160
"""Columns of the small picture: the gate's `[::4, ::4]` of a frame 640 wide."""
BLOCK = 10
"""Side of a block in the small picture: 16 blocks across, of a person's size and larger."""
TEXTURED = 6.0
"""Mean squared gradient (grey levels² per small pixel²) from which a block of the usual view has a
structure to be missed. A gradient of 2.4 levels a pixel; sensor noise leaves 1 after the mean of a
view, and on the sample scenes 47 to 93 % of the blocks are above it."""
LOST = 0.35
"""Correlation under which the structure of a block is gone. Blocks of unrelated pictures scatter
around 0 with 0.15, those of the same place in changed light stay above 0.7 (docs/detection.md)."""
INTACT = 0.8
"""Correlation from which the structure of a block is the very one of the view."""

Small = NDArray[np.uint8]
"""(rows, COLUMNS or about that) uint8 luma."""
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """The usual picture: a slow mean, and what is needed of it in every comparison."""

    mean: Grey
    """(rows, columns) float32, cut to whole blocks."""
    across: Grey
    down: Grey
    """Its gradients after a 3x3 mean."""
    energy: Grey
    """(blocks down, blocks across): mean square of the gradients."""
    fine: tuple[Grey, Grey]
    """The gradients without the 3x3 mean: what a lens out of focus takes first."""
    detail: float
    """Sum of their squares."""
    blocks: Grey
    """Mean of each block."""
    glare: float
    """Share of pixels at or above `GLARE`."""

    @property
    def textured(self) -> float:
        """Share of blocks with a structure, 0..1."""
        return float(np.mean(self.energy > TEXTURED))

    @property
    def black(self) -> float:
        """Share of blocks at or under `UNLIT`, as in a `Comparison`."""
        return _unlit(self.blocks)


UNLIT = 30.0
"""Luma that no block exceeds in the dark: black is 16 (ITU-R BT.601), the rest is noise."""
GLARE = 230
"""Luma at the upper end of the video range (235 in ITU-R BT.601), less a little for coding."""

HALO = 40
"""Levels below `GLARE` at which a block still counts as glaring: part of it does."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a picture differs from the usual view, and from the picture before it."""

    lost: float
    """Share of the view's textured blocks whose structure is gone, 0..1."""
    intact: float
    """Share of them that are just as they were, 0..1."""
    inner: float
    """The same without the rows of blocks at the top and at the bottom: what a camera writes there
    stays, wherever it looks."""
    energy: float
    """Energy of the picture's gradients over that of the view's, noise included."""
    alike: float
    """Correlation of the block means with the view's, -1..1: the picture at its coarsest."""
    contrast: float
    """By how much the block means are steeper or flatter than the view's; 1: as usual."""
    sharp: float
    """How much of the view's fine structure is left, by regression; 1: all of it."""
    detail: float
    """Energy of the fine gradients over the view's, noise included."""
    black: float
    """Share of blocks at or under `UNLIT`, without the rows at the top and at the bottom."""
    glare: float
    """Share of pixels at or above `GLARE`, less the view's."""
    dim: float
    """Share of the textured blocks that do not glare."""
    beside: float
    """How much of the usual structure is left in the blocks that do not glare, by regression."""
    moved: float
    """Mean absolute change of the block means since the picture before, in levels."""
    held: float
    """Median correlation with the picture before, over the blocks where that has a structure;
    0 when it has none."""


def small(picture: Picture) -> Small:
    """Every nth pixel of the luma, about `COLUMNS` of them across; a copy.

    Pixels are left out and not averaged: that is a fortieth of the cost on a large frame, and a
    picture out of focus loses its fine structure either way.
    """
    step = max(1, round(picture.width / COLUMNS))
    return np.ascontiguousarray(picture.grey()[::step, ::step])


def view_of(mean: Grey) -> View:
    """`mean`: (rows, columns) float32, whole blocks."""
    fine_across, fine_down = (_float(cv2.filter2D(mean, -1, k)) for k in (_ACROSS, _DOWN))
    # The mean of the gradients is the gradient of the mean.
    across, down = (_float(cv2.blur(fine, (3, 3))) for fine in (fine_across, fine_down))
    return View(
        mean=mean,
        across=across,
        down=down,
        energy=_pool(across * across + down * down),
        fine=(fine_across, fine_down),
        detail=float(np.vdot(fine_across, fine_across) + np.vdot(fine_down, fine_down)),
        blocks=_pool(mean),
        glare=cv2.countNonZero(cv2.threshold(mean, GLARE - 0.5, 1, cv2.THRESH_BINARY)[1])
        / mean.size,
    )


def whole_blocks(picture: Small) -> Grey:
    """As float32, less what does not fill a block at the right and at the bottom."""
    rows, columns = picture.shape
    return picture[: rows // BLOCK * BLOCK, : columns // BLOCK * BLOCK].astype(np.float32)


def blocks_of(picture: Small) -> Grey:
    """The means of its blocks alone: a fifth of the cost of a view."""
    return _pool(whole_blocks(picture))


def compare(picture: Small, view: View, before: View) -> tuple[Comparison, View]:
    """`picture` held against the usual `view` and the one `before`, and `picture` as a view."""
    now = view_of(whole_blocks(picture))
    textured = view.energy > TEXTURED
    common = _common(now, view)
    structure = _correlation(common, now, view)
    lost = structure[textured] < LOST
    intact, inner = (_intact(structure[rows][textured[rows]]) for rows in (_ALL, _INNER))
    beside = textured & (now.blocks < GLARE - HALO)
    shared = sum(float(np.vdot(*pair)) for pair in zip(now.fine, view.fine, strict=True))
    alike, contrast = _regression(now.blocks, view.blocks)
    known = before.energy > TEXTURED
    held = _correlation(_common(now, before), now, before)[known]
    comparison = Comparison(
        lost=float(lost.mean()) if lost.size else 0.0,
        intact=intact,
        inner=inner,
        energy=float(now.energy.sum() / max(view.energy.sum(), _LEAST)),
        alike=alike,
        contrast=contrast,
        sharp=shared / max(view.detail, _LEAST),
        detail=now.detail / max(view.detail, _LEAST),
        black=_unlit(now.blocks),
        glare=now.glare - view.glare,
        dim=float(beside.sum() / max(textured.sum(), 1)),
        beside=float(common[beside].sum() / max(view.energy[beside].sum(), _LEAST)),
        moved=float(np.abs(now.blocks - before.blocks).mean()),
        held=float(np.median(held)) if held.size else 0.0,
    )
    return comparison, now


def stirred(now: View, anchor: View, usual: View) -> float:
    """By how many small pixels what hides the `usual` view has shifted since `anchor`: the median
    over its blocks, each weighted by its structure. Blocks that are just as usual do not count, nor
    what the camera writes at the top and at the bottom.

    One step of Lucas and Kanade (IJCAI 1981) a block, which is exact for shifts under a pixel; for
    larger ones it says less than there is, and never nothing.
    """
    hides = (_correlation(_common(now, usual), now, usual) <= INTACT) | (usual.energy <= TEXTURED)
    hides[0] = hides[-1] = False
    changed = cv2.blur(now.mean, (3, 3)) - cv2.blur(anchor.mean, (3, 3))
    changed -= np.median(changed)
    across, down = (now.across + anchor.across) / 2, (now.down + anchor.down) / 2
    xx, xy, yy, xt, yt = (
        _pool(_float(one * other))
        for one, other in (
            (across, across),
            (across, down),
            (down, down),
            (across, changed),
            (down, changed),
        )
    )
    xx, yy = xx + _RIDGE, yy + _RIDGE
    shifts = np.hypot(yy * xt - xy * yt, xx * yt - xy * xt) / (xx * yy - xy * xy)
    order = np.argsort(shifts[hides])
    weights = np.cumsum((xx + yy)[hides][order])
    if not weights.size:
        return 0.0
    return float(shifts[hides][order][np.searchsorted(weights, weights[-1] / 2)])


_RIDGE = 0.3
"""Energy that noise has: a block without more of it has not shifted."""
_LEAST = 1e-6
"""Keeps quotients of an empty picture finite."""


_ALL, _INNER = slice(None), slice(1, -1)


def _unlit(blocks: Grey) -> float:
    inner = blocks[_INNER]
    return float((inner <= UNLIT).mean()) if inner.size else 0.0


def _intact(structure: Grey) -> float:
    return float((structure > INTACT).mean()) if structure.size else 0.0


_ACROSS = np.array([[-0.5, 0.0, 0.5]], np.float32)
_DOWN = _ACROSS.T


def _float(values: NDArray[Any]) -> Grey:
    """OpenCV gives back the kind that it was given; its stubs do not say so."""
    return np.asarray(values, np.float32)


def _pool(grey: Grey) -> Grey:
    rows, columns = grey.shape
    size = (columns // BLOCK, rows // BLOCK)
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def _common(now: View, other: View) -> Grey:
    """Mean product of the gradients, block by block."""
    return _pool(now.across * other.across + now.down * other.down)


def _correlation(common: Grey, now: View, other: View) -> Grey:
    """Of the gradients, block by block, -1..1."""
    return np.asarray(common / np.sqrt(now.energy * other.energy + _LEAST), np.float32)


def _regression(now: Grey, usual: Grey) -> tuple[float, float]:
    """Correlation of `now` with `usual`, and its slope."""
    one, other = now - now.mean(), usual - usual.mean()
    shared, power, usual_power = (
        float(np.vdot(a, b)) for a, b in ((one, other), (one, one), (other, other))
    )
    return shared / max((power * usual_power) ** 0.5, _LEAST), shared / max(usual_power, _LEAST)
