"""A real browser on a running node while its processes are killed: the page says so, and recovers.

`outage.ts` is the person who watches; the processes are killed from here, at its word.
"""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.processes import child_pid
from wardwatch.bench.events import busy_cameras
from wardwatch.bench.rig import running
from wardwatch.node import Node

HERE = Path(__file__).parent
BROWSER_S = 180
PROCESSES = {"worker": "wardwatch.worker_process", "cameras": "sample_streams"}
"""Name → a word of its command line."""
SAID_WITHIN_MS = 5000
BACK_WITHIN_MS = 10_000
SLACK_MS = 3000
"""A test machine runs other tests beside the browser, the detector and the cameras."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(BROWSER_S + 120)]


class Kill(NamedTuple):
    process: str
    said_ms: int
    """Until a tile said that its picture is gone."""
    back_ms: int
    """Until every tile showed a fresh picture."""


def test_the_page_says_what_was_killed_and_shows_it_again(node: Node) -> None:
    with running(busy_cameras(3)) as rig:
        told = _watched(node, [rig.url, "supervisor", rig.password, *PROCESSES])
    assert [kill.process for kill in told] == list(PROCESSES)
    for kill in told:
        assert kill.said_ms < SAID_WITHIN_MS + SLACK_MS, told
        assert kill.back_ms < BACK_WITHIN_MS + SLACK_MS, told


def _watched(node: Node, words: list[str]) -> list[Kill]:
    """What the person saw of each kill."""
    seen = []
    with subprocess.Popen(
        [node.executable, "outage.ts", *words],
        cwd=HERE,
        env=node.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as browser:
        assert browser.stdin is not None
        assert browser.stdout is not None
        for line in browser.stdout:
            word, _, rest = line.strip().partition(" ")
            if word == "kill":
                os.kill(child_pid(PROCESSES[rest]), signal.SIGKILL)
                print("killed", file=browser.stdin, flush=True)
            else:
                seen.append(Kill(**json.loads(rest)))
    assert browser.returncode == 0
    return seen
