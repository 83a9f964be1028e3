"""Several processes write, several read, some are killed: the log stays whole.

Seeded and short here; `make prove` runs the same with larger counts.
"""

import contextlib
import random
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from record.errors import StoreUnavailable
from record.events import EventType, NewEvent, StoredEvent
from record.ids import Position
from record.places import EVERYTHING
from record.store import Store, verify_chain
from tests.record.world import NOW

ROOT = Path(__file__).parents[3]
START = Position(2**32)
DEADLINE_S = 500
"""Only so that nothing hangs; the marks on the tests are what they may take."""


@dataclass(frozen=True, slots=True)
class Writer:
    name: str
    process: subprocess.Popen[str]

    def next_line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def finish(self) -> int:
        """Its last committed count, when it has ended by itself."""
        output, _ = self.process.communicate(timeout=DEADLINE_S)
        assert self.process.returncode == 0
        return int(output.split()[-1])

    def kill(self) -> int:
        """SIGKILL; the last count it said was committed (more may be)."""
        self.process.send_signal(signal.SIGKILL)
        output, _ = self.process.communicate(timeout=DEADLINE_S)
        return int(([*output.split()] or ["0"])[-1])


def start(url: str, wake_dir: Path, name: str, count: int) -> Writer:
    command = [sys.executable, "-m", "tests.record.store.appending", url, str(wake_dir), name]
    writer = Writer(
        name,
        subprocess.Popen([*command, str(count)], stdout=subprocess.PIPE, text=True, cwd=ROOT),
    )
    assert writer.next_line() == "begun"
    return writer


def read_until(
    store: Store, total: int, seen: list[Position], dice: random.Random, resumes: int
) -> None:
    """Follow the log to `total` events; drop the tail now and then and resume where it stood."""
    position = START
    for _ in range(resumes + 1):
        stop_at = total if _ == resumes else dice.randint(len(seen), total)
        with store.tail(position) as tail:
            quiet = 0
            while len(seen) < stop_at and quiet < DEADLINE_S:
                events = tail.wait(1)
                quiet = 0 if events else quiet + 1
                seen += [event.position for event in events]
                position = tail.position


def run_writers_and_readers(
    store: Store, url: str, wake_dir: Path, *, writers: int, each: int, readers: int
) -> None:
    total = writers * each
    places: list[list[Position]] = [[] for _ in range(readers)]
    threads = [
        threading.Thread(
            target=read_until, args=(store, total, seen, random.Random(number), number % 4)
        )
        for number, seen in enumerate(places)
    ]
    for thread in threads:
        thread.start()
    with contextlib.ExitStack() as stack:
        started = [start(url, wake_dir, f"writer {number}", each) for number in range(writers)]
        for writer in started:
            stack.enter_context(writer.process)
        assert [writer.finish() for writer in started] == [each] * writers
    for thread in threads:
        thread.join(DEADLINE_S)
    expected = [Position(START + number) for number in range(1, total + 1)]
    for seen in places:
        assert seen == expected
    assert verify_chain(store).ok


def test_every_reader_sees_each_position_once_in_order(
    store: Store, store_url: str, short_path: Path
) -> None:
    run_writers_and_readers(store, store_url, short_path / "wake", writers=2, each=60, readers=3)


@pytest.mark.prove
@pytest.mark.timeout(600)
def test_every_reader_sees_each_position_once_in_order_for_long(
    store: Store, store_url: str, short_path: Path
) -> None:
    run_writers_and_readers(store, store_url, short_path / "wake", writers=6, each=3000, readers=20)


def everything(store: Store) -> list[StoredEvent]:
    events: list[StoredEvent] = []
    with store.read(EVERYTHING) as reading:
        while more := reading.events.after(events[-1].position if events else START, 1000):
            events += more
    return events


def check_whole(store: Store, said: dict[str, int]) -> None:
    """Every transaction is there wholly or not at all, and none that was answered is missing."""
    numbers: dict[str, list[int]] = {name: [] for name in said}
    parts_left = 0
    for event in everything(store):
        data = orjson.loads(event.body)["data"]
        if parts_left == 0:
            assert data["part"] == 0
            parts_left = data["of"]
        parts_left -= 1
        assert data["part"] == data["of"] - parts_left - 1
        numbers[event.subject].append(data["number"])
    assert parts_left == 0
    for name, committed in said.items():
        assert numbers[name] == list(range(len(numbers[name])))
        assert len(numbers[name]) >= committed
    report = verify_chain(store)
    assert report.ok
    assert report.erased_texts == 0


def run_kills(store: Store, url: str, wake_dir: Path, *, kills: int, seed: int) -> None:
    dice = random.Random(seed)
    said: dict[str, int] = {}
    survivor = start(url, wake_dir, "survivor", 100 * kills)
    for number in range(kills):
        victim = start(url, wake_dir, f"victim {number}", 1_000_000)
        for _ in range(dice.randint(1, 8)):
            victim.next_line()
        said[victim.name] = victim.kill()
    said[survivor.name] = survivor.finish()
    check_whole(store, said)


def test_a_killed_writer_leaves_whole_transactions_and_the_others_go_on(
    store: Store, store_url: str, short_path: Path
) -> None:
    run_kills(store, store_url, short_path / "wake", kills=2, seed=11)


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_many_killed_writers_leave_whole_transactions(
    store: Store, store_url: str, short_path: Path
) -> None:
    run_kills(store, store_url, short_path / "wake", kills=100, seed=12)


def test_one_who_waits_too_long_for_its_turn_is_told(store: Store, store_url: str) -> None:
    with (
        Store.open(store_url, busy_s=0.2) as hasty,
        store.write(EVERYTHING) as writing,
    ):
        writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, "first"))
        with pytest.raises(StoreUnavailable), hasty.write(EVERYTHING):
            pass  # never reached: the writer's place is taken
        with hasty.read(EVERYTHING) as reading:
            assert reading.events.last() == START
        assert writing.events.last() == START + 1
