"""Findings of rules into the record: breaches under an order, observations without one."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select

from record.cameras import Camera
from record.episodes import Episodes, GoingOn, Ignored
from record.events import StoredEvent
from record.ids import BreachId, CameraId, RuleId, SiteId, UnitId, new_id
from record.orders import RuleKind
from record.sightings import Finding
from record.store.reach import Reach
from record.store.rows import BreachRow
from record.store.transaction import Recording

log = structlog.get_logger()


class Findings:
    def __init__(self, tx: Recording) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def record(
        self, camera: Camera, findings: Sequence[Finding], recorded_at: datetime
    ) -> tuple[StoredEvent, ...]:
        """Write what `camera` has found, in this order; the events that came of it.

        Raises `NotInScope`. What belongs to no breach that goes on is left out, with a line in the
        program's log.
        """
        site = self._reach.site(SiteId(self._reach.camera(camera.id).site))
        episodes = Episodes(camera, UnitId(site.unit), self._going_on(camera.id), new_id)
        events = []
        for outcome in episodes.follow(findings):
            if isinstance(outcome, Ignored):
                finding = outcome.finding
                log.info(
                    "finding ignored: it adds nothing to a breach that goes on",
                    camera=camera.id,
                    rule=finding.rule.id,
                    finding=type(finding).__name__,
                )
            else:
                events.append(self._tx.append(outcome, recorded_at))
        return tuple(events)

    def _going_on(self, camera: CameraId) -> dict[RuleId, GoingOn]:
        rows = self._tx.rows(
            select(BreachRow).where(BreachRow.camera == camera, BreachRow.ended_at.is_(None))
        )
        return {
            RuleId(row.rule): GoingOn(
                BreachId(row.id),
                RuleKind(row.kind),
                row.heard_at,
                row.persons,
                closed=row.closed_at is not None,
            )
            for row in rows
            if row.rule is not None
        }
