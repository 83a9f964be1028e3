"""Who crossed a line, when, and which way. Pure.

A passage is counted when a foot point moves from beyond the margin on one side to beyond the
margin on the other, through the segment itself. Whatever happens within the margin, jitter above
all, counts nothing; so does walking around the line's end. Whoever turns back and really walks
through again is counted again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from detect.geometry import crossing_share, distance, outward_offset
from detect.tracks import Track
from record.cameras import Line
from record.ids import TrackId
from record.sightings import Crossing, Direction, Footstep

DEFAULT_MARGIN = 0.01
"""Fraction of the frame's width on either side of a line (design, "Line")."""
HANDED_ON_WITHIN = timedelta(seconds=1)
"""A track born this soon after another was lost in the margin may take over its side (design)."""
_KEPT = 2 * HANDED_ON_WITHIN
"""An heir is only known once it is confirmed, which is later than its birth."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Where one track stands to one line: all that is kept of its path."""

    last: Footstep
    beyond: Direction | None
    """The side on which it was last beyond the margin; None: it was born within it."""
    through: int = 0
    """Times it went through the segment outward less times inward, since it was last beyond."""
    through_at: datetime | None = None
    """When it last went through."""
    box_width: float = 0.0


@dataclass(frozen=True, slots=True)
class LineState:
    """What is known of one line between two looks; one entry a track that still lives."""

    passages: Mapping[TrackId, Passage] = field(default_factory=dict)
    lost: tuple[Passage, ...] = ()
    """Lost within the margin not long ago, waiting for an heir."""


def step_line(
    passage: Passage | None, line: Line, step: Footstep, aspect: float
) -> tuple[Passage, tuple[Direction, datetime] | None]:
    """One foot point of one track: the new passage, and which way it crossed and when, if it did.

    `aspect` is the frame's height / width.
    """
    offset = outward_offset(line.a, line.b, step.point, aspect)
    margin = DEFAULT_MARGIN if line.margin is None else line.margin
    side: Direction | None = None
    if abs(offset) > margin:
        side = Direction.OUTWARD if offset > 0 else Direction.INWARD
    if passage is None:
        return Passage(step, side), None
    passage = _go_through(passage, line, step, aspect)
    if side is None:
        return passage, None
    crossed = None
    net = passage.through if side is Direction.OUTWARD else -passage.through
    if passage.beyond not in (None, side) and net > 0 and passage.through_at is not None:
        crossed = side, passage.through_at
    return replace(passage, beyond=side, through=0, through_at=None), crossed


def _go_through(passage: Passage, line: Line, step: Footstep, aspect: float) -> Passage:
    last = passage.last
    share = crossing_share(line.a, line.b, last.point, step.point, aspect)
    if share is None:
        return replace(passage, last=step)
    outward = outward_offset(line.a, line.b, step.point, aspect) >= 0
    return replace(
        passage,
        last=step,
        through=passage.through + (1 if outward else -1),
        through_at=last.at + (step.at - last.at) * share,
    )


def step_tracks(
    state: LineState, line: Line, tracks: Sequence[Track], at: datetime, aspect: float
) -> tuple[LineState, tuple[Crossing, ...]]:
    """One look: all tracks of a camera against one line.

    `tracks` are those that live, seen in this look or held through a loss; one that is not among
    them any more is forgotten here soon after.
    """
    confirmed = [track for track in tracks if track.confirmed]
    seen = {track.id for track in confirmed if track.seen}
    passages = dict(state.passages)
    lost = [passage for passage in state.lost if at - passage.last.at <= _KEPT]
    gone = passages.keys() - {track.id for track in confirmed}
    lost.extend(passages.pop(track) for track in gone)
    crossings = []
    for track in confirmed:
        if not track.seen:
            continue
        passage = passages.get(track.id)
        steps: Sequence[Footstep] = track.trail[-1:]
        if track.newly:
            steps = track.trail
            passage = _inherit(passages, lost, seen, line, track, aspect)
        for step in steps:
            passage, crossed = step_line(passage, line, step, aspect)
            if crossed is not None:
                crossings.append(_crossing(line, track, *crossed, at))
        if passage is not None:
            passages[track.id] = replace(passage, box_width=track.box.width)
    return LineState(passages, tuple(lost)), tuple(crossings)


def _inherit(
    passages: dict[TrackId, Passage],
    lost: list[Passage],
    seen: set[TrackId],
    line: Line,
    heir: Track,
    aspect: float,
) -> Passage | None:
    """Take the passage of the nearest track lost within the margin, if one fits; it is used up."""
    margin = DEFAULT_MARGIN if line.margin is None else line.margin
    birth = heir.trail[0]

    def fits(passage: Passage) -> bool:
        gap = birth.at - passage.last.at
        offset = outward_offset(line.a, line.b, passage.last.point, aspect)
        return (
            timedelta(0) < gap <= HANDED_ON_WITHIN
            and abs(offset) <= margin
            and distance(passage.last.point, birth.point, aspect) <= passage.box_width
        )

    held = {key: passage for key, passage in passages.items() if key not in seen and fits(passage)}
    gone = [passage for passage in lost if fits(passage)]
    candidates = [*held.values(), *gone]
    if not candidates:
        return None
    nearest = min(candidates, key=lambda one: distance(one.last.point, birth.point, aspect))
    if nearest in gone:
        lost.remove(nearest)
    else:
        del passages[next(key for key, passage in held.items() if passage is nearest)]
    return nearest


def _crossing(
    line: Line, track: Track, direction: Direction, at: datetime, decided_at: datetime
) -> Crossing:
    return Crossing(
        line=line.id,
        direction=direction,
        track=track.id,
        at=at,
        decided_at=decided_at,
        path=track.trail,
        confidence=track.confidence,
    )
