"""A worker over real cameras of the sample server: each breach leaves a snapshot and a clip."""

import io
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import orjson
import pytest
from av.video.stream import VideoStream

from detect import DEFAULT_MODEL, Box, NanoDet
from ingest import AvOpener, PacketRing
from record.breaches import BreachFilter, NamedBreach
from record.cameras import Camera, CameraUrl, Line, Point, Rule
from record.clock import SystemClock
from record.errors import CannotOpen
from record.evidence import Evidence, EvidenceKind, evidence_data, form_of
from record.evidence_files import EvidenceFiles
from record.ids import CameraId, EvidenceId, LineId, RuleId
from record.messages import AskEvidence, AskRendition, EvidenceNow, RenditionMaking
from record.orders import RuleKind
from record.places import EVERYTHING
from record.sealing import SealingKey
from record.store import Store
from sample_streams.rtsp.clip import Clip, load_clip
from sample_streams.scenes import scene_video
from sample_streams.server import SampleCamera, SampleServer
from tests.fakes.detector import FakeDetector
from tests.wardwatch.workers import SITE, Client, await_true, new_store, order
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom, RoomBounds
from wardwatch.main_streams import MainStreams
from wardwatch.worker import Worker, WorkerSettings
from wardwatch.worker_evidence import EvidencePart

CLOCK = SystemClock()
DETECTOR = NanoDet(DEFAULT_MODEL)
SOMEBODY = FakeDetector(lambda _: [Box(0.4, 0.4, 0.5, 0.8)])
"""What renditions look with here: who is hidden in them, test_evidence_rendition.py holds with the
real one."""
BEGINS_S = 17.0
"""Where in the scene the cameras begin: somebody leaves 16.8 s later, which leaves a busy machine
time to connect in."""
GATE = Line(LineId("gate"), Point(0.6531, 0.7278), Point(0.3, 0.6667), "Gate")
LEAVE = Rule(RuleId("out"), RuleKind.EXIT, line=GATE.id)
CODECS = {"first": "h264", "second": "hevc", "third": "mjpeg"}
X265 = {
    "preset": "ultrafast",
    "x265-params": "log-level=none:repeat-headers=1:keyint=20:pools=none:frame-threads=1",
}


def as_other_codec(path: Path, encoder: str, pixels: str, options: dict[str, str]) -> Clip:
    """31 s of the scene, from where the cameras begin."""
    with av.open(str(scene_video("gate")), "r") as scene, av.open(str(path), "w") as out:
        stream = cast("VideoStream", out.add_stream(encoder, rate=10, options=options))
        stream.width, stream.height, stream.pix_fmt = 640, 360, pixels
        for number, frame in enumerate(scene.decode(video=0)):
            if BEGINS_S * 10 <= number < (BEGINS_S + 31) * 10:
                picture = frame.reformat(format=pixels)
                picture.pts, picture.time_base = number - round(BEGINS_S * 10), Fraction(1, 10)
                out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return load_clip(path)


@dataclass(frozen=True)
class Kept:
    """What the cameras have left behind."""

    store: Store
    files: EvidenceFiles
    folder: Path
    breaches: dict[str, NamedBreach]
    part: EvidencePart
    socket: Path

    def of(self, camera: str, kind: EvidenceKind) -> Evidence:
        with self.store.read(EVERYTHING) as record:
            found = record.evidence.of(self.breaches[camera].breach.id)
        (one,) = [evidence for evidence in found if evidence.kind is kind]
        return one


def evidence_part(files: EvidenceFiles, store: Store, who: str = "worker-1") -> EvidencePart:
    room = EvidenceRoom(files, RoomBounds(least_free_bytes=0), CLOCK)

    def new_ring() -> PacketRing:
        return PacketRing(CLOCK.now, CLOCK.monotonic)

    renditions = Renditions(files, room, store, SOMEBODY, CLOCK, who)
    mains = MainStreams(AvOpener(CLOCK), CLOCK, new_ring)
    return EvidencePart(files, room, renditions, mains, new_ring, CLOCK, who)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One run of 28 s for all tests here: three cameras of three codecs, seen by one worker."""
    folder = tmp_path_factory.mktemp("evidence")
    hevc = as_other_codec(folder / "hevc.mp4", "libx265", "yuv420p", X265)
    jpeg = as_other_codec(folder / "jpeg.mov", "mjpeg", "yuvj420p", {"qmin": "3", "qmax": "8"})
    cameras = [
        SampleCamera("first", "gate", offset_s=BEGINS_S),
        SampleCamera("second", hevc),
        SampleCamera("third", jpeg),
    ]
    key = SealingKey.new()
    with ExitStack() as stack:
        server = stack.enter_context(SampleServer(cameras, begin_when_watched=True))
        store = stack.enter_context(new_store(folder))
        run = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ww")))
        files = EvidenceFiles(folder / "evidence", lambda: key)
        part = evidence_part(files, store)
        with store.write(EVERYTHING) as record:
            for name in CODECS:
                url = CameraUrl.parse(server.url(name))
                record.cameras.add(
                    Camera(CameraId(name), SITE, name, url, lines=(GATE,), rules=(LEAVE,))
                )
            record.orders.issue(order())
        worker = Worker(
            WorkerSettings("worker-1", run, 5.0),
            store,
            AvOpener(CLOCK),
            DETECTOR,
            CLOCK,
            (part,),
        )
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            await_true(lambda: clips(store) >= len(CODECS), 90)
            yield Kept(store, files, folder, breaches(store), part, run / "worker-1.sock")
        finally:
            stop.set()
            thread.join(10)
            assert not thread.is_alive()


def breaches(store: Store) -> dict[str, NamedBreach]:
    """The first one of each camera."""
    with store.read(EVERYTHING) as record:
        page = record.breaches.list(BreachFilter(), 100)
    return {str(one.breach.camera): one for one in page.items}


def clips(store: Store) -> int:
    with store.read(EVERYTHING) as record:
        found = [record.evidence.of(one.breach.id) for one in breaches(store).values()]
    return sum(one.kind is EvidenceKind.CLIP for of in found for one in of)


@pytest.mark.parametrize("camera", CODECS)
def test_the_clip_covers_the_crossing_and_begins_at_a_keyframe(kept: Kept, camera: str) -> None:
    clip, breach = kept.of(camera, EvidenceKind.CLIP), kept.breaches[camera].breach
    assert clip.codec == CODECS[camera]
    assert (clip.part, clip.gap_ms, clip.width, clip.height) == (1, 0, 640, 360)
    assert timedelta(seconds=10) <= breach.opened_at - clip.begins_at < timedelta(seconds=12.5)
    assert timedelta(seconds=9) <= clip.ends_at - breach.opened_at < timedelta(seconds=10.1)
    (moment,) = clip.moments
    crossed_at = clip.begins_at + timedelta(milliseconds=moment.offset_ms)
    assert abs(crossed_at - breach.opened_at) < timedelta(milliseconds=2)
    with kept.files.reader(clip.id) as reader, av.open(reader, "r") as film:
        video = film.streams.video[0]
        packets = [packet for packet in film.demux(video) if packet.size]
        assert video.codec_context.name == CODECS[camera]
    assert packets[0].is_keyframe
    length_s = (clip.ends_at - clip.begins_at).total_seconds()
    assert len(packets) == pytest.approx(length_s * 10 + 1, abs=3)


@pytest.mark.parametrize("camera", CODECS)
def test_the_snapshot_is_of_the_moment_that_decided(kept: Kept, camera: str) -> None:
    snapshot, breach = kept.of(camera, EvidenceKind.SNAPSHOT), kept.breaches[camera].breach
    assert snapshot.begins_at == breach.decided_at
    with kept.files.reader(snapshot.id) as reader:
        jpeg = reader.read()
    assert jpeg[:3] == b"\xff\xd8\xff"
    assert snapshot.bytes == len(jpeg)


def test_nothing_on_the_disk_opens_without_the_key(kept: Kept) -> None:
    stranger = EvidenceFiles(kept.folder / "evidence", SealingKey.new)
    for path in (kept.folder / "evidence" / "kept").rglob("*-*"):
        sealed = path.read_bytes()
        with kept.files.reader(EvidenceId(path.name)) as reader:
            plain = reader.read()
        for at in range(0, len(plain) - 24, 9973):
            assert plain[at : at + 24] not in sealed
        with pytest.raises(CannotOpen):
            stranger.reader(EvidenceId(path.name))


@pytest.mark.parametrize("camera", CODECS)
def test_the_rendition_plays_in_every_browser(kept: Kept, camera: str) -> None:
    clip = kept.of(camera, EvidenceKind.CLIP)
    with Client(kept.socket) as client:
        client.connection.settimeout(60)
        until = time.monotonic() + 150
        while True:
            client.say(AskRendition(evidence=clip.id, request=1))
            answer, _ = client.hear(RenditionMaking)
            assert isinstance(answer, RenditionMaking)
            if answer.done_pct == 100:
                break
            assert time.monotonic() < until
            time.sleep(0.5)
    rendition = kept.files.rendition(clip.id, form_of(()))
    assert rendition is not None
    with rendition:
        plain = rendition.read()
    assert plain.index(b"moov") < plain.index(b"mdat")
    with av.open(io.BytesIO(plain), "r") as film:
        video = film.streams.video[0]
        assert video.codec_context.name == "h264"
        assert video.codec_context.profile == "Constrained Baseline"
        times = [frame.time for frame in film.decode(video)]
    assert times[-1] == pytest.approx((clip.ends_at - clip.begins_at).total_seconds(), abs=0.2)


def test_nothing_is_under_way_any_more(kept: Kept) -> None:
    with Client(kept.socket) as client:
        client.say(AskEvidence(breach=kept.breaches["first"].breach.id, request=1))
        answer, _ = client.hear(EvidenceNow)
    assert isinstance(answer, EvidenceNow)
    assert answer.gathered == ()


def test_what_the_rings_of_three_cameras_cost(kept: Kept) -> None:
    assert 0 < kept.part.ring_bytes < 12_000_000


KILLED = """
import os, signal, sys
from pathlib import Path
from record.evidence_files import EvidenceFiles
from record.ids import EvidenceId
from record.sealing import SealingKey
key = SealingKey.from_text(sys.stdin.read())
files = EvidenceFiles(Path(sys.argv[1]), lambda: key)
half = files.writer(EvidenceId("01-half"), "worker-1")
half.write(os.urandom(300_000))
whole = files.writer(EvidenceId("02-whole"), "worker-1")
whole.write(b"a clip")
whole.end()
files.note(EvidenceId("02-whole"), "worker-1", sys.argv[2].encode())
whole.keep()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_after_a_kill_halves_are_swept_and_what_was_whole_is_told(
    kept: Kept, tmp_path: Path
) -> None:
    key = SealingKey.new()
    told = replace(kept.of("first", EvidenceKind.CLIP), id=EvidenceId("02-whole"))
    note = orjson.dumps(evidence_data(told)).decode()
    command = [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path), note]
    killed = subprocess.run(command, input=key.to_text(), text=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    files = EvidenceFiles(tmp_path, lambda: key)
    part = evidence_part(files, kept.store)
    with tempfile.TemporaryDirectory(prefix="ww") as run:
        worker = Worker(
            WorkerSettings("worker-1", Path(run)),
            kept.store,
            AvOpener(CLOCK),
            DETECTOR,
            CLOCK,
            (part,),
        )
        stop = threading.Event()
        thread = threading.Thread(target=worker.run, args=(stop,))
        thread.start()
        try:
            await_true(lambda: not files.notes("worker-1"))
        finally:
            stop.set()
            thread.join(10)
    with kept.store.read(EVERYTHING) as record:
        assert record.evidence.get(EvidenceId("02-whole")) == told
        assert not record.evidence.known(EvidenceId("01-half"))
    assert sorted(path.name for path in tmp_path.rglob("0*")) == ["02-whole"]
    assert list((tmp_path / "writing" / "worker-1").iterdir()) == []


def test_a_moment_in_the_scene_is_the_moment_of_the_breach(kept: Kept) -> None:
    """The cameras of three codecs show one scene and agree on when it happened."""
    began: list[datetime] = [one.breach.opened_at for one in kept.breaches.values()]
    assert max(began) - min(began) < timedelta(seconds=2)
