"""`wardwatch` itself, started as a person starts it."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

import pytest

ROOT = Path(__file__).parents[1]
READY_S = 60
STOP_S = 20


@contextlib.contextmanager
def running(*words: str, **environment: str) -> Iterator[str]:
    """The address of `wardwatch WORDS` on a free port, ended by Ctrl-C as a person would."""
    told: Mapping[str, str] = {**os.environ, **environment}
    with subprocess.Popen(
        [sys.executable, "-m", "wardwatch", *words, "--port", "0"],
        cwd=ROOT,
        env=told,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        try:
            yield _ready(process)
        finally:
            os.killpg(process.pid, signal.SIGINT)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise


def _ready(process: subprocess.Popen[str]) -> str:
    """The address on the line `ready URL`; what follows is read away, so that no pipe fills."""
    lines: queue.Queue[str] = queue.Queue()
    assert process.stdout is not None
    threading.Thread(target=_drain, args=(process.stdout, lines), daemon=True).start()
    until = time.monotonic() + READY_S
    while (left := until - time.monotonic()) > 0:
        try:
            line = lines.get(timeout=min(left, 1.0))
        except queue.Empty:
            assert process.poll() is None, f"it ended with {process.returncode}"
            continue
        if line.startswith("ready "):
            return line.removeprefix("ready ").strip()
    pytest.fail(f"not ready within {READY_S} s")


def _drain(stream: IO[str], lines: "queue.Queue[str]") -> None:
    for line in stream:
        lines.put(line)
