"""A real browser on a running node: a camera enlarged and unblurred, and processes killed.

`whep.ts` and `outage.ts` are the person; processes are killed from here, at their word.
"""

import json
import os
import signal
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from record.events import EventType
from record.ids import Position
from record.places import EVERYTHING
from tests.e2e.browsing import played
from tests.processes import child_pid
from wardwatch import compose
from wardwatch.bench.events import busy_cameras
from wardwatch.bench.rig import Rig, running
from wardwatch.node import Node

BROWSER_S = 230
PROCESSES = {"worker": "wardwatch.worker_process", "cameras": "sample_streams"}
"""Name → a word of its command line."""

OPENED_MS = 1000
"""From the click to the first frame."""
GONE_MS = 3000
"""From the death of a camera until its live view goes."""
SAID_WITHIN_MS = 5000
BACK_WITHIN_MS = 10_000
LIVE_SLACK_MS, SLACK_MS = 2000, 3000
"""A test machine runs other tests beside the browser, the detector and the cameras."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(BROWSER_S + 120)]


class Kill(NamedTuple):
    process: str
    said_ms: int
    """Until a tile said that its picture is gone."""
    back_ms: int
    """Until every tile showed a fresh picture."""


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """One node for both: starting it costs more than watching it. What is killed comes back."""
    with running(busy_cameras(3)) as rig:
        yield rig


def kill(process: str) -> None:
    os.kill(child_pid(PROCESSES[process]), signal.SIGKILL)


def test_a_camera_is_watched_live_unblurred_for_a_reason_and_goes_when_it_dies(
    node: Node, rig: Rig
) -> None:
    words = [rig.url, "supervisor", rig.password]
    if folder := os.environ.get("WARDWATCH_SHOTS"):
        words += ["--shots", folder]
    (last,) = played(node, "whep.ts", *words, limit_s=BROWSER_S, at_kill=kill)
    seen = json.loads(last.removeprefix("seen "))
    assert seen["opened_ms"] < OPENED_MS + LIVE_SLACK_MS, seen
    assert seen["clear_ms"] < OPENED_MS + LIVE_SLACK_MS, seen
    assert seen["gone_ms"] < GONE_MS + LIVE_SLACK_MS, seen
    assert live_events(rig) == [EventType.LIVE_OPENED, EventType.LIVE_CLOSED]


def live_events(rig: Rig) -> list[EventType]:
    """What the record says of clear views, in its order."""
    wanted = {EventType.LIVE_OPENED, EventType.LIVE_CLOSED}
    store = compose.open_store(rig.settings)
    try:
        with store.read(EVERYTHING) as reading:
            events = reading.events.after(Position(0), 5000)
    finally:
        store.close()
    return [event.type for event in events if event.type in wanted]


def test_the_page_says_what_was_killed_and_shows_it_again(node: Node, rig: Rig) -> None:
    words = (rig.url, "supervisor", rig.password, *PROCESSES)
    lines = played(node, "outage.ts", *words, limit_s=BROWSER_S, at_kill=kill)
    told = [Kill(**json.loads(line.removeprefix("seen "))) for line in lines]
    assert [one.process for one in told] == list(PROCESSES)
    for one in told:
        assert one.said_ms < SAID_WITHIN_MS + SLACK_MS, told
        assert one.back_ms < BACK_WITHIN_MS + SLACK_MS, told
