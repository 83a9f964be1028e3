"""Occupancy as the record keeps it: one value per camera, area and minute, only when it changed.

A minute that is missing is *unchanged*: it holds the last count of the one before. *Unknown* is
not unchanged: it stands in the record as counts of None.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from record.ids import AreaId, CameraId

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Counts:
    """People during one minute; `last` at its end."""

    least: int
    most: int
    last: int

    def __post_init__(self) -> None:
        if not 0 <= self.least <= self.last <= self.most:
            raise ValueError(f"least {self.least}, last {self.last}, most {self.most}")

    @classmethod
    def steady(cls, persons: int) -> "Counts":
        return cls(persons, persons, persons)


@dataclass(frozen=True, slots=True)
class OccupancyMinute:
    camera: CameraId
    area: AreaId | None
    """None: the whole view."""
    minute: datetime
    """Its beginning; of a longer step in a series: the step's beginning."""
    counts: Counts | None
    """None: unknown."""


def unchanged(before: Counts | None, now: Counts | None) -> bool:
    """Whether `now` is what a reader would assume anyway after `before`."""
    if before is None or now is None:
        return before is now
    return now == Counts.steady(before.last)


def steps(
    stored: Iterable[OccupancyMinute], since: datetime, until: datetime, step: timedelta
) -> Iterator[OccupancyMinute]:
    """One camera's area in even steps over [since, until).

    `stored` is sorted by minute, of one camera and area, and begins with the newest at or before
    `since`, if there is one. Nothing is said of the time before the first.
    """
    rows = deque(stored)
    current: OccupancyMinute | None = None
    while rows and rows[0].minute < since:
        current = rows.popleft()
    begin = since
    while begin < until:
        end = min(begin + step, until)
        parts: list[Counts | None] = []
        if current is not None and not (rows and rows[0].minute == begin):
            parts.append(Counts.steady(current.counts.last) if current.counts else None)
        while rows and rows[0].minute < end:
            current = rows.popleft()
            parts.append(current.counts)
        if current is not None:
            yield OccupancyMinute(current.camera, current.area, begin, _together(parts))
        begin = end


def _together(parts: list[Counts | None]) -> Counts | None:
    """Counts over several minutes; unknown when any part of them is."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or not known:
        return None
    return Counts(
        min(part.least for part in known), max(part.most for part in known), known[-1].last
    )
