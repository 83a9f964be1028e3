"""What the record says of a camera's absences, held against what was done to its line. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from record.cameras import CameraReason, CameraState
from tests.faults.line import Entry
from tests.faults.plan import HARD, Kind
from tests.faults.rig import Change

NOTICED_WITHIN = timedelta(seconds=2.5)
BEFORE = timedelta(seconds=0.2)
"""The proxy's clock is read a moment after the line is cut."""


@dataclass(frozen=True, slots=True)
class Outage:
    began: datetime
    ended: datetime | None
    reasons: tuple[CameraReason | None, ...]


def outages(changes: Sequence[Change]) -> list[Outage]:
    """Of one camera, from all that was recorded of it, in order."""
    found: list[Outage] = []
    for change in changes:
        going_on = bool(found) and found[-1].ended is None
        if change.state is CameraState.OFFLINE and going_on:
            last = found.pop()
            assert change.since == last.began, "one outage has two beginnings"
            found.append(Outage(last.began, None, (*last.reasons, change.reason)))
        elif change.state is CameraState.OFFLINE:
            found.append(Outage(change.since, None, (change.reason,)))
        elif going_on:
            last = found.pop()
            assert change.since >= last.began
            found.append(Outage(last.began, change.since, last.reasons))
    return found


def must_show(entry: Entry) -> bool:
    """Whether a camera cannot live through that trouble."""
    if entry.trouble.kind is Kind.STALL:
        return entry.ended - entry.began > NOTICED_WITHIN + timedelta(seconds=0.5)
    return entry.trouble.kind in HARD


def complaints(
    changes: Sequence[Change], log: Sequence[Entry], back_within: timedelta, slack: timedelta
) -> list[str]:
    """What does not hold of one camera's record: each trouble that ends every connection is one
    outage, begun and ended when it was; no outage is without a trouble; and none goes on."""
    found, wrong = outages(changes), []
    for at, entry in enumerate(log):
        until = log[at + 1].began if at + 1 < len(log) else entry.ended + timedelta(hours=1)
        its_own = [one for one in found if entry.began - BEFORE <= one.began < until - BEFORE]
        found = [one for one in found if one not in its_own]
        what = f"{entry.line}, {entry.trouble.kind} at {entry.began:%H:%M:%S.%f}"
        if must_show(entry):
            if len(its_own) != 1:
                wrong.append(f"{what}: {len(its_own)} outages")
            elif its_own[0].began > entry.began + NOTICED_WITHIN + slack:
                wrong.append(f"{what}: noticed at {its_own[0].began:%H:%M:%S.%f}")
        latest = entry.ended + back_within + slack
        wrong += [
            f"{what}, over at {entry.ended:%H:%M:%S.%f}: back at {one.ended}"
            for one in its_own
            if one.ended is None or one.ended > latest
        ]
    wrong += [f"an outage without a trouble: {one}" for one in found]
    return wrong
