"""What was entered of a camera's credentials comes out nowhere: a node runs, fails to dial the
camera, is asked everything, and no answer, event, log line or file holds the canary."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from record.ids import SiteId, UnitId, UserId
from record.passwords import hash_password
from record.people import Role, User
from record.places import EVERYTHING, Site, Unit, UnitKind
from record.store import Store, upgrade

CANARY = "canary7f3a"
MAIN = f"rtsp://user{CANARY}:pass{CANARY}@127.0.0.1:9/main?password=query{CANARY}"
SUB = f"rtsp://user{CANARY}:pass{CANARY}@127.0.0.1:9/user=x_password=path{CANARY}_channel=1"
PASSWORD = "of nobody in particular"
UP_S = 40.0


@dataclass
class Node:
    """A node in processes of its own, and all that was heard from it."""

    folder: Path
    heard: list[str] = field(default_factory=list)
    url: str = ""

    def run(self, *words: str, typed: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "wardwatch", *words],
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        self.heard += [done.stdout, done.stderr]
        return done.stdout

    def furnish(self) -> SiteId:
        """A site and somebody who may see it. Whoever writes this is told no secret of a camera,
        so that the commands which do the same need not be heard."""
        self.folder.mkdir(mode=0o700)
        url = f"sqlite:///{self.folder / 'wardwatch.db'}"
        upgrade(url)
        unit, site = UnitId("20194"), SiteId("site")
        boss = User(UserId("boss"), "boss", "Boss", Role.ADMIN, EVERYTHING)
        with Store.open(url, wake_dir=None) as store, store.write(EVERYTHING) as record:
            record.units.add(Unit(unit, None, UnitKind.WARD, "Ward"))
            record.sites.add(Site(site, unit, "Site"))
            record.users.add(boss, hash_password(PASSWORD))
        return site

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "WARDWATCH_DATA_DIR": str(self.folder),
            "WARDWATCH_LOG_FORMAT": "json",
            "WARDWATCH_LOG_LEVEL": "debug",
        }

    @contextlib.contextmanager
    def up(self) -> Iterator[None]:
        log = self.folder.parent / "log"
        with log.open("w") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "wardwatch", "up", "--port", "0"],
                env=self.environment,
                stdout=out,
                stderr=out,
            )
        try:
            self.url = self._ready(log, process)
            yield
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
            self.heard.append(log.read_text())

    def _ready(self, log: Path, process: subprocess.Popen[bytes]) -> str:
        until = time.monotonic() + UP_S
        while time.monotonic() < until and process.poll() is None:
            for line in log.read_text().splitlines():
                if line.startswith("ready "):
                    return line.split()[1]
            time.sleep(0.1)
        raise AssertionError(log.read_text())

    def files(self) -> dict[str, bytes]:
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }


def ask(client: httpx.Client, camera: str, site: str) -> Iterator[httpx.Response]:
    """Whatever has to do with a camera, refusals among it."""
    for path in (
        "/me",
        f"/wall?site={site}",
        "/cameras",
        f"/cameras/{camera}",
        f"/cameras/{camera}/snapshot.jpg",
        f"/cameras/{camera}/unwatched",
        "/breaches",
        "/events?after=0&limit=500",
    ):
        yield client.get(path)
    yield client.patch(f"/cameras/{camera}", json={"url": f"gopher://x:{CANARY}@h/", "version": 1})
    yield client.patch(f"/cameras/{camera}", json={"url": f"rtsp://x:{CANARY}@h:port/"})
    yield client.patch(f"/cameras/{camera}", json={"name": "Gate", "version": 99})
    yield client.patch(f"/cameras/{camera}", json={"name": "Gate", "url": MAIN, "sub_url": SUB})
    yield client.post("/cameras", json={"site": site, "name": "Yard", "url": MAIN, "nonsense": 1})
    yield client.post("/cameras", json={"site": site, "name": "Yard", "url": MAIN, "sub_url": SUB})
    yield client.post("/cameras/probe", json={"url": MAIN})
    yield client.post("/cameras/probe", json={"camera": camera})
    yield client.post("/cameras/probe", json={"url": f"ftp://x:{CANARY}@h/"})


@pytest.mark.timeout(180)
def test_what_was_entered_of_credentials_comes_out_nowhere(short_path: Path) -> None:
    node = Node(short_path / "data")
    site = node.furnish()
    camera = json.loads(
        node.run("camera", "add", "Gate", MAIN, "--sub-url", SUB, "--site", site, "--json")
    )["camera"]
    with node.up(), httpx.Client(base_url=f"{node.url}/api/v1", timeout=40) as client:
        signed = client.post("/session", json={"username": "boss", "password": PASSWORD})
        assert signed.status_code == 204, signed.text
        answers = list(ask(client, camera, site))
        for answer in answers:
            node.heard += [answer.text, str(answer.headers)]
        assert {answer.status_code for answer in answers} >= {200, 201, 409, 422}
        time.sleep(1.0)  # until the worker has tried to dial what was changed
        live = node.files()
        node.run("events", "tail", "--after", "0", "--no-follow", "--json")
        node.run("doctor", "--json")
        node.run("camera", "probe", MAIN, "--json")
        node.run("camera", "add", "Gate", f"ftp://x:{CANARY}@h/", "--site", site)
        node.run("secrets", "rotate", "--json")
    for name, content in {**live, **node.files()}.items():
        assert CANARY.encode() not in content, name
    assert any(name.endswith(".db-wal") for name in live), "the journal was not looked at"
    for text in node.heard:
        at = text.find(CANARY)
        assert at < 0, text[max(0, at - 300) : at + 100]
    assert "camera" in "".join(node.heard)
