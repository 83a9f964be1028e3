"""`bench events`: from a sample camera's send time to the event at a subscriber of the stream."""

import json
import socket
import statistics
import time
import urllib.request
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from record.events import EventType
from record.messages import AskUpdates, Decoder, Health, StageTiming, encode
from sample_streams import read_send_log
from wardwatch.bench.report import Figure, Report, percentile
from wardwatch.bench.rig import Rig, running
from wardwatch.demo import WARD, SampleCamera
from wardwatch.machine import this_machine

MUST_MS = 350.0
AIM_MS = 200.0
SAME_FRAME_S = 0.02
"""Frames are 100 ms apart: a capture time within this of a send time is that frame."""

BUSY = ("gate", "real", "yard", "corridor", "night")
"""Scenes in which people walk most of the time."""

DECIDED = (
    EventType.BREACH_OPENED,
    EventType.BREACH_UPDATED,
    EventType.OBSERVATION_RECORDED,
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event at the subscriber; times in seconds since 1970 UTC."""

    camera: str
    decided_at: float
    recorded_at: float
    seen_at: float


def busy_cameras(count: int) -> tuple[SampleCamera, ...]:
    """Cameras over the busy scenes in turn, each from a moment of its own."""
    return tuple(
        SampleCamera(
            path=f"busy{index}",
            scene=BUSY[index % len(BUSY)],
            name=f"Camera {index}",
            ward=WARD.id,
            offset_s=float(7 * index % 40),
        )
        for index in range(count)
    )


def run(seconds: float, cameras: int) -> Report:
    """Count for `seconds` once the node is ready."""
    samples = busy_cameras(cameras)
    with running(samples) as rig:
        session = sign_in(rig)
        names = camera_paths(session, rig, samples)
        arrivals = list(_arrivals(session, rig, seconds, names))
        stages = _stages(rig)
        sent = _sent(rig.send_log)
    latencies = match(arrivals, sent)
    return Report("events", this_machine(), _figures(arrivals, latencies, stages))


def _figures(
    arrivals: Sequence[Arrival], latencies: Sequence[float], stages: Sequence[StageTiming]
) -> list[Figure]:
    counted = [
        Figure("events", len(arrivals), "events"),
        Figure("events matched to a sent frame", len(latencies), "events"),
    ]
    if not latencies:
        return counted
    ms = [latency * 1000 for latency in latencies]
    fan_out = [(one.seen_at - one.recorded_at) * 1000 for one in arrivals]
    return [
        *counted,
        Figure("send to subscriber, p50", statistics.median(ms), "ms"),
        Figure("send to subscriber, p95", percentile(ms, 0.95), "ms", MUST_MS, AIM_MS),
        Figure("send to subscriber, max", max(ms), "ms"),
        *_shares(stages, "findings"),
        Figure("stage commit and fan-out, p50", statistics.median(fan_out), "ms"),
        Figure("stage commit and fan-out, p95", percentile(fan_out, 0.95), "ms"),
    ]


def _shares(stages: Sequence[StageTiming], of: str) -> Iterator[Figure]:
    """What each stage in the worker takes, of the frames that decided something."""
    for one in stages:
        if one.of == of:
            yield Figure(f"stage {one.stage}, p50", one.p50_ms, "ms")
            yield Figure(f"stage {one.stage}, p95", one.p95_ms, "ms")


def _stages(rig: Rig) -> tuple[StageTiming, ...]:
    """The worker's own stamps, asked for over its local socket."""
    path = next(iter(sorted(rig.settings.run_dir.glob("worker-*.sock"))))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as worker:
        worker.settimeout(5)
        worker.connect(str(path))
        worker.sendall(encode(AskUpdates()))
        decoder = Decoder()
        while data := worker.recv(65536):
            for message, _ in decoder.feed(data):
                if isinstance(message, Health):
                    return message.stages
    return ()


def match(arrivals: Sequence[Arrival], sent: dict[str, list[tuple[float, float]]]) -> list[float]:
    """Seconds from send to arrival, of each event whose deciding frame is in the send log.

    `sent`: camera → (due, sent) of each frame, growing. A frame's capture time is the time that
    the camera's sender reports give it, which is `due`.
    """
    latencies = []
    for arrival in arrivals:
        frames = sent.get(arrival.camera, [])
        index = bisect_left(frames, (arrival.decided_at - SAME_FRAME_S, 0.0))
        if index < len(frames) and frames[index][0] <= arrival.decided_at + SAME_FRAME_S:
            latencies.append(arrival.seen_at - frames[index][1])
    return latencies


def _sent(path: Path) -> dict[str, list[tuple[float, float]]]:
    sent: dict[str, list[tuple[float, float]]] = {}
    for frame in read_send_log(path):
        sent.setdefault(frame.camera, []).append((frame.due_at, frame.sent_at))
    return sent


def sign_in(rig: Rig) -> urllib.request.OpenerDirector:
    session = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    body = json.dumps({"username": "admin", "password": rig.password}).encode()
    request = urllib.request.Request(  # noqa: S310 - our own http
        f"{rig.url}/api/v1/session", body, {"Content-Type": "application/json"}
    )
    session.open(request, timeout=10).close()
    return session


def camera_paths(
    session: urllib.request.OpenerDirector, rig: Rig, samples: Sequence[SampleCamera]
) -> dict[str, str]:
    """Camera id → path on the sample server."""
    with session.open(f"{rig.url}/api/v1/cameras?limit=100", timeout=10) as answer:
        items: list[dict[str, Any]] = json.load(answer)["items"]
    paths = {sample.name: sample.path for sample in samples}
    return {item["id"]: paths[item["name"]] for item in items}


def _arrivals(
    session: urllib.request.OpenerDirector, rig: Rig, seconds: float, paths: dict[str, str]
) -> Iterator[Arrival]:
    """Decisions as they reach one subscriber of the event stream, for `seconds`."""
    types = ",".join(kind.full for kind in DECIDED)
    camera_of_breach: dict[str, str] = {}
    with session.open(f"{rig.url}/api/v1/events/stream?types={types}", timeout=15) as stream:
        until = time.monotonic() + seconds
        for raw in stream:
            if time.monotonic() > until:
                return
            if not raw.startswith(b"data:"):
                continue
            seen_at = time.time()
            event = json.loads(raw[5:])
            data = event.get("data")
            if not isinstance(data, dict) or "decided_at" not in data:
                continue
            camera = data.get("camera") or camera_of_breach[data["breach"]]
            if "breach" in data:
                camera_of_breach[data["breach"]] = camera
            yield Arrival(
                paths.get(camera, camera),
                _seconds(data["decided_at"]),
                _seconds(event["recordedat"]),
                seen_at,
            )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
