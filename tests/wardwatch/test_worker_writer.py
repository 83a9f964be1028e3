"""The writing thread over a store that fails when it is told to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from record.errors import NotInScope, StoreUnavailable
from record.places import Scope
from record.store import Store, Writing
from tests.wardwatch.workers import await_true
from wardwatch.worker_writer import MOST_TOGETHER, MOST_WAITING, Job, RecordWriter


class FakeStore:
    """Keeps what is written in transactions that commit; `unavailable` is raised so many times."""

    def __init__(self) -> None:
        self.committed: list[list[str]] = []
        self.unavailable = 0
        self.open = threading.Event()
        self.open.set()

    @contextmanager
    def write(self, scope: Scope) -> Iterator[list[str]]:
        assert scope.everything
        self.open.wait(10)
        if self.unavailable:
            self.unavailable -= 1
            raise StoreUnavailable
        written: list[str] = []
        yield written
        self.committed.append(written)

    @property
    def all(self) -> list[str]:
        return [what for batch in self.committed for what in batch]


def job(what: str, done: list[str] | None = None) -> Job:
    def write(record: Writing) -> None:
        cast("list[str]", record).append(what)

    return Job(what, write, None if done is None else lambda: done.append(what))


def refused(what: str, error: Exception) -> Job:
    def write(record: Writing) -> None:
        cast("list[str]", record).append(what)
        raise error

    return Job(what, write)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
def writer(store: FakeStore) -> Iterator[RecordWriter]:
    made = RecordWriter(cast("Store", store))
    made.start()
    yield made
    store.open.set()
    made.stop(1)


def test_a_single_job_is_committed_at_once(store: FakeStore, writer: RecordWriter) -> None:
    done: list[str] = []
    writer.put(job("one", done))
    await_true(lambda: done == ["one"])
    assert store.committed == [["one"]]
    assert writer.waiting == 0


def test_what_waits_is_committed_together_in_order(store: FakeStore, writer: RecordWriter) -> None:
    store.open.clear()
    names = [f"{number}" for number in range(MOST_TOGETHER + 50)]
    for name in names:
        writer.put(job(name))
    store.open.set()
    assert writer.stop(5)
    assert store.all == names
    assert max(len(batch) for batch in store.committed) <= MOST_TOGETHER
    assert len(store.committed) <= 4


def test_a_store_that_is_away_is_asked_until_it_answers(
    store: FakeStore, writer: RecordWriter
) -> None:
    store.unavailable = 3
    done: list[str] = []
    for name in ("one", "two", "three"):
        writer.put(job(name, done))
    await_true(lambda: len(done) == 3)
    assert store.all == ["one", "two", "three"]
    assert done == ["one", "two", "three"]


@pytest.mark.parametrize("error", [NotInScope("camera", "gone"), ZeroDivisionError()])
def test_a_bad_job_takes_no_other_with_it(
    store: FakeStore, writer: RecordWriter, error: Exception
) -> None:
    store.open.clear()
    for one in (job("before"), refused("bad", error), job("after")):
        writer.put(one)
    writer.put(job("later"))
    store.open.set()
    assert writer.stop(5)
    assert store.all == ["before", "after", "later"]
    assert writer.refused == 1


def test_one_by_one_and_away_in_between_nothing_is_written_twice(
    store: FakeStore, writer: RecordWriter
) -> None:
    class AwayOnce:
        tries = 0

        def __call__(self, record: Writing) -> None:
            AwayOnce.tries += 1
            if AwayOnce.tries == 2:
                raise StoreUnavailable
            cast("list[str]", record).append("third")

    store.open.clear()
    for one in (
        job("first"),
        refused("bad", NotInScope("camera", "gone")),
        Job("third", AwayOnce()),
    ):
        writer.put(one)
    store.open.set()
    assert writer.stop(5)
    assert store.all == ["first", "third"]


def test_whoever_is_faster_than_the_store_waits(store: FakeStore, writer: RecordWriter) -> None:
    store.open.clear()
    put = []

    def flood() -> None:
        for number in range(MOST_WAITING + 10):
            writer.put(job(str(number)))
            put.append(number)

    thread = threading.Thread(target=flood)
    thread.start()
    await_true(lambda: len(put) == MOST_WAITING)
    assert writer.waiting == MOST_WAITING
    store.open.set()
    thread.join(5)
    assert writer.stop(5)
    assert len(store.all) == MOST_WAITING + 10


def test_an_end_without_a_store_is_admitted(store: FakeStore, writer: RecordWriter) -> None:
    store.unavailable = 10**9
    writer.put(job("lost"))
    assert not writer.stop(0.2)
    assert writer.waiting == 1
