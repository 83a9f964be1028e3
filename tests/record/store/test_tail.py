"""Tails: each event once, in order, soon; whoever writes and whoever dies."""

import socket
import threading
import time
from pathlib import Path

import pytest

from record.events import EventType, NewEvent, StoredEvent
from record.ids import Position
from record.places import EVERYTHING
from record.store import Store, Tail
from record.store.tail import BATCH
from record.store.wake import SUFFIX, bind, wake
from tests.record.world import NOW, World

START = Position(2**32)


def append(store: Store, count: int = 1) -> list[StoredEvent]:
    with store.write(EVERYTHING) as writing:
        return [
            writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, f"{number}"))
            for number in range(count)
        ]


def delay_ms(store: Store, tail: Tail) -> float:
    """How long after the commit a waiting tail has the event."""
    moments: list[float] = []

    def follow() -> None:
        assert len(tail.wait(5)) == 1
        moments.append(time.perf_counter())

    reader = threading.Thread(target=follow)
    reader.start()
    time.sleep(0.03)
    append(store)
    committed = time.perf_counter()
    reader.join()
    return (moments[0] - committed) * 1000


def test_a_tail_begins_where_it_is_told_and_goes_on(store: Store) -> None:
    events = append(store, 5)
    with store.tail(events[1].position) as tail:
        assert list(tail.wait(1)) == events[2:]
        more = append(store, 2)
        assert list(tail.wait(1)) == more
        assert tail.position == more[-1].position
        assert tail.wait(0.05) == ()


def test_it_waits_no_longer_than_told(store: Store) -> None:
    with store.tail(START) as tail:
        before = time.monotonic()
        assert tail.wait(0.1) == ()
        assert 0.09 < time.monotonic() - before < 2


def test_what_is_rolled_back_never_arrives(store: Store) -> None:
    def fail_after_writing() -> None:
        with store.write(EVERYTHING) as writing:
            writing.events.append(NewEvent(EventType.NODE_STARTED, NOW, "lost"))
            raise KeyError

    with store.tail(START) as tail:
        with pytest.raises(KeyError):
            fail_after_writing()
        assert tail.wait(0.1) == ()
        (kept,) = append(store)
        assert tail.wait(1) == (kept,)


def test_a_long_log_comes_in_batches(store: Store) -> None:
    append(store, BATCH + 20)
    with store.tail(START) as tail:
        assert [len(tail.wait(1)) for _ in range(3)] == [BATCH, 20, 0]


def test_it_is_awake_within_milliseconds(store: Store) -> None:
    with store.tail(START) as tail:
        delays = sorted(delay_ms(store, tail) for _ in range(7))
    assert delays[3] < 50  # 0.4 ms on an idle machine; this one may be busy


def test_without_a_folder_it_still_looks_every_10_ms(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, store.tail(START) as tail:
        delays = sorted(delay_ms(store, tail) for _ in range(5))
    assert delays[2] < 100


def test_a_writer_that_knows_no_folder_is_noticed_all_the_same(
    sqlite_url: str, short_path: Path
) -> None:
    with (
        Store.open(sqlite_url, wake_dir=short_path / "wake") as store,
        Store.open(sqlite_url) as stranger,
        store.tail(START) as tail,
    ):
        assert delay_ms(stranger, tail) < 1000


def test_a_path_too_long_for_a_socket_is_no_reason_to_stop(
    sqlite_url: str, short_path: Path
) -> None:
    with Store.open(sqlite_url, wake_dir=short_path / ("x" * 120)) as store:
        with store.tail(START) as tail:
            assert delay_ms(store, tail) < 1000
        assert list((short_path / ("x" * 120)).iterdir()) == []


def test_sockets_of_the_dead_are_cleared_away_and_of_the_closed_too(short_path: Path) -> None:
    dead, dead_path = bind(short_path)
    dead.close()
    alive, alive_path = bind(short_path)
    stranger = short_path / "notes.txt"
    stranger.write_text("not a socket")
    wake(short_path)
    assert alive.recv(1) == b"\n"
    alive.close()
    assert not dead_path.exists()
    assert alive_path.exists()
    assert stranger.exists()
    assert alive_path.name.endswith(SUFFIX)


def test_a_reader_that_does_not_read_holds_up_nobody(short_path: Path) -> None:
    full, _ = bind(short_path)
    full.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    before = time.monotonic()
    for _ in range(2000):
        wake(short_path)
    assert time.monotonic() - before < 10
    full.close()


def test_waking_where_nobody_ever_listened_is_no_error(short_path: Path) -> None:
    wake(short_path / "never made")
    assert list(short_path.iterdir()) == []


def test_closing_a_tail_leaves_no_socket(sqlite_store: Store, short_path: Path) -> None:
    tail = sqlite_store.tail(START)
    assert len(list((short_path / "wake").iterdir())) == 1
    tail.close()
    assert list((short_path / "wake").iterdir()) == []


def test_events_come_with_the_units_they_are_matched_by(world: World) -> None:
    with world.store.read(EVERYTHING) as reading:
        last = reading.events.last()
    with world.store.tail(last) as tail:
        world.breach(next(iter(world.cameras)))
        (opened, ended) = tail.wait(1)
    assert len(opened.units) == len(ended.units) == 3
