"""What the record says was not watched, held against what was done to a camera's line. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from record.watching import Unwatched
from tests.faults.line import Entry
from tests.faults.plan import HARD, Kind
from wardwatch.health import CORRECTED_AFTER

ENDS = timedelta(seconds=0.5)
"""How far the true ends may lie from the proxy's: pictures come every 100 ms, and on a busy machine
later. Where a picture was late or lost before the line broke, the record begins with it."""
NOTICED_WITHIN = timedelta(seconds=2.5)


def must_show(entry: Entry) -> bool:
    """Whether a camera cannot live through that trouble."""
    if entry.trouble.kind is Kind.STALL:
        return entry.ended - entry.began > NOTICED_WITHIN + ENDS
    return entry.trouble.kind in HARD


def complaints(
    unwatched: Sequence[Unwatched],
    told: Sequence[datetime],
    log: Sequence[Entry],
    back_within: timedelta,
    slack: timedelta,
) -> list[str]:
    """What does not hold of one camera: each trouble that ends every connection is one interval,
    begun when the line broke and ended when the camera was back; no interval is without a trouble;
    none goes on; and of each there is one `camera.offline` in the log but for few corrections.

    `unwatched` in order; `told`: since when the camera was away, of each such event; `log` in
    order, each over before the next."""
    left, wrong = list(unwatched), told_too_often(unwatched, told)
    for at, entry in enumerate(log):
        until = log[at + 1].began - ENDS if at + 1 < len(log) else entry.ended + timedelta(hours=1)
        own = [one for one in left if entry.began - ENDS - slack <= one.began_at < until]
        left = [one for one in left if one not in own]
        what = (
            f"{entry.line}, {entry.trouble.kind}, {entry.began:%H:%M:%S.%f} to {entry.ended:%S.%f}"
        )
        if must_show(entry) and len(own) != 1:
            wrong.append(f"{what}: {len(own)} intervals: {own}")
        elif must_show(entry) and own[0].began_at > entry.began + ENDS + slack:
            wrong.append(f"{what}: begins {own[0].began_at:%H:%M:%S.%f}")
        latest = entry.ended + back_within + slack
        wrong += [
            f"{what}: ends {one.ended_at}"
            for one in own
            if one.ended_at is None or not entry.began < one.ended_at <= latest
        ]
    return wrong + [f"not watched, without a trouble: {one}" for one in left]


def told_too_often(unwatched: Sequence[Unwatched], told: Sequence[datetime]) -> list[str]:
    """An outage is one event. Each correction of its reason takes twice as long as the last."""
    left, wrong = list(told), []
    for one in unwatched:
        own = [since for since in left if since == one.began_at]
        left = [since for since in left if since != one.began_at]
        if one.ended_at is None:
            continue
        corrections = int(math.log2((one.ended_at - one.began_at) / CORRECTED_AFTER + 1))
        if len(own) > 1 + corrections:
            wrong.append(f"{len(own)} events of one outage: {one}")
    return wrong + [f"said to be offline, without an outage: {since}" for since in left]
