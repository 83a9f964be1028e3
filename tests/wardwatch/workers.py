"""A worker over a real store, faked cameras and a faked detector."""

import contextlib
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

from detect import Detector
from record.cameras import Camera, CameraUrl, Line, Point, Rule
from record.clock import SystemClock
from record.events import EventType, StoredEvent
from record.ids import CameraId, LineId, OrderId, Position, RuleId, SiteId, UnitId
from record.messages import CameraHealth, Decoder, Message, encode
from record.orders import Order, OrderKind, RuleKind
from record.places import EVERYTHING, Site, Unit, UnitKind
from record.store import Store, upgrade
from tests.conftest import KEYS
from tests.fakes.camera import Connection, FakeOpener, Frames
from wardwatch.worker import DetectorProblem, Worker, WorkerSettings
from wardwatch.worker_camera import GIVEN_UP_AFTER, TAKEN_OVER_AFTER
from wardwatch.worker_parts import WorkerPart
from wardwatch.worker_plan import Assigned

UNIT, SITE, GATE = UnitId("00001"), SiteId("site"), CameraId("gate")
CLOCK = SystemClock()
FOREVER: list[Connection] = [[Frames(100_000, every_s=0.02)]]
LINE = Line(LineId("door"), Point(0.5, 1.0), Point(0.5, 0.0), name="Door")
"""Upwards in the middle: from left to right is outward."""
EXIT = Rule(RuleId("leave"), RuleKind.EXIT, line=LINE.id)


def camera(name: str = GATE, **changes: object) -> Camera:
    url = CameraUrl.parse(f"rtsp://viewer:secret@camera.test/{name}")
    made = Camera(CameraId(name), SITE, f"Camera {name}", url, lines=(LINE,), rules=(EXIT,))
    return replace(made, **changes)  # type: ignore[arg-type]


def order(hours: float = 10, name: str = "order") -> Order:
    now = CLOCK.now()
    return Order(
        id=OrderId(name),
        version=1,
        number=f"12/{name}",
        kind=OrderKind.ISOLATION,
        issuer="Ward",
        legal_basis="Law",
        unit=UNIT,
        site=None,
        begins_at=now - timedelta(hours=1),
        ends_at=now + timedelta(hours=hours),
        arms=frozenset(RuleKind),
    )


@contextlib.contextmanager
def new_store(folder: Path) -> Iterator[Store]:
    """With one unit, one site, nothing else."""
    url = f"sqlite:///{folder}/w.db"
    upgrade(url)
    # Unix sockets have short names only, and pytest's folders long ones.
    with tempfile.TemporaryDirectory(prefix="ww") as wake:
        store = Store.open(url, wake_dir=Path(wake), keys=KEYS)
        with store.write(EVERYTHING) as record:
            record.units.add(Unit(UNIT, None, UnitKind.WARD, "Ward"))
            record.sites.add(Site(SITE, UNIT, "Site"))
        try:
            yield store
        finally:
            store.close()


class Running:
    """A worker in a thread of its own."""

    def __init__(
        self,
        store: Store,
        opener: FakeOpener,
        detector: Detector | DetectorProblem,
        assigned: Assigned | None = None,
        looks_per_s: float = 50.0,
        taken_over_after: timedelta = TAKEN_OVER_AFTER,
        given_up_after: timedelta = GIVEN_UP_AFTER,
        parts: Sequence[WorkerPart] = (),
    ) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ww")
        self.store = store
        self.opener = opener
        folder = Path(self._folder.name) / "run"
        settings = WorkerSettings("worker-1", folder, looks_per_s, taken_over_after, given_up_after)
        self.socket_path = settings.socket_dir / "worker-1.sock"
        self.worker = Worker(settings, store, opener, detector, CLOCK, parts, assigned)
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.worker.run, args=(self.stop,))

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._folder.cleanup()

    def end(self) -> float:
        """Seconds it took."""
        began = time.monotonic()
        self.opener.released.set()
        self.stop.set()
        self.thread.join(10)
        assert not self.thread.is_alive()
        return time.monotonic() - began

    @property
    def only(self) -> CameraHealth:
        """Of the one camera, once the worker has it."""
        await_true(lambda: self.worker.health().cameras)
        return self.worker.health().cameras[0]

    def events(self, *types: EventType) -> tuple[StoredEvent, ...]:
        with self.store.read(EVERYTHING) as record:
            found = record.events.after(Position(0), 1000)
        return tuple(event for event in found if event.type in types)

    def await_events(self, *types: EventType, count: int = 1) -> tuple[StoredEvent, ...]:
        await_true(lambda: len(self.events(*types)) >= count)
        return self.events(*types)


def await_true(what: Callable[[], object], within_s: float = 5.0) -> None:
    until = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < until, "waited too long"
        time.sleep(0.02)


def opener(*cameras: str) -> FakeOpener:
    """Every camera shows frames forever."""
    scripts = {name: list(FOREVER) for name in cameras}
    return FakeOpener(CLOCK, scripts, pass_time=time.sleep)


class Client:
    """The API's end of a worker's socket."""

    def __init__(self, path: Path) -> None:
        await_true(path.exists)
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(5)
        try:
            self.connection.connect(str(path))
        except OSError:
            self.connection.close()
            raise
        self._decoder = Decoder()
        self._heard: list[tuple[Message, bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def say(self, message: Message) -> None:
        self.connection.sendall(encode(message))

    def hear(self, kind: type[Message]) -> tuple[Message, bytes]:
        """The next message of that kind; others are left out."""
        while True:
            while self._heard:
                message, body = self._heard.pop(0)
                if isinstance(message, kind):
                    return message, body
            data = self.connection.recv(65536)
            if not data:
                raise EOFError
            self._heard.extend(self._decoder.feed(data))
