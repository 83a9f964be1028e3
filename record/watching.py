"""When a camera was not watched: what the record answers, and the arithmetic over it. Pure.

Not watched is a camera that gives no picture, whose picture shows nothing (covered, black, blinded,
out of focus, frozen) or not what its lines were drawn for (moved), that nothing looks at, that is
switched off, or has not been there yet since it was added.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from record.cameras import CameraReason, CameraState
from record.ids import CameraId
from record.occupancy import OccupancyMinute

NOT_YET = "connecting"
"""The reason before a camera has been there for the first time."""
SWITCHED_OFF = "disabled"

BLIND = frozenset(
    {
        CameraReason.COVERED,
        CameraReason.BLINDED,
        CameraReason.DEFOCUSED,
        CameraReason.MOVED,
        CameraReason.FROZEN,
        CameraReason.DARK,
        CameraReason.NO_DETECTOR,
    }
)
"""Degraded for one of these, a camera is not watched; for any other it is, if worse than usual."""


@dataclass(frozen=True, slots=True)
class Unwatched:
    """An interval [began_at, ended_at); `ended_at` None: it goes on."""

    began_at: datetime
    ended_at: datetime | None
    reason: str
    """A `CameraReason`, `NOT_YET` or `SWITCHED_OFF`."""


@dataclass(frozen=True, slots=True)
class CameraWatching:
    """What was not watched of one camera within a span, and how much of it was."""

    camera: CameraId
    name: str
    intervals: tuple[Unwatched, ...]
    share: float | None
    """Of the span that was watched, 0..1; None: the span is empty."""


def unwatched_reason(state: CameraState, reason: CameraReason | None) -> str | None:
    """Why a camera in this state is not watched; None: it is."""
    if state is CameraState.OFFLINE:
        return (reason or CameraReason.ENDED).value
    if state is CameraState.DEGRADED and reason in BLIND:
        return reason.value
    return None


def within(intervals: Iterable[Unwatched], since: datetime, until: datetime) -> list[Unwatched]:
    """Cut to [since, until), in order; overlaps are given to the earlier, what goes on for the same
    reason is joined, and `until` is no end: what goes on there stays open."""
    kept: list[Unwatched] = []
    free_from = since
    for one in sorted(intervals, key=lambda each: each.began_at):
        began_at = max(one.began_at, free_from)
        open_end = one.ended_at is None or one.ended_at > until
        ended_at = until if open_end or one.ended_at is None else one.ended_at
        if began_at >= ended_at:
            continue
        ends = None if open_end else ended_at
        if kept and kept[-1].ended_at == began_at and kept[-1].reason == one.reason:
            kept[-1] = replace(kept[-1], ended_at=ends)
        else:
            kept.append(replace(one, began_at=began_at, ended_at=ends))
        free_from = ended_at
    return kept


def watched_only(
    series: Iterable[OccupancyMinute],
    step: timedelta,
    until: datetime,
    unwatched: Sequence[Unwatched],
) -> Iterator[OccupancyMinute]:
    """`series`, in steps of whole minutes up to `until`, with unknown counts where a minute ended
    unwatched: who was there then, nobody saw. A shorter break is none: people were counted again
    before the minute was over. `unwatched` as `within` gives it."""
    for one in series:
        end = min(one.minute + step, until)
        missed = any(_ends_a_minute(gap, one.minute, end) for gap in unwatched)
        yield replace(one, counts=None) if missed else one


def _ends_a_minute(gap: Unwatched, begin: datetime, end: datetime) -> bool:
    """Whether a minute of [begin, end) ends in the gap."""
    last = end
    if gap.ended_at is not None and gap.ended_at < end:
        last = gap.ended_at.replace(second=0, microsecond=0)
    return last > max(begin, gap.began_at)


def watched_share(intervals: Sequence[Unwatched], since: datetime, until: datetime) -> float | None:
    """Of [since, until); `intervals` as `within` gives them."""
    if until <= since:
        return None
    lost = sum((((one.ended_at or until) - one.began_at) for one in intervals), start=timedelta())
    return 1 - lost / (until - since)
