"""A whole node over sample cameras: processes are killed, and nothing is lost."""

import json
import os
import random
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from http.cookiejar import CookieJar
from typing import Any

import pytest

from record.events import EventType
from record.ids import Position
from record.places import EVERYTHING
from record.store import verify_chain
from tests.processes import child_pid
from wardwatch import compose
from wardwatch.bench.events import busy_cameras
from wardwatch.bench.rig import Rig, running

SAID_WITHIN_S = 5.0
BACK_WITHIN_S = 10.0
PROCESSES = ("wardwatch.worker_process", "sample_streams", "wardwatch.api_process")
SLACK_S = 2.0
"""For a machine that does other things too; the page's own deadlines are tested apart."""


class Visitor:
    """Signed in, reads the wall, and follows the event stream across every cut."""

    def __init__(self, rig: Rig) -> None:
        self._url = rig.url
        self._session = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        body = json.dumps({"username": "admin", "password": rig.password}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{rig.url}/api/v1/session", body, headers)
        self._session.open(request, timeout=10).close()
        self.positions: list[int] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow)
        self._thread.start()

    def states(self) -> dict[str, str]:
        """Camera → state, over all sites."""
        with self._session.open(f"{self._url}/api/v1/cameras?limit=100", timeout=10) as answer:
            return {one["id"]: one["state"] for one in json.load(answer)["items"]}

    def close(self) -> None:
        self._stop.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()

    def _follow(self) -> None:
        last = "0"
        while not self._stop.is_set():
            url = f"{self._url}/api/v1/events/stream?after=0"
            request = urllib.request.Request(url, headers={"Last-Event-ID": last})
            try:
                with self._session.open(request, timeout=8) as stream:
                    last = self._read(stream, last)
            except (OSError, urllib.error.URLError, EOFError):
                self._stop.wait(0.1)

    def _read(self, stream: Any, last: str) -> str:
        event = identity = ""
        try:
            for raw in stream:
                name, _, value = raw.decode().rstrip("\n").partition(":")
                if name == "event":
                    event = value.strip()
                elif name == "id":
                    identity = value.strip()
                elif not name and not value:
                    if identity:
                        last = identity
                        if event.startswith("wardwatch."):
                            self.positions.append(int(identity))
                    event = identity = ""
                    if self._stop.is_set():
                        break
        except (OSError, ValueError):
            pass
        return last


@pytest.fixture(scope="module")
def node() -> Generator[tuple[Rig, Visitor], None, None]:
    with running(busy_cameras(3)) as rig:
        visitor = Visitor(rig)
        try:
            yield rig, visitor
        finally:
            visitor.close()


def wait_for(condition: Callable[[], bool], seconds: float) -> float:
    """Seconds until `condition` held; fails after `seconds` and the slack."""
    began = time.monotonic()
    while True:
        try:
            if condition():
                return time.monotonic() - began
        except (OSError, urllib.error.URLError):
            pass
        assert time.monotonic() - began < seconds + SLACK_S, f"not within {seconds:g} s"
        time.sleep(0.1)


def kill(word: str, visitor: Visitor, how: int = signal.SIGKILL) -> tuple[float, float]:
    """Kill or stop one process; seconds until the node said so, and until all was back."""
    cameras = len(visitor.states())

    def all_online() -> bool:
        return list(visitor.states().values()) == ["online"] * cameras

    wait_for(all_online, 3 * BACK_WITHIN_S)
    os.kill(child_pid(word), how)
    began = time.monotonic()
    said = 0.0
    if word != "wardwatch.api_process":
        said = wait_for(lambda: "offline" in visitor.states().values(), SAID_WITHIN_S)
    wait_for(all_online, BACK_WITHIN_S - said)
    return said, time.monotonic() - began


def check_nothing_lost(rig: Rig, visitor: Visitor) -> int:
    """Every position of the store reached the reader exactly once and in order; the chain holds."""
    store = compose.open_store(rig.settings)
    try:
        with store.read(EVERYTHING) as record:
            last = record.events.last()
        wait_for(lambda: bool(visitor.positions) and visitor.positions[-1] >= last, 15)
        seen = list(visitor.positions)
        with store.read(EVERYTHING) as record:
            stored = [event.position for event in record.events.after(Position(0), 100_000)]
        assert seen == stored[: len(seen)]
        assert len(seen) >= stored.index(last) + 1
        assert verify_chain(store).ok
        return len(seen)
    finally:
        store.close()


def unwatched_in_record(rig: Rig) -> int:
    """How often the record itself says that a camera lost its worker."""
    with compose.open_store(rig.settings) as store, store.read(EVERYTHING) as record:
        events = record.events.after(Position(0), 100_000, types={EventType.CAMERA_OFFLINE})
    return sum(json.loads(one.body)["data"]["reason"] == "worker_lost" for one in events)


@pytest.mark.timeout(240)
def test_a_kill_of_each_process_is_said_and_mended_and_loses_nothing(
    node: tuple[Rig, Visitor],
) -> None:
    rig, visitor = node
    for word in PROCESSES:
        kill(word, visitor)
    assert check_nothing_lost(rig, visitor) > 0
    assert unwatched_in_record(rig) == 3  # each camera once, when its worker was killed


@pytest.mark.timeout(120)
def test_a_worker_that_hangs_is_said_and_replaced(node: tuple[Rig, Visitor]) -> None:
    """Stopped, it still has its sockets and its connections to the cameras, and does nothing."""
    rig, visitor = node
    before = unwatched_in_record(rig)
    kill(PROCESSES[0], visitor, signal.SIGSTOP)
    assert check_nothing_lost(rig, visitor) > 0
    assert unwatched_in_record(rig) == before + 3


@pytest.mark.prove
@pytest.mark.timeout(1800)
def test_thirty_random_kills(
    node: tuple[Rig, Visitor], record_property: Callable[[str, object], None]
) -> None:
    rig, visitor = node
    choose = random.Random(20261124)
    said, back = [], []
    for _ in range(30):
        word = choose.choice(
            ("wardwatch.worker_process", "sample_streams", "wardwatch.api_process")
        )
        one_said, one_back = kill(word, visitor)
        said.append(one_said)
        back.append(one_back)
        time.sleep(choose.uniform(0, 3))
    record_property("kills", len(back))
    record_property("longest until said, s", round(max(said), 1))
    record_property("longest until back, s", round(max(back), 1))
    record_property("events, none lost or doubled", check_nothing_lost(rig, visitor))
