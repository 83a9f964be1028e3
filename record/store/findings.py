"""Findings of rules into the record: breaches under an order, observations without one."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select

from record.cameras import Camera
from record.episodes import Episodes, GoingOn, Ignored
from record.events import StoredEvent
from record.ids import BreachId, RuleId, SiteId, UnitId, new_id
from record.orders import RuleKind
from record.payloads import rules_of
from record.sightings import Finding
from record.store.reach import Reach
from record.store.rows import BreachRow
from record.store.transaction import Recording
from record.store.watching import Watching

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
        program's log. What opens for a rule that has gone meanwhile ends at once.
        """
        row = self._reach.camera(camera.id)
        site = self._reach.site(SiteId(row.site))
        episodes = episodes_of(self._tx, camera, UnitId(site.unit))
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
        late = episodes.keep(rules_of(row.drawing), self._tx.now)
        return (*events, *(self._tx.append(event, recorded_at) for event in late))

    def end_unheard(
        self, camera: Camera, since: datetime, at: datetime, recorded_at: datetime
    ) -> tuple[StoredEvent, ...]:
        """End the breaches of `camera` that a worker left open which died before `since`, and
        that its successor, who looks since `at`, has not seen again. Raises `NotInScope`."""
        site = self._reach.site(SiteId(self._reach.camera(camera.id).site))
        ended = episodes_of(self._tx, camera, UnitId(site.unit)).end_unheard(since, at)
        return tuple(self._tx.append(event, recorded_at) for event in ended)

    def end_unwatched(
        self, camera: Camera, since: datetime, pictures: bool, recorded_at: datetime
    ) -> tuple[StoredEvent, ...]:
        """End the breaches of `camera` that a worker left open which died before `since`, and
        whose successor, whether it has `pictures` or not, has no means to see people. Raises
        `NotInScope`."""
        site = self._reach.site(SiteId(self._reach.camera(camera.id).site))
        watching = Watching(self._tx)

        def unwatched_from(after: datetime) -> datetime:
            gaps = watching.of_camera(camera.id, after, recorded_at, recorded_at).intervals
            return gaps[0].began_at if gaps else since

        episodes = episodes_of(self._tx, camera, UnitId(site.unit))
        ended = episodes.end_unwatched(since, pictures, unwatched_from, recorded_at)
        return tuple(self._tx.append(event, recorded_at) for event in ended)


def episodes_of(tx: Recording, camera: Camera, unit: UnitId) -> Episodes:
    """The breaches of `camera`, which lies in `unit`, that have not ended."""
    rows = tx.rows(
        select(BreachRow).where(BreachRow.camera == camera.id, BreachRow.ended_at.is_(None))
    )
    going_on = {
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
    return Episodes(camera, unit, going_on, new_id)
