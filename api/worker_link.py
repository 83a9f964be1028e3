"""The API's end of the workers' local sockets: answers on request, counts and health as they come.

A worker listens on `worker-*.sock` in the run directory. It may die and come back under the same
name at any moment; nothing here waits for it longer than `ASK_TIMEOUT_S`, and what it said last is
shown as current for `FRESH_S` only.
"""

import asyncio
import os
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import structlog

from api.errors import PictureUnavailable, WorkerRefused, WorkerUnavailable
from record.cameras import CameraReason, CameraState
from record.clock import Clock, SystemClock
from record.messages import (
    IN_FORCE_S,
    Ask,
    AskInForce,
    AskPicture,
    AskUpdates,
    CameraHealth,
    Counts,
    Decoder,
    Health,
    InForce,
    Message,
    MessageRefused,
    PictureMissing,
    PictureSent,
    Refused,
    Reply,
    encode,
)

log = structlog.get_logger()

SOCKETS = "worker-*.sock"
SCAN_S = 0.5
ASK_TIMEOUT_S = 2.0
FRESH_S = 5.0
PENDING = 64
"""Questions one worker may owe answers to; one more is refused at once."""
BACKOFF_S = (0.1, 2.0)
_CHUNK = 256 * 1024


@dataclass(frozen=True, slots=True)
class LivePicture:
    """A JPEG, unreadable where people are."""

    jpeg: bytes
    captured_at: datetime
    unlooked: bool = False
    """It is hidden whole: nobody has looked for people in it yet."""


@dataclass(frozen=True, slots=True)
class LiveCounts:
    """People in view of one camera, as far as anybody knows. `persons` None: unknown."""

    camera: str
    at: datetime
    persons: int | None
    areas: dict[str, int]


class _Connection:
    """One worker, while it is connected."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._numbers = count(1)
        self._owed: dict[int, asyncio.Future[tuple[Reply, bytes]]] = {}
        self.health: Health | None = None
        self.heard_at = 0.0

    @property
    def cameras(self) -> tuple[CameraHealth, ...]:
        return () if self.health is None else self.health.cameras

    async def ask(self, question: Ask, timeout_s: float) -> tuple[Reply, bytes]:
        """Raises `WorkerUnavailable` when no answer comes, `WorkerRefused` for a refusal."""
        if len(self._owed) >= PENDING:
            raise WorkerUnavailable(CameraReason.STALLED)
        number = next(self._numbers)
        answer: asyncio.Future[tuple[Reply, bytes]] = asyncio.get_running_loop().create_future()
        self._owed[number] = answer
        numbered: Any = question.model_copy(update={"request": number})
        try:
            self._writer.write(encode(numbered))
            return await asyncio.wait_for(answer, timeout_s)
        except TimeoutError:
            raise WorkerUnavailable(CameraReason.STALLED) from None
        finally:
            del self._owed[number]

    def answer(self, message: Reply, body: bytes) -> None:
        waiting = self._owed.get(message.request)
        if waiting is None or waiting.done():
            return
        if isinstance(message, Refused):
            waiting.set_exception(WorkerRefused(message.reason, message.detail, message.field))
        else:
            waiting.set_result((message, body))

    def lost(self) -> None:
        for waiting in self._owed.values():
            if not waiting.done():
                waiting.set_exception(WorkerUnavailable(CameraReason.WORKER_LOST))


@dataclass(slots=True)
class _Seen:
    """The newest counts of a camera, and when its worker last looked at a frame."""

    counts: Counts
    looked: int
    looked_at: datetime


def _ours(path: Path) -> bool:
    """There, and made by our own user: nobody else may feed us pictures."""
    try:
        return path.stat().st_uid == os.getuid()
    except OSError:
        return False


class WorkerLink:
    """All workers of this box. Its coroutines run on one event loop; the plain methods only read
    and may be called from any thread."""

    def __init__(self, run_dir: Path, clock: Clock | None = None) -> None:
        self._run_dir = run_dir
        self._clock = clock or SystemClock()
        self._tasks: dict[Path, asyncio.Task[None]] = {}
        self._connections: dict[Path, _Connection] = {}
        self._seen: dict[str, _Seen] = {}
        self._asking: dict[tuple[str, int], asyncio.Task[LivePicture]] = {}
        self._listeners: list[Callable[[LiveCounts], None]] = []
        self.reconnects = 0

    def on_counts(self, listener: Callable[[LiveCounts], None]) -> None:
        """Called on the event loop with every new count, and with None when a worker is lost."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Find workers and keep connected to each, until cancelled."""
        try:
            while True:
                self._look_around()
                await asyncio.sleep(SCAN_S)
        finally:
            tasks = list(self._tasks.values())
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _look_around(self) -> None:
        for path in sorted(self._run_dir.glob(SOCKETS)):
            task = self._tasks.get(path)
            if task is None or task.done():
                self._tasks[path] = asyncio.create_task(self._keep_connected(path))

    async def _keep_connected(self, path: Path) -> None:
        """Until the socket is gone."""
        wait, longest = BACKOFF_S
        while _ours(path):
            try:
                await self._talk(path)
                wait = BACKOFF_S[0]
            except (OSError, EOFError):
                wait = min(wait * 2, longest)
            except MessageRefused as error:
                log.error("worker speaks another language", worker=path.stem, error=str(error))
                wait = longest
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
        self._tasks.pop(path, None)

    async def _talk(self, path: Path) -> None:
        """One connection, until it ends."""
        reader, writer = await asyncio.open_unix_connection(str(path))
        connection = _Connection(writer)
        decoder = Decoder()
        self._connections[path] = connection
        try:
            writer.write(encode(AskUpdates()))
            while data := await reader.read(_CHUNK):
                for message, body in decoder.feed(data):
                    self._take(connection, message, body)
        finally:
            del self._connections[path]
            self.reconnects += 1
            self._forget(connection)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _take(self, connection: _Connection, message: Message, body: bytes) -> None:
        match message:
            case Health():
                connection.health = message
                connection.heard_at = self._clock.monotonic()
                self._note_looks(message)
            case Counts():
                looked = self._seen[message.camera].looked if message.camera in self._seen else 0
                self._seen[message.camera] = _Seen(message, looked, message.at)
                self._tell(LiveCounts(message.camera, message.at, message.persons, message.areas))
            case Reply():
                connection.answer(message, body)
            case _:
                raise MessageRefused(f"{message.type} is nothing a worker says")

    def _note_looks(self, health: Health) -> None:
        """Counts come on change only: a camera that was looked at since still has the same."""
        for camera in health.cameras:
            seen = self._seen.get(camera.camera)
            if seen is None:
                continue
            if camera.looked > seen.looked and camera.frame_at is not None:
                seen.looked_at = max(seen.looked_at, camera.frame_at)
            seen.looked = camera.looked

    def _forget(self, connection: _Connection) -> None:
        """A worker is lost: what it counted is unknown from now on."""
        connection.lost()
        for camera in connection.cameras:
            if self._seen.pop(camera.camera, None) is not None:
                self._tell(LiveCounts(camera.camera, self._clock.now(), None, {}))

    def _tell(self, counts: LiveCounts) -> None:
        for listener in self._listeners:
            listener(counts)

    async def picture(self, camera: str, width: int) -> LivePicture:
        """The newest picture; raises `PictureUnavailable`. Viewers who ask at once share one."""
        key = (camera, width)
        asking = self._asking.get(key)
        if asking is None:
            asking = asyncio.create_task(self._picture(camera, width))
            self._asking[key] = asking
            asking.add_done_callback(lambda done: self._forget_asked(key, done))
        return await asyncio.shield(asking)

    def _forget_asked(self, key: tuple[str, int], done: asyncio.Task[LivePicture]) -> None:
        if self._asking.get(key) is done:
            del self._asking[key]

    async def ask(
        self, question: Ask, *, camera: str | None = None, timeout_s: float = ASK_TIMEOUT_S
    ) -> tuple[Reply, bytes]:
        """Ask the worker that has `camera`; None: whichever is there. The answer and its body.

        Raises `WorkerUnavailable` when there is none or it does not answer in time, and
        `WorkerRefused` when it refuses.
        """
        return await self._connection(camera).ask(question, timeout_s)

    async def in_force(self, camera: str, version: int) -> bool:
        """Whether a worker draws every picture of the camera by this version of its settings, or a
        later one, from now on. False when none says so within two seconds."""
        question = AskInForce(camera=camera, version=version)
        try:
            answer, _ = await self.ask(question, camera=camera, timeout_s=IN_FORCE_S + 0.5)
        except (WorkerUnavailable, WorkerRefused):
            return False
        # Who asks from now on gets a picture of their own, not one that is under way.
        for key in [key for key in self._asking if key[0] == camera]:
            del self._asking[key]
        return isinstance(answer, InForce) and answer.holds

    def _connection(self, camera: str | None) -> _Connection:
        for connection in self._connections.values():
            if camera is None or any(known.camera == camera for known in connection.cameras):
                return connection
        raise WorkerUnavailable(CameraReason.WORKER_LOST)

    async def _picture(self, camera: str, width: int) -> LivePicture:
        try:
            answer, jpeg = await self.ask(AskPicture(camera=camera, width=width), camera=camera)
        except WorkerUnavailable as lost:
            state = CameraState.OFFLINE
            raise PictureUnavailable(state, lost.reason, None) from None
        if isinstance(answer, PictureSent):
            return LivePicture(jpeg, answer.captured_at, answer.unlooked)
        if isinstance(answer, PictureMissing):
            raise PictureUnavailable(answer.state, answer.reason, answer.last_at)
        raise TypeError(f"{type(answer).__name__} is no answer to a question for a picture")

    def workers(self) -> tuple[Health, ...]:
        """What each worker said last, if that is fresh."""
        since = self._clock.monotonic() - FRESH_S
        return tuple(
            connection.health
            for connection in list(self._connections.values())
            if connection.health is not None and connection.heard_at >= since
        )

    def health(self, camera: str) -> CameraHealth | None:
        """Fresh, or None: no worker has said anything of this camera for 5 s."""
        for worker in self.workers():
            for known in worker.cameras:
                if known.camera == camera:
                    return known
        return None

    def counts(self, camera: str) -> LiveCounts | None:
        """None: unknown, or last known to hold more than 5 s ago."""
        seen = self._seen.get(camera)
        if seen is None or self._clock.now() - seen.looked_at > timedelta(seconds=FRESH_S):
            return None
        return LiveCounts(camera, seen.looked_at, seen.counts.persons, seen.counts.areas)
