"""Node from PyPI: packages are installed once, scripts find the same Node, failures are told."""

import json
from pathlib import Path

import pytest

from wardwatch.node import Node, NodeFailed, fingerprint, install, main, run_script

LOCK = {"name": "sample", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = {
        "write": 'node -e \'require("fs").writeFileSync("seen", process.execPath)\'',
        "echo": 'node -e \'require("fs").writeFileSync("args", process.argv.slice(1).join())\'',
        "fail": "node -e 'process.exit(3)'",
    }
    manifest = {"name": "sample", "version": "1.0.0", "private": True, "scripts": scripts}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    (tmp_path / "package-lock.json").write_text(json.dumps(LOCK))
    return tmp_path


def test_packages_are_installed_once_and_again_when_the_lock_changes(folder: Path) -> None:
    node = Node.from_wheel()
    assert install(folder, node) is True
    assert install(folder, node) is False
    (folder / "package-lock.json").write_text(json.dumps(LOCK, indent=1))
    assert install(folder, node) is True


def test_a_script_finds_the_node_of_the_wheel(folder: Path) -> None:
    node = Node.from_wheel()
    run_script(folder, "write", [], node)
    assert Path((folder / "seen").read_text()).resolve() == node.executable.resolve()


def test_arguments_reach_the_script(folder: Path) -> None:
    run_script(folder, "echo", ["one", "two"], Node.from_wheel())
    assert (folder / "args").read_text() == "one,two"


def test_a_lock_that_does_not_fit_is_told_with_the_reason(folder: Path) -> None:
    manifest = json.loads((folder / "package.json").read_text())
    manifest["dependencies"] = {"left-out": "1.0.0"}
    (folder / "package.json").write_text(json.dumps(manifest))
    with pytest.raises(NodeFailed, match="npm ci") as caught:
        install(folder, Node.from_wheel())
    assert "left-out" in str(caught.value)
    assert not (folder / "node_modules" / ".wardwatch-stamp").exists()


def test_the_fingerprint_follows_the_manifest_too(folder: Path) -> None:
    node = Node.from_wheel()
    before = fingerprint(folder, node)
    (folder / "package.json").write_text("{}")
    assert fingerprint(folder, node) != before


def test_a_failing_script_fails_the_call(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "fail"]) == 1
    assert "fail in" in capfd.readouterr().err


def test_a_wrong_call_says_how_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ui"]) == 2
    assert "usage" in capsys.readouterr().err
    assert main([str(tmp_path), "build"]) == 2
    assert "package-lock.json" in capsys.readouterr().err
