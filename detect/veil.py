"""Where somebody is or may be, carried from look to look: what `unreadable` has to hide. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from detect.geometry import Box
from detect.ground import EDGE, at_edge
from detect.tracks import Track
from record.ids import TrackId

RECENT = timedelta(seconds=1.0)
"""How long every detection stays hidden, sure or not: a detector blinks."""
REMEMBERED = timedelta(seconds=30)
"""How long the place stays hidden where a track was lost in mid-picture: somebody who stands so
still that neither detector nor movement shows them is still there."""
GROWN_X, GROWN_Y = 0.2, 0.12
"""Shares of its width and height by which a box is hidden further on every side: the detector's
boxes end at the trunk, arms and feet stick out."""
SWING = 0.08
"""And to either side so much of its height: the legs of somebody who walks."""
STRIDE = 0.5
"""Heights a second that somebody of unknown speed may have gone to either side since the look
(walking, 1.4 m/s, is 0.8; the box is grown besides)."""
RISING = 2.5
"""Widths a second by which somebody who is cut off by the upper or lower edge, close to the camera,
may have come further into the picture."""
MOST_RISING = 0.5
"""Of the picture's height."""
PACE_OVER = timedelta(seconds=0.65)
"""A track's speed is taken over so much of its trail."""

Room = tuple[float, float, float, float]
"""Left, top, right, bottom, as a `Box` has them. Plain, since there are many in every picture."""

_CELL = 1 / 160
_RECENT_MOST = 256
_REMEMBERED_MOST = 32


@dataclass(frozen=True, slots=True)
class Veil:
    """Bounded by time and number."""

    boxes: tuple[Box, ...] = ()
    """What is to be hidden now."""
    last: Mapping[TrackId, Box] = field(default_factory=dict)
    """Confirmed tracks of the last look."""
    recent: tuple[tuple[datetime, Box], ...] = ()
    """Detections of the looks before."""
    remembered: tuple[tuple[datetime, Box], ...] = ()
    """Lost in mid-picture: until when, where."""


def step_veil(veil: Veil, tracks: Sequence[Track], detections: Sequence[Box], at: datetime) -> Veil:
    """One look: all detections, sure or not, all tracks, and those lost lately."""
    living = {track.id: track.box for track in tracks if track.confirmed}
    remembered = [(until, box) for until, box in veil.remembered if at < until]
    remembered += [
        (at + REMEMBERED, box)
        for track, box in veil.last.items()
        if track not in living and not at_edge(box)
    ]
    remembered = remembered[-_REMEMBERED_MOST:]
    recent = [(seen, box) for seen, box in veil.recent if at - seen <= RECENT][-_RECENT_MOST:]
    boxes = (
        *detections,
        *(track.box for track in tracks),
        *(box for _, box in recent if not _within_any(box, detections)),
        *(box for _, box in remembered if not _within_any(box, detections)),
    )
    recent += [(at, box) for box in detections]
    return Veil(boxes, living, tuple(recent), tuple(remembered))


def _within_any(box: Box, others: Sequence[Box]) -> bool:
    """Whether one of `others` hides `box` as well, to a cell of the grid that is drawn on."""
    return any(
        other.left <= box.left + _CELL
        and other.top <= box.top + _CELL
        and other.right >= box.right - _CELL
        and other.bottom >= box.bottom - _CELL
        for other in others
    )


def room_for(box: Box, age_s: float, aspect: float) -> Room:
    """Where `box` is hidden `age_s` after the look that found it; `aspect`: height / width of the
    frame."""
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    width, height = right - left, bottom - top
    stride = STRIDE * age_s * height
    x = GROWN_X * width + (SWING * height + stride) * aspect
    y = GROWN_Y * height + 0.3 * stride
    if bottom >= 1 - EDGE or top <= EDGE:
        rising = min(MOST_RISING, RISING * age_s * width / aspect)
        x += 0.5 * rising * aspect
        y += rising
    return left - x, top - y, right + x, bottom + y


def gone_on(track: Track, age_s: float) -> Box:
    """From where `track` was to where it should be `age_s` later, all in one box."""
    newest = track.trail[-1]
    oldest = next(step for step in track.trail if newest.at - step.at <= PACE_OVER)
    seconds = (newest.at - oldest.at).total_seconds()
    box = track.box
    if seconds <= 0:
        return box
    x = (newest.point.x - oldest.point.x) / seconds * age_s
    y = (newest.point.y - oldest.point.y) / seconds * age_s
    return Box(
        box.left + min(0.0, x),
        box.top + min(0.0, y),
        box.right + max(0.0, x),
        box.bottom + max(0.0, y),
    )
