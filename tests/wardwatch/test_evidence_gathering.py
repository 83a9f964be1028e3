"""Clips under way: what shares one, what parts it, what ends it; and room on the disk."""

import hashlib
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import orjson
import pytest
from structlog.testing import capture_logs

from ingest import CodedPacket, PacketRing, RingBounds, read_clip
from record.cameras import Camera, CameraUrl
from record.evidence import Evidence, EvidenceKind, evidence_data
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import BreachId, CameraId, EvidenceId, SiteId
from record.sealing import SealingKey
from tests.fakes.clock import FakeClock
from tests.ingest.test_clips import CODINGS, coded
from tests.wardwatch.test_evidence_recovery import WHOLE
from wardwatch.evidence_gathering import Gathering, Shown
from wardwatch.evidence_recovery import Recovery
from wardwatch.evidence_room import COUNT_FULL_S, EvidenceRoom, RoomBounds

CAMERA = Camera(CameraId("gate"), SiteId("site"), "Gate", CameraUrl("rtsp://camera.test/"))
KEY = SealingKey.new()
HALF = replace(WHOLE, kind=EvidenceKind.CLIP)
PICTURES = [one.packet for one in coded(CODINGS["h264"], 20)]
"""Two seconds, a keyframe each: shown over and over."""


@dataclass
class Film:
    """A camera, its ring, and a clip that is gathered from it; ten pictures a second."""

    clock: FakeClock
    ring: PacketRing
    files: EvidenceFiles
    shown: int = 0

    def play(self, seconds: float, *, size: bytes = b"") -> None:
        for _ in range(round(seconds * 10)):
            self.clock.advance(0.1)
            picture = PICTURES[self.shown % len(PICTURES)]
            pts_s, self.shown = self.shown / 10, self.shown + 1
            at = self.clock.now()
            sets = picture.extradata + size
            self.ring.add(replace(picture, pts_s=pts_s, captured_at=at, extradata=sets))

    def gather(self) -> Gathering:
        names = count(1)
        first = Shown(BreachId("first"), self.clock.now())
        new_id = lambda: f"clip-{next(names)}"  # noqa: E731 - a counter
        return Gathering(
            CAMERA, self.ring, self.files, "worker-1", new_id, [first], self.clock.monotonic()
        )

    def through(self, gathering: Gathering, most_s: int = 90) -> list[Evidence]:
        """Played and drained until it is over."""
        for _ in range(most_s):
            gathering.drain()
            if gathering.over(self.clock.now(), self.clock.monotonic()):
                break
            self.play(1)
        kept = gathering.finish()
        for one in kept:
            one.file.keep()
        return [one.evidence for one in kept]


@pytest.fixture
def film(tmp_path: Path) -> Film:
    clock = FakeClock()
    ring = PacketRing(clock.now, clock.monotonic, RingBounds())
    return Film(clock, ring, EvidenceFiles(tmp_path / "evidence", lambda: KEY))


def test_ten_seconds_before_and_after(film: Film) -> None:
    film.play(30)
    happened = film.clock.now()
    (clip,) = film.through(film.gather())
    assert timedelta(seconds=10) <= happened - clip.begins_at < timedelta(seconds=11.1)
    assert timedelta(seconds=9.8) <= clip.ends_at - happened <= timedelta(seconds=10)
    assert clip.moments[0].offset_ms == round((happened - clip.begins_at).total_seconds() * 1000)
    assert film.files.is_kept(clip.id)


def test_breaches_close_to_each_other_share_a_clip(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    film.play(6)
    assert gathering.takes(Shown(BreachId("second"), film.clock.now()))
    (clip,) = film.through(gathering)
    assert [moment.breach for moment in clip.moments] == ["first", "second"]
    assert clip.moments[1].offset_ms - clip.moments[0].offset_ms == pytest.approx(6000, abs=5)
    assert (clip.ends_at - clip.begins_at).total_seconds() == pytest.approx(26.5, abs=1)


def test_a_breach_whose_moment_is_not_in_the_clip_is_not_taken_in(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    film.play(1)
    gathering.drain()
    film.ring.interrupt()
    film.clock.advance(3)
    in_the_gap = film.clock.now()
    film.clock.advance(3)
    film.shown = 0
    film.play(1)
    gathering.drain()
    assert not gathering.takes(Shown(BreachId("second"), in_the_gap))
    assert not gathering.takes(Shown(BreachId("third"), gathering.begins_at - timedelta(minutes=1)))
    assert gathering.takes(Shown(BreachId("fourth"), film.clock.now()))
    for clip in film.through(gathering):
        assert [moment.breach for moment in clip.moments] == ["first", "fourth"]


def test_a_ring_that_begins_late_does_not_hold_what_was_before(film: Film) -> None:
    film.clock.advance(30)
    earlier = film.clock.now() - timedelta(seconds=6)
    film.play(2)
    gathering = film.gather()
    gathering.drain()
    assert not gathering.takes(Shown(BreachId("second"), earlier))
    gathering.abandon()


def test_a_breach_taken_in_whose_moment_never_came_is_missed(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    film.clock.advance(5)
    second = Shown(BreachId("second"), film.clock.now())
    assert gathering.takes(second)
    film.clock.advance(20)
    gathering.drain()
    (kept,) = gathering.finish()
    kept.file.keep()
    assert [moment.breach for moment in kept.evidence.moments] == ["first"]
    assert gathering.missed == (second,)
    assert not gathering.takes(second)


def test_a_clip_does_not_grow_for_ever(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    taken = 0
    for _ in range(20):
        gathering.drain()
        film.play(5)
        taken += gathering.takes(Shown(BreachId("another"), film.clock.now()))
    assert taken < 10
    (clip,) = film.through(gathering)
    assert (clip.ends_at - clip.begins_at).total_seconds() < 62


def test_a_broken_stream_makes_two_parts_and_tells_the_gap(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    film.play(3)
    gathering.drain()
    film.ring.interrupt()
    film.clock.advance(4)
    film.shown = 0
    first, second = film.through(gathering)
    assert (first.part, first.gap_ms, second.part) == (1, 0, 2)
    assert second.gap_ms == pytest.approx(4100, abs=50)
    assert second.moments[0].offset_ms < 0 < first.moments[0].offset_ms


def test_another_size_makes_another_part(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    film.play(4)
    gathering.drain()
    film.play(8, size=b"\0\0\0\1\x0c")
    first, second = film.through(gathering)
    assert second.gap_ms == pytest.approx(100, abs=20)
    assert first.id != second.id


def test_a_camera_that_falls_silent_ends_its_clip(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    film.clock.advance(13)
    assert not gathering.over(film.clock.now(), film.clock.monotonic())
    film.clock.advance(2)
    assert gathering.over(film.clock.now(), film.clock.monotonic())
    (clip,) = film.through(gathering)
    assert clip.ends_at <= film.clock.now() - timedelta(seconds=14)


def test_a_camera_that_sent_nothing_leaves_nothing(film: Film) -> None:
    gathering = film.gather()
    film.clock.advance(20)
    gathering.drain()
    assert gathering.finish() == []
    assert film.files.used_bytes() == 0


@pytest.mark.parametrize("heir", ["worker-1", "worker-2"])
def test_a_clip_that_a_kill_cut_short_is_kept_as_far_as_it_goes(film: Film, heir: str) -> None:
    film.play(200)
    gathering = film.gather()
    gathering.drain()
    film.play(8)
    gathering.drain()
    later = film.clock.now() + timedelta(seconds=1)
    assert gathering.takes(Shown(BreachId("second"), later))
    gathering.drain()
    # As after a kill: nothing of it is finished, and all that was held in memory is gone.
    for part in gathering._parts:
        part.clip.abandon()
        part.file.close()
    kept: list[Evidence] = []

    def keep(evidence: Evidence, file: SealedWriter) -> None:
        file.keep()
        kept.append(evidence)

    recovery = Recovery(film.files, heir, lambda *_: None, keep)
    recovery.begin(threading.Event())
    recovery.end()
    (clip,) = kept
    assert timedelta(seconds=5) < clip.ends_at - clip.begins_at < timedelta(seconds=20)
    assert [moment.breach for moment in clip.moments] == ["first"]
    with film.files.reader(clip.id) as reader:
        frames = list(read_clip(reader, CAMERA.id, clip.begins_at))
        reader.seek(0)
        assert hashlib.sha256(reader.read()).hexdigest() == clip.sha256
    assert frames[-1].captured_at == pytest.approx(clip.ends_at, abs=timedelta(seconds=0.2))
    assert film.files.sweep("worker-1") == {}


def test_a_clip_of_which_nothing_is_left_is_lost_and_named(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    gathering.abandon()
    left = film.files.writer(gathering.id, "worker-1")
    told = replace(HALF, id=gathering.id)
    film.files.note(told.id, "worker-1", orjson.dumps(evidence_data(told)))
    left.close()
    with capture_logs() as logs:
        recovery = Recovery(film.files, "worker-1", lambda *_: None, lambda *_: None)
        recovery.begin(threading.Event())
        recovery.end()
    (lost,) = [line for line in logs if line["event"] == "a clip is lost"]
    assert (lost["evidence"], lost["breaches"]) == (told.id, ["breach"])
    assert film.files.notes("worker-1") == {}
    assert film.files.sweep("worker-1") == {}


def test_what_is_abandoned_leaves_nothing(film: Film) -> None:
    film.play(30)
    gathering = film.gather()
    gathering.drain()
    assert film.files.used_bytes() > 0
    gathering.abandon()
    assert film.files.used_bytes() == 0


def test_pictures_of_a_codec_that_cannot_be_kept_are_no_error(film: Film) -> None:
    film.ring.add(CodedPacket(b"odd", 0.0, film.clock.now(), True, "theora", b""))
    gathering = film.gather()
    gathering.drain()
    assert gathering.finish() == []


def keep(files: EvidenceFiles, name: str, size: int, *, rendition: bool = False) -> None:
    evidence = EvidenceId(name)
    writer = (
        files.rendition_writer(evidence, "form", "worker-1")
        if rendition
        else files.writer(evidence, "worker-1")
    )
    writer.write(bytes(size))
    writer.end()
    writer.keep()


def test_renditions_go_first_when_room_runs_out_and_evidence_never(film: Film) -> None:
    room = EvidenceRoom(film.files, RoomBounds(250_000, 0), film.clock)
    keep(film.files, "01-clip", 100_000)
    keep(film.files, "01-clip", 100_000, rendition=True)
    assert room.lacks(20_000) is None
    assert film.files.has_rendition(EvidenceId("01-clip"), "form")
    assert room.lacks(100_000) is None
    assert not film.files.has_rendition(EvidenceId("01-clip"), "form")
    room.took(100_000)
    assert "evidence takes" in (room.lacks(100_000) or "")
    room.took(100_000)
    assert room.lacks()
    assert room.full
    assert film.files.is_kept(EvidenceId("01-clip"))


def erase(folder: Path, name: str) -> None:
    (path,) = folder.rglob(f"{name}*")
    path.unlink()


def test_room_comes_back_only_when_there_is_some_to_spare(film: Film, tmp_path: Path) -> None:
    room = EvidenceRoom(film.files, RoomBounds(1_000_000, 0), film.clock)
    keep(film.files, "01-clip", 990_000)
    assert room.lacks(500_000)
    one_does_not_fit = room.full
    keep(film.files, "02-clip", 20_000)
    room.took(20_000)
    assert room.lacks()
    assert (one_does_not_fit, room.full) == (False, True)
    erase(tmp_path, "02-clip")
    film.clock.advance(COUNT_FULL_S + 1)
    assert room.lacks() is None
    still_full = room.full
    erase(tmp_path, "01-clip")
    film.clock.advance(COUNT_FULL_S + 1)
    assert room.lacks() is None
    assert (still_full, room.full) == (True, False)


def test_a_folder_that_cannot_be_used_is_no_room(film: Film, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    files = EvidenceFiles(tmp_path / "taken" / "evidence", SealingKey.new)
    room = EvidenceRoom(files, RoomBounds(), film.clock)
    assert "cannot be used" in (room.lacks() or "")
    assert room.full


def test_the_disk_is_left_free_for_everything_else(film: Film) -> None:
    room = EvidenceRoom(film.files, RoomBounds(10**18, 10**18), film.clock)
    assert "have to stay free" in (room.lacks() or "")
