"""The fan-out by itself: batches, order, the seam between history and now, bounds."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api import fanout as module
from api.fanout import BEHIND_LIMIT, Entry, Fanout, Subscriber, View
from record.ids import CameraId, Position, SiteId, UnitId
from record.people import Role
from record.places import EVERYTHING, Scope
from tests.api.sse import parse_event

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
NORTH, SOUTH = UnitId("north"), UnitId("south")
ALL = View(Role.SUPERVISOR, EVERYTHING)


class Paper:
    """An outlet that keeps what is written."""

    def __init__(self, *, reads: bool = True) -> None:
        self.writes: list[bytes] = []
        self.was_cut = False
        self._reads = reads

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    @property
    def behind(self) -> int:
        return 0 if self._reads else sum(map(len, self.writes))

    def cut(self) -> None:
        self.was_cut = True

    def close(self) -> None:
        self.writes.append(b"")

    def ids(self, *, ticks: bool = False) -> list[int]:
        blocks = b"".join(self.writes).split(b"\n\n")
        events = [event for event in map(parse_event, blocks) if event is not None]
        return [e.id for e in events if e.id is not None and (ticks or e.name != "tick")]


def entry(
    position: int | None,
    *,
    unit: UnitId = NORTH,
    name: str = "wardwatch.camera.online",
    camera: str = "gate",
    size: int = 0,
) -> Entry:
    number = b"" if position is None else b"id: %d\n" % position
    return Entry(
        position=None if position is None else Position(position),
        name=name,
        audience=frozenset({Role.SUPERVISOR}),
        unit=unit,
        site=SiteId(f"site-{unit}"),
        units=frozenset({unit, UnitId("vn")}),
        camera=camera,
        wire=number + b"event: %b\ndata: {%b}\n\n" % (name.encode(), b"x" * size),
    )


def entries(positions: Iterable[int]) -> list[Entry]:
    return [entry(position) for position in positions]


def reader(cursor: int, view: View = ALL, *, reads: bool = True) -> tuple[Subscriber, Paper]:
    paper = Paper(reads=reads)
    cut_off: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    return Subscriber(view, paper, Position(cursor), cut_off), paper


def on_a_loop(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    def run() -> None:
        asyncio.run(_awaited(test))

    run.__name__, run.__doc__ = test.__name__, test.__doc__
    return run


async def _awaited(test: Callable[[], Awaitable[None]]) -> None:
    await test()


@on_a_loop
async def test_what_is_in_the_ring_is_handed_over_and_nothing_twice() -> None:
    fanout = Fanout(Position(10))
    fanout.publish(entries([11, 12, 13]))
    one, paper = reader(11)
    assert fanout.attach(one)
    fanout.flush()
    fanout.publish(entries([14]))
    fanout.flush()
    assert paper.ids() == [12, 13, 14]


@on_a_loop
async def test_a_cursor_before_the_ring_is_sent_to_the_store() -> None:
    fanout = Fanout(Position(10))
    fanout.publish(entries([11]))
    one, paper = reader(9)
    assert not fanout.attach(one)
    assert fanout.subscribers == 0
    assert paper.writes == []


@on_a_loop
async def test_who_read_ahead_in_the_store_hears_nothing_again() -> None:
    """The store's reader may be quicker than the tail that feeds the fan-out."""
    fanout = Fanout(Position(10))
    one, paper = reader(13)
    assert fanout.attach(one)
    fanout.tick(NOW)
    fanout.publish(entries([11, 12, 13, 14, 15]))
    fanout.flush()
    assert paper.ids(ticks=True) == [13, 14, 15]


@on_a_loop
async def test_events_published_twice_are_sent_once() -> None:
    fanout = Fanout(Position(0))
    one, paper = reader(0)
    fanout.attach(one)
    fanout.publish(entries([1, 2, 3]))
    fanout.publish(entries([2, 3, 4]))
    fanout.flush()
    assert paper.ids() == [1, 2, 3, 4]
    assert fanout.counters.published == 4


@on_a_loop
async def test_a_batch_is_one_write_of_the_same_bytes_for_all() -> None:
    fanout = Fanout(Position(0))
    papers = []
    for _ in range(3):
        one, paper = reader(0)
        fanout.attach(one)
        papers.append(paper)
    fanout.publish(entries(range(1, 20)))
    fanout.flush()
    assert [len(paper.writes) for paper in papers] == [1, 1, 1]
    assert papers[0].writes[0] is papers[2].writes[0]
    assert fanout.counters.delivered == 3 * 19


@on_a_loop
async def test_a_batch_leaves_by_itself() -> None:
    fanout = Fanout(Position(0))
    one, paper = reader(0)
    fanout.attach(one)
    fanout.publish(entries([1]))
    await asyncio.sleep(0.05)
    assert paper.ids() == [1]


@on_a_loop
async def test_live_counts_are_the_newest_of_each_camera() -> None:
    fanout = Fanout(Position(0))
    one, paper = reader(0)
    fanout.attach(one)
    for size in (1, 2, 3):
        fanout.publish_live(entry(None, name="occupancy", size=size))
    fanout.publish_live(entry(None, name="occupancy", camera="yard", size=7))
    fanout.flush()
    assert paper.writes[0].count(b"event: occupancy") == 2
    assert b"{xxx}" in paper.writes[0]
    assert b"id:" not in paper.writes[0]


@on_a_loop
async def test_a_slow_reader_is_cut_off_and_told_so() -> None:
    fanout = Fanout(Position(0))
    slow, paper = reader(0, reads=False)
    quick, other = reader(0)
    fanout.attach(slow)
    fanout.attach(quick)
    for position in range(1, 20):
        fanout.publish([entry(position, size=BEHIND_LIMIT // 10)])
        fanout.flush()
    assert paper.was_cut
    assert slow.cut_off.done()
    assert len(paper.writes) < 12
    assert (fanout.subscribers, fanout.counters.cut_off) == (1, 1)
    assert other.ids() == list(range(1, 20))


@on_a_loop
async def test_a_hundred_thousand_events_and_readers_leave_no_more_than_agreed() -> None:
    fanout = Fanout(Position(0))
    for position in range(1, 100_001):
        fanout.publish([entry(position)])
        if position % 100 == 0:
            one, _ = reader(position, View(Role.SUPERVISOR, Scope.of_unit(UnitId(str(position)))))
            fanout.attach(one)
            fanout.flush()
            fanout.detach(one)
    one, paper = reader(100_000 - module.RING_EVENTS)
    assert fanout.attach(one)
    fanout.detach(one)
    fanout.detach(one)
    assert len(paper.ids()) == module.RING_EVENTS
    assert not fanout.attach(reader(100_000 - module.RING_EVENTS - 1)[0])
    assert fanout.subscribers == 0


@on_a_loop
async def test_the_ring_is_bounded_by_bytes_too() -> None:
    fanout = Fanout(Position(0))
    for position in range(1, 101):
        fanout.publish([entry(position, size=module.RING_BYTES // 50)])
    assert not fanout.attach(reader(40)[0])
    assert fanout.attach(reader(60)[0])


@pytest.mark.parametrize(
    ("view", "admitted"),
    [
        (ALL, True),
        (View(Role.INSTALLER, EVERYTHING), False),
        (View(Role.SUPERVISOR, Scope()), False),
        (View(Role.SUPERVISOR, Scope.of_unit(NORTH)), True),
        (View(Role.SUPERVISOR, Scope.of_unit(UnitId("vn"))), True),
        (View(Role.SUPERVISOR, Scope.of_unit(SOUTH)), False),
        (View(Role.SUPERVISOR, Scope.of_site(SiteId("site-north"))), True),
        (View(Role.SUPERVISOR, Scope.of_site(SiteId("site-south"))), False),
        (View(Role.SUPERVISOR, EVERYTHING, types=frozenset({"wardwatch.camera.online"})), True),
        (View(Role.SUPERVISOR, EVERYTHING, types=frozenset({"occupancy"})), False),
        (View(Role.SUPERVISOR, EVERYTHING, unit=UnitId("vn")), True),
        (View(Role.SUPERVISOR, EVERYTHING, unit=SOUTH), False),
        (View(Role.SUPERVISOR, EVERYTHING, site=SiteId("site-south")), False),
        (View(Role.SUPERVISOR, EVERYTHING, camera=CameraId("gate")), True),
        (View(Role.SUPERVISOR, EVERYTHING, camera=CameraId("yard")), False),
    ],
)
def test_who_sees_an_event_at_the_norths_gate(view: View, *, admitted: bool) -> None:
    assert view.admits(entry(1)) is admitted


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_any_interleaving_gives_each_event_once(seed: int) -> None:
    """Publishing, flushing, ticking, joining from anywhere and reading ahead, in any order."""

    async def run() -> None:
        dice = random.Random(seed)
        log = sorted(dice.sample(range(1, 400), 120))
        fanout, published = Fanout(Position(0)), 0
        joined: list[tuple[int, Paper]] = []
        while published < len(log):
            match dice.randrange(4):
                case 0:
                    count = dice.randint(1, 9)
                    fanout.publish(entries(log[published : published + count]))
                    published += count
                case 1:
                    fanout.flush()
                case 2:
                    fanout.tick(NOW)
                case 3:
                    cursor = dice.choice([0, *log[: published + 10]])  # ahead of the tail as well
                    one, paper = reader(cursor)
                    assert fanout.attach(one)
                    joined.append((cursor, paper))
        fanout.flush()
        for cursor, paper in joined:
            assert paper.ids() == [position for position in log if position > cursor]
            told = [cursor, *paper.ids(ticks=True)]
            assert told == sorted(told), "a tick sent somebody back"

    asyncio.run(run())
