"""What a camera's picture looks like when nobody is there, and what is unlike it now. Pure.

The second witness of the fail-safe blur: whoever the detector misses still differs from the ground
behind them, or from the picture that was looked at last. Everything here is done on the luma at
160 columns, smoothed: a person a twelfth of the picture tall is then about four cells wide.

Ground is granted, never taken for granted: a place is ground where a close look (`detect.close`)
found nobody and the picture has looked as it did then ever since, or does so again. What stands
there from the first picture on, or stays for hours, does not become ground by that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from detect.geometry import Box
from detect.tracks import Track
from record.frames import Picture
from record.ids import TrackId

Coarse = NDArray[np.uint8]
"""(rows, 160) uint8: smoothed luma."""
Cells = NDArray[np.uint8]
"""(rows, 160) uint8: 1 where something is unlike, else 0."""

COLUMNS = 160
SETTLES_S = 10.0
"""Time constant with which the ground follows the picture where it is alike: dusk, wet asphalt."""
LEAST_UNLIKE, MOST_UNLIKE = 5.0, 15.0
"""Luma, 0..255, from which a cell is unlike the ground: a dark coat at night is 6 to 9 darker."""
SPREADS = 5.0
"""Within these bounds, as many times as it usually changes from look to look: leaves, rain and
noise do so all the time, people who stand do not."""
_FEW = np.s_[::4, ::4]
"""Every fourth cell of every fourth row tells how much lighter or darker the whole has become, and
how much noise there is."""
LEAST_MOVED, MOST_MOVED = 5.0, 14.0
MOVED_NOISE = 4.0
"""The same against the picture of the last look: so many times what seven in ten cells changed by,
within these bounds."""
STOOD = timedelta(minutes=10)
"""How long the place of a person who was lost in mid-picture is kept for them while it looks the
same: somebody who sleeps, or sits so still that the detector loses them, is still there."""
STOOD_LEAST = timedelta(seconds=10)
LEFT_AFTER = timedelta(seconds=2)
LEFT_SHARE = 0.2
LEFT_LUMA = 12
"""They are taken to be gone when so large a share of their place has differed by so much luma for
so long."""
STOOD_MOST = 32
_UPRIGHT = np.ones((5, 3), np.uint8)
"""Gaps of up to four cells in what moved, one above the other, are closed: a belt, a bag."""
_FIGURE = 0.4
"""A box is grown by so much of itself to hold arms and feet."""
CLEAR = 0.75
"""Share of a box that is ground when nobody is in it: a figure fills half of its box and more."""
EDGE = 0.01
"""Who is lost so near to the edge has walked out of the picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Stood:
    """Where somebody was lost in mid-picture, and how it looked."""

    box: Box
    since: datetime
    looked: Coarse
    otherwise_since: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a close look brought."""

    at: datetime
    seen: Coarse
    """The picture that was looked at."""
    people: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """As of one look. Bounded."""

    at: datetime
    seen: Coarse
    """The picture that was looked at."""
    usual: NDArray[np.float32]
    spread: NDArray[np.float32]
    """Mean change from look to look."""
    bound: Cells
    """Luma, 0..255: what differs from `usual` by more is unlike it. Of `spread`."""
    granted: Cells
    """1 where `usual` is what is there when nobody is."""
    people: dict[TrackId, Box] = field(default_factory=dict)
    """Confirmed tracks."""
    stood: tuple[Stood, ...] = ()
    judged: Judged | None = None
    """The last close look; None: there was none yet, and nothing is granted."""


def coarse(picture: Picture) -> Coarse:
    rows = max(1, round(COLUMNS * picture.height / picture.width))
    small = halved(picture.grey(), COLUMNS)
    if small.shape != (rows, COLUMNS):
        small = np.asarray(
            cv2.resize(small, (COLUMNS, rows), interpolation=cv2.INTER_AREA), np.uint8
        )
    return np.asarray(cv2.blur(small, (3, 3)), np.uint8)


def halved(image: NDArray[np.uint8], columns: int) -> NDArray[np.uint8]:
    """`image` (rows, columns[, 3]) halved again and again, as long as it has `columns` then.

    Means of 2x2 are five times as quick as OpenCV's area mean over any other ratio (0.02 ms against
    0.10 from 640x360 to 160x90).
    """
    while image.shape[1] >= 2 * columns and image.shape[0] >= 4:
        rows, wide = image.shape[0] // 2, image.shape[1] // 2
        even = image[: rows * 2, : wide * 2]
        image = np.asarray(cv2.resize(even, (wide, rows), interpolation=cv2.INTER_AREA), np.uint8)
    return image


def step_ground(
    ground: Ground | None, seen: Coarse, tracks: Sequence[Track], at: datetime
) -> Ground:
    """One look. A picture of another size begins anew."""
    people = {track.id: track.box for track in tracks if track.confirmed}
    luma = seen.astype(np.float32)
    if ground is None or ground.seen.shape != seen.shape:
        nothing = np.zeros_like(seen)
        spread = np.full_like(luma, 2.0)
        return Ground(at, seen, luma, spread, _bound(spread), nothing, people)
    seconds = max(0.0, (at - ground.at).total_seconds())
    pace = min(1.0, seconds / SETTLES_S)
    nobody = _outside(seen, [track.box for track in tracks])
    change = np.minimum(cv2.absdiff(seen, ground.seen), 40).astype(np.float32)
    alike = nobody & ground.granted & (1 - _against_usual(ground, seen))
    spread = ground.spread + nobody * np.float32(pace) * (change - ground.spread)
    return replace(
        ground,
        at=at,
        seen=seen,
        usual=ground.usual + alike * np.float32(pace) * (luma - ground.usual),
        spread=spread,
        bound=_bound(spread),
        people=people,
        stood=_still_there(ground, seen, people, at),
    )


def judge(ground: Ground, judged: Judged) -> Ground:
    """Take in a close look. Where it found nobody and the picture has not changed since is ground;
    where it found somebody in what was held for ground is none any more."""
    if ground.seen.shape != judged.seen.shape:
        return ground
    nobody = _outside(judged.seen, [box.grown(_FIGURE) for box in judged.people])
    still = 1 - moved(judged.seen, ground.seen)
    takes = still & nobody & _outside(judged.seen, tuple(ground.people.values()))
    # Whoever only passed at that moment is unlike the ground, and leaves it as it was.
    alike = 1 - _against_usual(ground, judged.seen)
    stand = [box for box in judged.people if _patch(alike, box).mean() >= 1 - CLEAR]
    kept = ground.granted & _outside(judged.seen, [box.grown(_FIGURE) for box in stand])
    return replace(
        ground,
        usual=np.where(takes, judged.seen, ground.usual).astype(np.float32),
        granted=np.asarray(kept | takes, np.uint8),
        judged=judged,
    )


def doubtful(ground: Ground) -> int:
    """In how many cells something is that no close look has seen as it is now, and that nobody
    known explains."""
    if ground.judged is None or ground.judged.seen.shape != ground.seen.shape:
        return ground.seen.size
    nobody = _outside(ground.seen, [box.grown(_FIGURE) for box in ground.people.values()])
    unlike_ground = (1 - ground.granted) | _against_usual(ground, ground.seen)
    return int((nobody & unlike_ground & moved(ground.judged.seen, ground.seen)).sum())


def clears(ground: Ground, now: Coarse, box: Box) -> bool:
    """Whether nobody as large as `box` is in it: most of it looks as it did when a close look found
    nobody. What does not is hidden for that alone."""
    if ground.seen.shape != now.shape:
        return False
    clear = ground.granted & (1 - _against_usual(ground, now))
    return bool(_patch(clear, box).mean() >= CLEAR)


def unlike(ground: Ground, now: Coarse) -> Cells:
    """Where `now` is no ground, is unlike it, or unlike the picture of the last look. All of it
    when the pictures are not of one size."""
    if ground.seen.shape != now.shape:
        return np.ones_like(now)
    # Gaps need no closing: what is hidden around a cell covers them.
    return (1 - ground.granted) | _against_usual(ground, now) | _changed(ground.seen, now)


def moved(before: Coarse, now: Coarse) -> Cells:
    """Where two pictures of one size differ by more than noise; by as much as a person would."""
    return closed(_changed(before, now))


def closed(cells: Cells) -> Cells:
    """Without the gaps within a figure."""
    return np.asarray(cv2.morphologyEx(cells, cv2.MORPH_CLOSE, _UPRIGHT), np.uint8)


def _changed(before: Coarse, now: Coarse) -> Cells:
    change = np.asarray(cv2.absdiff(before, now), np.uint8)
    bound = MOVED_NOISE * (_quantile(change[_FEW], 0.7) + 0.5)
    return (change > min(max(bound, LEAST_MOVED), MOST_MOVED)).view(np.uint8)


def _against_usual(ground: Ground, now: Coarse) -> Cells:
    """Where `now` is unlike the ground, in the light of now."""
    usual = cv2.convertScaleAbs(ground.usual, alpha=_light(ground, now))
    return (np.asarray(cv2.absdiff(now, usual), np.uint8) > ground.bound).view(np.uint8)


def _light(ground: Ground, now: Coarse) -> float:
    """How many times lighter or darker than usual."""
    one = np.float32(1)
    return _quantile((now[_FEW] + one) / (ground.usual[_FEW] + one), 0.5)


def _quantile(values: NDArray[Any], share: float) -> float:
    """Of few values; `np.percentile` takes ten times as long."""
    flat = values.ravel()
    place = int(share * (flat.size - 1))
    return float(np.partition(flat, place)[place])


def _bound(spread: NDArray[np.float32]) -> Cells:
    return np.asarray(np.clip(SPREADS * spread, LEAST_UNLIKE, MOST_UNLIKE), np.uint8)


def _outside(picture: Coarse, boxes: Sequence[Box]) -> Cells:
    """1 where none of `boxes` is."""
    outside = np.ones_like(picture)
    for box in boxes:
        _patch(outside, box)[:] = 0
    return outside


def _still_there(
    ground: Ground, seen: Coarse, people: dict[TrackId, Box], at: datetime
) -> tuple[Stood, ...]:
    kept = [
        one
        for one in (_looked_at(stood, seen, at) for stood in ground.stood)
        if not _has_left(one, at)
    ]
    kept += [
        Stood(box, at, _patch(ground.seen, box).copy())
        for track, box in ground.people.items()
        if track not in people and not at_edge(box)
    ]
    return tuple(kept[-STOOD_MOST:])


def _looked_at(stood: Stood, seen: Coarse, at: datetime) -> Stood:
    patch = _patch(seen, stood.box)
    otherwise = bool((cv2.absdiff(patch, stood.looked) > LEFT_LUMA).mean() > LEFT_SHARE)
    if not otherwise:
        return stood if stood.otherwise_since is None else replace(stood, otherwise_since=None)
    return stood if stood.otherwise_since is not None else replace(stood, otherwise_since=at)


def _has_left(stood: Stood, at: datetime) -> bool:
    if at - stood.since < STOOD_LEAST:
        return False
    since = stood.otherwise_since
    return at - stood.since > STOOD or (since is not None and at - since >= LEFT_AFTER)


def _patch(picture: Coarse, box: Box) -> Coarse:
    """At least a cell of `picture`."""
    rows, columns = picture.shape
    left = min(columns - 1, max(0, int(box.left * columns)))
    top = min(rows - 1, max(0, int(box.top * rows)))
    right = max(left + 1, min(columns, round(box.right * columns)))
    bottom = max(top + 1, min(rows, round(box.bottom * rows)))
    return picture[top:bottom, left:right]


def at_edge(box: Box, margin: float = EDGE) -> bool:
    return (
        box.left <= margin
        or box.top <= margin
        or box.right >= 1 - margin
        or box.bottom >= 1 - margin
    )
