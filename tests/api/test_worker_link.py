"""The API's end of the workers' sockets, with a worker at the other that fails in every way."""

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.errors import PictureUnavailable
from api.worker_link import LiveCounts, WorkerLink
from record.cameras import CameraReason, CameraState
from record.messages import CameraHealth, Counts
from tests.api.sse import until
from tests.fakes.clock import FakeClock
from tests.fakes.worker import JPEG, FakeWorker

GATE = CameraHealth(camera="gate", state=CameraState.ONLINE, looked=10)
YARD = CameraHealth(camera="yard", state=CameraState.ONLINE)


@contextlib.asynccontextmanager
async def linked(run_dir: Path, clock: FakeClock | None = None) -> AsyncIterator[WorkerLink]:
    link = WorkerLink(run_dir, clock)
    running = asyncio.create_task(link.run())
    try:
        yield link
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def knows(link: WorkerLink, camera: str = "gate") -> Callable[[], bool]:
    return lambda: link.health(camera) is not None


def test_pictures_come_from_the_worker_that_reads_the_camera(run_dir: Path) -> None:
    async def run() -> None:
        async with linked(run_dir) as link:
            with (
                FakeWorker(run_dir, {"gate": GATE}, name="worker-0") as first,
                FakeWorker(run_dir, {"yard": YARD}, name="worker-1") as second,
            ):
                await until(lambda: knows(link)() and knows(link, "yard")())
                picture = await link.picture("yard", 320)
                assert picture.jpeg == JPEG
                assert abs(picture.captured_at - datetime.now(UTC)) < timedelta(seconds=5)
                assert [(one.camera, one.width) for one in second.asked] == [("yard", 320)]
                assert first.asked == []

    asyncio.run(run())


def test_those_who_ask_at_once_share_one_picture(run_dir: Path) -> None:
    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}) as worker:
            async with linked(run_dir) as link:
                await until(knows(link))
                await asyncio.gather(*(link.picture("gate", 640) for _ in range(50)))
                assert len(worker.asked) == 1

    asyncio.run(run())


def test_a_camera_without_picture_says_why(run_dir: Path) -> None:
    last = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
    offline = CameraHealth(
        camera="gate", state=CameraState.OFFLINE, reason=CameraReason.AUTH_FAILED, frame_at=last
    )

    async def run() -> None:
        with FakeWorker(run_dir, {"gate": offline}):
            async with linked(run_dir) as link:
                await until(knows(link))
                with pytest.raises(PictureUnavailable) as refused:
                    await link.picture("gate", 640)
                assert refused.value.reason is CameraReason.AUTH_FAILED
                assert refused.value.last_at == last
                with pytest.raises(PictureUnavailable) as unknown:
                    await link.picture("roof", 640)
                assert unknown.value.reason is CameraReason.WORKER_LOST

    asyncio.run(run())


def test_a_worker_that_does_not_answer_is_not_waited_for(run_dir: Path) -> None:
    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}) as worker:
            worker.mute = True
            async with linked(run_dir) as link:
                await until(knows(link))
                with pytest.raises(PictureUnavailable) as refused:
                    await asyncio.wait_for(link.picture("gate", 640), 4)
                assert refused.value.reason is CameraReason.STALLED

    asyncio.run(run())


def test_no_more_questions_than_agreed_wait_for_one_worker(run_dir: Path) -> None:
    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}) as worker:
            worker.mute = True
            async with linked(run_dir) as link:
                await until(knows(link))
                asking = [asyncio.create_task(link.picture("gate", 100 + n)) for n in range(100)]
                done, waiting = await asyncio.wait(asking, timeout=0.5)
                assert (len(done), len(waiting)) == (36, 64)
                results = await asyncio.gather(*asking, return_exceptions=True)
                assert all(isinstance(each, PictureUnavailable) for each in results)

    asyncio.run(run())


@pytest.mark.parametrize("leave_socket", [True, False])
def test_a_worker_that_dies_is_found_again(run_dir: Path, *, leave_socket: bool) -> None:
    async def run() -> None:
        heard: list[LiveCounts] = []
        async with linked(run_dir) as link:
            link.on_counts(heard.append)
            first = FakeWorker(run_dir, {"gate": GATE})
            first.mute = True
            await until(knows(link))
            first.tell(Counts(camera="gate", at=datetime.now(UTC), persons=3))
            await until(lambda: len(heard) == 1)
            asking = asyncio.create_task(link.picture("gate", 640))
            await until(lambda: len(first.asked) == 1)
            await asyncio.to_thread(first.stop, leave_socket=leave_socket)
            with pytest.raises(PictureUnavailable) as refused:
                await asking
            assert refused.value.reason is CameraReason.WORKER_LOST
            await until(lambda: len(heard) == 2)
            assert heard[1].persons is None
            assert link.health("gate") is None
            assert link.counts("gate") is None
            with FakeWorker(run_dir, {"gate": GATE}):
                await until(knows(link), 5)
                assert (await link.picture("gate", 640)).jpeg == JPEG

    asyncio.run(run())


@pytest.mark.parametrize(
    "raw", [b"\xff\xff\xff\xff", struct.pack(">I", 2) + b"{}", struct.pack(">I", 4) + b"nope"]
)
def test_a_worker_of_another_release_is_refused_and_asked_again(run_dir: Path, raw: bytes) -> None:
    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}) as worker:
            async with linked(run_dir) as link:
                await until(knows(link))
                worker.say(raw)
                await until(lambda: link.reconnects == 1)
                await until(knows(link))

    asyncio.run(run())


def test_counts_are_unknown_once_they_are_five_seconds_old(run_dir: Path) -> None:
    clock = FakeClock()

    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}) as worker:
            async with linked(run_dir, clock) as link:
                await until(knows(link))
                at = clock.now()
                worker.tell(Counts(camera="gate", at=at, persons=2, areas={"yard": 1}))
                await until(lambda: link.counts("gate") is not None)
                assert link.counts("gate") == LiveCounts("gate", at, 2, {"yard": 1})
                clock.advance(4.9)
                assert link.counts("gate") is not None
                clock.advance(0.2)
                assert link.counts("gate") is None

    asyncio.run(run())


def test_a_count_that_does_not_change_holds_while_the_camera_is_looked_at(run_dir: Path) -> None:
    """Counts come on change only; that nothing changed is known by the looks."""
    clock = FakeClock()

    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}, health_s=0.05) as worker:
            async with linked(run_dir, clock) as link:
                await until(knows(link))
                worker.tell(Counts(camera="gate", at=clock.now(), persons=2))
                await until(lambda: link.counts("gate") is not None)
                clock.advance(6)
                assert link.counts("gate") is None
                later = clock.now()
                worker.cameras["gate"] = GATE.model_copy(update={"looked": 40, "frame_at": later})
                await until(lambda: link.counts("gate") is not None)
                assert link.counts("gate") == LiveCounts("gate", later, 2, {})

    asyncio.run(run())


def test_health_is_not_believed_for_longer_than_five_seconds(run_dir: Path) -> None:
    clock = FakeClock()

    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}, health_s=60):
            async with linked(run_dir, clock) as link:
                await until(knows(link))
                clock.advance(5.1)
                assert link.health("gate") is None
                assert link.workers() == ()

    asyncio.run(run())


def test_nothing_runs_on_once_the_link_ends(run_dir: Path) -> None:
    async def run() -> None:
        with FakeWorker(run_dir, {"gate": GATE}):
            async with linked(run_dir, None) as link:
                await until(knows(link))
            left = asyncio.all_tasks() - {asyncio.current_task()}
            assert not left

    asyncio.run(run())
