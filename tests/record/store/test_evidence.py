"""What is kept of a breach and what is lost, on both stores."""

from datetime import datetime, timedelta

import pytest

from record.cameras import Rule
from record.envelope import data_of
from record.errors import NotInScope
from record.events import EventType
from record.evidence import Evidence, EvidenceKind, Loss, Moment, lost
from record.ids import BreachId, CameraId, EvidenceId, Position, RuleId
from record.orders import RuleKind
from record.places import EVERYTHING, Scope
from record.store.evidence import CURSOR
from tests.record.world import DORMITORY, GYM, NOW, SCHOOL, S, World, raised

CAMERA = CameraId("cam-gym")
SETTLED = NOW + timedelta(minutes=2)
"""Whatever was recorded at `NOW` ought to have its evidence by then."""
AWAY = Rule(RuleId("away"), RuleKind.CAMERA_OFFLINE)


def kept(breach: BreachId, kind: EvidenceKind = EvidenceKind.CLIP, name: str = "kept") -> Evidence:
    return Evidence(
        id=EvidenceId(name),
        kind=kind,
        camera=CAMERA,
        site=GYM,
        begins_at=NOW - 10 * S,
        ends_at=NOW + 2 * S,
        media="video/mp4",
        codec="h264",
        width=640,
        height=360,
        part=1,
        gap_ms=0,
        bytes=1000,
        sealed_bytes=1100,
        sha256="0a" * 32,
        sealed_sha256="0b" * 32,
        moments=(Moment(breach, 10_000),),
        cut=Loss.NO_ROOM,
    )


def settle(world: World, before: datetime = SETTLED) -> int:
    with world.store.write(EVERYTHING) as writing:
        return writing.evidence.settle(before, NOW + timedelta(minutes=5))


def losses(world: World, breach: BreachId) -> list[tuple[str, str]]:
    with world.store.read(EVERYTHING) as reading:
        return [(one.kind.value, one.reason.value) for one in reading.evidence.lost_of(breach)]


@pytest.fixture
def settled(world: World) -> World:
    """Evidence is kept from now on."""
    assert settle(world) == 0
    return world


def test_why_a_clip_ends_early_is_kept_with_it(world: World) -> None:
    clip = kept(world.breach(GYM))
    with world.store.write(EVERYTHING) as writing:
        event = writing.evidence.add(clip)
    with world.store.read(EVERYTHING) as reading:
        assert reading.evidence.get(clip.id) == clip
    assert data_of(event)["cut"] == "no_room"


def test_what_is_lost_is_said_of_its_breach_with_the_reason(world: World) -> None:
    breach = world.breach(GYM)
    gone = lost(EvidenceId("gone"), EvidenceKind.CLIP, CAMERA, GYM, breach, NOW, Loss.NO_ROOM)
    with world.store.write(EVERYTHING) as writing:
        event = writing.evidence.lose(gone, NOW + S)
    assert (event.type, event.subject, event.camera) == (EventType.EVIDENCE_LOST, breach, CAMERA)
    with world.store.read(EVERYTHING) as reading:
        assert reading.evidence.lost_of(breach) == (gone,)
        assert reading.evidence.lost(gone.id) == gone
        (step,) = [one for one in reading.breaches.steps(breach) if one.type.endswith("lost")]
    assert step.reason == "no_room"
    assert (gone.ends_at - gone.begins_at, gone.offset_ms) == (20 * S, 10_000)
    with world.store.read(Scope.of_site(DORMITORY)) as reading:
        for ask in (
            lambda: reading.evidence.lost_of(breach),
            lambda: reading.evidence.lost(gone.id),
        ):
            with pytest.raises(NotInScope):
                ask()


def test_a_breach_that_nobody_accounts_for_has_lost_its_evidence(settled: World) -> None:
    breach = settled.breach(GYM)
    assert settle(settled, NOW) == 0  # it may still come
    assert settle(settled) == 2
    assert losses(settled, breach) == [("snapshot", "interrupted"), ("clip", "interrupted")]
    assert settle(settled) == 0


def test_what_is_kept_or_said_to_be_lost_is_accounted_for(settled: World) -> None:
    breach = settled.breach(GYM)
    with settled.store.write(EVERYTHING) as writing:
        writing.evidence.add(kept(breach, EvidenceKind.SNAPSHOT))
        writing.evidence.lose(
            lost(EvidenceId("l"), EvidenceKind.CLIP, CAMERA, GYM, breach, NOW, Loss.NO_KEY), NOW
        )
    assert settle(settled) == 0
    assert losses(settled, breach) == [("clip", "no_key")]


def test_what_comes_after_all_is_not_lost(settled: World) -> None:
    breach = settled.breach(GYM)
    settle(settled)
    with settled.store.write(EVERYTHING) as writing:
        writing.evidence.add(kept(breach))
    assert losses(settled, breach) == [("snapshot", "interrupted")]


def test_what_no_picture_decided_has_no_snapshot_to_lose(settled: World) -> None:
    (breach,) = settled.find(GYM, raised(AWAY, settled.armed(GYM)))
    settle(settled)
    assert losses(settled, breach) == [("clip", "interrupted")]


def test_what_is_older_than_evidence_is_not_judged(world: World) -> None:
    breach = world.breach(GYM)
    assert settle(world) == 0
    assert settle(world) == 0
    assert losses(world, breach) == []


def test_a_breach_by_hand_and_an_observation_lose_nothing(settled: World) -> None:
    settled.find(SCHOOL, raised(AWAY, ()))
    assert settle(settled) == 0


def test_settling_goes_on_where_it_was_and_leaves_the_young(settled: World) -> None:
    old = [settled.breach(GYM, NOW + n * S) for n in range(3)]
    with settled.store.write(EVERYTHING) as writing:
        late = raised(AWAY, settled.armed(GYM), NOW)
        writing.findings.record(settled.cameras[GYM], [late], SETTLED + S)
    assert settle(settled) == 6
    assert all(losses(settled, breach) for breach in old)
    with settled.store.read(EVERYTHING) as reading:
        cursor = reading.events.cursor(CURSOR)
    assert settle(settled, SETTLED + 2 * S) == 1
    with settled.store.read(EVERYTHING) as reading:
        assert (reading.events.cursor(CURSOR) or 0) > (cursor or 0)
        after = reading.events.after(Position(0), 1000, types={EventType.EVIDENCE_LOST})
    assert len(after) == 7
