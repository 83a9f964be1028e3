"""What becomes of evidence where it cannot be kept: it is said, and nothing else suffers.

No worker, no camera: the part is told what a worker would tell it, by a clock that the test moves.
"""

import errno
import random
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from detect import Look
from ingest import read_clip
from record.cameras import CameraReason
from record.events import EventType
from record.evidence import EvidenceKind
from record.ids import (
    BreachId,
    CameraId,
    new_id,
)
from record.sightings import Occupancy
from tests.fakes.pictures import FakePicture
from tests.wardwatch.evidence_node import (
    KEY,
    PICTURE,
    PLENTY,
    Node,
    a_node,
    frame_at,
    moments,
    opened,
)
from tests.wardwatch.workers import GATE, await_true
from wardwatch.evidence_clips import MOST_OF_ONE
from wardwatch.evidence_room import COUNT_FULL_S, RoomBounds
from wardwatch.evidence_snapshots import KEEPERS, MOST_UNDRAWN_BYTES


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with ExitStack() as stack:
        yield a_node(stack, tmp_path, "gate", "yard")


def test_a_camera_that_sends_nothing_loses_the_clip_and_it_is_said(node: Node) -> None:
    (breach,) = node.breach()
    node.clock.advance(30)
    node.until(lambda: node.lost)
    assert node.lost == [(breach, "clip", "no_pictures")]
    assert node.left() == []


def test_without_a_key_snapshot_and_clip_are_lost_for_that(node: Node) -> None:
    node.play(20)
    node.key.held = None
    (breach,) = node.breach(picture=True)
    node.play(12)
    node.until(lambda: len(node.lost) == 2)
    assert {*node.lost} == {(breach, "clip", "no_key"), (breach, "snapshot", "no_key")}
    node.key.held = KEY
    node.breach()
    node.play(12)
    node.until(lambda: node.kept)
    assert node.left() == []


def test_a_disk_that_fills_up_keeps_of_a_clip_what_it_took(node: Node) -> None:
    node.play(20)
    (breach,) = node.breach()
    node.play(1)
    await_true(lambda: node.files.used_bytes() > 130_000)
    node.disk.room = node.files.used_bytes() + 30_000
    node.play(12)
    node.until(lambda: node.kept)
    (clip,) = node.kept
    assert (clip["cut"], node.lost) == ("no_room", [])
    assert node.left() == []
    known = node.evidence(clip)
    assert [moment.breach for moment in known.moments] == [breach]
    with node.files.reader(known.id) as reader:
        frames = list(read_clip(reader, CameraId("gate"), known.begins_at))
    assert frames[-1].captured_at == pytest.approx(known.ends_at, abs=timedelta(seconds=0.2))
    assert known.ends_at - known.begins_at > timedelta(seconds=1)
    assert node.part.lacks is CameraReason.EVIDENCE_FULL


def test_a_full_disk_loses_evidence_says_so_and_nothing_more(node: Node) -> None:
    node.play(20)
    node.disk.room = 0
    (breach,) = node.breach(picture=True)
    node.play(12)
    node.until(lambda: len(node.lost) == 2)
    assert {*node.lost} == {(breach, "clip", "no_room"), (breach, "snapshot", "no_room")}
    assert (node.kept, node.left()) == ([], [])
    assert node.part.lacks is CameraReason.EVIDENCE_FULL


def test_when_there_is_room_again_evidence_is_kept_again(node: Node) -> None:
    node.play(20)
    node.disk.room = 0
    node.breach(picture=True)
    node.play(12)
    node.until(lambda: len(node.lost) == 2)
    node.disk.room = PLENTY
    node.clock.advance(COUNT_FULL_S + 1)
    node.play(20)
    node.breach("yard", picture=True)
    node.play(12)
    node.until(lambda: len(node.kept) == 2)
    assert {one["kind"] for one in node.kept} == {"snapshot", "clip"}
    assert node.part.lacks is None
    assert len(node.lost) == 2


def test_a_disk_that_fails_is_not_one_that_is_full(node: Node) -> None:
    node.play(20)
    node.disk.failing = errno.EIO
    node.breach()
    node.play(12)
    node.until(lambda: node.lost)
    assert [reason for _, _, reason in node.lost] == ["disk_failed"]


def test_a_clip_is_ended_before_it_takes_the_last_of_the_room(node: Node) -> None:
    node.play(20)
    node.breach()
    node.play(1)
    await_true(lambda: node.files.used_bytes() > 130_000)
    node.room._bounds = RoomBounds(least_free_bytes=10**18)
    node.play(1)
    node.until(lambda: node.kept)
    (clip,) = node.kept
    assert (clip["cut"], node.lost, node.left()) == ("no_room", [], [])


@pytest.mark.parametrize("ahead_s", [-3600.0, 3600.0])
def test_a_clock_that_is_set_meanwhile_makes_no_endless_clip(node: Node, ahead_s: float) -> None:
    node.play(20)
    (breach,) = node.breach()
    node.play(5)
    await_true(lambda: node.part.clips.of(breach))
    node.clock.set_wall(ahead_s)
    for _ in range(5):
        node.play(5)
        await_true(lambda: not node.part._opened)
    node.until(lambda: node.kept and not node.left() and not node.part.clips.under_way)
    parts = [node.evidence(told) for told in node.kept]
    assert {moment.breach for part in parts for moment in part.moments} == {breach}
    lengths = [part.ends_at - part.begins_at for part in parts]
    assert timedelta(seconds=14) < sum(lengths, timedelta()) < timedelta(seconds=50)


def test_an_observation_leaves_no_picture_of_anybody(node: Node) -> None:
    node.play(20)
    watched, at = node.cameras[GATE], node.clock.now()
    seen = opened(BreachId(new_id()), GATE, at)
    look = Look((), Occupancy(GATE, at, 1, {}), (), ())
    observed = replace(seen, type=EventType.OBSERVATION_RECORDED)
    node.part.on_findings(watched, frame_at(GATE, at, PICTURE), look, [observed])
    (breach,) = node.breach()
    node.play(12)
    node.until(lambda: node.kept)
    assert [moment["breach"] for one in node.kept for moment in moments(one)] == [breach]


def test_a_stopped_worker_keeps_what_there_is_and_says_why_it_ends(node: Node) -> None:
    node.play(20)
    node.breach()
    node.play(1)
    node.part.stop()
    (clip,) = node.kept
    assert clip["cut"] == "stopped"


def test_fifty_breaches_a_minute_share_few_clips_each_of_which_holds_its_moment(
    node: Node,
) -> None:
    node.play(20)
    breaches = []
    for _ in range(60):
        breaches += node.breach()
        await_true(lambda: not node.part._opened)
        node.play(1.2)
        assert node.part.clips.under_way <= MOST_OF_ONE
    node.play(12)
    node.until(lambda: not node.part.clips.under_way)
    clips = node.kept
    held = {moment["breach"]: clip for clip in clips for moment in moments(clip)}
    assert (set(held), node.lost) == (set(breaches), [])
    assert len(clips) <= 3
    for clip in clips:
        known = node.evidence(clip)
        length_ms = (known.ends_at - known.begins_at) / timedelta(milliseconds=1)
        assert all(0 <= moment.offset_ms <= length_ms for moment in known.moments)


def test_seventeen_cameras_have_a_clip_each_at_once(tmp_path: Path) -> None:
    names = [f"camera-{number:02}" for number in range(17)]
    with ExitStack() as stack:
        node = a_node(stack, tmp_path, *names)
        node.play(12)
        breaches = [breach for name in names for breach in node.breach(name)]
        node.play(11)
        node.until(lambda: len(node.kept) == len(names), 15)
        assert node.lost == []
        assert {m["breach"] for one in node.kept for m in moments(one)} == {*breaches}


def test_a_burst_loses_no_snapshot_while_the_disk_stands_still(tmp_path: Path) -> None:
    """Pictures of 4K, of which five may wait as they are: drawn, many more have room."""
    names = [f"camera-{number:02}" for number in range(17)]
    order, rounds = random.Random(20261124), 2
    with ExitStack() as stack:
        node = a_node(stack, tmp_path, *names)
        node.play(1)
        node.disk.answers.clear()
        stack.callback(node.disk.answers.set)
        breaches: list[BreachId] = []
        for _ in range(rounds):
            for name in order.sample(names, len(names)):
                breaches += node.breach(name, picture=FakePicture(width=3840, height=2160))
                await_true(lambda: not node.part.snapshots.undrawn)
        node.disk.answers.set()
        node.until(lambda: snapshots(node) == len(breaches), 15)
        assert [lost for lost in node.lost if lost[1] == EvidenceKind.SNAPSHOT] == []


def test_pictures_that_wait_take_little_memory_and_what_finds_no_place_is_said(node: Node) -> None:
    node.play(1)
    seen = threading.Event()
    picture = Unseen(seen)
    most = MOST_UNDRAWN_BYTES // (picture.width * picture.height * 3 // 2)
    breaches = node.breach(picture=picture)
    await_true(lambda: not node.part.snapshots.undrawn)  # it is being drawn
    breaches += [one for _ in range(most + 3) for one in node.breach(picture=picture)]
    assert node.part.snapshots.undrawn == most
    seen.set()
    node.until(lambda: snapshots(node) == len(breaches))
    lost = [lost for lost in node.lost if lost[1] == EvidenceKind.SNAPSHOT]
    assert lost == [(breach, "snapshot", "too_many") for breach in breaches[-3:]]


def test_drawn_pictures_wait_for_the_disk_up_to_a_bound(node: Node) -> None:
    node.play(1)
    node.part.snapshots.most_drawn_bytes = 1
    node.disk.answers.clear()
    breaches = [one for _ in range(KEEPERS + 3) for one in node.breach(picture=True)]
    await_true(lambda: node.part.snapshots.undrawn == 2)
    assert node.part.snapshots.drawn == 1
    node.disk.answers.set()
    node.until(lambda: snapshots(node) == len(breaches))
    assert not [lost for lost in node.lost if lost[1] == EvidenceKind.SNAPSHOT]


def test_what_still_waits_for_the_disk_when_a_worker_ends_is_said_to_be_lost(node: Node) -> None:
    node.play(1)
    node.disk.answers.clear()
    breaches = [one for _ in range(KEEPERS + 2) for one in node.breach(picture=True)]
    node.part.snapshots.stop(0.1)
    lost = [(breach, "snapshot", "stopped") for breach in breaches[KEEPERS:]]
    assert [one for one in node.lost if one[1] == EvidenceKind.SNAPSHOT] == lost
    node.disk.answers.set()


class Unseen(FakePicture):
    """Of 4K, and nobody can draw it before `seen`."""

    def __init__(self, seen: threading.Event) -> None:
        super().__init__(width=3840, height=2160)
        self._seen = seen

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        self._seen.wait(10)
        return super().bgr(width, height)


def snapshots(node: Node) -> int:
    """Kept or lost."""
    lost = sum(kind == EvidenceKind.SNAPSHOT for _, kind, _ in node.lost)
    return lost + sum(one["kind"] == EvidenceKind.SNAPSHOT for one in node.kept)
