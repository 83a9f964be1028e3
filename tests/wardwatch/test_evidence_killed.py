"""A worker that is killed right after a breach stands in the record: its successor says what is
lost, for the record promises a snapshot and a clip of every breach."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingest import PacketRing
from record.clock import Clock
from record.envelope import data_of
from record.events import EventType
from record.evidence_files import EvidenceFiles
from record.places import EVERYTHING
from record.sealing import SealingKey
from record.store import Store, verify_chain
from tests.fakes.camera import FakeOpener
from tests.fakes.detector import FakeDetector
from tests.wardwatch.workers import CLOCK, Running, camera, new_store, opener, order
from wardwatch.evidence_keeping import SETTLED_AFTER
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom, RoomBounds
from wardwatch.main_streams import MainStreams
from wardwatch.worker_evidence import EvidencePart

ROOT = Path(__file__).parents[2]

KILLED = """
import os, signal, sys
from pathlib import Path
from record.store import Store
from tests.conftest import KEYS
from tests.fakes.detector import FakeDetector, walker
from tests.wardwatch.test_evidence_killed import a_part
from tests.wardwatch.workers import CLOCK, Running, opener
from wardwatch.worker_parts import WorkerPart

class Dies(WorkerPart):
    def on_findings(self, *_):
        os.kill(os.getpid(), signal.SIGKILL)

folder = Path(sys.argv[1])
leaver = FakeDetector(lambda look: walker(0.2, 0.02)(max(0, look - 20)))
with Store.open(f"sqlite:///{folder}/w.db", keys=KEYS) as store:
    parts = [Dies(), a_part(folder, store, CLOCK)]
    with Running(store, opener("gate"), leaver, parts=parts) as running:
        running.thread.join(30)
"""


@dataclass(frozen=True)
class Later:
    """The machine's clock, some time ahead of it."""

    by: timedelta
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now() + self.by

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)


def a_part(folder: Path, store: Store, clock: Clock) -> EvidencePart:
    key = SealingKey.load_or_create(folder / "evidence.key")
    files = EvidenceFiles(folder / "evidence", lambda: key)
    room = EvidenceRoom(files, RoomBounds(least_free_bytes=0), clock)

    def new_ring() -> PacketRing:
        return PacketRing(clock.now, clock.monotonic)

    renditions = Renditions(files, room, store, None, clock, "worker-1")
    mains = MainStreams(FakeOpener(CLOCK, {}), clock, new_ring)
    return EvidencePart(files, room, renditions, mains, new_ring, clock, "worker-1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def test_what_a_killed_worker_had_still_to_keep_is_said_to_be_lost(
    store: Store, tmp_path: Path
) -> None:
    with store.write(EVERYTHING) as record:
        record.cameras.add(camera())
        record.orders.issue(order())
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)]
    killed = subprocess.run(command, cwd=ROOT, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    nobody, later = (
        FakeDetector(lambda _look: []),
        Later(SETTLED_AFTER + timedelta(seconds=30), CLOCK),
    )
    part = a_part(tmp_path, store, later)
    with Running(store, opener("gate"), nobody, parts=(part,)) as running:
        lost = running.await_events(EventType.EVIDENCE_LOST, count=2)
        (breach,) = running.events(EventType.BREACH_OPENED)
    told = sorted((str(data_of(one)["kind"]), str(data_of(one)["reason"])) for one in lost)
    assert {one.subject for one in lost} == {breach.subject}
    assert told == [("clip", "interrupted"), ("snapshot", "interrupted")]
    assert verify_chain(store).ok
