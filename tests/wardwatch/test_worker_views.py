"""A worker that begins anew over a camera that somebody has tampered with."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from detect import GuardMemory, Tampering
from record.cameras import CameraReason, CameraState, Rule
from record.events import EventType
from record.ids import CameraId, RuleId
from record.orders import RuleKind
from record.places import EVERYTHING
from record.store import Store
from tests.conftest import KEYS
from tests.fakes.detector import FakeDetector
from tests.wardwatch.tampered import PLACE, frames
from tests.wardwatch.workers import (
    CLOCK,
    GATE,
    Running,
    await_true,
    camera,
    new_store,
    opener,
    order,
)
from wardwatch.view_files import ViewFiles
from wardwatch.worker_views import ViewsPart

SHORT = timedelta(seconds=1)
TAMPERED = Rule(RuleId("tampered"), RuleKind.CAMERA_TAMPERED)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        with made.write(EVERYTHING) as record:
            record.cameras.add(camera(lines=(), rules=(TAMPERED,)))
            record.orders.issue(order())
        yield made


@pytest.fixture
def files(tmp_path: Path) -> ViewFiles:
    return ViewFiles(tmp_path / "views", KEYS)


Begin = Callable[..., Running]


@pytest.fixture
def begin(store: Store, files: ViewFiles) -> Begin:
    """A worker over the gate, covered from one picture to another."""

    def running(covered_from: int, covered_to: int = 10**6) -> Running:
        cameras = opener(GATE)
        cameras.scripts[GATE] = [[frames(covered_from, covered_to=covered_to)]]
        part = ViewsPart(files, lambda: {GATE}, CLOCK)
        return Running(store, cameras, FakeDetector(), taken_over_after=SHORT, parts=[part])

    return running


def usual(store: Store, said: Tampering | None) -> GuardMemory:
    with store.read(EVERYTHING) as record:
        version = record.cameras.get(GATE).version
    return GuardMemory(version, PLACE[::4, ::4].astype(np.uint8), said)


def test_a_camera_that_was_covered_stays_so_until_it_is_not(
    store: Store, files: ViewFiles, begin: Begin
) -> None:
    since = CLOCK.now() - timedelta(minutes=5)
    files.keep(GATE, usual(store, Tampering(CameraReason.COVERED, since, since, 0.9)))
    with begin(covered_from=0, covered_to=35) as running:
        (opened,) = running.await_events(EventType.BREACH_OPENED)
        await_true(lambda: running.only.reason is CameraReason.COVERED)
        (state,) = running.await_events(EventType.CAMERA_DEGRADED)
        # Whatever the worker before had left open and is not seen again would have ended by now.
        running.stop.wait(SHORT.total_seconds() + 0.5)
        assert running.events(EventType.BREACH_ENDED, EventType.CAMERA_ONLINE) == ()
        running.await_events(EventType.BREACH_ENDED)
        await_true(lambda: running.only.state is CameraState.ONLINE)
    for event in (opened, state):
        told = json.loads(event.body)["data"]
        said = datetime.fromisoformat(str(told.get("began_at") or told["since"]))
        assert abs(said - since) < timedelta(milliseconds=1)


def test_a_camera_that_is_removed_leaves_nothing_behind(
    store: Store, files: ViewFiles, begin: Begin
) -> None:
    files.keep(GATE, usual(store, None))
    files.keep(CameraId("another"), usual(store, None))
    with begin(covered_from=10**6) as running:
        await_true(lambda: files.load(CameraId("another")) is None)
        assert files.load(GATE) is not None
        with store.write(EVERYTHING) as record:
            record.cameras.remove(GATE)
        await_true(lambda: files.load(GATE) is None)
        await_true(lambda: not running.worker.cameras)
    assert files.load(GATE) is None


@pytest.mark.prove
def test_a_breach_lasts_over_a_restart_and_nothing_counts_as_watched(
    store: Store, begin: Begin
) -> None:
    with begin(covered_from=60) as running:
        until = CLOCK.now() + timedelta(seconds=25)
        while not running.events(EventType.BREACH_OPENED):
            assert CLOCK.now() < until
            running.stop.wait(0.1)
        began_at = running.worker.cameras[GATE].tampering
        assert began_at is not None
        running.stop.wait(1.5)  # no end is waited for: as if it were killed
    with begin(covered_from=0) as running:
        await_true(lambda: running.only.reason is CameraReason.COVERED)
        running.stop.wait(4)
        assert running.events(EventType.BREACH_ENDED) == ()
        assert len(running.events(EventType.BREACH_OPENED)) == 1
        now = CLOCK.now()
        with store.read(EVERYTHING) as record:
            watching = record.watching.of_camera(GATE, began_at.began_at, now, now)
    assert watching.share == 0
