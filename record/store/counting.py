"""Occupancy per minute, as the record keeps it."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from record.cameras import Camera
from record.errors import Invalid
from record.events import EventType, Json, NewEvent
from record.ids import AreaId, CameraId, SiteId, UnitId
from record.moments import stamp
from record.occupancy import MINUTE, Counts, OccupancyMinute, steps, unchanged
from record.store.reach import Reach
from record.store.rows import CameraRow, OccupancyRow
from record.store.transaction import Recording, Transaction
from record.store.watching import Watching
from record.watching import watched_only

VIEW = ""
"""The key of the whole view among areas."""

MOST_STEPS = 10_000


class OccupancySeries:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def series(
        self, site: SiteId, since: datetime, until: datetime, step_s: int
    ) -> tuple[OccupancyMinute, ...]:
        """Each camera's view and areas in even steps over [since, until), gaps filled with what
        was last known, but for times when the camera was not watched: those are unknown. Nothing
        is said of a camera after it was removed. `step_s` is a whole number of minutes. Raises
        `NotInScope`, `Invalid`."""
        self._reach.site(site)
        if step_s < 60 or step_s % 60:
            raise Invalid("step", "is a whole number of minutes, in seconds")
        if until <= since:
            raise Invalid("to", "is after from")
        if (until - since).total_seconds() / step_s > MOST_STEPS:
            raise Invalid("step", f"cuts this span into more than {MOST_STEPS} steps")
        cameras = self._tx.rows(select(CameraRow).where(CameraRow.site == site))
        removed = {row.id: row.removed_at for row in cameras if row.removed_at is not None}
        # A node that is down could not say so: what it said last holds for a moment only.
        now = max(until, self._tx.now)
        watching = Watching(self._tx).of_site(site, since - MINUTE, until, now)
        unwatched = {str(one.camera): one.intervals for one in watching}
        step = timedelta(seconds=step_s)
        series: list[OccupancyMinute] = []
        for (camera, _), rows in self._stored([row.id for row in cameras], since, until).items():
            ends = min(until, removed.get(camera, until))
            gaps = unwatched.get(camera, ())
            series += watched_only(steps(rows, since, ends, step), step, ends, gaps)
        return tuple(series)

    def _stored(
        self, cameras: list[str], since: datetime, until: datetime
    ) -> dict[tuple[str, str], list[OccupancyMinute]]:
        """By camera and area: rows of the span, led by the newest before it."""
        key = (OccupancyRow.camera, OccupancyRow.area)
        before = (
            select(*key, func.max(OccupancyRow.minute).label("minute"))
            .where(OccupancyRow.camera.in_(cameras), OccupancyRow.minute < since)
            .group_by(*key)
            .subquery()
        )
        led = select(OccupancyRow).join(
            before,
            (OccupancyRow.camera == before.c.camera)
            & (OccupancyRow.area == before.c.area)
            & (OccupancyRow.minute == before.c.minute),
        )
        within = (
            select(OccupancyRow)
            .where(
                OccupancyRow.camera.in_(cameras),
                OccupancyRow.minute >= since,
                OccupancyRow.minute < until,
            )
            .order_by(*key, OccupancyRow.minute)
        )
        found: dict[tuple[str, str], list[OccupancyMinute]] = defaultdict(list)
        for row in (*self._tx.rows(led), *self._tx.rows(within)):
            found[row.camera, row.area].append(_minute(row))
        return dict(sorted(found.items()))


class WritableOccupancy(OccupancySeries):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def record_minute(
        self,
        camera: Camera,
        minute: datetime,
        view: Counts | None,
        areas: Mapping[AreaId, Counts | None],
    ) -> bool:
        """People in the whole view and in each area during the minute that begins at `minute`;
        None: unknown. Whether anything had changed: only then is there an event.

        Raises `NotInScope`, `Invalid` when `minute` is not a whole one.
        """
        if minute.second or minute.microsecond:
            raise Invalid("minute", "begins on the minute")
        site = self._reach.site(SiteId(self._reach.camera(camera.id).site))
        counts: dict[str, Counts | None] = {VIEW: view}
        counts.update((area, known) for area, known in areas.items())
        before = self._last(camera.id, minute)
        # What is no longer counted is unknown, not unchanged.
        counts.update((area, None) for area in before if area not in counts and before[area])
        if all(area in before and unchanged(before[area], known) for area, known in counts.items()):
            return False
        data: dict[str, Json] = {
            "camera": camera.id,
            "minute": stamp(minute),
            "view": _data(view),
            "areas": {area: _data(known) for area, known in counts.items() if area != VIEW},
        }
        self._recording.append(
            NewEvent(
                EventType.OCCUPANCY_CHANGED,
                minute,
                camera.id,
                SiteId(site.id),
                UnitId(site.unit),
                data,
            )
        )
        return True

    def _last(self, camera: CameraId, minute: datetime) -> dict[str, Counts | None]:
        """What is known of each area before `minute`."""
        newest = (
            select(OccupancyRow.area, func.max(OccupancyRow.minute).label("minute"))
            .where(OccupancyRow.camera == camera, OccupancyRow.minute < minute)
            .group_by(OccupancyRow.area)
            .subquery()
        )
        rows = self._tx.rows(
            select(OccupancyRow)
            .join(
                newest,
                (OccupancyRow.area == newest.c.area) & (OccupancyRow.minute == newest.c.minute),
            )
            .where(OccupancyRow.camera == camera)
        )
        return {row.area: _counts(row) for row in rows}


def _counts(row: OccupancyRow) -> Counts | None:
    if row.least is None or row.most is None or row.last is None:
        return None
    return Counts(row.least, row.most, row.last)


def _minute(row: OccupancyRow) -> OccupancyMinute:
    area = AreaId(row.area) if row.area != VIEW else None
    return OccupancyMinute(CameraId(row.camera), area, row.minute, _counts(row))


def _data(counts: Counts | None) -> Json:
    if counts is None:
        return None
    return {"least": counts.least, "most": counts.most, "last": counts.last}
