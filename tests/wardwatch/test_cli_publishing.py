"""`wardwatch camera token` and `camera pair`: shown once, and good for what they say."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from record.ids import CameraId
from record.places import EVERYTHING
from record.publishing import PublishToken, secret_hash
from record.store import Store
from wardwatch import compose
from wardwatch.cli import app
from wardwatch.settings import Settings


def run(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == code, done.output
    return done.stdout if code == 0 else done.stderr


def answer(*words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(run(*words, "--json"))
    return told


@pytest.fixture
def phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Id of a camera that publishes, in a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WARDWATCH_DATABASE_URL", raising=False)
    run("db", "upgrade")
    run("unit", "add", "20194", "Phường Hòa Khánh")
    site = answer("site", "add", "KTX", "--unit", "20194")["site"]
    camera: str = answer("camera", "add", "Điện thoại", "whip:", "--site", site)["camera"]
    return camera


def opened() -> Store:
    """With its key: addresses of cameras are sealed."""
    return compose.open_store(Settings.load())


def holder(token: str) -> PublishToken | None:
    with opened() as store, store.read(EVERYTHING) as record:
        found = record.publishing.find(secret_hash(token))
    return None if found is None else found[0]


def test_a_token_is_made_renewed_and_revoked(phone: str) -> None:
    first = answer("camera", "token", phone)
    assert first["address"] == f"http://127.0.0.1:8080/api/v1/cameras/{phone}/whip"
    known = holder(first["token"])
    assert known is not None
    assert (known.camera, known.by) == (phone, None)
    second = run("camera", "token", phone, "--address", "https://box.example/")
    token = second.split()[1]
    assert f"https://box.example/api/v1/cameras/{phone}/whip" in second
    assert holder(first["token"]) is None
    assert holder(token) is not None
    assert answer("camera", "token", phone, "--revoke")["token"] is None
    assert holder(token) is None


def test_a_code_is_good_for_one_token(phone: str) -> None:
    made = answer("camera", "pair", phone, "--address", "https://box.example")
    assert made["address"] == f"https://box.example/publish#{made['code']}"
    with opened() as store, store.write(EVERYTHING) as record:
        code, token_hash = secret_hash(made["code"]), secret_hash("token")
        token, camera = record.publishing.redeem(code, token_hash)
    assert (token.camera, camera.name) == (CameraId(phone), "Điện thoại")


def test_what_does_not_publish_is_refused(phone: str) -> None:
    for command in ("token", "pair"):
        assert "camera" in run("camera", command, "no-such-camera", code=2)
    site = answer("site", "add", "Nhà B", "--unit", "20194")["site"]
    dialled = answer("camera", "add", "Cổng", "rtsp://10.0.0.9/x", "--site", site)["camera"]
    assert run("camera", "token", dialled, code=2).startswith("error: camera: is dialled by us")
