"""Media over UDP through a faulty line: two ports towards the worker, two towards the camera.

The messages that agree on ports pass the line and are rewritten, so that each side knows only it.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

MOST_WAITING = 256
"""Datagrams; more are lost, as everywhere."""
_PORTS = {
    name: re.compile(rb"(%s_port=)(\d+)-(\d+)" % name.encode()) for name in ("client", "server")
}

Ports = tuple[int, int]
"""For media and for reports."""


def ports_of(message: bytes, side: str) -> Ports | None:
    found = _PORTS[side].search(message)
    return None if found is None else (int(found[2]), int(found[3]))


def with_ports(message: bytes, side: str, ports: Ports) -> bytes:
    return _PORTS[side].sub(rb"\g<1>%d-%d" % ports, message)


class _End(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._heard(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody is there any more, or not yet."""


async def _pair(heard: Callable[[int, bytes], None]) -> list[asyncio.DatagramTransport]:
    """At two ports that follow each other (RFC 3550 §11), the first one even."""
    loop = asyncio.get_running_loop()
    for _ in range(100):
        media, reports = (
            socket.socket(type=socket.SOCK_DGRAM),
            socket.socket(type=socket.SOCK_DGRAM),
        )
        try:
            media.bind(("127.0.0.1", 0))
            port = media.getsockname()[1]
            if port % 2 == 0:
                reports.bind(("127.0.0.1", port + 1))
                first, _ = await loop.create_datagram_endpoint(
                    lambda: _End(partial(heard, 0)), sock=media
                )
                second, _ = await loop.create_datagram_endpoint(
                    lambda: _End(partial(heard, 1)), sock=reports
                )
                return [first, second]
        except OSError:
            pass  # the second one is taken
        media.close()
        reports.close()
    raise OSError("no two ports that follow each other are free")


Treat = Callable[[bytes], Awaitable[list[bytes]]]


@dataclass(eq=False)
class Datagrams:
    """`await Datagrams.open(treat)`; what the camera sends goes through `treat`, in order."""

    treat: Treat

    def __post_init__(self) -> None:
        self._ends: dict[str, list[asyncio.DatagramTransport]] = {"client": [], "server": []}
        self._to: dict[str, Ports] = {}
        self._waiting: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(MOST_WAITING)
        self._carrying: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, treat: Treat) -> Self:
        made = cls(treat)
        made._ends["server"] = await _pair(made._from_camera)
        made._ends["client"] = await _pair(made._from_worker)
        made._carrying = asyncio.create_task(made._carry())
        return made

    def ports(self, side: str) -> Ports:
        """Ours, towards that side."""
        first, second = (end.get_extra_info("sockname")[1] for end in self._ends[side])
        return first, second

    def towards(self, side: str, ports: Ports) -> None:
        """Where that side is."""
        self._to[side] = ports

    async def close(self) -> None:
        for end in (*self._ends["client"], *self._ends["server"]):
            end.close()
        if self._carrying is not None:
            self._carrying.cancel()
            await asyncio.gather(self._carrying, return_exceptions=True)

    def _from_camera(self, number: int, data: bytes) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self._waiting.put_nowait((number, data))

    def _from_worker(self, number: int, data: bytes) -> None:
        """Reports, and what opens the way through a firewall."""
        self._send("server", number, data)

    async def _carry(self) -> None:
        while True:
            number, data = await self._waiting.get()
            for piece in await self.treat(data):
                if piece:
                    self._send("client", number, piece)

    def _send(self, side: str, number: int, data: bytes) -> None:
        if side in self._to:
            self._ends[side][number].sendto(data, ("127.0.0.1", self._to[side][number]))
