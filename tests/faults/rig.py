"""A real worker in a process of its own over real sample cameras, with a faulty line to each."""

import contextlib
import json
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from record.cameras import CameraState, CameraUrl, Transport
from record.clock import SystemClock
from record.events import EventType
from record.ids import CameraId, Position, SiteId
from record.messages import AskUpdates, CameraHealth, Health
from record.moments import parse
from record.places import EVERYTHING, Site
from record.store import Store, upgrade
from record.watching import Unwatched
from tests.faults.line import Line, Lines
from tests.wardwatch.workers import Client
from wardwatch import compose, demo
from wardwatch.bench.events import BUSY
from wardwatch.node_processes import WORKER_SILENT_S, free_port, record_unwatched
from wardwatch.processes import Orders, plain
from wardwatch.settings import Settings
from wardwatch.supervisor import Child, Supervisor

THERE = {CameraState.ONLINE, CameraState.DEGRADED}
OF_CAMERAS = (
    EventType.CAMERA_ONLINE,
    EventType.CAMERA_DEGRADED,
    EventType.CAMERA_OFFLINE,
    EventType.CAMERA_UNWATCHED,
)
WORKER = ("-m", "wardwatch.worker_process")


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    pss_mb: float
    threads: int
    descriptors: int
    sockets: int

    @classmethod
    def by(cls, process: psutil.Process, over_udp: int = 0) -> "Held":
        """Without the two sockets for media of each camera that is read over UDP: one from which
        too much was lost is read over TCP from then on."""
        media = 2 * over_udp
        with process.oneshot():
            return cls(
                process.memory_full_info().pss / 1e6,
                process.num_threads(),
                process.num_fds() - media,
                len(process.net_connections(kind="all")) - media,
            )


@dataclass(eq=False)
class Rig:
    store: Store
    lines: dict[str, Line]
    supervisor: Supervisor
    socket_path: Path
    health: dict[str, CameraHealth] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    beside: list[threading.Thread] = field(default_factory=list)

    def unwatched(self, camera: str, since: datetime, until: datetime) -> list[Unwatched]:
        """What the record says was not watched of a camera."""
        name = CameraId(camera)
        with self.store.read(EVERYTHING) as record:
            return list(record.watching.of_camera(name, since, until, until).intervals)

    def offline(self, camera: str, since: datetime, until: datetime) -> list[datetime]:
        """Since when it was away, of each event that says so."""
        with self.store.read(EVERYTHING) as record:
            told = record.events.after(Position(0), 100_000, types={EventType.CAMERA_OFFLINE})
        moments = [
            parse(json.loads(one.body)["data"]["since"]) for one in told if one.subject == camera
        ]
        return [moment for moment in moments if since <= moment < until]

    def told(self, camera: str) -> list[str]:
        """Each event about a camera, as it stands in the log."""
        with self.store.read(EVERYTHING) as record:
            log = record.events.after(Position(0), 100_000, types=set(OF_CAMERAS))
        return [bytes(one.body).decode() for one in log if one.subject == camera]

    def events(self, *types: EventType) -> int:
        with self.store.read(EVERYTHING) as record:
            return len(record.events.after(Position(0), 100_000, types=set(types)))

    def live(self, camera: str, after: datetime | None = None) -> bool:
        """There by the worker's own word, with a picture of these seconds, and from `after`. One
        that has been away often is said to be unstable for minutes, and is there."""
        health = self.health.get(camera)
        if health is None or health.frame_at is None or health.state not in THERE:
            return False
        # What the worker says comes once a second; a picture may be a second old itself.
        fresh = datetime.now(UTC) - health.frame_at < timedelta(seconds=2.5)
        return fresh and (after is None or health.frame_at > after)

    def worker(self) -> psutil.Process:
        for child in psutil.Process().children():
            if WORKER[1] in child.cmdline():
                return child
        raise AssertionError("there is no worker")

    def last_words(self) -> None:
        """The worker ends in its own time and says what it has still to say; it is started again
        like any that ended."""
        worker = self.worker()
        worker.terminate()
        worker.wait(30)

    def end(self) -> None:
        self.stop.set()
        for thread in self.beside:
            thread.join(15)
            assert not thread.is_alive()

    def follow_health(self) -> None:
        while not self.stop.is_set():
            # The worker may be away for a moment, or be another one.
            with contextlib.suppress(OSError, EOFError, AssertionError):
                self._listen()
            self.stop.wait(0.1)

    def _listen(self) -> None:
        with Client(self.socket_path) as client:
            client.say(AskUpdates())
            while not self.stop.is_set():
                said, _ = client.hear(Health)
                assert isinstance(said, Health)
                self.health = {one.camera: one for one in said.cameras}


def wait_for(what: Callable[[], bool], within_s: float, why: str) -> float:
    """Seconds it took."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() - began < within_s, f"not within {within_s:g} s: {why}"
        time.sleep(0.05)
    return time.monotonic() - began


@contextlib.contextmanager
def running(
    cameras: int, worker: tuple[str, ...] = WORKER, looks_per_s: float = 5.0, over_udp: int = 0
) -> Iterator[Rig]:
    """`worker`: the words of its command line after Python; `over_udp`: so many of the cameras,
    the last ones, are to be read that way."""
    names = tuple(f"camera-{number}" for number in range(cameras))
    samples = [
        demo.SampleCamera(
            name, BUSY[number % len(BUSY)], name, demo.WARD.id, offset_s=7.0 * number % 40
        )
        for number, name in enumerate(names)
    ]
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="ww") as folder, Lines(names, port) as lines:
        settings = Settings.load(
            data_dir=Path(folder), log_level="error", port=0, looks_per_s=looks_per_s
        )
        upgrade(settings.store_url)
        with compose.open_store(settings) as store:
            late = names[len(names) - over_udp :]
            _seed(store, lines, samples, late)
            stop = threading.Event()
            orders = Orders(settings=plain(settings), worker="worker-1")
            child = Child(
                "worker-1",
                worker,
                orders=lambda: orders,
                on_end=lambda silent_s: record_unwatched(store, SystemClock(), silent_s=silent_s),
                silent_s=WORKER_SILENT_S,
            )
            # The cameras in a process of their own: they are to be as punctual as cameras are.
            supervisor = Supervisor([demo.sample_cameras(samples, port), child], stop)
            path = settings.run_dir / "worker-1.sock"
            rig = Rig(store, lines.lines, supervisor, path, stop=stop)
            beside = [threading.Thread(target=work) for work in (supervisor.run, rig.follow_health)]
            for thread in beside:
                thread.start()
            rig.beside += beside
            try:
                yield rig
            finally:
                rig.end()


def _seed(
    store: Store, lines: Lines, samples: list[demo.SampleCamera], over_udp: Collection[str]
) -> None:
    site = Site(SiteId("site"), demo.WARD.id, "Site")
    with store.write(EVERYTHING) as record:
        for unit in (demo.NATION, demo.PROVINCE, demo.WARD):
            record.units.add(unit)
        record.sites.add(site)
        for sample in samples:
            made = demo.camera_of(sample, site.id, "rtsp://127.0.0.1")
            url = CameraUrl.parse(lines.url(sample.name))
            made = replace(made, id=CameraId(sample.name), url=url)
            if sample.name in over_udp:
                made = replace(made, transport=Transport.UDP)
            record.cameras.add(made)
