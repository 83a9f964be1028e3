"""Live pictures as MJPEG: one picture at a time at the client's own pace, never a queue.

A client that takes longer than `SLOW_S` for one picture is dropped; the stream ends with its
session. Every picture is the worker's own, unreadable where people are.
"""

import asyncio
import contextlib
from collections.abc import Generator

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.errors import PictureUnavailable, TooManyViewers
from api.outlets import cut_connection
from api.session_watch import SessionWatch
from api.sessions import SignedIn
from api.worker_link import LivePicture, WorkerLink
from record.ids import CameraId
from record.moments import stamp

BOUNDARY = b"wardwatch-picture"
SLOW_S = 5.0
GIVEN_UP_S = 5.0
"""Without any new picture for so long the stream ends; a still picture must not look live."""


class LiveViewers:
    """How many watch at once, in this process."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.count = 0

    def refuse_more(self) -> None:
        """Raises `TooManyViewers`."""
        if self.count >= self._limit:
            raise TooManyViewers(self._limit)

    @contextlib.contextmanager
    def one(self) -> Generator[None, None, None]:
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


class LivePictures(Response):
    def __init__(
        self,
        workers: WorkerLink,
        sessions: SessionWatch,
        viewers: LiveViewers,
        signed_in: SignedIn,
        camera: CameraId,
        width: int,
        fps: float,
    ) -> None:
        self.status_code = 200
        self.background = None
        self._workers = workers
        self._sessions = sessions
        self._viewers = viewers
        self._signed_in = signed_in
        self._camera = camera
        self._width = width
        self._every_s = 1 / fps

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        end = self._sessions.add(self._signed_in)
        gone = asyncio.create_task(_until_gone(receive))
        showing = asyncio.create_task(self._show(send))
        try:
            with self._viewers.one():
                await asyncio.wait({end, gone, showing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._sessions.remove(self._signed_in, end)
            slow = await _ended(showing)
            if not gone.done():
                await _finish(scope, send, slow=slow)
            await _ended(gone)

    async def _show(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        kind = b"multipart/x-mixed-replace; boundary=" + BOUNDARY
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        headers.append((b"x-accel-buffering", b"no"))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        shown, shown_at = None, loop.time()
        while loop.time() - shown_at < GIVEN_UP_S:
            began = loop.time()
            with contextlib.suppress(PictureUnavailable):
                picture = await self._workers.picture(self._camera, self._width)
                if picture.captured_at != shown:
                    await _put(send, part(picture))
                    shown, shown_at = picture.captured_at, began
            await asyncio.sleep(max(0.0, self._every_s - (loop.time() - began)))


def part(picture: LivePicture) -> bytes:
    return (
        b"--%b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\nX-Captured-At: %b\r\n\r\n%b\r\n"
        % (BOUNDARY, len(picture.jpeg), stamp(picture.captured_at).encode(), picture.jpeg)
    )


async def _put(send: Send, body: bytes) -> None:
    message = {"type": "http.response.body", "body": body, "more_body": True}
    await asyncio.wait_for(send(message), SLOW_S)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _ended(task: "asyncio.Task[None]") -> bool:
    """End it; True when it had ended for a client that was too slow."""
    task.cancel()
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    except TimeoutError:
        return True
    return False


async def _finish(scope: Scope, send: Send, *, slow: bool) -> None:
    if slow:
        cut_connection(scope)
        return
    try:
        last = {"type": "http.response.body", "body": b"--%b--\r\n" % BOUNDARY, "more_body": False}
        await asyncio.wait_for(send(last), 1.0)
    except TimeoutError:
        cut_connection(scope)
