"""A phone turned into a camera by a QR code: a real browser publishing into a running node.

`publish.ts` is the installer and the phone; here the node is started, with one camera that
publishes, and what was seen is held to what was promised.
"""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest

from record.cameras import Camera, CameraUrl
from record.ids import CameraId, SiteId, UnitId, UserId, new_id
from record.passwords import hash_password
from record.people import Role, User
from record.places import EVERYTHING, Scope, Site, Unit, UnitKind
from record.store import upgrade
from wardwatch import compose
from wardwatch.node import Node
from wardwatch.settings import Settings

ROOT, HERE = Path(__file__).parents[2], Path(__file__).parent
PASSWORD = "install-shift-7"
READY_S, BROWSER_S = 60, 120

STEPS = (
    "the installer shows a code",
    "the phone is paired",
    "the camera is online",
    "it comes back by itself",
    "a used code is refused",
    "a renewed token ends it",
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(READY_S + BROWSER_S + 60)]


@dataclass(frozen=True, slots=True)
class Running:
    url: str
    camera: CameraId


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`wardwatch up`, ended by Ctrl-C as a person would."""
    folder = tmp_path_factory.mktemp("node")
    camera = prepare(Settings.load(data_dir=folder))
    with subprocess.Popen(
        [sys.executable, "-m", "wardwatch", "up", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "WARDWATCH_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield Running(ready(process), camera)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def prepare(settings: Settings) -> CameraId:
    """A ward, a site, a camera that publishes and an installer."""
    upgrade(settings.store_url)
    unit, site, camera = UnitId("20194"), SiteId("site"), CameraId("phone")
    user = User(UserId(new_id()), "installer", "Lắp đặt", Role.INSTALLER, Scope.of_unit(unit))
    with compose.open_store(settings) as store, store.write(EVERYTHING) as record:
        record.units.add(Unit(unit, None, UnitKind.WARD, "Phường Hòa Khánh"))
        record.sites.add(Site(site, unit, "KTX Hòa Khánh"))
        record.cameras.add(Camera(camera, site, "Điện thoại cổng", CameraUrl.parse("whip:")))
        record.users.add(user, hash_password(PASSWORD))
    return camera


def ready(process: subprocess.Popen[str]) -> str:
    """The address on the line `ready URL`; what follows is read away, so that no pipe fills."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=drain, args=(process.stdout, lines), daemon=True).start()
    until = time.monotonic() + READY_S
    while (left := until - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=min(left, 1.0))
        except queue.Empty:
            assert process.poll() is None, f"the node ended with {process.returncode}"
            continue
        if line.startswith("ready "):
            return line.removeprefix("ready ").strip()
    pytest.fail(f"the node was not ready within {READY_S} s")


def drain(stream: IO[str], lines: "queue.Queue[str]") -> None:
    for line in stream:
        lines.put(line)


def test_a_phone_becomes_a_camera(node: Node, running: Running) -> None:
    done = subprocess.run(
        [node.executable, "publish.ts", running.url, "installer", PASSWORD, running.camera],
        cwd=HERE,
        env=node.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=BROWSER_S,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    assert tuple(done.stdout.splitlines()) == STEPS
