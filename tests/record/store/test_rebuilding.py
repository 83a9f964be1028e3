"""What the log says and what the projections show are the same thing."""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import create_engine, select

from record.breaches import DismissReason, Outcome
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.errors import Conflict
from record.evidence import Evidence, EvidenceKind, Loss, Moment, lost
from record.ids import AreaId, BreachId, EvidenceId, new_id
from record.occupancy import MINUTE, Counts
from record.places import EVERYTHING
from record.sightings import Finding
from record.store.engines import normalize
from record.store.projecting import PROJECTIONS
from record.store.rows import projected
from record.store.tables import table_of
from record.store.work import Writing
from tests.record.world import (
    CROWD,
    EXIT,
    NOW,
    SITES,
    S,
    World,
    ended,
    grew,
    order_for,
    raised,
)


def everything_projected(url: str) -> dict[str, list[str]]:
    engine = create_engine(normalize(url))
    try:
        with engine.connect() as connection:
            tables = [table_of(row) for row in PROJECTIONS]
            return {
                table.name: sorted(repr(row) for row in connection.execute(select(table)))
                for table in tables
            }
    finally:
        engine.dispose()


@dataclass(slots=True)
class Life:
    """Anything that can happen to a node, in random order."""

    world: World
    dice: random.Random
    at: datetime = NOW
    opened: list[BreachId] = field(default_factory=list)

    def go_on(self, moves: int) -> None:
        made = 0
        while made < moves:
            with self.world.store.write(EVERYTHING, by=self.world.minh.id) as writing:
                for _ in range(self.dice.randint(1, 12)):
                    self._move(writing)
                    made += 1

    def _move(self, writing: Writing) -> None:
        self.at += self.dice.choice((0.04, 0.7, 5, 700)) * S
        camera = self.world.cameras[self.dice.choice(SITES).id]
        match self.dice.randrange(8):
            case 0:
                state = self.dice.choice(
                    (CameraState.ONLINE, CameraState.OFFLINE, CameraState.DEGRADED)
                )
                reason = None if state is CameraState.ONLINE else CameraReason.STALLED
                writing.cameras.set_status(
                    CameraStatus(camera.id, state, reason, self.at, 640, 360)
                )
            case 1:
                minute = self.at.replace(second=0, microsecond=0) + MINUTE
                counts = self.dice.choice((None, Counts.steady(2), Counts(0, 3, 1)))
                areas = {AreaId("yard"): counts}
                writing.occupancy.record_minute(camera, minute, counts, areas)
            case 2 if self.opened:
                answer(writing, self.dice, self.dice.choice(self.opened))
            case _:
                self._find(writing, camera)

    def _find(self, writing: Writing, camera: Camera) -> None:
        rule = self.dice.choice((EXIT, CROWD))
        orders = self.dice.choice((writing.orders.in_force(camera.site), ()))
        findings: tuple[Finding, ...] = (
            raised(rule, orders, self.at, persons=2),
            grew(rule, self.at, 4),
            ended(rule, self.at),
        )
        events = writing.findings.record(camera, [self.dice.choice(findings)], self.at)
        opened = [BreachId(event.subject) for event in events if event.type == "breach.opened"]
        for breach in opened:
            writing.evidence.add(evidence_for(camera, [*self.opened[-1:], breach], self.at))
            kind, reason = EvidenceKind.SNAPSHOT, self.dice.choice([*Loss])
            name = EvidenceId(new_id())
            gone = lost(name, kind, camera.id, camera.site, breach, self.at, reason)
            writing.evidence.lose(gone, self.at)
        self.opened += opened


def evidence_for(camera: Camera, breaches: list[BreachId], at: datetime) -> Evidence:
    return Evidence(
        id=EvidenceId(new_id()),
        kind=EvidenceKind.CLIP,
        camera=camera.id,
        site=camera.site,
        begins_at=at - 11 * S,
        ends_at=at + 10 * S,
        media="video/mp4",
        codec="hevc",
        width=640,
        height=360,
        part=1,
        gap_ms=0,
        bytes=900_000,
        sealed_bytes=900_300,
        sha256="0a" * 32,
        sealed_sha256="0b" * 32,
        moments=tuple(Moment(breach, 11_000) for breach in breaches),
    )


def answer(writing: Writing, dice: random.Random, breach: BreachId) -> None:
    try:
        match dice.randrange(4):
            case 0:
                writing.breaches.acknowledge(breach, NOW)
            case 1:
                writing.breaches.resolve(breach, Outcome.LEFT, "note", NOW)
            case 2:
                writing.breaches.dismiss(breach, DismissReason.OTHER, "note", NOW)
            case _:
                writing.breaches.comment(breach, "text", NOW)
    except Conflict:
        assert writing.breaches.steps(breach)[-1].type != "wardwatch.breach.opened"


def test_replaying_the_log_gives_the_same_projections(world: World, store_url: str) -> None:
    Life(world, random.Random(1)).go_on(150)
    before = everything_projected(store_url)
    assert min(len(rows) for rows in before.values()) > 3
    with world.store.write(EVERYTHING) as writing:
        replayed = writing.projections.rebuild()
        last = writing.events.last()
    assert replayed == last % 2**32
    assert everything_projected(store_url) == before


def test_what_drifted_is_mended(world: World, store_url: str) -> None:
    world.breach(SITES[0].id)
    before = everything_projected(store_url)
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE breaches SET persons = 99")
        connection.exec_driver_sql("DELETE FROM breach_units")
    engine.dispose()
    with world.store.write(EVERYTHING) as writing:
        writing.projections.rebuild()
    assert everything_projected(store_url) == before


def test_a_breach_can_be_opened_again_for_the_same_rule(world: World) -> None:
    """A transaction may open, end and open again: each is a row of its own."""
    site = SITES[0].id
    orders = world.armed(site)
    rule = replace(EXIT, cooldown_s=0.0)
    opened = world.find(
        site, raised(rule, orders), ended(rule, NOW + S), raised(rule, orders, NOW + 9 * S)
    )
    assert len(set(opened)) == 2
    with world.store.write(EVERYTHING) as writing:
        writing.orders.issue(order_for(site=site))
        assert len(writing.breaches.open(site)) == 2


def test_a_rebuild_leaves_no_projection_out() -> None:
    declared = {row for row in vars(projected).values() if isinstance(row, type)}
    tables = {row for row in declared if row.__module__ == projected.__name__}
    assert set(PROJECTIONS) == tables
