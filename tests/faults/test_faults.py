"""Random faults over eight cameras: each comes back by itself, and nothing is left behind."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import psutil
import pytest

from tests.faults.outages import complaints
from tests.faults.plan import HARD, Trouble, troubles
from tests.faults.rig import Held, Rig, running, wait_for

CAMERAS, OVER_UDP = 8, 1
"""At once, and how many of them over UDP."""
MANY, MANY_OVER_UDP, LOOKS_PER_S = 16, 2, 1.0
"""As many as one worker has, each looked at once a second: it is the lines that are tried here, and
two cores are to have room for the faults."""
UP_WITHIN_S = 60.0
"""All of them, from nothing, on a machine that does other things too."""
BACK_WITHIN_S = 10.0
SLACK_S = 5.0
"""For a machine whose two cores run other tests beside; `make prove` has it to itself."""
QUIET_SLACK_S = 2.0
BREATH_S = 0.5
LATE_S = 3.0
"""What was lost or broken on the way may show so long after: the next trouble waits, so that each
outage is of one."""


class Campaign:
    """Troubles on all lines at once, each line having the next when its camera is back."""

    def __init__(self, rig: Rig, plan: Iterator[Trouble], slack_s: float) -> None:
        self._rig = rig
        self._plan = plan
        self._slack_s = slack_s
        self._lock = threading.Lock()
        self.back_s: list[float] = []
        self.failures: list[str] = []

    def run(self) -> None:
        threads = [threading.Thread(target=self._tend, args=(name,)) for name in self._rig.lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _tend(self, name: str) -> None:
        line, limit_s = self._rig.lines[name], BACK_WITHIN_S + self._slack_s
        while (trouble := self._next()) is not None and not self.failures:
            try:
                wait_for(lambda: self._rig.live(name), limit_s, f"{name} before {trouble}")
                line.begin(trouble)
                time.sleep(trouble.seconds)
                line.end()
                over = line.log[-1].ended
                took = wait_for(
                    partial(self._rig.live, name, over), limit_s, f"{name} after {trouble}"
                )
            except AssertionError as failure:
                self.failures.append(str(failure))
                return
            self.back_s.append(took)
            time.sleep(BREATH_S if trouble.kind in HARD else LATE_S)

    def _next(self) -> Trouble | None:
        with self._lock:
            return next(self._plan, None)


@pytest.fixture
def rig() -> Iterator[Rig]:
    with running(CAMERAS, over_udp=OVER_UDP) as made:
        yield live(made)


@pytest.fixture
def many() -> Iterator[Rig]:
    with running(MANY, over_udp=MANY_OVER_UDP, looks_per_s=LOOKS_PER_S) as made:
        yield live(made)


def live(rig: Rig) -> Rig:
    wait_for(lambda: all(rig.live(name) for name in rig.lines), UP_WITHIN_S, "all live")
    return rig


def settled(rig: Rig, worker: psutil.Process) -> Held:
    """What the worker holds once every line has its one connection."""
    wait_for(
        lambda: (
            all(line.connections == 1 for line in rig.lines.values())
            and all(rig.live(name) for name in rig.lines)
        ),
        BACK_WITHIN_S + SLACK_S,
        "one connection a camera",
    )
    time.sleep(1.0)
    return Held.by(worker, sum(line.over_udp for line in rig.lines.values()))


def check_record(rig: Rig, since: datetime, slack_s: float) -> int:
    """How many intervals were not watched since then; that all of them are true. Ends the worker:
    what it still holds back of a camera that is often away it says at the latest then."""
    until = datetime.now(UTC)
    rig.last_words()
    back, slack = timedelta(seconds=BACK_WITHIN_S), timedelta(seconds=slack_s)
    count, wrong = 0, []
    for name, line in rig.lines.items():
        missed = rig.unwatched(name, since, until)
        told = rig.offline(name, since, until)
        found = complaints(missed, told, line.log, back, slack)
        wrong += [f"{name}: {one}" for one in found]
        if found:  # rare, and gone with the store: all that there is to explain it
            wrong += rig.told(name)
        count += len(missed)
    assert not wrong, "\n".join(wrong)
    return count


@pytest.mark.timeout(300)
def test_after_forty_faults_every_camera_is_back_and_nothing_is_left_over(rig: Rig) -> None:
    worker, began = rig.worker(), datetime.now(UTC)
    before = settled(rig, worker)
    campaign = Campaign(rig, troubles(seed=5, count=40), SLACK_S)
    campaign.run()
    assert not campaign.failures
    assert len(campaign.back_s) == 40
    after = settled(rig, worker)
    assert (after.threads, after.descriptors, after.sockets) == (
        before.threads,
        before.descriptors,
        before.sockets,
    )
    assert after.pss_mb - before.pss_mb < 60
    assert check_record(rig, began, SLACK_S) > 10
    assert sum(line.datagrams for line in rig.lines.values()) > 100


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_a_thousand_faults(many: Rig, record_property: Callable[[str, object], None]) -> None:
    worker, began = many.worker(), datetime.now(UTC)
    plan = troubles(seed=20261124, count=1000)
    warm_up = Campaign(many, itertools.islice(plan, 250), QUIET_SLACK_S)
    warm_up.run()
    assert not warm_up.failures
    before = settled(many, worker)
    campaign = Campaign(many, plan, QUIET_SLACK_S)
    campaign.run()
    assert not campaign.failures
    after = settled(many, worker)
    back_s = sorted(warm_up.back_s + campaign.back_s)
    record_property("faults", len(back_s))
    record_property("longest until back, s", round(back_s[-1], 1))
    record_property("p95 until back, s", round(back_s[int(0.95 * len(back_s))], 1))
    grown = f"{before.pss_mb:.0f}, {after.pss_mb:.0f}"
    record_property("PSS after 250 and after 1,000, MB", grown)
    record_property("threads, descriptors", f"{after.threads}, {after.descriptors}")
    assert many.supervisor.restarts == 0  # before the worker is ended for what it has still to say
    record_property(
        "intervals not watched in the record, each true", check_record(many, began, QUIET_SLACK_S)
    )
    assert (after.threads, after.descriptors, after.sockets) == (
        before.threads,
        before.descriptors,
        before.sockets,
    )
    assert after.pss_mb < before.pss_mb * 1.1
