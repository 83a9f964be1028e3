"""`camera add`, `probe` and `discover` at the command line: what is kept, shown and refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from record.cameras import Camera, Transport
from record.places import EVERYTHING
from sample_streams.rtsp.access import Credentials
from sample_streams.server import SampleCamera, SampleServer
from wardwatch import compose
from wardwatch.cli import app
from wardwatch.settings import Settings

SECRET = "hunter2"


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WARDWATCH_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def site(node: Path) -> str:
    assert run("db", "upgrade").exit_code == 0
    assert run("unit", "add", "20194", "Phường").exit_code == 0
    made: str = json.loads(run("site", "add", "KTX", "--unit", "20194", "--json").stdout)["site"]
    return made


@pytest.fixture(scope="module")
def server() -> Iterator[SampleServer]:
    credentials = Credentials("viewer", SECRET)
    with SampleServer([SampleCamera("gate", "gate")], credentials=credentials) as running:
        yield running


def only_camera() -> Camera:
    with compose.open_store(Settings.load()) as store, store.read(EVERYTHING) as record:
        return record.cameras.list()[0]


def test_a_camera_is_added_with_all_that_it_has(node: Path, site: str) -> None:
    drawing = node / "gate.json"
    drawing.write_text('{"masks": [{"id": "window", "polygon": [[0, 0], [0.2, 0], [0.2, 0.2]]}]}')
    url = f"rtsp://viewer:{SECRET}@10.0.0.7/main"
    words = ["--sub-url", "rtsp://10.0.0.7/sub", "--transport", "udp", "--main-evidence"]
    done = run("camera", "add", "Cổng", url, "--site", site, *words, "--scene", str(drawing))
    assert done.exit_code == 0, done.output
    assert SECRET not in done.output
    camera = only_camera()
    assert camera.url.password == SECRET
    assert camera.sub_url is not None
    assert (camera.sub_url.address, camera.sub_url.password) == ("rtsp://10.0.0.7/sub", SECRET)
    assert (camera.transport, camera.main_evidence) == (Transport.UDP, True)
    assert [mask.id for mask in camera.masks] == ["window"]


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["whip:", "--sub-url", "rtsp://10.0.0.7/sub"], "sub_url"),
        (["rtsp://10.0.0.7/a", "--main-evidence"], "main_evidence"),
        (["rtsp://10.0.0.7/a", "--sub-url", f"http://x:{SECRET}@10.0.0.7"], "sub_url"),
        (["whip:anything"], "url"),
    ],
)
def test_what_does_not_fit_is_refused_by_field(site: str, words: list[str], field: str) -> None:
    done = run("camera", "add", "Cổng", *words, "--site", site)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"error: {field}: ")
    assert SECRET not in done.output


def test_a_probe_needs_no_database_and_writes_the_picture(node: Path, server: SampleServer) -> None:
    url = server.url("gate").replace("rtsp://", f"rtsp://viewer:{SECRET}@")
    done = run("camera", "probe", url, "--snapshot", "seen.jpg", "--json", "--person-height", "0.5")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["main"]["reason"], report["main"]["codec"]) == (None, "h264")
    assert report["main"]["sign_in"] == "digest"
    assert report["people"]["stated"] is True
    assert (node / "seen.jpg").read_bytes().startswith(b"\xff\xd8")
    assert not (node / "data").exists()
    assert SECRET not in done.output


def test_a_camera_that_cannot_be_watched_is_exit_code_1(node: Path, server: SampleServer) -> None:
    done = run("camera", "probe", server.url("gate"))
    assert done.exit_code == 1
    assert done.output.splitlines()[-1].startswith("Unusable, it asks for a user name")


@pytest.mark.parametrize("url", ["whip:", "http://10.0.0.7/", "rtsp://a b/"])
def test_what_is_no_camera_to_dial_is_refused(node: Path, url: str) -> None:
    done = run("camera", "probe", url)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: url: ")


def test_a_call_on_an_interface_that_is_none_is_refused(node: Path) -> None:
    done = run("camera", "discover", "--interface", "no-such-if0")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: interface: ")
