"""Where a stream's bytes go: straight to the connection's transport, or through ASGI's `send`.

ASGI gives no way to write without waiting, nor to see how far a client is behind, nor to drop one
that does not read. uvicorn's protocol has all three; `StreamingProtocol` puts its transport into
the scope as an extension. Under any other server, and in tests, `QueueOutlet` does the same over
`send`, with a queue that the fan-out's limit bounds.
"""

import asyncio
from typing import Any

from starlette.types import Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.fanout import Outlet

EXTENSION = "wardwatch.transport"


class StreamingProtocol(HttpToolsProtocol):
    """uvicorn's own, with the transport put into each scope."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        scope: Any = self.scope
        scope["extensions"] = {EXTENSION: self.transport}


class TransportOutlet:
    """For a response with chunked coding whose head has been sent."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    @property
    def behind(self) -> int:
        return self._transport.get_write_buffer_size()

    def cut(self) -> None:
        self._transport.abort()

    def close(self) -> None:
        """The transport is the server's; it goes on with the response's last chunk."""


class QueueOutlet:
    def __init__(self, send: Send) -> None:
        self._send = send
        self._queued: list[bytes] = []
        self._size = 0
        self._wake = asyncio.Event()
        self._task = asyncio.create_task(self._pump())

    def write(self, data: bytes) -> None:
        self._queued.append(data)
        self._size += len(data)
        self._wake.set()

    @property
    def behind(self) -> int:
        return self._size

    def cut(self) -> None:
        self._task.cancel()

    def close(self) -> None:
        self._task.cancel()

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            data, self._queued = b"".join(self._queued), []
            await self._send({"type": "http.response.body", "body": data, "more_body": True})
            self._size -= len(data)


def outlet_for(scope: Scope, send: Send) -> Outlet:
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
    if transport is not None and scope["http_version"] == "1.1":
        return TransportOutlet(transport)
    return QueueOutlet(send)


def cut_connection(scope: Scope) -> None:
    """Drop a client that does not read, where the server lets us."""
    transport: asyncio.Transport | None = scope.get("extensions", {}).get(EXTENSION)
    if transport is not None:
        transport.abort()
