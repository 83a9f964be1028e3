"""Many readers at once: the API in a process of its own, every event heard by each, in time."""

import asyncio
import multiprocessing
import resource
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
import pytest
import uvloop

from api import Server, WorkerLink, create_app, prepare, server_config
from record.clock import SystemClock
from record.store import Store
from tests.api.conftest import SETTINGS, Running
from tests.api.sse import Event, open_reader, request_for, until
from tests.api.streaming import append, cookie_of
from tests.api.world import World

A_SECOND = 20
"""Events; design, "Budgets"."""


def serve_in_child(url: str, wake_dir: Path, run_dir: Path, tell: Connection) -> None:
    """Until SIGTERM."""
    _allow_many_sockets()
    with Store.open(url, wake_dir=wake_dir) as store:
        app = create_app(SETTINGS, store, SystemClock(), WorkerLink(run_dir))
        server = Server(server_config(app))
        with socket.create_server(("127.0.0.1", 0), backlog=4096) as listening:
            tell.send(listening.getsockname()[1])
            server.run(sockets=[prepare(listening)])


def _allow_many_sockets() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


@contextmanager
def child(url: str, short_path: Path) -> Iterator[int]:
    """The port it listens on."""
    run_dir = short_path / "run"
    run_dir.mkdir(mode=0o700, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    hear, tell = context.Pipe(duplex=False)
    process = context.Process(
        target=serve_in_child, args=(url, short_path / "wake", run_dir, tell), daemon=True
    )
    process.start()
    try:
        assert hear.poll(30), "the API did not start"
        port: int = hear.recv()
        _until_ready(port)
        yield port
    finally:
        process.terminate()
        process.join(15)
        hear.close()
        tell.close()
        # uvicorn raises the signal again once it has shut down in order
        assert process.exitcode == -signal.SIGTERM, f"the API ended with {process.exitcode}"


def _until_ready(port: int) -> None:
    for _ in range(200):
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the API is not ready")


def crowd(world: World, port: int, readers: int, seconds: float) -> list[float]:
    """Seconds from commit to arrival, one for each event and reader; all must have all."""
    running = Running(f"http://127.0.0.1:{port}", port)
    with running.client("supervisor.north") as client:
        request = request_for("?types=camera.degraded", cookie_of(client))
        return uvloop.run(_crowd(world, port, request, readers, seconds))


async def _crowd(
    world: World, port: int, request: bytes, readers: int, seconds: float
) -> list[float]:
    arrived: list[dict[int, float]] = [{} for _ in range(readers)]
    heard = [0] * readers

    def listener(index: int) -> "tuple[int, object]":
        def take(event: Event) -> None:
            heard[index] += 1
            if event.id is not None and event.name.startswith("wardwatch."):
                assert event.id not in arrived[index], "doubled"
                arrived[index][event.id] = time.monotonic()

        return index, take

    opened = []
    for begin in range(0, readers, 50):
        several = [listener(index)[1] for index in range(begin, min(begin + 50, readers))]
        opened += await asyncio.gather(
            *(open_reader(port, request, take) for take in several)  # type: ignore[arg-type]
        )
    await until(lambda: all(heard), 60)
    committed = await asyncio.to_thread(_write, world, seconds)
    await until(lambda: all(len(each) >= len(committed) for each in arrived), 30)
    for reader in opened:
        reader.drop()
    assert all(list(each) == sorted(each) for each in arrived)
    return [at - committed[position] for each in arrived for position, at in each.items()]


def _write(world: World, seconds: float) -> dict[int, float]:
    """Events at an even pace, and when each was committed."""
    committed: dict[int, float] = {}
    begin = time.monotonic()
    for number in range(int(seconds * A_SECOND)):
        pause = begin + number / A_SECOND - time.monotonic()
        threading.Event().wait(max(0.0, pause))
        started = time.monotonic()
        (position,) = append(world.store, world.north)
        committed[position] = started
    return committed


def p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def test_a_hundred_readers_hear_all(world: World, sqlite_url: str, short_path: Path) -> None:
    with child(sqlite_url, short_path) as port:
        waits = crowd(world, port, readers=100, seconds=2)
    assert len(waits) == 100 * 2 * A_SECOND  # how fast is for `prove`, on a machine at rest


@pytest.mark.prove
@pytest.mark.parametrize("readers", [1000, 2500])
def test_thousands_of_readers_hear_all(
    world: World,
    sqlite_url: str,
    short_path: Path,
    readers: int,
    record_property: Callable[[str, object], None],
) -> None:
    _allow_many_sockets()
    with child(sqlite_url, short_path) as port:
        waits = sorted(crowd(world, port, readers=readers, seconds=15))
    record_property("p50_ms", round(waits[len(waits) // 2] * 1000, 1))
    record_property("p95_ms", round(p95(waits) * 1000, 1))
    record_property("most_ms", round(waits[-1] * 1000, 1))
    assert len(waits) == readers * 15 * A_SECOND
    assert p95(waits) < 0.2
