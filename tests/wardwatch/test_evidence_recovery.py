"""What workers leave half done, and who recovers it."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from record.evidence import Evidence, EvidenceKind, Moment, evidence_data
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import BreachId, CameraId, EvidenceId, SiteId
from record.sealing import SealingKey
from wardwatch.evidence_recovery import Recovery

KEY = SealingKey.new()
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WHOLE = Evidence(
    id=EvidenceId("05-whole"),
    kind=EvidenceKind.SNAPSHOT,
    camera=CameraId("gate"),
    site=SiteId("site"),
    begins_at=AT,
    ends_at=AT,
    media="image/jpeg",
    codec="mjpeg",
    width=640,
    height=360,
    part=1,
    gap_ms=0,
    bytes=4,
    sealed_bytes=90,
    sha256="0a",
    sealed_sha256="0b",
    moments=(Moment(BreachId("breach"), 0),),
)


@dataclass
class Left:
    """A folder of evidence, and what of it the record was told."""

    folder: Path
    files: EvidenceFiles
    told: list[tuple[Evidence, str]] = field(default_factory=list)
    kept: list[Evidence] = field(default_factory=list)

    def recover(self, who: str = "worker-1") -> Recovery:
        recovery = Recovery(self.files, who, lambda *told: self.told.append(told), self.keep)
        recovery.begin(threading.Event())
        return recovery

    def keep(self, evidence: Evidence, file: SealedWriter) -> None:
        file.keep()
        self.kept.append(evidence)

    def whole(self, who: str, name: str = "05-whole") -> Evidence:
        evidence = replace(WHOLE, id=EvidenceId(name))
        file = self.files.writer(evidence.id, who)
        file.write(b"jpeg")
        file.end()
        self.files.note(evidence.id, who, orjson.dumps(evidence_data(evidence)))
        file.keep()
        return evidence


@pytest.fixture
def left(tmp_path: Path) -> Left:
    return Left(tmp_path, EvidenceFiles(tmp_path, lambda: KEY))


def test_a_stray_folder_and_a_broken_note_are_passed_over(left: Left) -> None:
    whole = left.whole("worker-1")
    for place in ("writing", "noted"):
        (left.folder / place / "worker-1" / "00-stray" / "deep").mkdir(parents=True)
    broken = left.whole("worker-1", "01-broken")
    left.files.note(broken.id, "worker-1", b"{not json")
    (left.folder / "writing" / "worker-1" / "02-half").write_bytes(b"half")
    left.recover().end()
    assert left.told == [(whole, "worker-1")]
    assert not (left.folder / "writing" / "worker-1" / "02-half").exists()
    assert (left.folder / "writing" / "worker-1" / "00-stray" / "deep").is_dir()
    assert broken.id in left.files.notes("worker-1")


def test_a_disk_that_fails_does_not_end_the_thread(
    left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> None:
        raise RuntimeError("a surprise")

    monkeypatch.setattr(left.files, "sweep", fail)
    left.recover().end()
    assert left.told == []


def test_what_a_worker_left_that_is_no_more_is_recovered_by_another(left: Left) -> None:
    whole = left.whole("worker-2")
    half = left.folder / "writing" / "worker-3" / "02-half"
    half.parent.mkdir()
    half.write_bytes(b"half")
    left.recover("worker-1").end()
    assert left.told == [(whole, "worker-2")]
    assert not half.exists()


def test_what_a_living_worker_writes_is_left_alone(left: Left) -> None:
    living = left.recover("worker-2")
    left.whole("worker-2")
    half = left.files.writer(EvidenceId("02-half"), "worker-2")
    half.write(bytes(300_000))
    left.recover("worker-1").end()
    assert left.told == []
    half.end()
    half.keep()
    living.end()
    left.recover("worker-1").end()
    assert [who for _, who in left.told] == ["worker-2"]


def test_two_of_one_name_do_not_write_at_once(left: Left) -> None:
    first = left.recover("worker-1")
    left.whole("worker-1")
    stopping = threading.Event()
    second = Recovery(left.files, "worker-1", lambda *told: left.told.append(told), left.keep)
    thread = threading.Thread(target=second.begin, args=(stopping,))
    thread.start()
    thread.join(0.3)
    waited = thread.is_alive() and not left.told
    first.end()
    thread.join(5)
    second.end()
    assert (waited, thread.is_alive(), len(left.told)) == (True, False, 1)
