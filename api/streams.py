"""The streams of this process: what feeds the fan-out, and one reader's way from history to now."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.fanout import (
    Fanout,
    Outlet,
    Subscriber,
    View,
    entry_of,
    live_entry,
    reset_wire,
    tick_wire,
)
from api.outlets import outlet_for
from api.places import REASONS as PLACES_CHANGED
from api.places import Place, places_of_cameras
from api.session_watch import REASONS as SESSIONS_CHANGED
from api.session_watch import SessionWatch
from api.sessions import SignedIn
from api.settings import ApiSettings
from api.tailer import Tailer
from api.worker_link import LiveCounts, WorkerLink
from record.clock import Clock
from record.envelope import base_of
from record.errors import RecordError
from record.events import StoredEvent
from record.ids import CameraId, Position
from record.moments import stamp
from record.places import EVERYTHING
from record.store import Store

log = structlog.get_logger()

FIRST_PAGE = 60
PAGE = 500
"""Events read from the store at once while a reader catches up: few at first, for most have missed
little, and then more and more."""
RECENT = 2000
"""Events that the ring holds from the start on."""
CATCHING_UP = 3
"""Readers that the store reads for at once; the others wait their turn, requests do not."""
STALLED_S = 30.0
"""A reader of history who takes nothing for so long is given up."""
HEAD = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
RETRY = b"retry: 1000\n\n"


@dataclass(frozen=True, slots=True)
class _Chapter:
    """A page of history: what the view admits of it, and how far it reaches."""

    wire: bytes
    until: Position


class Streams:
    """Everything that is started and stopped with the application and feeds streams."""

    def __init__(
        self,
        settings: ApiSettings,
        store: Store,
        clock: Clock,
        workers: WorkerLink,
        sessions: SessionWatch,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._workers = workers
        self._places: dict[CameraId, Place] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._stale = asyncio.Event()
        self._limiter: CapacityLimiter | None = None
        self.sessions = sessions
        self.fanout = Fanout(Position(0))
        self.tailer: Tailer | None = None

    async def start(self) -> None:
        start, recent = await run_sync(self._recent)
        self.fanout = Fanout(start, self._settings.ring_events)
        self.fanout.publish(entry_of(event) for event in recent)
        self._places = await run_sync(places_of_cameras, self._store)
        self.tailer = Tailer(self._store, self._clock, self.fanout.head, self._deliver)
        self.tailer.start()
        self._workers.on_counts(self._counted)
        loops = (self._workers.run(), self.sessions.run(), self._tick(), self._follow_places())
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        for task in self._tasks:
            task.add_done_callback(_report)

    def end(self) -> None:
        """Every stream ends now; readers come back to whoever answers then."""
        self.sessions.end_all()

    async def stop(self) -> None:
        self.end()
        if self.tailer is not None:
            await self.tailer.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _recent(self) -> tuple[Position, Sequence[StoredEvent]]:
        """What the ring begins with: after a restart all readers come back at once, and most of
        them missed a few seconds only."""
        with self._store.read(EVERYTHING) as reading:
            last = reading.events.last()
            start = Position(max(base_of(last), last - RECENT))
            return start, reading.events.after(start, RECENT)

    def _deliver(self, events: Sequence[StoredEvent]) -> None:
        self.fanout.publish(entry_of(event) for event in events)
        kinds = {event.type for event in events}
        if kinds & SESSIONS_CHANGED:
            self.sessions.look_at_all()
        if kinds & PLACES_CHANGED:
            self._stale.set()

    def _counted(self, counts: LiveCounts) -> None:
        place = self._places.get(CameraId(counts.camera))
        if place is None:
            return
        data = {
            "camera": counts.camera,
            "site": place.site,
            "at": stamp(counts.at),
            "persons": counts.persons,
            "areas": counts.areas,
        }
        self.fanout.publish_live(
            live_entry("occupancy", data, site=place.site, units=place.units, camera=counts.camera)
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self._settings.tick_s)
            self.fanout.tick(self._clock.now())

    async def _follow_places(self) -> None:
        while True:
            await self._stale.wait()
            self._stale.clear()
            try:
                self._places = await run_sync(places_of_cameras, self._store)
            except RecordError as error:
                log.warning("places of cameras not read", error=str(error))
                self._stale.set()
                await asyncio.sleep(1)

    def _chapter(self, view: View, after: Position, limit: int) -> _Chapter:
        """Read a page of history in one transaction (on a thread)."""
        with self._store.read(view.scope) as reading:
            last = reading.events.last()
            events = reading.events.after(
                after,
                limit,
                types=view.event_types(),
                unit=view.unit,
                site=view.site,
                camera=view.camera,
            )
        entries = (entry_of(event) for event in events)
        wire = b"".join(entry.wire for entry in entries if view.admits(entry))
        return _Chapter(wire, events[-1].position if len(events) == limit else max(last, after))

    async def catch_up(self, view: View, after: Position, limit: int) -> _Chapter:
        self._limiter = self._limiter or CapacityLimiter(CATCHING_UP)
        return await run_sync(self._chapter, view, after, limit, limiter=self._limiter)

    async def issued(self, position: Position) -> bool:
        """Whether a reader may resume from there."""
        return self.fanout.holds(position) or await run_sync(self._known, position)

    def _known(self, position: Position) -> bool:
        with self._store.read(EVERYTHING) as reading:
            return reading.events.known(position)

    def tick_wire(self, position: Position) -> bytes:
        return tick_wire(position, self._clock.now())


class EventStream(Response):
    """One reader. `after` None: from now on; 0: from the beginning."""

    def __init__(
        self, streams: Streams, signed_in: SignedIn, view: View, after: Position | None
    ) -> None:
        self.status_code = 200
        self.background = None
        self._streams = streams
        self._signed_in = signed_in
        self._view = view
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sessions = self._streams.sessions
        end = sessions.add(self._signed_in)
        await send({"type": "http.response.start", "status": 200, "headers": list(HEAD)})
        await send({"type": "http.response.body", "body": RETRY, "more_body": True})
        outlet = outlet_for(scope, send)
        gone = asyncio.create_task(_until_gone(receive))
        reading = asyncio.create_task(self._read(outlet, send))
        try:
            await asyncio.wait({end, gone, reading}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sessions.remove(self._signed_in, end)
            await _cancelled(reading)
            outlet.close()
            if not gone.done():
                await _finish(send, outlet)
            await _cancelled(gone)

    async def _read(self, outlet: Outlet, send: Send) -> None:
        """History until the ring takes over, then whatever the fan-out writes."""
        fanout = self._streams.fanout
        cut_off: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        subscriber = Subscriber(self._view, outlet, await self._begin(send), cut_off)
        limit = FIRST_PAGE
        try:
            while not fanout.attach(subscriber):
                subscriber.cursor = await self._chapter(subscriber.cursor, limit, send)
                limit = min(2 * limit, PAGE)
            await cut_off
        finally:
            fanout.detach(subscriber)

    async def _begin(self, send: Send) -> Position:
        """Where to begin; an id that was never issued is answered with a reset."""
        head = self._streams.fanout.head
        if self._after is None:
            await _put(send, self._streams.tick_wire(head))
            return head
        if self._after == 0 or await self._streams.issued(self._after):
            return self._after
        await _put(send, reset_wire(head))
        return head

    async def _chapter(self, cursor: Position, limit: int, send: Send) -> Position:
        chapter = await self._streams.catch_up(self._view, cursor, limit)
        wire = chapter.wire or self._streams.tick_wire(chapter.until)
        await _put(send, wire)
        return chapter.until


def _report(task: "asyncio.Task[None]") -> None:
    """None of these ends before the process does; one that has must not do so in silence."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background task ended", task=str(task.get_coro()), exc_info=error)


async def _put(send: Send, wire: bytes) -> None:
    """Send at the client's own pace; raises `TimeoutError` when it has none."""
    message = {"type": "http.response.body", "body": wire, "more_body": True}
    await asyncio.wait_for(send(message), STALLED_S)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _finish(send: Send, outlet: Outlet) -> None:
    """The last chunk, for a client that takes it; the others lose the connection."""
    try:
        last = {"type": "http.response.body", "body": b"", "more_body": False}
        await asyncio.wait_for(send(last), 1.0)
    except TimeoutError:
        outlet.cut()


async def _cancelled(task: "asyncio.Task[None]") -> None:
    task.cancel()
    try:
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await task
    except RecordError as error:
        log.warning("stream ended: log out of reach", error=str(error))
