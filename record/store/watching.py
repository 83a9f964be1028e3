"""What was not watched, asked of the record; and the word of who watches that they still do."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select

from record.cameras import CameraReason, CameraState
from record.errors import NotInScope
from record.events import EventType, Json, NewEvent
from record.ids import CameraId, SiteId, UnitId
from record.moments import stamp
from record.store.reach import Reach
from record.store.rows import (
    CameraHeardRow,
    CameraRow,
    CameraStatusRow,
    UnsaidRow,
    UnwatchedRow,
)
from record.store.transaction import Recording, Transaction
from record.watching import (
    CameraWatching,
    Unwatched,
    unwatched_reason,
    watched_share,
    within,
)

SILENT_AFTER = timedelta(seconds=20)
"""Who watches says so every five seconds. A camera that nobody has said so of for longer, though
the log knows of no outage, is not watched: its worker is dead and nobody could say it."""
RESUMED_AFTER = timedelta(seconds=7)
"""A break up to this long between two workers is none: one heartbeat and its jitter."""


class Watching:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def of_camera(
        self, camera: CameraId, since: datetime, until: datetime, now: datetime
    ) -> CameraWatching:
        """What was not watched in [since, until), and not after `now`. Raises `NotInScope`; a
        camera that was removed is answered for, too."""
        return self._of(self._reach.camera(camera, removed=True), since, until, now)

    def of_site(
        self, site: SiteId, since: datetime, until: datetime, now: datetime
    ) -> tuple[CameraWatching, ...]:
        """Of every camera that the site had in that time. Raises `NotInScope`."""
        self._reach.site(site)
        rows = self._tx.rows(
            select(CameraRow)
            .where(
                CameraRow.site == site,
                CameraRow.added_at < until,
                or_(CameraRow.removed_at.is_(None), CameraRow.removed_at > since),
            )
            .order_by(CameraRow.rank, CameraRow.id)
        )
        return tuple(self._of(row, since, until, now) for row in rows)

    def _of(
        self, row: CameraRow, since: datetime, until: datetime, now: datetime
    ) -> CameraWatching:
        # Before it was added and after it was removed nobody promised to watch it.
        since, until = max(since, row.added_at), min(until, now, row.removed_at or now)
        intervals: Sequence[Unwatched] = ()
        if since < until:
            kept = [
                *self._kept(UnwatchedRow, row.id, since, until),
                *self._kept(UnsaidRow, row.id, since, until),
            ]
            found = [*kept, *self._silent(row, now)]
            intervals = within(found, since, until)
        share = watched_share(intervals, since, until)
        return CameraWatching(CameraId(row.id), row.name, tuple(intervals), share)

    def _kept(
        self,
        table: type[UnwatchedRow] | type[UnsaidRow],
        camera: str,
        since: datetime,
        until: datetime,
    ) -> Iterable[Unwatched]:
        rows = self._tx.tuples(
            select(table.began_at, table.ended_at, table.reason)
            .where(
                table.camera == camera,
                table.began_at < until,
                or_(table.ended_at.is_(None), table.ended_at > since),
            )
            .order_by(table.began_at)
        )
        return (Unwatched(*row) for row in rows)

    def _silent(self, row: CameraRow, now: datetime) -> Iterable[Unwatched]:
        """A break that goes on and that nobody could say: the node has stopped."""
        heard = self._tx.row(select(CameraHeardRow).where(CameraHeardRow.camera == row.id))
        if heard is None or not row.enabled or row.removed_at is not None:
            return
        if now - heard.at > SILENT_AFTER:
            yield Unwatched(heard.at, None, CameraReason.WORKER_LOST)


class WritableWatching(Watching):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def heard(self, cameras: Iterable[CameraId], at: datetime) -> None:
        """They are watched at `at`; no event. Those that are gone are left out."""
        known = set(self._tx.rows(select(CameraRow.id).where(CameraRow.id.in_(list(cameras)))))
        rows = [{"camera": camera, "at": at} for camera in sorted(known)]
        if rows:
            self._recording.upsert(CameraHeardRow, *rows)

    def unsaid(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        """What was not watched of it and no event says yet, in place of what this said before; an
        end of None: it goes on. No event; nothing for a camera that is gone."""
        self._recording.execute(delete(UnsaidRow).where(UnsaidRow.camera == camera))
        known = self._tx.row(select(CameraRow.id).where(CameraRow.id == camera))
        if gaps and known is not None:
            rows = [
                {
                    "camera": camera,
                    "began_at": gap.began_at,
                    "ended_at": gap.ended_at,
                    "reason": gap.reason,
                }
                for gap in gaps
            ]
            self._recording.upsert(UnsaidRow, *rows)

    def say_unsaid(self, until: datetime, cameras: Collection[CameraId] | None = None) -> None:
        """Who watched these cameras (None: any) is dead since `until`: what they had still to say
        is said, one event a camera."""
        unsaid = self._tx.rows(select(UnsaidRow).order_by(UnsaidRow.camera, UnsaidRow.began_at))
        left: dict[CameraId, list[Unwatched]] = {}
        for row in unsaid:
            if cameras is None or row.camera in cameras:
                gap = Unwatched(row.began_at, row.ended_at or until, row.reason)
                left.setdefault(CameraId(row.camera), []).append(gap)
        for camera, gaps in left.items():
            said = set(
                self._tx.rows(select(UnwatchedRow.began_at).where(UnwatchedRow.camera == camera))
            )
            with suppress(NotInScope):  # removed meanwhile
                self.missed(camera, [gap for gap in gaps if gap.began_at not in said])
            self.unsaid(camera, ())

    def resumed(self, camera: CameraId, at: datetime) -> None:
        """Somebody new watches the camera since `at`: if the log knows of no outage, what lies
        between the last word of who watched before and now was not watched. Raises `NotInScope`."""
        row = self._reach.camera(camera)
        heard = self._tx.row(select(CameraHeardRow).where(CameraHeardRow.camera == camera))
        if heard is None or at - heard.at <= RESUMED_AFTER:
            return
        status = self._tx.row(select(CameraStatusRow).where(CameraStatusRow.camera == camera))
        away = status is not None and unwatched_reason(
            CameraState(status.state), CameraReason(status.reason) if status.reason else None
        )
        ended_at = status.since if away and status is not None else at
        if ended_at > heard.at:
            self.missed(CameraId(row.id), [Unwatched(heard.at, ended_at, CameraReason.WORKER_LOST)])

    def missed(self, camera: CameraId, gaps: Sequence[Unwatched]) -> None:
        """One event of what was not watched meanwhile; each gap has ended. Raises `NotInScope`."""
        row = self._reach.camera(camera)
        site = self._reach.site(SiteId(row.site))
        self.unsaid(camera, ())
        told: list[Json] = [
            {"from": stamp(gap.began_at), "to": stamp(gap.ended_at), "reason": gap.reason}
            for gap in gaps
            if gap.ended_at is not None and gap.ended_at > gap.began_at
        ]
        if not told:
            return
        lost = sum(
            ((gap.ended_at - gap.began_at) for gap in gaps if gap.ended_at is not None),
            start=timedelta(),
        )
        data: dict[str, Json] = {
            "camera": camera,
            "site": site.id,
            "gaps": told,
            "unwatched_ms": round(lost.total_seconds() * 1000),
        }
        self._recording.append(
            NewEvent(
                EventType.CAMERA_UNWATCHED,
                gaps[0].began_at,
                camera,
                SiteId(site.id),
                UnitId(site.unit),
                data,
            )
        )
