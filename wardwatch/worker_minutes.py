"""Counts of single looks to counts of minutes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from detect import Look, Tampering
from record.ids import AreaId, CameraId
from record.occupancy import MINUTE, Counts
from record.sightings import Occupancy
from record.watching import BLIND

LATE = timedelta(seconds=5)
"""How far a frame's capture may lie behind the moment it is looked at."""


def counted(look: Look, deed: Tampering | None) -> Look:
    """What a look counts for. While the camera shows nothing, or not what is to be watched, that
    nobody was seen does not say that nobody is there: unknown."""
    if deed is None or deed.reason not in BLIND:
        return look
    return replace(look, occupancy=replace(look.occupancy, view=None, areas={}))


@dataclass(frozen=True, slots=True)
class MinuteCounts:
    """People of one camera during one minute; None: unknown."""

    camera: CameraId
    minute: datetime
    view: Counts | None
    areas: Mapping[AreaId, Counts | None]


@dataclass(slots=True)
class MinuteTally:
    """Of one camera; `add` in order of capture, `close` when the camera or the worker ends.

    A minute in which the count was unknown at its end is unknown: what was seen before a stream
    broke says nothing of who was there when the minute was over.
    """

    camera: CameraId
    _minute: datetime | None = None
    _view: Counts | None = None
    _areas: dict[AreaId, Counts | None] = field(default_factory=dict)

    def add(self, seen: Occupancy) -> Iterator[MinuteCounts]:
        """The minutes that are over by the moment of `seen`: none or one, those between two looks
        are said to be unchanged by saying nothing."""
        minute = _minute_of(seen.at)
        if self._minute is not None and minute > self._minute:
            yield from self.close()
        self._minute = minute if self._minute is None else self._minute
        self._view = _with(self._view, seen.view)
        if seen.view is None:
            self._areas = dict.fromkeys(self._areas)
        for area, persons in seen.areas.items():
            self._areas[area] = _with(self._areas.get(area), persons)

    def over(self, now: datetime) -> Iterator[MinuteCounts]:
        """The minute that is over by our own clock: a camera that is away brings no look that
        would say so."""
        if self._minute is not None and now >= self._minute + MINUTE + LATE:
            yield from self.close()

    def close(self) -> Iterator[MinuteCounts]:
        """The minute under way, as far as it came."""
        if self._minute is not None:
            yield MinuteCounts(self.camera, self._minute, self._view, dict(self._areas))
        self._minute, self._view, self._areas = None, None, {}


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _with(counts: Counts | None, persons: int | None) -> Counts | None:
    if persons is None:
        return None
    if counts is None:
        return Counts.steady(persons)
    return Counts(min(counts.least, persons), max(counts.most, persons), persons)
