"""`bench memory`: what `up` holds over eight cameras, each process by itself and all together.

PSS: pages that several processes share count in parts, so that the sum is what the machine lacks
(proc(5), `smaps_rollup`). The sample cameras are no part of it.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from wardwatch.bench.events import busy_cameras
from wardwatch.bench.report import Figure, Report
from wardwatch.bench.rig import running
from wardwatch.machine import this_machine

MUST_MB = 450.0
AIM_MB = 300.0
LOOK_EVERY_S = 2.0
NOT_OURS = "sample_streams"
NAMES = ("api", "worker")


def run(seconds: float, cameras: int) -> Report:
    """The largest sum seen in `seconds` after the start; raises `NotReady`."""
    most: Mapping[str, float] = {}
    with running(busy_cameras(cameras)):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
            held = held_mb()
            if sum(held.values()) > sum(most.values()):
                most = held
    figures = [Figure("sum of PSS", round(sum(most.values()), 1), "MB", MUST_MB, AIM_MB)]
    figures += [Figure(name, round(value, 1), "MB") for name, value in sorted(most.items())]
    return Report("memory", this_machine(), figures)


def held_mb() -> Mapping[str, float]:
    """PSS in MB of this process, which supervises, and of its children by what they do."""
    held = {"supervisor": pss_mb(os.getpid())}
    for child in _children(os.getpid()):
        words = _words(child)
        if NOT_OURS in words:
            continue
        name = next((name for name in NAMES if f"wardwatch.{name}_process" in words), "other")
        held[name] = held.get(name, 0.0) + pss_mb(child)
    return held


def pss_mb(process: int) -> float:
    """0 for one that has ended."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    kilobytes = next(line.split()[1] for line in text.splitlines() if line.startswith("Pss:"))
    return int(kilobytes) / 1000


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
