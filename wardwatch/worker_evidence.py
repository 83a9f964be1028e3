"""Evidence of breaches: the ring of each camera, snapshots, clips and their unreadable renditions.

    camera's thread ─ coded pictures ─▶ ring ──┐
    writing thread ─ breach in the record ─▶ this part's own thread ─▶ sealed files ─▶ record

A snapshot is made as soon as the breach is in the record, a clip within seconds of its end. What
cannot be kept of them is said in the record, with the reason; what a crash leaves half done is
finished when the worker begins again, or swept and named.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import numpy as np
import structlog
from numpy.typing import NDArray

from detect import Look
from ingest import CodedPacket, PacketRing
from record.cameras import Camera, CameraReason, CameraState, CameraStatus
from record.clock import Clock
from record.errors import RecordError
from record.events import EventType, StoredEvent
from record.evidence import EvidenceKind, Loss
from record.evidence_files import EvidenceFiles
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
from wardwatch.evidence_gathering import Finished, Gathering, Shown
from wardwatch.evidence_keeping import Keeper, loss_by
from wardwatch.evidence_recovery import Recovery
from wardwatch.evidence_renditions import Renditions
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.evidence_snapshot import Decided, write_snapshot
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
MOST_OF_ONE = 3
"""Clips under way of one camera: one of `LONGEST`, the one that follows it, and one for a moment
that neither holds. Each has in memory what lies between two keyframes."""
MOST_WAITING = 1000
"""Breaches whose clip is still to be begun; they take no more than their name."""
MOST_PICTURE_BYTES = 64_000_000
"""Of pictures that wait to become snapshots, decoded as they are: five of 4K, 185 of 640x360."""
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
        self._lock = threading.Lock()
        self._opened: deque[_Opened] = deque()
        self._decided: deque[Decided] = deque()
        self._keeper = Keeper(files, room, clock, who)
        self._settled_at = float("-inf")
        self._due_at = float("-inf")
        """When pictures are taken from the rings again."""
        self._gathering: list[Gathering] = []
        """This part's own thread's; others read it under the lock."""
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evidence", daemon=True)

    @property
    def missed(self) -> int:
        """Snapshots and clips that are lost."""
        return self._keeper.missed

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
        with self._lock:
            # Nothing is told to the record from here: this is the thread that writes it.
            if len(self._opened) >= MOST_WAITING:
                _log.error("too many breaches at once", camera=known.id)
                return
            fits = frame is not None and self._has_place(frame)
            if fits and frame is not None:
                before = self._coarse_before(known.id, frame)
                self._decided.append(Decided(known, opened, frame, look, before))
            self._opened.append(_Opened(known, opened, fits, frame is not None))
        self._wake.set()

    def _has_place(self, frame: Frame) -> bool:
        waiting = sum(_decoded_bytes(one.frame) for one in self._decided)
        return not waiting or waiting + _decoded_bytes(frame) <= MOST_PICTURE_BYTES

    def stop(self) -> None:
        """What is being gathered is kept as far as it has come."""
        self._stopping.set()
        self._wake.set()
        self._mains.stop()
        self._renditions.stop(STOP_S / 2)
        self._thread.join(STOP_S)

    def _coarse_before(self, camera: CameraId, frame: Frame) -> NDArray[np.uint8] | None:
        seen = list(self._before.get(camera, ()))
        earlier = [held for number, held in seen if number < frame.number]
        return earlier[-1] if earlier else None

    # This part's own thread

    def _run(self) -> None:
        recovery = Recovery(self._files, self._who, self._keeper.tell, self._keeper.keep)
        recovery.begin(self._stopping)
        self._settle()
        while not self._stopping.is_set():
            self._room.lacks()
            if not self._decided:
                left_s = self._due_at - self._clock.monotonic()
                self._wake.wait(max(0.0, left_s) if self._gathering else LOOK_FOR_ROOM_S)
            self._wake.clear()
            self._step(ends=False)
            self._settle()
        self._step(ends=True)
        recovery.end()

    def _settle(self) -> None:
        now = self._clock.monotonic()
        if now - self._settled_at >= SETTLE_S:
            self._settled_at = now
            self._keeper.settle()

    def _step(self, *, ends: bool) -> None:
        """Clips first: what they need is passing. Pictures that wait, until clips are due again."""
        while self._opened:
            with self._lock:
                opened = self._opened.popleft()
            if opened.by_picture and not opened.picture:
                self._keeper.lose(EvidenceKind.SNAPSHOT, opened.camera, opened.shown, Loss.TOO_MANY)
            self._gather(opened.camera, opened.shown)
        if ends or self._clock.monotonic() >= self._due_at:
            self._gather_on(Loss.STOPPED if ends else None)
            self._due_at = self._clock.monotonic() + DRAIN_S
        while self._decided and (ends or self._clock.monotonic() < self._due_at):
            with self._lock:
                decided = self._decided.popleft()
            self._snapshot(decided)

    def _gather(self, camera: Camera, breaches: Iterable[Shown]) -> None:
        for shown in breaches:
            with self._lock:
                mine = [one for one in self._gathering if one.camera.id == camera.id]
                taken = any(one.takes(shown) for one in mine)
            if not taken:
                self._begin(camera, shown, sum(not one.complete for one in mine))

    def _begin(self, camera: Camera, shown: Shown, under_way: int) -> None:
        lose = partial(self._keeper.lose, EvidenceKind.CLIP, camera, [shown])
        if (lacking := self._room.lacks()) is not None:
            lose(Loss.NO_ROOM, lacking)
            return
        if under_way >= MOST_OF_ONE:
            lose(Loss.TOO_MANY, "too many clips of this camera are being gathered")
            return
        ring = self._mains.fresh(camera.id, FRESH_S) or self._rings.get(camera.id)
        if ring is None:
            lose(Loss.NO_PICTURES, "the camera is gone")
            return
        gathering = Gathering(camera, ring, self._files, self._who, new_id, [shown])
        with self._lock:
            self._gathering.append(gathering)

    def _gather_on(self, ends: Loss | None) -> None:
        """Some pictures further, each; `ends`: why all of them end now."""
        now = self._clock.now()
        # What is under way is not let run into the last of the room.
        cut = ends or (Loss.NO_ROOM if self._gathering and self._room.lacks() else None)
        for gathering in tuple(self._gathering):
            if self._advance(gathering, cut, over=gathering.over(now)):
                gathering.abandon()
                with self._lock:
                    self._gathering.remove(gathering)

    def _advance(self, gathering: Gathering, cut: Loss | None, *, over: bool) -> bool:
        """Whether it has come to its end, good or bad."""
        camera = gathering.camera
        try:
            gathering.drain()
            if cut is None and not over:
                return False
            self._finish(gathering, gathering.finish(cut), cut or Loss.NO_PICTURES)
        except (OSError, RecordError) as error:
            _log.error("a clip could not be written", camera=camera.id, why=str(error))
            self._save(gathering, loss_by(error))
        except Exception:  # noqa: BLE001 - the top of a thread: others wait for it
            _log.exception("a clip failed", camera=camera.id)
            self._save(gathering, Loss.FAILED)
        return True

    def _finish(self, gathering: Gathering, finished: Sequence[Finished], reason: Loss) -> None:
        self._keep(gathering, finished)
        # Of a main stream that has failed meanwhile, maybe: the watched one may have the moment.
        again = () if self._stopping.is_set() else gathering.missed
        self._gather(gathering.camera, again)
        self._lose(gathering, reason, but=again)

    def _save(self, gathering: Gathering, reason: Loss) -> None:
        """What can be, of a clip at which something went wrong."""
        try:
            self._keep(gathering, gathering.salvage(reason))
        except Exception as error:  # noqa: BLE001 - the top of a thread: others wait for it
            _log.error("a clip could not be saved", camera=gathering.camera.id, why=str(error))
        if reason is Loss.NO_ROOM:
            self._room.refused()
        self._lose(gathering, reason)

    def _keep(self, gathering: Gathering, finished: Sequence[Finished]) -> None:
        for one in finished:
            self._keeper.keep(one.evidence, one.file)
            gathering.kept.update(moment.breach for moment in one.evidence.moments)

    def _lose(self, gathering: Gathering, reason: Loss, but: Sequence[Shown] = ()) -> None:
        """All of which no part is kept."""
        left = [one for one in gathering.shown if one.breach not in gathering.kept]
        gone = [one for one in left if one not in but]
        self._keeper.lose(EvidenceKind.CLIP, gathering.camera, gone, reason)

    def _snapshot(self, decided: Decided) -> None:
        evidence = EvidenceId(new_id())
        lose = partial(self._keeper.lose, EvidenceKind.SNAPSHOT, decided.camera, decided.shown)
        if (lacking := self._room.lacks()) is not None:
            lose(Loss.NO_ROOM, lacking)
            return
        try:
            snapshot, file = write_snapshot(decided, self._files, self._who, evidence)
            try:
                self._keeper.keep(snapshot, file)
            except BaseException:
                file.discard()
                self._files.forget_note(evidence, self._who)
                raise
        except (OSError, RecordError) as error:
            if (reason := loss_by(error)) is Loss.NO_ROOM:
                self._room.refused()
            lose(reason, str(error))
        except Exception:  # noqa: BLE001 - the top of a thread: others wait for it
            _log.exception("a snapshot failed", camera=decided.camera.id)
            lose(Loss.FAILED)

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


def _decoded_bytes(frame: Frame) -> int:
    """As YUV with a quarter of the colour, which cameras send."""
    return frame.picture.width * frame.picture.height * 3 // 2
