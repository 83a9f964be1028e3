"""A worker that is alive and does nothing is replaced, and its cameras are back in time."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psutil
import pytest

from record.cameras import CameraUrl
from record.ids import CameraId
from record.places import EVERYTHING
from tests.faults.outages import complaints
from tests.faults.plan import Kind, Trouble
from tests.faults.rig import running, wait_for
from tests.faults.test_faults import BACK_WITHIN_S, SLACK_S, UP_WITHIN_S
from wardwatch.health import MOST_OUTAGES
from wardwatch.worker_health import HEARD_EVERY

STUCK = """
import time
from pathlib import Path
import detect

class Stuck(detect.NanoDet):
    def detect(self, picture):
        while Path({flag!r}).exists():
            time.sleep(0.1)
        return super().detect(picture)

detect.NanoDet = Stuck
from wardwatch.worker_process import main
main()
"""
"""A worker whose looking thread hangs in its model while a file is there."""


def process_with(word: str) -> psutil.Process:
    found = [one for one in psutil.Process().children() if any(word in w for w in one.cmdline())]
    assert len(found) == 1
    return found[0]


@pytest.mark.timeout(240)
def test_a_worker_whose_looking_thread_is_stuck_is_replaced(tmp_path: Path) -> None:
    flag = tmp_path / "stuck"
    with running(2, ("-c", STUCK.format(flag=str(flag)))) as rig:
        wait_for(lambda: all(rig.live(name) for name in rig.lines), UP_WITHIN_S, "all live")
        stuck = process_with("class Stuck")
        began = datetime.now(UTC)
        flag.touch()
        wait_for(lambda: not stuck.is_running(), BACK_WITHIN_S, "the watchdog")
        flag.unlink()
        killed = datetime.now(UTC)
        left_s = BACK_WITHIN_S + SLACK_S - (killed - began).total_seconds()
        wait_for(lambda: all(rig.live(name, killed) for name in rig.lines), left_s, "back in time")
        assert rig.supervisor.restarts == 1
        time.sleep(0.5)
        for name in rig.lines:
            (missed,) = rig.unwatched(name, began, datetime.now(UTC))
            assert missed.reason == "worker_lost"
            # From when the worker fell silent, not from when it was found out.
            assert missed.began_at < killed
            assert missed.ended_at is not None


@pytest.mark.timeout(120)
def test_a_camera_that_is_changed_leaves_the_others_connected() -> None:
    """By the lines' own count of connections."""
    with running(3) as rig:
        wait_for(lambda: all(rig.live(name) for name in rig.lines), UP_WITHIN_S, "all live")
        changed, *others = rig.lines
        before = {name: rig.lines[name].dialled for name in rig.lines}
        since = datetime.now(UTC)
        with rig.store.write(EVERYTHING) as record:
            camera = record.cameras.get(CameraId(changed))
            again = CameraUrl.parse(f"{camera.url.address}/")
            record.cameras.change(replace(camera, url=again, name="Another"))
        line = rig.lines[changed]
        wait_for(lambda: line.dialled > before[changed], BACK_WITHIN_S, "dialled anew")
        wait_for(lambda: rig.live(changed, since), BACK_WITHIN_S + SLACK_S, "back")
        assert {name: rig.lines[name].dialled for name in others} == {
            name: before[name] for name in others
        }
        assert all(not rig.unwatched(name, since, datetime.now(UTC)) for name in others)


@pytest.mark.prove
@pytest.mark.timeout(240)
def test_a_worker_that_is_killed_takes_no_outage_along() -> None:
    """Not even of a camera that comes and goes so often that they are said once a minute."""
    with running(1) as rig:
        (name,) = rig.lines
        line, limit_s = rig.lines[name], BACK_WITHIN_S + SLACK_S
        wait_for(lambda: rig.live(name), UP_WITHIN_S, "live")
        began = datetime.now(UTC)
        for number in range(MOST_OUTAGES + 2):
            line.begin(Trouble(Kind.CUT, 1.0, number))
            time.sleep(1.0)
            line.end()
            wait_for(partial(rig.live, name, line.log[-1].ended), limit_s, "back")
            time.sleep(1.0)
        time.sleep(HEARD_EVERY.total_seconds() + 1.0)
        killed = datetime.now(UTC)
        rig.worker().kill()
        wait_for(lambda: rig.live(name, killed), limit_s, "back with another worker")
        missed = rig.unwatched(name, began, datetime.now(UTC))
        assert [one.reason for one in missed].count("worker_lost") == 1
        own = [one for one in missed if one.reason != "worker_lost"]
        assert len(own) == MOST_OUTAGES + 2
        told = rig.offline(name, began, killed - timedelta(seconds=1))
        back, slack = timedelta(seconds=BACK_WITHIN_S), timedelta(seconds=SLACK_S)
        assert complaints(own, told, line.log, back, slack) == []
