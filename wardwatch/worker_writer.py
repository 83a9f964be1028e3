"""What a worker has to tell the record: a bounded queue and the one thread that commits it.

Nothing is dropped. Whoever is faster than the database waits; a database that does not answer is
asked again until it does. What a worker has put here and the database has not committed is lost
with the process: only a commit is a promise.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

import structlog

from record.errors import RecordError, StoreUnavailable
from record.places import EVERYTHING
from record.store import Store, Writing

MOST_WAITING = 1000
MOST_TOGETHER = 100
"""Jobs in one transaction, so that a backlog does not make one that blocks all other writers."""
RETRY_S = (0.05, 2.0)
"""First and longest wait before a database that did not answer is asked again."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to write. `write` may run more than once, in a transaction rolled back before;
    `done` is called once, after the commit."""

    what: str
    write: Callable[[Writing], object]
    done: Callable[[], None] | None = None


class RecordWriter:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._give_up = threading.Event()
        self._alone = 0
        """How many of the next jobs are written one by one."""
        self._thread = threading.Thread(target=self._run, name="record-writer", daemon=True)
        self.refused = 0
        """Jobs that the record refused for good: of a camera that is gone, or by a defect."""

    def start(self) -> None:
        self._thread.start()

    def put(self, job: Job) -> None:
        """Hand over; waits while the queue is full."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._jobs) < MOST_WAITING or self._stopping)
            self._jobs.append(job)
            self._changed.notify_all()

    @property
    def waiting(self) -> int:
        return len(self._jobs)

    @property
    def full(self) -> bool:
        """Whoever hands over waits for the database."""
        return len(self._jobs) >= MOST_WAITING

    def stop(self, within_s: float) -> bool:
        """Write what waits, then end. False: it could not all be written in that time."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(within_s)
        self._give_up.set()
        if self._jobs:
            _log.error("events lost at the end: the store did not answer", count=len(self._jobs))
        return not self._jobs

    def _run(self) -> None:
        wait_s, longest_s = RETRY_S
        while (batch := self._next()) and not self._give_up.is_set():
            try:
                written = self._commit(batch)
            except StoreUnavailable:
                _log.warning("store unavailable", waiting=len(self._jobs), again_in_s=wait_s)
                self._give_up.wait(wait_s)
                wait_s = min(wait_s * 2, longest_s)
                continue
            wait_s = RETRY_S[0]
            with self._changed:
                for _ in range(written):
                    self._jobs.popleft()
                self._changed.notify_all()

    def _next(self) -> list[Job]:
        """What waits, left in the queue until it is committed; empty: nothing, and no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._stopping)
            together = MOST_TOGETHER if self._alone == 0 else 1
            return list(islice(self._jobs, together))

    def _commit(self, batch: Sequence[Job]) -> int:
        """How many of `batch` need no more writing. Raises `StoreUnavailable`.

        When the record refuses a batch, each of its jobs is tried alone, so that a bad one takes
        no other with it.
        """
        self._alone = max(0, self._alone - 1)
        try:
            with self._store.write(EVERYTHING) as record:
                for job in batch:
                    job.write(record)
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - the top of a thread: it must outlive defects
            if len(batch) > 1:
                self._alone = len(batch)
                return 0
            self._refuse(batch[0], error)
            return 1
        for job in batch:
            if job.done is not None:
                job.done()
        return len(batch)

    def _refuse(self, job: Job, error: Exception) -> None:
        self.refused += 1
        known = isinstance(error, RecordError)
        _log.error("not recorded", what=job.what, reason=str(error), exc_info=not known)
