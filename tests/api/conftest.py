"""A world of two wards, and an API in front of it: in a thread, on a free port of 127.0.0.1."""

import contextlib
import shutil
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from api import ApiSettings, Server, WorkerLink, create_app, prepare, server_config
from record.cameras import CameraState
from record.clock import SystemClock
from record.evidence_files import EvidenceFiles
from record.ids import EvidenceId
from record.messages import CameraHealth
from record.sealing import SealingKey
from record.store import Store
from tests.api.world import PASSWORD, World, build_world
from tests.conftest import KEYS, NODE
from tests.fakes.keys import HeldKey
from tests.fakes.views import FakeViews
from tests.fakes.worker import FakeWorker

COOKIE = "wardwatch_session"
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""httpx reads all certificates of the system for each client otherwise, 30 ms each."""

Serve = Callable[..., contextlib.AbstractContextManager["Running"]]


@dataclass(slots=True)
class Running:
    """An API that answers."""

    url: str
    port: int
    server: Server | None = None
    thread: threading.Thread | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    """Of those who signed in once: a password takes its time to check."""

    @contextlib.contextmanager
    def client(self, username: str | None = None) -> Generator[httpx.Client, None, None]:
        """Signed in under that name, or not at all; paths are below /api/v1."""
        with httpx.Client(base_url=f"{self.url}/api/v1", timeout=10, verify=NO_TLS) as client:
            if username is not None:
                client.cookies.set(COOKIE, self._token(client, username), domain="127.0.0.1")
            yield client

    def _token(self, client: httpx.Client, username: str) -> str:
        if username not in self.tokens:
            body = {"username": username, "password": PASSWORD}
            answer = client.post("/session", json=body)
            assert answer.status_code == 204, answer.text
            self.tokens[username] = client.cookies[COOKIE]
            client.cookies.clear()
        return self.tokens[username]


KEY = SealingKey.new()
EVIDENCE_KEY = HeldKey(KEY)
"""A test may take it away, and has to put it back."""
SNAPSHOT = b"\xff\xd8\xff\xe0" + b"a picture of a yard" * 40 + b"\xff\xd9"


def evidence_files(run_dir: Path) -> EvidenceFiles:
    """With the snapshots of both wards in it."""
    files = EvidenceFiles(run_dir.parent / "evidence", EVIDENCE_KEY.key)
    for evidence in (EvidenceId("evidence-north"), EvidenceId("evidence-south")):
        if not files.is_kept(evidence):
            writer = files.writer(evidence, "test")
            writer.write(SNAPSHOT)
            writer.end()
            writer.keep()
    return files


@contextlib.contextmanager
def running(
    store: Store, run_dir: Path, settings: ApiSettings, trusted_proxies: tuple[str, ...] = ()
) -> Generator[Running, None, None]:
    files = evidence_files(run_dir)
    app = create_app(replace(settings, evidence=files), store, SystemClock(), WorkerLink(run_dir))
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    server = Server(server_config(app, trusted_proxies))
    sockets = [prepare(listening)]
    port = listening.getsockname()[1]
    thread = threading.Thread(target=server.run, args=(sockets,), daemon=True)
    thread.start()
    try:
        with httpx.Client(verify=NO_TLS) as probe:
            for _ in range(200):
                with contextlib.suppress(httpx.TransportError):
                    if probe.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                        break
        yield Running(f"http://127.0.0.1:{port}", port, server, thread)
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()
        assert not thread.is_alive(), "the API did not stop"


SETTINGS = ApiSettings(secure_cookie=False, demo=True, tick_s=0.3)


@pytest.fixture
def serve(short_path: Path) -> Serve:
    """`with serve(store) as api`: settings may be given."""
    run_dir = short_path / "run"
    run_dir.mkdir(mode=0o700, exist_ok=True)

    def start(
        store: Store, settings: ApiSettings = SETTINGS
    ) -> contextlib.AbstractContextManager[Running]:
        return running(store, run_dir, settings)

    return start


@pytest.fixture
def run_dir(short_path: Path) -> Path:
    """Where workers of the served API listen."""
    folder = short_path / "run"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@pytest.fixture
def world(sqlite_store: Store) -> World:
    return build_world(sqlite_store)


@pytest.fixture
def api(world: World, serve: Serve) -> Iterator[Running]:
    """On SQLite, with the world of two wards."""
    with serve(world.store) as served:
        yield served


@dataclass(frozen=True, slots=True)
class Shared:
    """One world, API and worker for all tests of a module that do not get in each other's way."""

    world: World
    api: Running
    worker: FakeWorker


@contextlib.contextmanager
def fresh_store(template: Path) -> Generator[tuple[Store, Path], None, None]:
    """A store of its own, and the folder that its workers listen in."""
    with tempfile.TemporaryDirectory(prefix="ww") as folder:
        path = Path(folder)
        run = path / "run"
        run.mkdir(mode=0o700)
        shutil.copy(template, path / "wardwatch.db")
        url = f"sqlite:///{path / 'wardwatch.db'}"
        with Store.open(url, node=NODE, wake_dir=path / "wake", keys=KEYS) as store:
            yield store, run


@pytest.fixture(scope="module")
def shared(_sqlite_template: Path) -> Iterator[Shared]:
    with fresh_store(_sqlite_template) as (store, run):
        world = build_world(store)
        cameras: dict[str, CameraHealth] = {
            ward.camera: CameraHealth(camera=ward.camera, state=CameraState.ONLINE)
            for ward in (world.north, world.south)
        }
        with FakeWorker(run, cameras) as worker, running(store, run, SETTINGS) as api:
            FakeViews(worker)
            yield Shared(world, api, worker)
