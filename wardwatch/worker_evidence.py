"""Evidence of breaches: the ring of each camera, snapshots, clips and their unreadable renditions.

    camera's thread ─ coded pictures ─▶ ring ──┐
    writing thread ─┬ breach in the record ─▶ this part's own thread ─▶ sealed clips ─▶ record
                    └ its picture ─▶ threads of `Snapshots` ─▶ sealed snapshots ──────────┘

A snapshot is made as soon as the breach is in the record, a clip within seconds of its end. What
cannot be kept of them is said in the record, with the reason; what a crash leaves half done is
finished when the worker begins again, or swept and named.
"""

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import structlog
from numpy.typing import NDArray

from detect import Look
from ingest import CodedPacket, PacketRing
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.clock import Clock
from record.events import EventType, StoredEvent
from record.evidence import EvidenceKind, Loss
from record.evidence_files import EvidenceFiles
from record.frames import Frame
from record.ids import BreachId, CameraId, EvidenceId
from record.messages import Ask, AskEvidence, AskRendition, EvidenceNow, RenditionMaking
from wardwatch.evidence_clips import Clips
from wardwatch.evidence_gathering import Shown
from wardwatch.evidence_keeping import Keeper
from wardwatch.evidence_recovery import Recovery
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.evidence_snapshot import Decided
from wardwatch.evidence_snapshots import Snapshots
from wardwatch.main_streams import MainStreams
from wardwatch.worker_answers import Answer, Answerer
from wardwatch.worker_camera import WatchedCamera
from wardwatch.worker_parts import WorkerHost, WorkerPart

DRAIN_S = 0.5
"""How often rings are looked into; they hold some seconds more than a clip needs at its begin."""
LOOK_FOR_ROOM_S = 5.0
"""How often the disk is asked for room, also while nothing is to be kept."""
SETTLE_S = 60.0
"""How often it is looked for breaches that nobody accounts for."""
MOST_WAITING = 1000
"""Breaches whose clip is still to be begun; they take no more than their name."""
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
    picture: bool
    """Whether one waits to become their snapshot; False: there is none, or no place for one."""
    by_picture: bool
    """Whether a picture decided it."""


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
        self._rings: dict[CameraId, PacketRing] = {}
        self._before: dict[CameraId, deque[tuple[int, NDArray[np.uint8]]]] = {}
        self._opened: deque[_Opened] = deque()
        self._keeper = Keeper(files, room, clock, who)
        self.clips = Clips(files, room, self._keeper, self._ring, clock, who)
        self.snapshots = Snapshots(files, room, self._keeper, who)
        self._settled_at = float("-inf")
        self._due_at = float("-inf")
        """When pictures are taken from the rings again."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)

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
        self._keeper.begin(host)
        self.snapshots.start()
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
        # Nothing is told to the record from here: this is the thread that writes it.
        if len(self._opened) >= MOST_WAITING:
            _log.error("too many breaches at once", camera=known.id)
            return
        fits = False
        if frame is not None:
            before = self._coarse_before(known.id, frame)
            fits = self.snapshots.take(Decided(known, opened, frame, look, before))
        self._opened.append(_Opened(known, opened, fits, frame is not None))
        self._wake.set()

    def stop(self) -> None:
        """What is being gathered is kept as far as it has come."""
        self._stopping.set()
        self._wake.set()
        self._mains.stop()
        self._renditions.stop(STOP_S / 2)
        self._thread.join(STOP_S)

    def _ring(self, camera: CameraId) -> PacketRing | None:
        return self._mains.fresh(camera, FRESH_S) or self._rings.get(camera)

    def _coarse_before(self, camera: CameraId, frame: Frame) -> NDArray[np.uint8] | None:
        seen = list(self._before.get(camera, ()))
        earlier = [held for number, held in seen if number < frame.number]
        return earlier[-1] if earlier else None

    # This part's own thread

    def _run(self) -> None:
        recovery = Recovery(self._files, self._who, self._keeper.tell, self._keeper.keep)
        recovery.begin(self._stopping)
        self.snapshots.keep()
        self._settle()
        while not self._stopping.is_set():
            self._room.lacks()
            left_s = self._due_at - self._clock.monotonic()
            self._wake.wait(max(0.0, left_s) if self.clips.under_way else LOOK_FOR_ROOM_S)
            self._wake.clear()
            self._step(None)
            self._settle()
        self._step(Loss.STOPPED)
        self.snapshots.stop(STOP_S / 2)
        recovery.end()

    def _settle(self) -> None:
        now = self._clock.monotonic()
        if now - self._settled_at >= SETTLE_S:
            self._settled_at = now
            self._keeper.settle()

    def _step(self, ends: Loss | None) -> None:
        while self._opened:
            opened = self._opened.popleft()
            if opened.by_picture and not opened.picture:
                self._keeper.lose(EvidenceKind.SNAPSHOT, opened.camera, opened.shown, Loss.TOO_MANY)
            self.clips.gather(opened.camera, opened.shown)
        if ends or self._clock.monotonic() >= self._due_at:
            self.clips.go_on(ends)
            self._due_at = self._clock.monotonic() + DRAIN_S

    # To the API

    def _now(self, asked: AskEvidence) -> Answer:
        making = self._renditions.making
        told = {str(evidence): making[evidence] for evidence in making}
        return EvidenceNow(gathered=self.clips.of(BreachId(asked.breach)), making=told), b""

    def _rendition(self, asked: AskRendition) -> Answer:
        done = self._renditions.ask(EvidenceId(asked.evidence))
        again = 0 if done == 100 else AGAIN_IN_S
        return RenditionMaking(evidence=asked.evidence, done_pct=done, again_in_s=again), b""
