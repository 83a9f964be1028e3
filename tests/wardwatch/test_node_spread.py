"""A node's workers are told their cameras anew while cameras come and go."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from record.ids import CameraId
from record.places import EVERYTHING
from record.store import Store
from tests.wardwatch.workers import await_true, camera, new_store
from wardwatch.node_spread import NodeSpread
from wardwatch.processes import Orders

BASE = Orders(settings={"port": 1})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as opened:
        yield opened


def add(store: Store, *names: str) -> None:
    with store.write(EVERYTHING) as record:
        for name in names:
            record.cameras.add(camera(name))


@dataclass
class Following:
    """A spread that follows the log in a thread."""

    store: Store
    workers: list[int] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> NodeSpread:
        self.spread = NodeSpread(self.store, BASE, self.workers.append)
        self.spread.begin()
        self.thread = threading.Thread(target=self.spread.follow, args=(self.stop,))
        self.thread.start()
        return self.spread

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


def told(spread: NodeSpread, worker: int) -> set[CameraId]:
    return set(spread.orders(worker).cameras or ())


def test_one_worker_has_all_cameras_up_to_sixteen(store: Store) -> None:
    add(store, *(f"c{n:02}" for n in range(15)))
    following = Following(store)
    with following as spread:
        assert following.workers == [0]
        assert len(told(spread, 0)) == 15
        assert spread.orders(0).worker == "worker-1"
        assert spread.orders(0).settings == BASE.settings
        add(store, "late")
        await_true(lambda: "late" in told(spread, 0))
        assert following.workers == [0]


def test_the_seventeenth_camera_brings_a_worker_while_the_node_runs(store: Store) -> None:
    add(store, *(f"c{n:02}" for n in range(16)))
    following = Following(store)
    with following as spread:
        before = told(spread, 0)
        add(store, "late")
        await_true(lambda: following.workers == [0, 1])
        assert spread.orders(1).worker == "worker-2"
        assert (len(told(spread, 0)), len(told(spread, 1))) == (9, 8)
        assert told(spread, 0) < before
        assert told(spread, 0) | told(spread, 1) == before | {CameraId("late")}


def test_a_camera_that_goes_changes_one_worker_only(store: Store) -> None:
    add(store, *(f"c{n:02}" for n in range(17)))
    with Following(store) as spread:
        first, second = spread.orders(0), spread.orders(1)
        with store.write(EVERYTHING) as record:
            record.cameras.remove(CameraId("c00"))
        await_true(lambda: CameraId("c00") not in spread.cameras(0))
        assert spread.orders(0) != first
        assert spread.orders(1) is second
