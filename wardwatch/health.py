"""What is said of a camera: a state machine with hysteresis between what is measured and the log.

`step_health(state, seen) -> (state, said)`, about once a second and whenever a connection changes.
Pure: no clock, no thread. What is said (`said`) is to be recorded; everything else waits.

- *online* only after pictures have come for `SHOWN`; *offline* at once, but from the last good
  picture on, and over from the first good one: an outage is said with its true ends. It is said
  once, with the reason that it began with, whatever is tried meanwhile; another reason is a
  correction, and only when it alone has stood for `CORRECTED_AFTER`, then twice that, and so on.
- *degraded* with one reason, the worst; measured ones only when they have lasted (`ENTER`), and no
  longer only when they have been good for `LEAVE`.
- A camera that flaps is held: from the `MOST_OUTAGES`th outage within `WINDOW` on it is said to be
  degraded, `unstable`, once. Its outages are then kept as gaps and handed over together, at most
  once in `GAPS_EVERY`, until it has been steady for `STEADY`. One that lasts longer than
  `OUTLASTS` is an outage like any other, but for those of one that was said within `GAPS_EVERY`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from record.cameras import CameraReason, CameraState
from record.watching import Unwatched

SHOWN = timedelta(seconds=0.5)
"""Pictures must have come for so long before a camera is there: some send one and hang up."""
MOST_OUTAGES = 4
WINDOW = timedelta(minutes=10)
STEADY = timedelta(minutes=2)
GAPS_EVERY = timedelta(minutes=1)
OUTLASTS = timedelta(seconds=5)
"""Longer than a dialling that succeeds: by then the camera does not flap, it is gone."""
MOST_GAPS = 64
"""Kept of one camera; beyond that neighbours are joined: what was not watched is never lost, what
was watched in between may be."""
CORRECTED_AFTER = timedelta(seconds=30)
"""Longer than a camera needs to start, and not more often than once a minute even where reasons
take turns: the wait doubles with each correction of an outage, so that a week holds fifteen."""
ENTER = timedelta(seconds=10)
LEAVE = timedelta(seconds=20)

WORST_FIRST = (
    CameraReason.FROZEN,
    CameraReason.COVERED,
    CameraReason.BLINDED,
    CameraReason.MOVED,
    CameraReason.DEFOCUSED,
    CameraReason.DARK,
    CameraReason.NO_DETECTOR,
    CameraReason.EVIDENCE_FULL,
    CameraReason.CORRUPT,
    CameraReason.LOW_FRAME_RATE,
    CameraReason.CLOCK_SKEWED,
)
MEASURED = frozenset({CameraReason.CORRUPT, CameraReason.LOW_FRAME_RATE, CameraReason.CLOCK_SKEWED})
"""Those that swing around a threshold; the others have a dwell of their own."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a camera at one moment."""

    at: datetime
    link: CameraState
    """Of the connection: connecting, online, offline or disabled."""
    link_reason: CameraReason | None = None
    first_at: datetime | None = None
    """When the first picture of this connection was there."""
    last_at: datetime | None = None
    """When the last picture was there, of this connection or of one before."""
    troubles: Mapping[CameraReason, datetime] = field(default_factory=dict)
    """What is the matter with the picture, and since when."""


@dataclass(frozen=True, slots=True)
class Saying:
    """To be recorded: a state, or the gaps of a camera that is held, or both."""

    state: CameraState | None = None
    reason: CameraReason | None = None
    since: datetime | None = None
    gaps: tuple[Unwatched, ...] = ()


@dataclass(frozen=True, slots=True)
class HealthState:
    """Of fixed size but for `gaps` (`MOST_GAPS`) and `outages` (`MOST_OUTAGES`)."""

    state: CameraState = CameraState.CONNECTING
    reason: CameraReason | None = None
    since: datetime | None = None
    away_since: datetime | None = None
    """The connection is lost since this last good picture."""
    away_reason: CameraReason | None = None
    """The newest; `reason` is what was said."""
    away_reason_since: datetime | None = None
    corrections: int = 0
    """How often another reason was said of this outage."""
    outages: tuple[datetime, ...] = ()
    """When the last few began."""
    held: bool = False
    outlasted_at: datetime | None = None
    """When an outage was said last of the camera while it was held."""
    gaps: tuple[Unwatched, ...] = ()
    gaps_at: datetime | None = None
    """When gaps were handed over last."""
    entered: Mapping[CameraReason, datetime] = field(default_factory=dict)
    """Measured troubles that count, or are about to, since when."""
    left: Mapping[CameraReason, datetime] = field(default_factory=dict)
    """Since when one that counts has been good."""


Step = tuple[HealthState, Saying | None]


def step_health(state: HealthState, seen: Seen) -> Step:
    if seen.link is CameraState.DISABLED:
        gaps = last_words(state, seen.at)
        return HealthState(CameraState.DISABLED), Saying(gaps=gaps) if gaps else None
    shown = _shown(seen)
    if shown:
        return _settle(_return(state, seen), seen)
    if seen.link is CameraState.OFFLINE or (
        state.away_since is None
        and state.state in (CameraState.ONLINE, CameraState.DEGRADED)
        and seen.link is CameraState.CONNECTING
    ):
        return _settle(_leave(state, seen), seen)
    return state, None


def unsaid(state: HealthState) -> tuple[Unwatched, ...]:
    """What was not watched and is still to be said: the gaps that were kept, and the one that goes
    on (its end is None) without having been said."""
    away = state.away_since
    if not state.held or away is None or state.state is CameraState.OFFLINE:
        return state.gaps
    return (*state.gaps, Unwatched(away, None, (state.away_reason or CameraReason.ENDED).value))


def last_words(state: HealthState, at: datetime) -> tuple[Unwatched, ...]:
    """The same of a camera that is followed no longer from `at` on."""
    ended = (replace(gap, ended_at=gap.ended_at or at) for gap in unsaid(state))
    return _kept(tuple(gap for gap in ended if gap.ended_at is None or gap.began_at < gap.ended_at))


def _shown(seen: Seen) -> bool:
    return (
        seen.link is CameraState.ONLINE
        and seen.first_at is not None
        and seen.last_at is not None
        and seen.last_at - seen.first_at >= SHOWN
    )


def _leave(state: HealthState, seen: Seen) -> HealthState:
    """The connection is lost, or still is."""
    if state.away_since is not None:
        if seen.link_reason in (None, state.away_reason):
            return state
        return replace(state, away_reason=seen.link_reason, away_reason_since=seen.at)
    since = seen.last_at or seen.at
    if state.since is not None:
        since = max(since, state.since) if state.state is CameraState.ONLINE else since
    recent = tuple(one for one in (*state.outages, since) if seen.at - one <= WINDOW)
    recent = recent[-MOST_OUTAGES:]
    return replace(
        state,
        away_since=since,
        away_reason=seen.link_reason,
        away_reason_since=seen.at,
        corrections=0,
        outages=recent,
        held=state.held or len(recent) >= MOST_OUTAGES,
        entered={},
        left={},
    )


def _return(state: HealthState, seen: Seen) -> HealthState:
    """Pictures come; what was away while held is a gap."""
    began, ended = state.away_since, seen.first_at
    if began is None or ended is None:
        return state
    back = replace(state, away_since=None, away_reason=None, away_reason_since=None)
    if state.held and state.state is not CameraState.OFFLINE and ended > began:
        gap = Unwatched(began, ended, (state.away_reason or CameraReason.ENDED).value)
        back = replace(back, gaps=_kept((*state.gaps, gap)))
    return back


def _settle(state: HealthState, seen: Seen) -> Step:
    """What follows from where the camera is now, if anything new is to be said."""
    state = _measure(state, seen)
    if state.held and _steady(state, seen.at):
        state = replace(state, held=False, outages=())
    wanted, reason, since = _wanted(state, seen)
    changed = (wanted, reason) != (state.state, state.reason)
    gaps = state.gaps if _due(state, seen.at) else ()
    if gaps:
        state = replace(state, gaps=(), gaps_at=seen.at)
    if not changed:
        return state, Saying(gaps=gaps) if gaps else None
    if state.held and state.gaps_at is None:
        state = replace(state, gaps_at=seen.at)
    if wanted is state.state is CameraState.OFFLINE:
        state = replace(state, corrections=state.corrections + 1)
    elif state.held and wanted is CameraState.OFFLINE:
        state = replace(state, outlasted_at=seen.at)
    state = replace(state, state=wanted, reason=reason, since=since)
    return state, Saying(wanted, reason, since, gaps)


def _wanted(state: HealthState, seen: Seen) -> tuple[CameraState, CameraReason | None, datetime]:
    away = state.away_since
    if away is not None and _is_outage(state, away, seen.at):
        return CameraState.OFFLINE, _reason_of_outage(state, seen.at), away
    if away is None:
        troubles = {
            reason: since for reason, since in seen.troubles.items() if reason not in MEASURED
        } | {reason: since for reason, since in state.entered.items() if seen.at - since >= ENTER}
        for reason in WORST_FIRST:
            if reason in troubles:
                begun = troubles[reason]
                if state.outages or state.state is CameraState.OFFLINE:
                    # Not from before this connection: that would take back the outage before it.
                    begun = max(begun, _back(seen))
                return CameraState.DEGRADED, reason, begun
    if state.held:
        since = state.since if state.reason is CameraReason.UNSTABLE else None
        return CameraState.DEGRADED, CameraReason.UNSTABLE, since or away or _back(seen)
    return CameraState.ONLINE, None, _online_since(state, seen)


def _is_outage(state: HealthState, away: datetime, at: datetime) -> bool:
    """To be said, and not only kept as a gap."""
    if not state.held or state.state is CameraState.OFFLINE:
        return True
    told_lately = state.outlasted_at is not None and at - state.outlasted_at < GAPS_EVERY
    return at - away >= OUTLASTS and not told_lately


def _reason_of_outage(state: HealthState, at: datetime) -> CameraReason | None:
    """What was said, until another reason has stood for long enough."""
    if state.state is not CameraState.OFFLINE or state.away_reason_since is None:
        return state.away_reason
    # The exponent is bounded: a camera may be away for years.
    patience = CORRECTED_AFTER * 2 ** min(state.corrections, 20)
    stands = at - state.away_reason_since >= patience
    return state.away_reason if stands else state.reason


def _online_since(state: HealthState, seen: Seen) -> datetime:
    """From the first good picture after an outage; from now on after anything else."""
    if state.state is CameraState.ONLINE and state.since is not None:
        return state.since
    if state.state in (CameraState.OFFLINE, CameraState.CONNECTING):
        return _back(seen)
    return seen.at


def _back(seen: Seen) -> datetime:
    return seen.first_at or seen.at


def _measure(state: HealthState, seen: Seen) -> HealthState:
    """Hysteresis of what swings around a threshold."""
    entered, left = dict(state.entered), dict(state.left)
    for reason in MEASURED:
        if reason in seen.troubles:
            entered.setdefault(reason, seen.troubles[reason])
            left.pop(reason, None)
        elif reason in entered:
            good_since = left.setdefault(reason, seen.at)
            counted = good_since - entered[reason] >= ENTER
            if not counted or seen.at - good_since >= LEAVE:
                del entered[reason], left[reason]
    return replace(state, entered=entered, left=left)


def _steady(state: HealthState, at: datetime) -> bool:
    last = state.outages[-1] if state.outages else None
    gap = state.gaps[-1].ended_at if state.gaps else last
    calm_since = max(one for one in (last, gap) if one is not None) if last else None
    return state.away_since is None and (calm_since is None or at - calm_since >= STEADY)


def _due(state: HealthState, at: datetime) -> bool:
    if not state.gaps:
        return False
    return not state.held or state.gaps_at is None or at - state.gaps_at >= GAPS_EVERY


def _kept(gaps: tuple[Unwatched, ...]) -> tuple[Unwatched, ...]:
    if len(gaps) <= MOST_GAPS:
        return gaps
    first, second, *rest = gaps
    return (Unwatched(first.began_at, second.ended_at, first.reason), *rest)
