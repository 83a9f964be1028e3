"""Who is in an area, since when, and when they left. Pure.

A person is *in* after half a second inside and *out* after a second outside, so that jitter on
the border and a foot hidden for a moment change nothing. The times that come out leave this
hysteresis out: they say when the foot point went in and out, not when that was decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from detect.geometry import contains
from detect.tracks import Track
from record.cameras import Area
from record.ids import TrackId
from record.sightings import Footstep

IN_AFTER = timedelta(seconds=0.5)
"""Inside for so long without a break: in (design, "Area")."""
HEIR_WITHIN = timedelta(seconds=1)
"""A track born this soon after another was lost, and beside it, is the same person."""
OUT_AFTER = timedelta(seconds=1)
"""Outside for so long without a break: out (design, "Area")."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Where one track stands to one area."""

    entered_at: datetime | None = None
    """Inside since then; None: outside."""
    outside_since: datetime | None = None
    """For one who is in: outside since then, but not for long enough to be out."""
    member: bool = False
    """In: `entered_at` is long enough ago."""


@dataclass(frozen=True, slots=True)
class Member:
    """One who is in an area."""

    track: Track
    entered_at: datetime
    outside_since: datetime | None
    """Not inside since then (walked out, or not found any more), which may yet turn out short."""

    def inside_at(self, moment: datetime) -> bool:
        return self.entered_at <= moment and (
            self.outside_since is None or moment < self.outside_since
        )


@dataclass(frozen=True, slots=True)
class AreaState:
    """What is known of one area between two looks; one entry a track that still lives."""

    visits: Mapping[TrackId, Visit] = field(default_factory=dict)
    last_seen: Mapping[TrackId, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AreaSight:
    """One look at one area."""

    members: tuple[Member, ...] = ()
    left: tuple[datetime, ...] = ()
    """When those went out of whom this look decided that they are out; oldest first."""


def step_visit(visit: Visit, area: Area, step: Footstep) -> tuple[Visit, datetime | None]:
    """One foot point of one track: the new visit, and when it left if that is decided now."""
    if contains(area.polygon, step.point):
        entered_at = visit.entered_at or step.at
        member = visit.member or step.at - entered_at >= IN_AFTER
        return Visit(entered_at, None, member), None
    if not visit.member:
        return Visit(), None
    since = visit.outside_since or step.at
    if step.at - since >= OUT_AFTER:
        return Visit(), since
    return replace(visit, outside_since=since), None


def step_area(state: AreaState, area: Area, tracks: Sequence[Track]) -> tuple[AreaState, AreaSight]:
    """One look: all tracks of a camera against one area.

    A track held through a loss stays in; when it is given up, it left when it was last seen.
    """
    confirmed = [track for track in tracks if track.confirmed]
    visits: dict[TrackId, Visit] = {}
    left: list[datetime] = []
    for track in confirmed:
        visit = state.visits.get(track.id, Visit())
        steps = track.trail if track.newly else track.trail[-1:]
        for step in steps if track.seen else ():
            visit, out_at = step_visit(visit, area, step)
            if out_at is not None:
                left.append(out_at)
        visits[track.id] = visit
    for gone in state.visits.keys() - visits.keys():
        visit = state.visits[gone]
        if visit.member:
            left.append(visit.outside_since or state.last_seen[gone])
    members = tuple(
        Member(track, visit.entered_at, _outside_since(track, visit, confirmed))
        for track in confirmed
        if (visit := visits[track.id]).member and visit.entered_at is not None
    )
    last_seen = {track.id: track.seen_at for track in confirmed}
    return AreaState(visits, last_seen), AreaSight(members, tuple(sorted(left)))


def _outside_since(track: Track, visit: Visit, others: Sequence[Track]) -> datetime | None:
    if visit.outside_since is None and not track.seen and _has_heir(track, others):
        return track.seen_at
    return visit.outside_since


def _has_heir(lost: Track, others: Sequence[Track]) -> bool:
    """Whether a track was born where this one was lost: one person, not two, until it is given
    up. As a line hands its side on: within a second and a box's width."""
    return any(
        timedelta(0) < other.born_at - lost.seen_at <= HEIR_WITHIN
        and abs(other.trail[0].point.x - lost.foot.x) <= lost.box.width
        for other in others
    )
