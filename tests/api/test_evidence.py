"""Evidence over HTTP: what there is, and the unreadable rendition, whole and in ranges."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from api.errors import RangeOutside
from api.ranges import ByteRange, wanted
from record.evidence import EvidenceKind, Loss, form_of, lost
from record.evidence_files import EvidenceFiles
from record.ids import EvidenceId
from record.messages import EvidenceNow, Gathered, Refused, RenditionMaking
from record.messages.evidence import AskEvidence, AskRendition
from record.people import Role
from record.places import EVERYTHING
from record.sealing import SealingKey
from tests.api.conftest import EVIDENCE_KEY, KEY, SNAPSHOT, Running, Shared, evidence_files
from tests.api.world import Ward, World, keep

CLIP = EvidenceId("clip-north")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=200-299", ByteRange(200, 300)),
        ("bytes=990-5000", ByteRange(990, 1000)),
        ("bytes=-100", ByteRange(900, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=x-", None),
    ],
)
def test_a_range_is_what_rfc_9110_says(header: str | None, expected: ByteRange | None) -> None:
    assert wanted(header, 1000) == expected


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
def test_a_range_beyond_the_end_is_told_the_size(header: str) -> None:
    with pytest.raises(RangeOutside) as refused:
        wanted(header, 1000)
    assert refused.value.size == 1000


def files_of(shared: Shared) -> EvidenceFiles:
    return evidence_files(shared.worker.run_dir)


def test_the_breach_names_its_evidence(world: World, api: Running) -> None:
    ward = world.north
    with api.client(ward.people[Role.SUPERVISOR]) as client:
        assert client.get(f"/breaches/{ward.breach}").json()["evidence"] == [ward.evidence]
        listed = client.get("/breaches").json()["items"]
        assert [one["evidence"] for one in listed if one["id"] == ward.breach] == [[ward.evidence]]
        (item,) = client.get(f"/breaches/{ward.breach}/evidence").json()["items"]
    assert (item["id"], item["kind"], item["state"]) == (ward.evidence, "snapshot", "ready")
    assert (item["media"], item["offset_ms"], item["part"]) == ("image/jpeg", 0, 1)
    assert item["sha256"] == "0a" * 32


KEPT = [("wardwatch.breach.opened", None), ("wardwatch.evidence.written", "snapshot")]


def test_the_history_of_the_breach_tells_of_it(world: World, api: Running) -> None:
    ward = world.north
    with api.client(ward.people[Role.SUPERVISOR]) as client:
        history = client.get(f"/breaches/{ward.breach}").json()["history"]
    assert [(step["type"], step["evidence"]) for step in history][-2:] == KEPT


def test_a_snapshot_is_had_whole_and_in_ranges(world: World, api: Running) -> None:
    ward = world.north
    url = f"/evidence/{ward.evidence}"
    with api.client(ward.people[Role.AUTHORITY]) as client:
        whole = client.get(url)
        assert (whole.status_code, whole.content) == (200, SNAPSHOT)
        assert whole.headers["content-type"] == "image/jpeg"
        assert whole.headers["accept-ranges"] == "bytes"
        assert whole.headers["cache-control"] == "no-store"
        part = client.get(url, headers={"Range": "bytes=4-9"})
        assert (part.status_code, part.content) == (206, SNAPSHOT[4:10])
        assert part.headers["content-range"] == f"bytes 4-9/{len(SNAPSHOT)}"
        same = {"Range": "bytes=4-9", "If-Range": whole.headers["etag"]}
        assert client.get(url, headers=same).status_code == 206
        other = {"Range": "bytes=4-9", "If-Range": '"another"'}
        assert client.get(url, headers=other).content == SNAPSHOT
        beyond = client.get(url, headers={"Range": "bytes=9999-"})
        assert (beyond.status_code, beyond.json()["size"]) == (416, len(SNAPSHOT))
        assert beyond.headers["content-range"] == f"bytes */{len(SNAPSHOT)}"


def test_head_tells_what_get_would(world: World, api: Running) -> None:
    url = f"/evidence/{world.north.evidence}"
    with api.client(world.north.people[Role.AUTHORITY]) as client:
        got, told = client.get(url), client.head(url)
        assert (told.status_code, told.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "accept-ranges"):
            assert told.headers[name] == got.headers[name]
        assert client.get(url).content == SNAPSHOT
        assert client.head("/evidence/nothing").status_code == 404


@pytest.fixture
def clip(shared: Shared) -> EvidenceId:
    """In the record; what is on the disk is the test's to say."""
    ward = shared.world.north
    with shared.world.store.write(EVERYTHING) as writing:
        if not writing.evidence.known(CLIP):
            keep(writing, ward.camera, ward.site, ward.breach, CLIP, EvidenceKind.CLIP)
    await_worker(shared, ward)
    return CLIP


def await_worker(shared: Shared, ward: Ward) -> None:
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        for _ in range(100):
            if client.get(f"/cameras/{ward.camera}/snapshot.jpg").status_code == 200:
                return
            time.sleep(0.05)
    raise AssertionError("the worker was not found")


def states(shared: Shared) -> dict[str, Any]:
    ward = shared.world.north
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        items = client.get(f"/breaches/{ward.breach}/evidence").json()["items"]
    return {item["id"]: (item["state"], item["done_pct"]) for item in items}


def test_a_clip_goes_from_sealed_to_ready(shared: Shared, clip: EvidenceId) -> None:
    ward, worker = shared.world.north, shared.worker
    files = files_of(shared)
    url = f"/evidence/{clip}"
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        assert states(shared)[clip] == ("missing", None)
        assert client.get(url).json()["type"] == "urn:wardwatch:problem:evidence-missing"

        write(files.writer(clip, "test"), b"as the camera sent it")
        assert states(shared)[clip] == ("sealed", None)

        worker.answers[AskEvidence] = lambda _: EvidenceNow(making={clip: 40})
        worker.answers[AskRendition] = lambda asked: RenditionMaking(
            evidence=asked.evidence, done_pct=40, again_in_s=2
        )
        assert states(shared)[clip] == ("making", 40)
        pending = client.get(url)
        assert (pending.status_code, pending.headers["retry-after"]) == (202, "2")
        assert pending.json() == {"state": "making", "done_pct": 40, "retry_after": 2}
        assert b"camera sent" not in pending.content

        write(files.rendition_writer(clip, form_of(()), "test"), b"nobody readable" * 1000)
        assert states(shared)[clip] == ("ready", None)
        shown = client.get(url, headers={"Range": "bytes=0-14"})
        assert (shown.status_code, shown.content) == (206, b"nobody readable")
        assert shown.headers["content-type"] == "video/mp4"


def test_what_the_worker_cannot_make_is_said(shared: Shared) -> None:
    ward, worker = shared.world.north, shared.worker
    broken = EvidenceId("clip-broken")
    with shared.world.store.write(EVERYTHING) as writing:
        keep(writing, ward.camera, ward.site, ward.breach, broken, EvidenceKind.CLIP)
    write(files_of(shared).writer(broken, "test"), b"rubbish")
    await_worker(shared, ward)
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        for reason, status in (("failed", 422), ("missing", 410), ("busy", 202)):
            refused = Refused(reason=reason)
            worker.answers[AskRendition] = partial(lambda answer, _: answer, refused)
            assert client.get(f"/evidence/{broken}").status_code == status


def test_what_a_worker_says_of_a_camera_that_is_gone_is_said_too(shared: Shared) -> None:
    ward, worker = shared.world.north, shared.worker
    gone = EvidenceId("clip-gone")
    with shared.world.store.write(EVERYTHING) as writing:
        keep(writing, ward.camera, ward.site, ward.breach, gone, EvidenceKind.CLIP)
    write(files_of(shared).writer(gone, "test"), b"of a camera that is gone")
    await_worker(shared, ward)
    health = worker.cameras.pop(ward.camera)
    try:
        with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
            for _ in range(100):
                answer = client.get(f"/cameras/{ward.camera}/snapshot.jpg")
                if b"worker_lost" in answer.content:
                    break
                time.sleep(0.05)
            for reason, status in (("failed", 422), ("missing", 410), ("busy", 202)):
                refused = Refused(reason=reason)
                worker.answers[AskRendition] = partial(lambda answer, _: answer, refused)
                assert client.get(f"/evidence/{gone}").status_code == status
    finally:
        worker.cameras[ward.camera] = health


def test_a_clip_under_way_is_listed_as_such(shared: Shared) -> None:
    ward, now = shared.world.north, datetime.now(UTC)
    gathered = Gathered(
        evidence="coming",
        kind=EvidenceKind.CLIP,
        camera=ward.camera,
        begins_at=now,
        ends_at=now + timedelta(seconds=20),
        offset_ms=10_000,
    )
    shared.worker.answers[AskEvidence] = lambda _: EvidenceNow(gathered=(gathered,))
    await_worker(shared, ward)
    assert states(shared)["coming"] == ("writing", None)
    assert shared.world.north.evidence in states(shared)


def write(writer: Any, plain: bytes) -> None:
    writer.write(plain)
    writer.end()
    writer.keep()


def test_what_is_lost_is_listed_with_the_reason_and_is_gone(shared: Shared) -> None:
    ward = shared.world.south
    gone = lost(
        EvidenceId("clip-south"),
        EvidenceKind.CLIP,
        ward.camera,
        ward.site,
        ward.breach,
        datetime.now(UTC),
        Loss.NO_ROOM,
    )
    shared.worker.answers[AskEvidence] = lambda _: EvidenceNow()
    with shared.world.store.write(EVERYTHING) as writing:
        writing.evidence.lose(gone, datetime.now(UTC))
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        snapshot, item = client.get(f"/breaches/{ward.breach}/evidence").json()["items"]
        assert (snapshot["state"], snapshot["loss"]) == ("ready", None)
        assert (item["id"], item["kind"]) == (gone.id, "clip")
        assert (item["state"], item["loss"], item["sha256"]) == ("lost", "no_room", None)
        answer = client.get(f"/evidence/{gone.id}")
        assert (answer.status_code, answer.json()["loss"]) == (410, "no_room")
        assert answer.json()["type"] == "urn:wardwatch:problem:evidence-lost"
        (*_, step) = client.get(f"/breaches/{ward.breach}").json()["history"]
    assert (step["type"], step["reason"]) == ("wardwatch.evidence.lost", "no_room")
    with shared.api.client(shared.world.north.people[Role.SUPERVISOR]) as client:
        assert client.get(f"/evidence/{gone.id}").status_code == 404


def damaged(sealed: bytes) -> bytes:
    """One bit is another, at the end."""
    return sealed[:-1] + bytes([sealed[-1] ^ 1])


@pytest.mark.parametrize("harm", [damaged, lambda sealed: sealed[:-300], lambda sealed: sealed[:9]])
def test_a_damaged_snapshot_is_a_problem_and_no_half_an_answer(
    shared: Shared, harm: Callable[[bytes], bytes]
) -> None:
    ward = shared.world.north
    file = shared.worker.run_dir.parent / "evidence" / "kept" / ward.evidence[-2:] / ward.evidence
    whole = file.read_bytes()
    file.write_bytes(harm(whole))
    try:
        with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
            answer = client.get(f"/evidence/{ward.evidence}")
            assert answer.status_code == 503
            assert answer.json()["type"] == "urn:wardwatch:problem:cannot-open"
            file.write_bytes(whole)
            assert client.get(f"/evidence/{ward.evidence}").content == SNAPSHOT
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("harm", [damaged, lambda sealed: sealed[:9]])
def test_a_damaged_rendition_is_made_anew(
    shared: Shared, clip: EvidenceId, harm: Callable[[bytes], bytes]
) -> None:
    files, made = files_of(shared), b"nobody readable" * 5000
    write(files.writer(clip, "test"), b"as the camera sent it")
    write(files.rendition_writer(clip, form_of(()), "test"), made)
    file = shared.worker.run_dir.parent / "evidence" / "shown" / f"{clip}.{form_of(())}"
    file.write_bytes(harm(file.read_bytes()))
    shared.worker.answers[AskRendition] = lambda asked: RenditionMaking(
        evidence=asked.evidence, done_pct=0, again_in_s=2
    )
    with shared.api.client(shared.world.north.people[Role.SUPERVISOR]) as client:
        assert client.get(f"/evidence/{clip}").status_code == 202
        assert not files.has_rendition(clip, form_of(()))
        write(files.rendition_writer(clip, form_of(()), "test"), made)
        assert client.get(f"/evidence/{clip}").content == made


def test_what_no_key_opens_is_said_to_be_locked(shared: Shared) -> None:
    ward = shared.world.south
    try:
        with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
            for key, slug in ((None, "key-unusable"), (SealingKey.new(), "cannot-open")):
                EVIDENCE_KEY.held = key
                (item, *_) = client.get(f"/breaches/{ward.breach}/evidence").json()["items"]
                assert item["state"] == "locked"
                answer = client.get(f"/evidence/{ward.evidence}")
                assert answer.status_code == 503
                assert answer.json()["type"] == f"urn:wardwatch:problem:{slug}"
    finally:
        EVIDENCE_KEY.held = KEY
    with shared.api.client(ward.people[Role.SUPERVISOR]) as client:
        assert client.get(f"/evidence/{ward.evidence}").content == SNAPSHOT
