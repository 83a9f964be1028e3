"""`bench streams`: what a live view costs, and how old it is on the viewer's screen.

Two nodes, one after the other. The first plays the busy scenes: the CPU of the threads that the
worker has begun because somebody watches (a view's own, and that of WebRTC), with each camera
watched once (median of three runs), and with one camera watched by twenty. What all of the worker
takes more, and looks more, is told beside it: on a machine that is busy it says as much about the
other threads. The second plays the same scenes with a number in each frame; a real browser reads
it back from its canvas.
"""

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.rtc import RtcLoop
from record.messages import AskUpdates, Decoder, Health, encode
from sample_streams import read_send_log
from sample_streams.numbered import MOST_FRAMES, write_numbered
from wardwatch.bench.events import BUSY, busy_cameras, camera_paths, sign_in
from wardwatch.bench.report import Figure, Report, percentile
from wardwatch.bench.rig import Rig, running
from wardwatch.bench.viewing import Watching
from wardwatch.machine import this_machine
from wardwatch.node import Node, NodeFailed, install

E2E = Path(__file__).parents[2] / "tests" / "e2e"
"""The browser is a test's, and comes with a checkout only."""
SETTLE_S = 6.0
VIEWERS = 20
RUNS = 3
FPS = 10
"""Of the sample scenes."""


@dataclass(frozen=True, slots=True)
class Window:
    """What the worker did in a stretch of time."""

    cpu_ms: float
    """Of CPU, a second: all threads."""
    watching_ms: float
    """The same, of the threads that are there because somebody watches."""
    looks: float
    """A second."""


@dataclass(frozen=True, slots=True)
class Glass:
    """One run of the browser."""

    opened_ms: float
    frames: int
    latencies_ms: tuple[float, ...]
    """From the sample server's send time to the number on the canvas."""


def run(seconds: float, cameras: int) -> Report:
    """Each window of CPU, and each run of the browser, lasts `seconds`."""
    figures = _costs(seconds, cameras)
    notes: list[str] = []
    try:
        figures += _glass_figures(_glass(seconds, cameras))
    except (NodeFailed, NoBrowser) as missing:
        notes.append(f"glass to glass was not measured: {missing}")
    return Report("streams", this_machine(), figures, notes)


class NoBrowser(Exception):
    """There is no checkout around this installation, or its browser does not run."""


# What it costs


def _costs(seconds: float, cameras: int) -> list[Figure]:
    samples = busy_cameras(cameras)
    loop = RtcLoop("viewers")
    with running(samples) as rig:
        sessions = [sign_in(rig) for _ in range(2)]
        names = list(camera_paths(sessions[0], rig, samples))
        worker = _worker_pid()
        time.sleep(SETTLE_S)

        unwatched = frozenset(_threads_s(worker))

        def window() -> Window:
            time.sleep(SETTLE_S)
            return _window(rig, worker, unwatched, seconds)

        def watched(wanted: Sequence[str]) -> tuple[Window, list[float]]:
            views = []
            for place, name in enumerate(wanted):
                view = Watching()
                views.append(view)
                view.open(loop, sessions[place % 2], rig, name)
            measured = window()
            for place, view in enumerate(views):
                view.close(sessions[place % 2])
            return measured, [view.opened_s * 1000 for view in views]

        before = window()
        each = [watched(names) for _ in range(RUNS)]
        after = window()
        one, _ = watched(names[:1])
        many, _ = watched(names[:1] * VIEWERS)
    loop.stop()
    opened = [first for _, first in each]
    return _cost_figures((before, after), [measured for measured, _ in each], one, many, opened)


def _cost_figures(
    idle: Sequence[Window],
    each: Sequence[Window],
    one: Window,
    many: Window,
    opened: Sequence[Sequence[float]],
) -> list[Figure]:
    """`opened`: of each run the time that every camera took to its first frame, in ms."""
    cameras = len(opened[0])
    median = statistics.median
    unwatched = statistics.mean(window.cpu_ms for window in idle)
    looks = median(w.looks for w in each) - statistics.mean(window.looks for window in idle)
    viewer = (many.watching_ms - one.watching_ms) / (VIEWERS - 1)
    camera = median(w.watching_ms for w in each) / cameras - viewer
    more = (median(w.cpu_ms for w in each) - unwatched) / cameras
    return [
        Figure("first frame after the POST, max", median(map(max, opened)), "ms", 1000.0),
        Figure("first frame after the POST, p50", median(map(median, opened)), "ms"),
        Figure("CPU per second and watched camera", camera, "ms", 15.0, 10.0),
        Figure("CPU per second and viewer", viewer, "ms"),
        Figure("CPU per second, unwatched, all cameras", unwatched, "ms"),
        Figure("CPU per second more, of a camera watched by one", more, "ms"),
        Figure("looks per second more, of a camera watched by one", looks / cameras, ""),
    ]


def _worker_pid() -> int:
    """Of the one worker that this process has started."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended meanwhile
            continue
        if parent == os.getpid() and b"wardwatch.worker_process" in words:
            return int(folder.name)
    raise NoWorker


class NoWorker(Exception):
    """No worker process is a child of this one."""


def _threads_s(pid: int) -> dict[int, float]:
    """CPU seconds of each thread (Linux, Documentation/scheduler/sched-stats: the first field of
    `schedstat`, nanoseconds; `stat` counts in hundredths of a second)."""
    spent: dict[int, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            spent[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
        except OSError:  # it has ended meanwhile
            continue
    return spent


def _window(rig: Rig, worker: int, unwatched: frozenset[int], seconds: float) -> Window:
    first = _health(rig)
    began, before = time.monotonic(), _threads_s(worker)
    time.sleep(seconds)
    took, after = time.monotonic() - began, _threads_s(worker)
    last = _health(rig)
    spent = {task: cpu - before.get(task, 0.0) for task, cpu in after.items()}
    watching = sum(cpu for task, cpu in spent.items() if task not in unwatched)
    looks = sum(c.looked for c in last.cameras) - sum(c.looked for c in first.cameras)
    return Window(sum(spent.values()) * 1000 / took, watching * 1000 / took, looks / took)


def _health(rig: Rig) -> Health:
    path = next(iter(sorted(rig.settings.run_dir.glob("worker-*.sock"))))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as worker:
        worker.settimeout(5)
        worker.connect(str(path))
        worker.sendall(encode(AskUpdates()))
        decoder = Decoder()
        while data := worker.recv(65536):
            for message, _ in decoder.feed(data):
                if isinstance(message, Health):
                    return message
    raise NoWorker


# How old it is on the screen


def _glass(seconds: float, cameras: int) -> list[Glass]:
    if not (E2E / "glass.ts").is_file():
        raise NoBrowser("there is no checkout with tests/e2e around this installation")
    node = Node.from_wheel()
    install(E2E, node)
    samples = busy_cameras(cameras)
    with tempfile.TemporaryDirectory(prefix="wardwatch-numbered-") as folder:
        clips = {scene: Path(folder) / f"{scene}.mp4" for scene in BUSY[:cameras]}
        for scene, path in clips.items():
            write_numbered(scene, path)
        with running(samples, clips) as rig:
            paths = camera_paths(sign_in(rig), rig, samples)
            camera = next(iter(paths))
            time.sleep(SETTLE_S)
            told = [_in_browser(node, rig, camera, seconds) for _ in range(RUNS)]
            sent = _sent(rig.send_log, paths[camera])
    return [glass(lines, sent) for lines in told]


def _in_browser(node: Node, rig: Rig, camera: str, seconds: float) -> list[str]:
    done = subprocess.run(
        [node.executable, "glass.ts", rig.url, "supervisor", rig.password, camera, f"{seconds:g}"],
        cwd=E2E,
        env=node.environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=seconds + 90,
        check=False,
    )
    if done.returncode != 0:
        raise NoBrowser(
            done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "it failed"
        )
    return done.stdout.splitlines()


def _sent(path: Path, camera: str) -> Mapping[int, list[float]]:
    """Number drawn into a frame → when it was sent, oldest first, of each round."""
    sent: dict[int, list[float]] = {}
    for one in read_send_log(path):
        if one.camera == camera:
            number = round(one.scene_s * FPS) % MOST_FRAMES
            sent.setdefault(number, []).append(one.sent_at)
    return sent


def glass(lines: Sequence[str], sent: Mapping[int, list[float]]) -> Glass:
    """What the browser told, held against what was sent: each number's last sending before it was
    seen, and only where it was seen first."""
    opened_ms, frames, latencies, shown = 0.0, 0, [], None
    for line in lines:
        told = json.loads(line)
        if "opened_ms" in told:
            opened_ms = float(told["opened_ms"])
            continue
        frames += 1
        number, at = told["number"], float(told["at"])
        if number is None or number == shown:
            continue
        shown = number
        times = sent.get(number, [])
        place = bisect_right(times, at)
        if place:
            latencies.append((at - times[place - 1]) * 1000)
    return Glass(opened_ms, frames, tuple(latencies))


def _glass_figures(runs: Sequence[Glass]) -> list[Figure]:
    read = [one for one in runs if one.latencies_ms]
    if not read:
        raise NoBrowser("no number could be read from its canvas")

    def median(of: Callable[[Glass], float]) -> float:
        return statistics.median(of(one) for one in read)

    return [
        Figure("browser: first frame after the POST", median(lambda g: g.opened_ms), "ms", 1000.0),
        Figure("frames shown in a run", median(lambda g: float(g.frames)), "frames"),
        Figure("share with a readable number", median(_readable), ""),
        Figure("glass to glass, p50", median(lambda g: statistics.median(g.latencies_ms)), "ms"),
        Figure(
            "glass to glass, p95, median of the runs",
            median(lambda g: percentile(g.latencies_ms, 0.95)),
            "ms",
            400.0,
            250.0,
        ),
    ]


def _readable(one: Glass) -> float:
    return len(one.latencies_ms) / one.frames
