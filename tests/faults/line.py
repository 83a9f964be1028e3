"""A line between a worker and a real server on which things go wrong on demand."""

import asyncio
import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

from tests.faults.datagrams import Datagrams, ports_of, with_ports
from tests.faults.plan import Kind, Trouble
from tests.faults.units import Unit, Units

CHUNK = 65_536
THROTTLED = 2_000
"""Bytes a second."""
AT_DOOR = frozenset({Kind.CUT, Kind.RESET, Kind.SILENT, Kind.GARBAGE, Kind.HALF_CLOSE})
"""Kinds of which a connection that comes meanwhile has its own share."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A trouble as it was: what the record is held against."""

    line: str
    trouble: Trouble
    began: datetime
    ended: datetime


@dataclass(eq=False, slots=True)
class _Connection:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter | None = None
    task: asyncio.Task[Any] | None = None
    media: Datagrams | None = None

    def close(self, *, reset: bool = False) -> None:
        for writer in (self.client, self.server):
            if writer is None:
                continue
            if reset:
                ended = writer.get_extra_info("socket")
                if ended is not None and ended.fileno() >= 0:
                    ended.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()


@dataclass(eq=False)
class Line:
    """Listens on a port of its own and passes everything on to `server_port`; `begin` a trouble
    and `end` it from any thread."""

    name: str
    server_port: int
    loop: asyncio.AbstractEventLoop
    port: int = 0
    log: list[Entry] = field(default_factory=list)
    dialled: int = 0
    """Connections that came, refused ones aside."""
    datagrams: int = 0
    """That reached the worker, where media travel by UDP."""

    def __post_init__(self) -> None:
        self._connections: set[_Connection] = set()
        self._listener: asyncio.Server | None = None
        self._trouble: Trouble | None = None
        self._chance = random.Random()
        self._open = asyncio.Event()
        self._open.set()
        self._began = datetime.now(UTC)

    # From any thread

    def begin(self, trouble: Trouble) -> None:
        self._call(self._begin(trouble))

    def end(self) -> None:
        self._call(self._end())

    @property
    def connections(self) -> int:
        return len(self._connections)

    @property
    def over_udp(self) -> int:
        """Connections whose media travel beside them."""
        return sum(one.media is not None for one in list(self._connections))

    def _call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(5)

    # In the loop

    async def listen(self) -> None:
        self._listener = await asyncio.start_server(self._welcome, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        tasks = [one.task for one in self._connections if one.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, trouble: Trouble) -> None:
        self._trouble, self._chance = trouble, random.Random(trouble.seed)
        self._began = datetime.now(UTC)
        match trouble.kind:
            case Kind.CUT | Kind.GARBAGE | Kind.SILENT:
                self._close_all()
            case Kind.RESET:
                self._close_all(reset=True)
            case Kind.REFUSE:
                if self._listener is not None:
                    self._listener.close()
                self._close_all()
            case Kind.HALF_CLOSE:
                for one in list(self._connections):
                    _half_close(one.client)
            case Kind.STALL:
                self._open.clear()

    async def _end(self) -> None:
        trouble, self._trouble = self._trouble, None
        self._open.set()
        if trouble is None:
            return
        if trouble.kind is Kind.REFUSE:
            await self.listen()
        self.log.append(Entry(self.name, trouble, self._began, datetime.now(UTC)))

    def _close_all(self, *, reset: bool = False) -> None:
        for one in list(self._connections):
            one.close(reset=reset)

    @property
    def _kind(self) -> Kind | None:
        return None if self._trouble is None else self._trouble.kind

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.dialled += 1
        connection = _Connection(writer, task=asyncio.current_task())
        self._connections.add(connection)
        try:
            if self._kind in AT_DOOR:
                await self._at_door(connection, reader)
            else:
                await self._pass_on(connection, reader)
        except (OSError, asyncio.IncompleteReadError):
            pass  # one side has gone
        except asyncio.CancelledError:
            pass  # the line is taken down; the streams of Python 3.11 would log it as an error
        finally:
            connection.close()
            self._connections.discard(connection)
            if connection.media is not None:
                await connection.media.close()

    async def _at_door(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        match self._kind:
            case Kind.RESET:
                connection.close(reset=True)
            case Kind.SILENT:
                while await reader.read(CHUNK):
                    pass
            case Kind.GARBAGE:
                await reader.read(CHUNK)
                connection.client.write(self._chance.randbytes(self._chance.randint(1, 4000)))
                await connection.client.drain()
            case Kind.HALF_CLOSE:
                _half_close(connection.client)
                while await reader.read(CHUNK):
                    pass

    async def _pass_on(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        answers, connection.server = await asyncio.open_connection("127.0.0.1", self.server_port)
        asked = asyncio.create_task(self._up(reader, connection))
        told = asyncio.create_task(self._down(answers, connection))
        try:
            # When one side has gone the other is closed, as by any forwarder of TCP.
            await asyncio.wait({asked, told}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (asked, told):
                task.cancel()
            await asyncio.gather(asked, told, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        units, writer = Units(), connection.server
        assert writer is not None
        while data := await reader.read(CHUNK):
            for unit in units.feed(data):
                await self._open.wait()
                writer.write(await self._asked(unit.data, connection))
                await writer.drain()

    async def _down(self, reader: asyncio.StreamReader, connection: _Connection) -> None:
        units, held, writer = Units(), [Unit(b"", is_packet=False)], connection.client
        while data := await reader.read(CHUNK):
            for unit in units.feed(data):
                await self._open.wait()
                told = replace(unit, data=_told(unit.data, connection))
                for piece in await self._ill_treated(told, held):
                    writer.write(piece)
                await writer.drain()

    async def _asked(self, message: bytes, connection: _Connection) -> bytes:
        """As the camera is to read it: media come to the line, where they come over UDP."""
        theirs = ports_of(message, "client")
        if theirs is None:
            return message
        if connection.media is None:
            held = [Unit(b"", is_packet=False)]

            async def treat(data: bytes) -> list[bytes]:
                await self._open.wait()
                pieces = await self._ill_treated(Unit(data, is_packet=True), held)
                self.datagrams += len(pieces)
                return pieces

            connection.media = await Datagrams.open(treat)
        connection.media.towards("client", theirs)
        return with_ports(message, "client", connection.media.ports("server"))

    async def _ill_treated(self, unit: Unit, held: list[Unit]) -> list[bytes]:
        """What becomes of one unit; `held`: one that is to be overtaken."""
        chance, late = self._chance, held[0].data
        match self._kind:
            case Kind.DROP if unit.is_packet and chance.random() < 0.33:
                return []
            case Kind.REORDER if unit.is_packet and chance.random() < 0.3:
                held[0] = unit
                return [late]
            case Kind.CORRUPT if chance.random() < 0.3:
                held[0] = Unit(b"", is_packet=False)
                return [late, _corrupted(unit.data, chance)]
            case Kind.THROTTLE:
                await asyncio.sleep(len(unit.data) / THROTTLED)
            case Kind.DELAY if chance.random() < 0.1:
                await asyncio.sleep(chance.uniform(0.0, 1.0))
        held[0] = Unit(b"", is_packet=False)
        return [unit.data, late]


def _told(message: bytes, connection: _Connection) -> bytes:
    """As the worker is to read it."""
    media, theirs = connection.media, ports_of(message, "server")
    if media is None or theirs is None:
        return message
    media.towards("server", theirs)
    return with_ports(message, "server", media.ports("client"))


def _half_close(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, RuntimeError):  # it has gone
        if writer.can_write_eof():
            writer.write_eof()


def _corrupted(data: bytes, chance: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
    return bytes(broken)


class Lines:
    """Lines to one server, one a name, in a thread of their own."""

    def __init__(self, names: tuple[str, ...], server_port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-lines")
        self.lines = {name: Line(name, server_port, self._loop) for name in names}

    def __enter__(self) -> Self:
        self._thread.start()
        for line in self.lines.values():
            self._call(line.listen)
        return self

    def __exit__(self, *_: object) -> None:
        for line in self.lines.values():
            self._call(line.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def url(self, name: str) -> str:
        return f"rtsp://127.0.0.1:{self.lines[name].port}/{name}"

    def _call(self, what: Callable[[], Coroutine[Any, Any, None]]) -> None:
        asyncio.run_coroutine_threadsafe(what(), self._loop).result(5)
