"""The command line at its edge: what is refused, with the field and the reason, and exit code 2."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from record.ids import Position
from record.places import EVERYTHING
from record.store import Store
from wardwatch.cli import app, main
from wardwatch.node_lock import held

PASSWORD_IN_URL = "hunter2-in-the-url"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a fresh database, a ward and a site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WARDWATCH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("WARDWATCH_DATABASE_URL", raising=False)
    run("db", "upgrade")
    run("unit", "add", "20194", "Phường Hòa Khánh")
    return tmp_path


@pytest.fixture
def site(folder: Path) -> str:
    done = run("site", "add", "KTX", "--unit", "20194", "--json")
    site: str = json.loads(done.stdout)["site"]
    return site


def run(*words: str, typed: str = "") -> Result:
    done = CliRunner().invoke(app, list(words), input=typed)
    assert done.exit_code == 0, done.output
    return done


def refused(*words: str) -> str:
    """The one line that says what is wrong; nothing else is printed, and the exit code is 2."""
    done = CliRunner().invoke(app, list(words))
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def events_in(folder: Path) -> int:
    store = Store.open(f"sqlite:///{folder / 'data' / 'wardwatch.db'}", wake_dir=None)
    try:
        with store.read(EVERYTHING) as record:
            return len(record.events.after(Position(0), 1000))
    finally:
        store.close()


def scene(folder: Path, **parts: object) -> str:
    path = folder / "drawing.json"
    path.write_text(json.dumps(parts), encoding="utf-8")
    return str(path)


URL = "rtsp://127.0.0.1/gate"
LINE = {"id": "gate", "a": [0.2, 0.5], "b": [0.8, 0.5]}


@pytest.mark.parametrize(
    ("parts", "field", "reason"),
    [
        ({"areas": [{"id": "y", "polygon": [[0, 0], [1, 1]]}]}, "areas.0.polygon", "2 corners"),
        (
            {"areas": [{"id": "y", "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]},
            "areas.0.polygon",
            "crosses itself",
        ),
        ({"lines": [LINE | {"b": [0.2, 0.5]}]}, "lines.0.b", "same point"),
        ({"lines": [LINE | {"a": [0.2, 1.5]}]}, "lines.0.a", "outside the frame"),
        ({"lines": [LINE], "rules": [{"id": "r", "kind": "exti", "line": "gate"}]}, "kind", "exti"),
        ({"rules": [{"id": "r", "kind": "exit", "line": "gate"}]}, "rules.0.line", "is none"),
        ({"lines": [LINE | {"colour": "red"}]}, "lines.0.colour", "not permitted"),
    ],
)
def test_a_drawing_is_refused_by_field(
    folder: Path, site: str, parts: dict[str, object], field: str, reason: str
) -> None:
    before = events_in(folder)
    drawing = scene(folder, **parts)
    line = refused("camera", "add", "Gate", URL, "--site", site, "--scene", drawing)
    assert field in line
    assert reason in line or reason == "exti"
    assert events_in(folder) == before


@pytest.mark.parametrize("url", ["http://host/x", "gate", "rtsp://", "rtsp://host:port/x"])
def test_an_address_is_refused_without_repeating_it(folder: Path, site: str, url: str) -> None:
    before = events_in(folder)
    assert refused("camera", "add", "Gate", url, "--site", site).startswith("error: url: ")
    secret = f"ftp://admin:{PASSWORD_IN_URL}@host/x"
    assert PASSWORD_IN_URL not in refused("camera", "add", "Gate", secret, "--site", site)
    assert events_in(folder) == before


def test_a_camera_is_added_and_its_password_stands_in_no_event(folder: Path, site: str) -> None:
    url = f"rtsp://admin:{PASSWORD_IN_URL}@127.0.0.1/gate"
    done = run("camera", "add", "Cổng", url, "--site", site, "--scene", scene(folder, lines=[LINE]))
    assert PASSWORD_IN_URL not in done.output
    tail = run("events", "tail", "--after", "0", "--no-follow", "--json")
    events = [json.loads(line) for line in tail.stdout.splitlines()]
    assert "wardwatch.camera.added" in {event["type"] for event in events}
    assert PASSWORD_IN_URL not in tail.output


ORDER = ("order", "issue", "12/QĐ-UBND", "--issuer", "UBND", "--unit", "20194")


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [
        ("2026-11-24T00:00:00+07:00", "2026-11-23T00:00:00+07:00", "to"),
        ("2026-11-24T00:00:00+07:00", "2026-11-24T00:00:00+07:00", "to"),
        ("tomorrow", "2026-11-23T00:00:00+07:00", "from"),
        ("2026-11-24T00:00:00", "2026-11-25T00:00:00+07:00", "from"),
    ],
)
def test_an_order_is_refused_by_field(folder: Path, begins: str, ends: str, field: str) -> None:
    before = events_in(folder)
    line = refused(*ORDER, "--from", begins, "--to", ends)
    assert line.startswith(f"error: {field}: ")
    assert events_in(folder) == before


def test_an_order_for_a_unit_that_is_not_there_is_refused(folder: Path) -> None:
    before = events_in(folder)
    words = ("order", "issue", "1", "--issuer", "UBND", "--unit", "nowhere")
    times = ("--from", "2026-11-24T00:00:00+07:00", "--to", "2026-11-25T00:00:00+07:00")
    assert "nowhere" in refused(*words, *times)
    assert events_in(folder) == before


def test_a_user_needs_a_scope_and_a_free_name(folder: Path) -> None:
    assert refused("user", "add", "minh", "--role", "supervisor").startswith("error: unit: ")
    add = ("user", "add", "minh", "--role", "supervisor", "--unit", "20194", "--generate")
    password = json.loads(run(*add, "--json").stdout)["password"]
    assert len(password) >= 12
    assert "minh" in refused(*add)


def test_a_store_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    line = refused("breaches", "list", "--data-dir", str(tmp_path / "none"))
    assert "wardwatch db upgrade" in line


def test_no_breaches_are_an_empty_list(folder: Path) -> None:
    assert json.loads(run("breaches", "list", "--json").stdout) == {"items": [], "next": None}


def test_doctor_names_a_model_that_is_missing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARDWATCH_MODEL", str(folder / "none.onnx"))
    done = CliRunner().invoke(app, ["doctor", "--json"])
    assert done.exit_code == 1
    checks = {check["what"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["Detector"]["grade"] == "bad"
    assert "none.onnx" in checks["Detector"]["seen"]
    assert "no breach" in checks["Detector"]["remedy"]
    assert checks["Record"]["grade"] == "good"


def test_doctor_says_that_there_is_no_room_for_evidence(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def checked() -> dict[str, str]:
        done = CliRunner().invoke(app, ["doctor", "--json"])
        checks: list[dict[str, str]] = json.loads(done.stdout)["checks"]
        return {check["what"]: check for check in checks}["Evidence"]

    assert checked()["grade"] == "note"
    (folder / "data" / "evidence").mkdir()
    assert checked()["grade"] == "good"
    monkeypatch.setenv("WARDWATCH_EVIDENCE_LEAST_FREE_GB", "1000000000")
    assert checked()["grade"] == "bad"
    assert "have to stay free" in checked()["seen"]
    assert "evidence_most_gb" in checked()["remedy"]
    (folder / "data" / "evidence" / "kept").mkdir()  # by a key that is gone
    assert (checked()["grade"], "evidence.key" in checked()["remedy"]) == ("bad", True)
    assert "nothing more is kept" in checked()["seen"]


def test_eval_refuses_a_misspelt_rule_kind_before_it_runs(folder: Path) -> None:
    path = folder / "one.scene.json"
    rule = {"id": "r", "kind": "exitt", "line": "gate"}
    order = {"from_s": 0, "to_s": 1}
    text = {"video": "x.mp4", "order": order, "lines": [LINE], "rules": [rule]}
    path.write_text(json.dumps(text), encoding="utf-8")
    assert "rules.0.kind" in refused("eval", str(path), "--json")


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person starts it."""
    return subprocess.run(
        [sys.executable, "-m", "wardwatch", *words],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


Entered = Callable[..., tuple[int, str, str]]


@pytest.fixture
def entered(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Entered]:
    """Words → exit code, output and errors of the program's entry, in this process: it takes two
    seconds to start one."""

    def enter(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["wardwatch", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    logs = structlog.get_config()
    yield enter
    structlog.configure(**logs)


@pytest.mark.parametrize(
    "words",
    [
        ("order", "issue", "1", "--issuer", "U", "--from", "x", "--to", "y", "--arms", "exitt"),
        ("user", "add", "minh", "--role", "boss"),
        ("breaches", "list", "--limit", "0"),
        ("events", "tail", "--after", "99999999999999999999999"),
        ("breaches", "list", "--to", "9999-12-31T23:59:59-14:00"),
        ("nonsense",),
    ],
)
def test_wrong_words_are_one_line_and_exit_code_2(
    folder: Path, words: tuple[str, ...], entered: Entered
) -> None:
    code, out, err = entered(*words)
    assert code == 2
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("error: ")


def test_the_program_ends_with_the_same_line_and_code(entered: Entered) -> None:
    code, _, err = entered("nonsense")
    done = program("nonsense")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", err)


def test_a_broken_settings_file_is_one_line(folder: Path) -> None:
    (folder / "wardwatch.toml").write_text("port = = 1\n", encoding="utf-8")
    line = refused("breaches", "list")
    assert line.startswith("error: wardwatch.toml: ")


def test_a_folder_that_cannot_be_is_one_line(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    assert "file" in refused("db", "upgrade", "--data-dir", str(folder / "file" / "data"))


def test_reading_makes_nothing(tmp_path: Path) -> None:
    refused("breaches", "list", "--data-dir", str(tmp_path / "none"))
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_reads_the_database(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    assert program("db", "upgrade", "--data-dir", str(data)).returncode == 0
    written = [path for path in data.iterdir() if path.is_file()]
    assert written
    assert all(path.stat().st_mode & 0o077 == 0 for path in written)
    data.chmod(0o755)
    (data / "wardwatch.db").chmod(0o644)
    checks = json.loads(program("doctor", "--json", "--data-dir", str(data)).stdout)["checks"]
    assert {one["what"]: one["grade"] for one in checks}["Secrecy"] == "bad"


def test_a_second_node_on_the_same_folder_is_refused(folder: Path) -> None:
    with held(folder / "data"):
        line = refused("up", "--port", "0")
    assert line.startswith("error: data_dir: another node runs on ")


def test_doctor_does_not_take_a_dead_socket_for_a_worker(folder: Path) -> None:
    run_dir = folder / "data" / "run"
    run_dir.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(run_dir / "worker-1.sock"))
    done = CliRunner().invoke(app, ["doctor", "--json"])
    checks = {check["what"]: check for check in json.loads(done.stdout)["checks"]}
    assert checks["Workers"]["seen"] == "none is running"


def test_a_lost_key_is_told_by_doctor_and_a_rotated_one_mends_it(folder: Path, site: str) -> None:
    run("camera", "add", "Gate", f"rtsp://admin:{PASSWORD_IN_URL}@127.0.0.1/gate", "--site", site)
    path = folder / "data" / "keys" / "secrets.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert key_check()["grade"] == "good"
    path.unlink()
    told = key_check()
    assert (told["grade"], str(path) in told["remedy"]) == ("bad", True)
    assert "no such file" in told["seen"]
    line = refused("camera", "add", "Yard", "rtsp://127.0.0.1/yard", "--site", site)
    assert "secrets.key" in line
    done = json.loads(run("secrets", "rotate", "--json").stdout)
    assert (done["sealed"], list(done["closed"].values())) == (0, ["another_key"])
    assert "another_key" in key_check()["seen"]
    run("camera", "add", "Yard", "rtsp://127.0.0.1/yard", "--site", site)


def test_a_rotated_key_opens_everything_and_the_former_one_nothing(folder: Path, site: str) -> None:
    run("camera", "add", "Gate", "rtsp://127.0.0.1/gate", "--site", site)
    path = folder / "data" / "keys" / "secrets.key"
    former = path.read_text()
    assert json.loads(run("secrets", "rotate", "--json").stdout)["sealed"] == 1
    assert len(path.read_text().splitlines()) == 1
    assert path.read_text() != former
    assert key_check()["grade"] == "good"
    path.write_text(former)
    assert key_check()["grade"] == "bad"


def key_check() -> dict[str, str]:
    done = CliRunner().invoke(app, ["doctor", "--json"])
    checks: list[dict[str, str]] = json.loads(done.stdout)["checks"]
    return next(check for check in checks if check["what"] == "Key")
