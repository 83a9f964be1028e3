"""Writing without waiting: through ASGI's own `send`, as under any other server."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from starlette.types import Message

from api import WorkerLink, create_app
from api.outlets import QueueOutlet, TransportOutlet, outlet_for
from record.clock import SystemClock
from record.store import Store
from tests.api.conftest import SETTINGS, Running
from tests.api.sse import Event, open_reader, request_for, until
from tests.api.streaming import append, cookie_of, logged
from tests.api.world import build_world


def test_a_queue_writes_in_order_and_knows_what_it_owes() -> None:
    async def run() -> None:
        sent: list[Message] = []
        open_gate = asyncio.Event()

        async def send(message: Message) -> None:
            await open_gate.wait()
            sent.append(message)

        outlet = QueueOutlet(send)
        for data in (b"a", b"bb", b"ccc"):
            outlet.write(data)
        assert outlet.behind == 6
        await asyncio.sleep(0.01)
        outlet.write(b"d")
        open_gate.set()
        await until(lambda: outlet.behind == 0)
        assert [message["body"] for message in sent] == [b"abbccc", b"d"]
        assert all(message["more_body"] for message in sent)
        outlet.close()

    asyncio.run(run())


def test_a_queue_that_was_cut_sends_nothing_more() -> None:
    async def run() -> None:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        outlet = QueueOutlet(send)
        outlet.cut()
        outlet.write(b"too late")
        await asyncio.sleep(0.02)
        assert sent == []

    asyncio.run(run())


class Line(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return len(self.written)

    def abort(self) -> None:
        self.aborted = True


def test_a_transport_takes_chunks_until_it_is_cut() -> None:
    line = Line()
    outlet = TransportOutlet(line)
    outlet.write(b"x" * 26)
    assert line.written == b"1a\r\n" + b"x" * 26 + b"\r\n"
    assert outlet.behind == len(line.written)
    outlet.cut()
    outlet.write(b"more")
    outlet.close()
    assert b"more" not in line.written


def test_http_1_0_knows_no_chunks_and_gets_a_queue() -> None:
    async def run() -> None:
        async def send(_: Message) -> None: ...

        extensions = {"wardwatch.transport": Line()}
        new = outlet_for({"extensions": extensions, "http_version": "1.1"}, send)
        old = outlet_for({"extensions": extensions, "http_version": "1.0"}, send)
        assert isinstance(new, TransportOutlet)
        assert isinstance(old, QueueOutlet)
        old.close()

    asyncio.run(run())


@contextlib.contextmanager
def served_plainly(
    store: Store, run_dir: Path, http: Literal["h11", "httptools"]
) -> Iterator[Running]:
    """Without anything of `api/server.py`."""
    app = create_app(SETTINGS, store, SystemClock(), WorkerLink(run_dir))
    config = uvicorn.Config(app, http=http, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Running(f"http://127.0.0.1:{port}", port)
        server.should_exit = True
        thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("http", ["h11", "httptools"])
def test_the_stream_holds_under_uvicorn_as_it_comes(
    sqlite_store: Store, run_dir: Path, http: Literal["h11", "httptools"]
) -> None:
    world = build_world(sqlite_store)

    async def run(port: int, cookie: str) -> tuple[list[Event], list[int]]:
        events: list[Event] = []
        reader = await open_reader(port, request_for("", cookie), events.append)
        await until(lambda: len(events) > 0)
        new = await asyncio.to_thread(append, world.store, world.north, 50)
        await until(lambda: len(logged(events)) >= 50)
        reader.drop()
        return logged(events), new

    with (
        served_plainly(sqlite_store, run_dir, http) as api,
        api.client("supervisor.north") as client,
    ):
        events, new = asyncio.run(run(api.port, cookie_of(client)))
    assert [event.id for event in events] == new
