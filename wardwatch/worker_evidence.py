"""Evidence of breaches: the ring of each camera, snapshots, clips and their unreadable renditions.

    camera's thread ─ coded pictures ─▶ ring ──┐
    writing thread ─ breach in the record ─▶ this part's own thread ─▶ sealed files ─▶ record

A snapshot is made as soon as the breach is in the record, a clip within seconds of its end. A file
lies in its place before the record tells of it, and what the record is to be told is noted down
before that: whatever a crash leaves is either finished when the worker begins again, or swept and
named.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import cv2
import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from detect import Look
from ingest import CodedPacket, PacketRing
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.clock import Clock
from record.errors import RecordError
from record.events import EventType, StoredEvent
from record.evidence import Evidence, EvidenceKind, Moment, evidence_data
from record.evidence_files import EvidenceFiles, SealedWriter
from record.frames import Frame
from record.ids import BreachId, CameraId, EvidenceId, new_id
from record.messages import (
    Ask,
    AskEvidence,
    AskRendition,
    EvidenceNow,
    Gathered,
    RenditionMaking,
)
from record.store import Writing
from wardwatch.evidence_gathering import Gathering, Shown
from wardwatch.evidence_recovery import Recovery
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.main_streams import MainStreams
from wardwatch.worker_answers import Answer, Answerer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerHost, WorkerPart
from wardwatch.worker_veil import Veiled
from wardwatch.worker_writer import Job

DRAIN_S = 0.5
"""How often rings are looked into; they hold some seconds more than a clip needs at its begin."""
LOOK_FOR_ROOM_S = 5.0
"""How often the disk is asked for room, also while nothing is to be kept."""
MOST_GATHERING = 16
MOST_WAITING = 64
"""Breaches that wait for this part's thread."""
SNAPSHOT_WIDTH = 1280
QUALITY = 85
FRESH_S = 3.0
"""A main stream that has been silent for so long is passed over for the watched one."""
AGAIN_IN_S = 2
STOP_S = 0.4

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Opened:
    """Breaches that one look has opened."""

    camera: Camera
    shown: tuple[Shown, ...]
    frame: Frame | None
    look: Look
    before: NDArray[np.uint8] | None
    """A coarse picture of the frame before."""


class EvidencePart(WorkerPart):
    def __init__(
        self,
        files: EvidenceFiles,
        room: EvidenceRoom,
        renditions: Renditions,
        mains: MainStreams,
        new_ring: Callable[[], PacketRing],
        clock: Clock,
        who: str,
    ) -> None:
        self._files = files
        self._room = room
        self._renditions = renditions
        self._mains = mains
        self._new_ring = new_ring
        self._clock = clock
        self._who = who
        self._host: WorkerHost | None = None
        self._rings: dict[CameraId, PacketRing] = {}
        self._before: dict[CameraId, deque[tuple[int, NDArray[np.uint8]]]] = {}
        self._lock = threading.Lock()
        self._opened: deque[_Opened] = deque()
        self._gathering: list[Gathering] = []
        """This part's own thread's; others read it under the lock."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)
        self.missed = 0
        """Breaches without a clip, or without a snapshot, because there was no room or time."""

    def quick(self) -> Mapping[type[Ask], Answerer]:
        return {AskEvidence: self._now}

    def slow(self) -> Mapping[type[Ask], Answerer]:
        return {AskRendition: self._rendition}

    @property
    def lacks(self) -> CameraReason | None:
        return CameraReason.EVIDENCE_FULL if self._room.full else None

    @property
    def wants_packets(self) -> bool:
        return True

    @property
    def ring_bytes(self) -> int:
        """What all rings hold."""
        return sum(ring.bytes for ring in list(self._rings.values()))

    def start(self, host: WorkerHost) -> None:
        self._host = host
        self._thread.start()

    def on_cameras(self, cameras: Mapping[CameraId, WatchedCamera]) -> None:
        for name in cameras.keys() - self._rings.keys():
            self._before[name] = deque(maxlen=2)
            self._rings[name] = self._new_ring()
        for name in self._rings.keys() - cameras.keys():
            del self._rings[name], self._before[name]
        self._mains.follow({name: one.settings.camera for name, one in cameras.items()})

    def on_packet(self, camera: CameraId, packet: CodedPacket) -> None:
        ring = self._rings.get(camera)
        if ring is not None:
            ring.add(packet)

    def on_status(self, status: CameraStatus) -> None:
        ring = self._rings.get(status.camera)
        if ring is not None and status.state is CameraState.OFFLINE:
            ring.interrupt()

    def on_look(self, camera: WatchedCamera, look: Look) -> None:
        frame, seen = camera.looked_frame, self._before.get(camera.settings.camera.id)
        if frame is not None and seen is not None and look.ground is not None:
            seen.append((frame.number, look.ground.seen))

    def on_findings(
        self, camera: WatchedCamera, frame: Frame | None, look: Look, events: Sequence[StoredEvent]
    ) -> None:
        opened = tuple(
            Shown(BreachId(event.subject), event.time)
            for event in events
            if event.type is EventType.BREACH_OPENED
        )
        if not opened:
            return
        known = camera.settings.camera
        item = _Opened(known, opened, frame, look, self._coarse_before(known.id, frame))
        with self._lock:
            if len(self._opened) >= MOST_WAITING:
                self._miss(known.id, "too many at once")
                return
            self._opened.append(item)
        self._wake.set()

    def stop(self) -> None:
        """What is being gathered is kept as far as it has come."""
        self._stopping.set()
        self._wake.set()
        self._mains.stop()
        self._renditions.stop(STOP_S / 2)
        self._thread.join(STOP_S)

    def _coarse_before(self, camera: CameraId, frame: Frame | None) -> NDArray[np.uint8] | None:
        seen = list(self._before.get(camera, ()))
        earlier = [held for number, held in seen if frame is not None and number < frame.number]
        return earlier[-1] if earlier else None

    # This part's own thread

    def _run(self) -> None:
        recovery = Recovery(self._files, self._who, self._tell, self._keep)
        recovery.begin(self._stopping)
        while not self._stopping.is_set():
            self._room.lacks()
            self._wake.wait(DRAIN_S if self._gathering else LOOK_FOR_ROOM_S)
            self._wake.clear()
            self._step(ends=False)
        self._step(ends=True)
        recovery.end()

    def _step(self, *, ends: bool) -> None:
        while self._opened:
            with self._lock:
                opened = self._opened.popleft()
            self._guarded("snapshot", opened.camera.id, partial(self._snapshot, opened))
            self._guarded(
                "clip", opened.camera.id, partial(self._gather, opened.camera, opened.shown)
            )
        now = self._clock.now()
        for gathering in tuple(self._gathering):
            over = ends or gathering.over(now)
            go_on = partial(self._go_on, gathering, last=over)
            if not self._guarded("clip", gathering.camera.id, go_on) or over:
                gathering.abandon()
                with self._lock:
                    self._gathering.remove(gathering)

    def _guarded(self, what: str, camera: CameraId, act: Callable[[], None]) -> bool:
        """Whether it went well: one camera's trouble must not take the others' evidence."""
        try:
            act()
        except (OSError, RecordError) as error:
            self._miss(camera, str(error))
            return False
        except Exception:  # noqa: BLE001 - the top of a thread: others wait for it
            _log.exception("evidence failed", what=what, camera=camera)
            self.missed += 1
            return False
        return True

    def _snapshot(self, opened: _Opened) -> None:
        frame = opened.frame
        if frame is None:
            return
        if (lacking := self._room.lacks()) is not None:
            self._miss(opened.camera.id, lacking)
            return
        width = min(frame.picture.width, SNAPSHOT_WIDTH)
        veiled = Veiled(opened.before)
        pixels = veiled.of(frame, opened.look, opened.camera.masks, width)
        whole, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not whole:
            raise ValueError(f"a picture of {pixels.shape} could not be encoded")
        evidence = EvidenceId(new_id())
        file = self._files.writer(evidence, self._who)
        try:
            file.write(jpeg.tobytes())
            written = file.end()
        except BaseException:
            file.discard()
            raise
        at = frame.captured_at
        self._keep(
            Evidence(
                id=evidence,
                kind=EvidenceKind.SNAPSHOT,
                camera=opened.camera.id,
                site=opened.camera.site,
                begins_at=at,
                ends_at=at,
                media="image/jpeg",
                codec="mjpeg",
                width=pixels.shape[1],
                height=pixels.shape[0],
                part=1,
                gap_ms=0,
                bytes=written.bytes,
                sealed_bytes=written.sealed_bytes,
                sha256=written.sha256,
                sealed_sha256=written.sealed_sha256,
                moments=tuple(
                    Moment(one.breach, round((one.at - at) / timedelta(milliseconds=1)))
                    for one in opened.shown
                ),
            ),
            file,
        )

    def _gather(self, camera: Camera, breaches: Sequence[Shown]) -> None:
        for shown in breaches:
            with self._lock:
                mine = (one for one in self._gathering if one.camera.id == camera.id)
                taken = any(one.takes(shown) for one in mine)
            if not taken:
                self._begin(camera, shown)

    def _begin(self, camera: Camera, shown: Shown) -> None:
        if (lacking := self._room.lacks()) is not None:
            self._miss(camera.id, lacking)
            return
        if len(self._gathering) >= MOST_GATHERING:
            self._miss(camera.id, "too many clips are being gathered")
            return
        ring = self._mains.fresh(camera.id, FRESH_S) or self._rings.get(camera.id)
        if ring is None:
            return
        gathering = Gathering(camera, ring, self._files, self._who, new_id, [shown])
        with self._lock:
            self._gathering.append(gathering)

    def _go_on(self, gathering: Gathering, *, last: bool) -> None:
        gathering.drain()
        if last:
            self._finish(gathering)

    def _finish(self, gathering: Gathering) -> None:
        finished = gathering.finish()
        if not finished:
            self._miss(gathering.camera.id, "the camera sent nothing that can be kept")
        for one in finished:
            self._keep(one.evidence, one.file)
        # Of a main stream that has failed meanwhile, maybe: the watched one may have the moment.
        self._gather(gathering.camera, gathering.missed)

    def _keep(self, evidence: Evidence, file: SealedWriter) -> None:
        self._files.note(evidence.id, self._who, orjson.dumps(evidence_data(evidence)))
        file.keep()
        self._room.took(evidence.sealed_bytes)
        self._tell(evidence, self._who)
        _log.info(
            "evidence kept",
            evidence=evidence.id,
            kind=evidence.kind.value,
            camera=evidence.camera,
            bytes=evidence.bytes,
        )

    def _tell(self, evidence: Evidence, noted_by: str) -> None:
        def write(record: Writing) -> None:
            if not record.evidence.known(evidence.id):
                record.evidence.add(evidence)

        def done() -> None:
            self._files.forget_note(evidence.id, noted_by)

        if self._host is not None:
            self._host.write(Job("evidence", write, done))

    def _miss(self, camera: CameraId, why: str) -> None:
        self.missed += 1
        _log.error("no evidence", camera=camera, why=why)

    # To the API

    def _now(self, asked: AskEvidence) -> Answer:
        with self._lock:
            gathered = tuple(
                Gathered(
                    evidence=one.id,
                    kind=EvidenceKind.CLIP,
                    camera=one.camera.id,
                    begins_at=one.begins_at,
                    ends_at=one.ends_at,
                    offset_ms=round((shown.at - one.begins_at) / timedelta(milliseconds=1)),
                )
                for one in self._gathering
                for shown in one.shown
                if shown.breach == asked.breach
            )
        making = self._renditions.making
        return EvidenceNow(gathered=gathered, making={str(k): making[k] for k in making}), b""

    def _rendition(self, asked: AskRendition) -> Answer:
        done = self._renditions.ask(EvidenceId(asked.evidence))
        again = 0 if done == 100 else AGAIN_IN_S
        return RenditionMaking(evidence=asked.evidence, done_pct=done, again_in_s=again), b""
