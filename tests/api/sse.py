"""A reader of event streams that a thousand of can run at once: a protocol on a bare connection."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """`id` None: without one."""

    id: int | None
    name: str
    data: bytes

    def json(self) -> dict[str, object]:
        parsed: dict[str, object] = orjson.loads(self.data)
        return parsed


def parse_event(block: bytes) -> Event | None:
    """One event's lines; None for comments and `retry:` alone."""
    number, name, data = None, "message", []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b": ")
        if field == b"id":
            number = int(value)
        elif field == b"event":
            name = value.decode()
        elif field == b"data":
            data.append(value)
    return Event(number, name, b"\n".join(data)) if data else None


class _Chunks:
    """Takes HTTP/1.1 chunked coding off (RFC 9112 §7.1)."""

    def __init__(self) -> None:
        self._raw = bytearray()
        self.over = False

    def feed(self, data: bytes) -> bytes:
        self._raw += data
        whole = []
        while (end := self._raw.find(b"\r\n")) >= 0:
            size = int(self._raw[:end], 16)
            if len(self._raw) < end + 4 + size:
                break
            whole.append(bytes(self._raw[end + 2 : end + 2 + size]))
            del self._raw[: end + 4 + size]
            if size == 0:
                self.over = True
        return b"".join(whole)


class StreamReader(asyncio.Protocol):
    """Opens one stream and hands each event on. `closed` is done when the connection ends."""

    def __init__(
        self, request: bytes, on_event: Callable[[Event], None], *, paused: bool = False
    ) -> None:
        self._request = request
        self._on_event = on_event
        self._paused = paused
        self._chunks = _Chunks()
        self._head = bytearray()
        self._text = b""
        self.status: int | None = None
        self.headers = b""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: asyncio.Transport | None = None

    @property
    def ended_properly(self) -> bool:
        """The server said that this was all, rather than dropping the connection."""
        return self._chunks.over

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert hasattr(transport, "write")
        self.transport = transport  # type: ignore[assignment]  # TCP, on uvloop as well
        self.transport.write(self._request)  # type: ignore[union-attr]
        if self._paused:
            self.transport.pause_reading()  # type: ignore[union-attr]

    def data_received(self, data: bytes) -> None:
        if self.status is None:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            self.status = int(self._head[9:12])
            self.headers = bytes(self._head[:end])
            data = bytes(self._head[end + 4 :])
        *blocks, self._text = (self._text + self._chunks.feed(data)).split(b"\n\n")
        for block in blocks:
            event = parse_event(block)
            if event is not None:
                self._on_event(event)
        if self._chunks.over and self.transport is not None:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)

    def drop(self) -> None:
        if self.transport is not None:
            self.transport.abort()


def request_for(path: str, cookie: str, *, last_event_id: int | None = None) -> bytes:
    lines = [f"GET /api/v1/events/stream{path} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}"]
    if last_event_id is not None:
        lines.append(f"Last-Event-ID: {last_event_id}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def open_reader(
    port: int, request: bytes, on_event: Callable[[Event], None], *, paused: bool = False
) -> StreamReader:
    loop = asyncio.get_running_loop()
    _, reader = await loop.create_connection(
        lambda: StreamReader(request, on_event, paused=paused), "127.0.0.1", port
    )
    return reader


async def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Look every 5 ms; fails when it does not come true."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - any condition, whoever brings it about
            await asyncio.sleep(0.005)


async def collect(
    port: int,
    request: bytes,
    enough: Callable[[list[Event]], bool],
    timeout_s: float = 10.0,
) -> list[Event]:
    """Events of one stream until there are enough, or it ends."""
    events: list[Event] = []
    reader = await open_reader(port, request, events.append)
    with contextlib.suppress(TimeoutError):
        await until(lambda: enough(events) or reader.closed.done(), timeout_s)
    reader.drop()
    return events
