"""RTSP servers that nobody here wrote, as child processes of a test."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

SYSTEM_PYTHON = "/usr/bin/python3"
GSTREAMER_MISSING = "GStreamer's RTSP server is not installed; `make test-peers` installs it"
VLC_MISSING = "VLC is not installed; `make test-peers` installs it"
STARTS_S = 15.0
_HAS_BINDINGS = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); "
    "from gi.repository import Gst, GstRtspServer; Gst.init(None); "
    "assert all(Gst.ElementFactory.find(e) for e in "
    "('x264enc', 'x265enc', 'jpegenc', 'alawenc', 'capssetter'))"
)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


class Peer:
    """A server process; freezing and killing it are what a test does to a camera."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process = process
        self.port = port

    def url(self, credentials: str = "") -> str:
        at = f"{credentials}@" if credentials else ""
        return f"rtsp://{at}127.0.0.1:{self.port}/gate"

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.thaw()
            self.process.kill()
        self.process.wait(10)


def need_gstreamer() -> None:
    if (
        not Path(SYSTEM_PYTHON).exists()
        or subprocess.run(
            [SYSTEM_PYTHON, "-c", _HAS_BINDINGS], capture_output=True, timeout=60, check=False
        ).returncode
    ):
        pytest.skip(GSTREAMER_MISSING)


@contextmanager
def gstreamer(coding: str, port: int | None = None, **more: Any) -> Iterator[Peer]:
    """`more`: frames, sound, user and password, bare, reports, leap_s; see `gstreamer_server`."""
    need_gstreamer()
    port = port or free_port()
    script = Path(__file__).with_name("gstreamer_server.py")
    wanted = json.dumps({"port": port, "coding": coding, **more})
    with _running([SYSTEM_PYTHON, str(script), wanted], port) as peer:
        yield peer


@contextmanager
def vlc(clip: Path, port: int | None = None, *, loops: bool = True) -> Iterator[Peer]:
    """Plays a clip as it is, without coding it anew."""
    program = shutil.which("cvlc")
    if program is None:
        pytest.skip(VLC_MISSING)
    port = port or free_port()
    # VLC refuses to run as root, and whoever it runs as must be able to read the clip.
    with tempfile.TemporaryDirectory(prefix="ww-vlc") as folder:
        Path(folder).chmod(0o755)
        copied = Path(shutil.copy(clip, folder))
        copied.chmod(0o644)
        sout = f"#rtp{{sdp=rtsp://127.0.0.1:{port}/gate}}"
        command = [program, "-I", "dummy", "--quiet", str(copied), "--sout", sout, "--sout-keep"]
        command += ["--loop"] if loops else ["--play-and-exit"]
        as_nobody: dict[str, Any] = {"user": "nobody"} if os.geteuid() == 0 else {}
        with _running(command, port, env={**os.environ, "HOME": folder}, **as_nobody) as peer:
            yield peer


@contextmanager
def _running(command: list[str], port: int, **how: Any) -> Iterator[Peer]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **how
    )
    peer = Peer(process, port)
    try:
        _await_pictures(peer)
        yield peer
    finally:
        peer.end()
        if process.stderr is not None:
            process.stderr.close()


def description(peer: Peer) -> str:
    """Its answer to DESCRIBE."""
    with socket.create_connection(("127.0.0.1", peer.port), 2) as connection:
        connection.settimeout(5)
        head = f"DESCRIBE {peer.url()} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
        connection.sendall(head.encode())
        head_and_body = [connection.recv(65_536)]
        with contextlib.suppress(TimeoutError):
            connection.settimeout(0.2)
            while data := connection.recv(65_536):
                head_and_body.append(data)
        return b"".join(head_and_body).decode()


def _describes_itself(peer: Peer) -> bool:
    """Listening is not enough: VLC listens before it has anything to play."""
    answer = description(peer)
    return "m=video" in answer or " 401 " in answer.partition("\r\n")[0]


def _await_pictures(peer: Peer) -> None:
    until = time.monotonic() + STARTS_S
    while time.monotonic() < until:
        assert peer.process.poll() is None, "the server ended at once"
        with contextlib.suppress(OSError):
            if _describes_itself(peer):
                return
        time.sleep(0.1)
    pytest.fail(f"no pictures to be had at {peer.port} after {STARTS_S} s")
