"""Readers that drop and resume at random places while several write: each position exactly once."""

import asyncio
import contextlib
import multiprocessing
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from record.errors import StoreUnavailable
from record.store import Store
from tests.api.conftest import SETTINGS, Running, Serve
from tests.api.sse import Event, open_reader, request_for, until
from tests.api.streaming import append, cookie_of, logged
from tests.api.world import Ward, World, build_world

SEED = 7


def write(store: Store, north: Ward, south: Ward, seed: int, transactions: int) -> list[int]:
    """Several events a transaction, at random moments; positions of those in the north."""
    dice = random.Random(seed)
    positions: list[int] = []
    for _ in range(transactions):
        ward = dice.choice((north, north, south))
        new = _insist(store, ward, dice.randint(1, 5))
        if ward is north:
            positions += new
        time.sleep(dice.uniform(0, 0.02))
    return positions


def write_in_process(
    url: str, wake_dir: Path, north: Ward, south: Ward, seed: int, transactions: int
) -> list[int]:
    with Store.open(url, wake_dir=wake_dir) as store:
        return write(store, north, south, seed, transactions)


def _insist(store: Store, ward: Ward, count: int) -> list[int]:
    """On a busy machine one of many writers may wait in line for longer than the store allows."""
    while True:
        with contextlib.suppress(StoreUnavailable):
            return append(store, ward, count)


def _full(taken: list[Event], limit: int) -> bool:
    return len(taken) >= limit


async def dropping_reader(
    port: int, cookie: str, seed: int, start: int, over: Callable[[int], bool]
) -> list[int]:
    """Drops its connection at random moments and resumes from the last id it saw."""
    dice = random.Random(seed)
    seen: list[int] = []
    last = start
    while not over(last):
        limit = dice.randint(1, 60)
        taken: list[Event] = []

        def take(event: Event, taken: list[Event] = taken, limit: int = limit) -> None:
            if len(taken) < limit:
                taken.append(event)

        request = request_for("", cookie, last_event_id=last)
        reader = await open_reader(port, request, take)
        if dice.random() < 0.9:  # else it is gone before anything came
            await until(partial(_full, taken, 1), 30)
            with contextlib.suppress(TimeoutError):
                await until(partial(_full, taken, limit), dice.uniform(0, 0.4))
        reader.drop()
        assert not [event for event in taken if event.name == "reset"]
        seen += [event.id or 0 for event in logged(taken)]
        last = max([last, *(event.id for event in taken if event.id is not None)])
    return seen


def each_position_once(
    api: Running, pool: Executor, work: Sequence[Callable[[], list[int]]], readers: int
) -> None:
    with api.client("supervisor.north") as client:
        cookie = cookie_of(client)
        start = client.get("/events").json()["next"]
        writing = [pool.submit(one) for one in work]

        def over(last: int) -> bool:
            done = all(one.done() for one in writing)
            return done and last >= max(one.result()[-1] for one in writing)

        async def run() -> list[list[int]]:
            return await asyncio.gather(
                *(dropping_reader(api.port, cookie, n, start, over) for n in range(readers))
            )

        seen = asyncio.run(run())
    wanted = sorted(position for one in writing for position in one.result())
    assert len(wanted) > 10 * len(work)
    for positions in seen:
        assert positions == wanted


def writers(world: World, count: int, transactions: int) -> list[Callable[[], list[int]]]:
    return [
        partial(write, world.store, world.north, world.south, SEED + number, transactions)
        for number in range(count)
    ]


@pytest.mark.parametrize("ring_events", [5, 20_000])
def test_readers_that_drop_and_resume_see_each_position_once(
    store: Store, serve: Serve, ring_events: int
) -> None:
    """From memory, and from the store when memory does not reach back far enough."""
    world = build_world(store)
    settings = replace(SETTINGS, ring_events=ring_events)
    with serve(store, settings) as api, ThreadPoolExecutor(3) as pool:
        each_position_once(api, pool, writers(world, 3, 20), readers=6)


@pytest.mark.prove
@pytest.mark.timeout(300)
@pytest.mark.parametrize("ring_events", [20, 20_000])
def test_twenty_readers_drop_and_resume_while_many_processes_write(
    store: Store, store_url: str, short_path: Path, serve: Serve, ring_events: int
) -> None:
    world = build_world(store)
    settings = replace(SETTINGS, ring_events=ring_events)
    place = (store_url, short_path / "wake", world.north, world.south)
    work = [partial(write_in_process, *place, SEED + number, 150) for number in range(4)]
    spawn = multiprocessing.get_context("spawn")
    with serve(store, settings) as api, ProcessPoolExecutor(4, mp_context=spawn) as pool:
        each_position_once(api, pool, work, readers=20)
