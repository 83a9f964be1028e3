"""The enlarged camera in a real browser: plays, is unblurred for a reason, and goes when it dies.

`whep.ts` is the person; the cameras are killed from here, at its word.
"""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from record.events import EventType
from record.ids import Position
from record.places import EVERYTHING
from tests.processes import child_pid
from wardwatch import compose
from wardwatch.bench.events import busy_cameras
from wardwatch.bench.rig import Rig, running
from wardwatch.node import Node

HERE = Path(__file__).parent
BROWSER_S = 120
OPENED_MS = 1000
"""From the click to the first frame."""
GONE_MS = 3000
SLACK_MS = 2000
"""A test machine runs other tests beside the browser, the detector and the cameras."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(BROWSER_S + 120)]


def test_a_camera_is_watched_live_unblurred_for_a_reason_and_goes_when_it_dies(node: Node) -> None:
    with running(busy_cameras(2)) as rig:
        seen = _watched(node, rig)
        kinds = _recorded(rig)
    assert seen["opened_ms"] < OPENED_MS + SLACK_MS, seen
    assert seen["clear_ms"] < OPENED_MS + SLACK_MS, seen
    assert seen["gone_ms"] < GONE_MS + SLACK_MS, seen
    assert kinds == [EventType.LIVE_OPENED, EventType.LIVE_CLOSED]


def _watched(node: Node, rig: Rig) -> dict[str, int]:
    words = ["whep.ts", rig.url, "supervisor", rig.password]
    if folder := os.environ.get("WARDWATCH_SHOTS"):
        words += ["--shots", folder]
    seen: dict[str, int] = {}
    with subprocess.Popen(
        [node.executable, *words],
        cwd=HERE,
        env=node.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    ) as browser:
        assert browser.stdin is not None
        assert browser.stdout is not None
        assert browser.stderr is not None
        for line in browser.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "kill":
                os.kill(child_pid("sample_streams"), signal.SIGKILL)
                print("killed", file=browser.stdin, flush=True)
            elif word == "seen":
                seen = json.loads(rest)
        said = browser.stderr.read()
    assert browser.returncode == 0, said
    return seen


def _recorded(rig: Rig) -> list[EventType]:
    """What the record says of clear views, in its order."""
    wanted = {EventType.LIVE_OPENED, EventType.LIVE_CLOSED}
    store = compose.open_store(rig.settings)
    try:
        with store.read(EVERYTHING) as reading:
            events = reading.events.after(Position(0), 5000)
    finally:
        store.close()
    return [event.type for event in events if event.type in wanted]
