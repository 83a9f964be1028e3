"""`bench memory`: what `up` holds over eight cameras, each process by itself and all together.

PSS: pages that several processes share count in parts, so that the sum is what the machine lacks
(proc(5), `smaps_rollup`). The sample cameras are no part of it.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

from record.clock import SystemClock
from record.store import upgrade
from wardwatch import compose, demo
from wardwatch.bench.events import busy_cameras
from wardwatch.bench.report import Figure, Report
from wardwatch.bench.rig import NotReady
from wardwatch.machine import this_machine
from wardwatch.node_processes import READY_WITHIN_S, free_port
from wardwatch.settings import Settings

MUST_MB = 450.0
AIM_MB = 300.0
LOOK_EVERY_S = 2.0
NAMES = ("api", "worker")
STOP_S = 15.0


def run(seconds: float, cameras: int) -> Report:
    """The largest sum seen in `seconds` after the start; raises `NotReady`."""
    most: Mapping[str, float] = {}
    with _up(busy_cameras(cameras)) as supervisor:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
            held = held_mb(supervisor)
            if sum(held.values()) > sum(most.values()):
                most = held
    figures = [Figure("sum of PSS", round(sum(most.values()), 1), "MB", MUST_MB, AIM_MB)]
    figures += [Figure(name, round(value, 1), "MB") for name, value in sorted(most.items())]
    return Report("memory", this_machine(), figures)


@contextlib.contextmanager
def _up(samples: Sequence[demo.SampleCamera]) -> Generator[int, None, None]:
    """`wardwatch up`, as anybody would start it, over sample cameras; its process id, once it has
    a worker and an API."""
    rtsp_port = free_port()
    with tempfile.TemporaryDirectory(prefix="wardwatch-bench-") as folder:
        settings = Settings.load(data_dir=Path(folder), host="127.0.0.1").model_copy(
            update={"database_url": None}
        )
        upgrade(settings.store_url)
        with compose.open_store(settings) as store:
            url, now = f"rtsp://127.0.0.1:{rtsp_port}", SystemClock().now()
            demo.prepare(store, url, demo.password(), now, samples)
        words = ["-m", "wardwatch", "up", "--data-dir", folder]
        words += ["--host", "127.0.0.1", "--port", "0", "--database-url", settings.store_url]
        cameras = demo.sample_cameras(samples, rtsp_port).command
        quiet = {**os.environ, "WARDWATCH_LOG_LEVEL": "error"}
        with (
            _running([sys.executable, *cameras], quiet),
            _running([sys.executable, *words], quiet) as node,
        ):
            until = time.monotonic() + READY_WITHIN_S
            while not set(NAMES) <= held_mb(node.pid).keys():
                if time.monotonic() > until or node.poll() is not None:
                    raise NotReady(f"no worker and API in {READY_WITHIN_S:g} s")
                time.sleep(0.1)
            yield node.pid


@contextlib.contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str]
) -> Generator[subprocess.Popen[bytes], None, None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def held_mb(supervisor: int) -> Mapping[str, float]:
    """PSS in MB of a supervisor and of its children by what they do."""
    held = {"supervisor": pss_mb(supervisor)}
    for child in _children(supervisor):
        words = _words(child)
        name = next((name for name in NAMES if f"wardwatch.{name}_process" in words), "other")
        held[name] = held.get(name, 0.0) + pss_mb(child)
    return held


def pss_mb(process: int) -> float:
    """0 for one that has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    kilobytes = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(kilobytes[0]) / 1000 if kilobytes else 0.0


def _children(process: int) -> list[int]:
    """Of whichever of its threads started them (proc(5), `children`)."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += [int(word) for word in (task / "children").read_text(encoding="ascii").split()]
    return found


def _words(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/cmdline").read_text(encoding="utf-8").split("\0")
    except OSError:
        return []
