"""From the store to the event loop: one thread that follows the log for the whole process."""

import asyncio
import threading
from collections.abc import Callable, Sequence

import structlog

from record.clock import Clock
from record.errors import RecordError
from record.events import StoredEvent
from record.ids import Position
from record.store import Store

log = structlog.get_logger()

WAIT_S = 0.25
"""How long one wait lasts; also how soon the thread notices that it is to end."""
RETRY_S = 0.5
AHEAD = 8
"""Batches the loop may owe; the thread waits then, the log loses nothing."""


class Tailer:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        start: Position,
        deliver: Callable[[Sequence[StoredEvent]], None],
    ) -> None:
        """`deliver` is called on the loop that `start` is called on, in order of position."""
        self._store = store
        self._clock = clock
        self._position = start
        self._deliver = deliver
        self._stop = threading.Event()
        self._room = threading.Semaphore(AHEAD)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.failures = 0
        self.heard_at = clock.monotonic()

    @property
    def alive(self) -> bool:
        """Whether the store answered it within the last few seconds."""
        running = self._thread is not None and self._thread.is_alive()
        return running and self._clock.monotonic() - self.heard_at < 5

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="tailer", daemon=True)
        self._thread.start()

    async def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 5)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._follow()
            except RecordError as error:
                self.failures += 1
                log.warning("log out of reach", error=str(error))
                self._stop.wait(RETRY_S)

    def _follow(self) -> None:
        tail = self._store.tail(self._position)
        try:
            while not self._stop.is_set():
                events = tail.wait(WAIT_S)
                self.heard_at = self._clock.monotonic()
                if events:
                    self._hand_over(events)
        finally:
            tail.close()

    def _hand_over(self, events: Sequence[StoredEvent]) -> None:
        while not self._room.acquire(timeout=WAIT_S):
            if self._stop.is_set():
                return
        self._position = events[-1].position
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, events)

    def _take(self, events: Sequence[StoredEvent]) -> None:
        self._room.release()
        self._deliver(events)
