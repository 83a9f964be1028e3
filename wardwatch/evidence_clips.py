"""Clips under way of all cameras: which breach is in which, and what becomes of each."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

import structlog

from record.cameras import Camera
from record.clock import Clock
from record.errors import RecordError
from record.evidence import EvidenceKind, Loss
from record.evidence_files import EvidenceFiles
from record.ids import BreachId, CameraId, new_id
from record.messages import Gathered
from wardwatch.evidence_gathering import Finished, Gathering, Ring, Shown
from wardwatch.evidence_keeping import Keeper, loss_by
from wardwatch.evidence_room import EvidenceRoom

MOST_OF_ONE = 3
"""Clips under way of one camera: one of `LONGEST`, the one that follows it, and one for a moment
that neither holds. Each has in memory what lies between two keyframes."""

_log = structlog.get_logger()


class Clips:
    """One thread; `under_way` and `of` from any."""

    def __init__(
        self,
        files: EvidenceFiles,
        room: EvidenceRoom,
        keeper: Keeper,
        ring_of: Callable[[CameraId], Ring | None],
        clock: Clock,
        who: str,
    ) -> None:
        """`ring_of`: where the pictures of a camera come from now; None: it is gone."""
        self._files = files
        self._room = room
        self._keeper = keeper
        self._ring_of = ring_of
        self._clock = clock
        self._who = who
        self._lock = threading.Lock()
        self._gathering: list[Gathering] = []

    @property
    def under_way(self) -> int:
        return len(self._gathering)

    def of(self, breach: BreachId) -> tuple[Gathered, ...]:
        """What is being gathered of it."""
        with self._lock:
            return tuple(
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
                if shown.breach == breach
            )

    def gather(self, camera: Camera, breaches: Iterable[Shown]) -> None:
        """Into a clip that is under way, or a new one."""
        for shown in breaches:
            with self._lock:
                mine = [one for one in self._gathering if one.camera.id == camera.id]
                taken = any(one.takes(shown) for one in mine)
            if not taken:
                self._begin(camera, shown, sum(not one.complete for one in mine))

    def go_on(self, ends: Loss | None) -> None:
        """Some pictures further, each; `ends`: why all of them end now."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        # What is under way is not let run into the last of the room.
        cut = ends or (Loss.NO_ROOM if self._gathering and self._room.lacks() else None)
        for gathering in tuple(self._gathering):
            if self._advance(gathering, cut, over=gathering.over(now, monotonic)):
                gathering.abandon()
                with self._lock:
                    self._gathering.remove(gathering)

    def _begin(self, camera: Camera, shown: Shown, under_way: int) -> None:
        lose = partial(self._keeper.lose, EvidenceKind.CLIP, camera, [shown])
        if (lacking := self._room.lacks()) is not None:
            lose(Loss.NO_ROOM, lacking)
            return
        if under_way >= MOST_OF_ONE:
            lose(Loss.TOO_MANY, "too many clips of this camera are being gathered")
            return
        ring = self._ring_of(camera.id)
        if ring is None:
            lose(Loss.NO_PICTURES, "the camera is gone")
            return
        begun = self._clock.monotonic()
        gathering = Gathering(camera, ring, self._files, self._who, new_id, [shown], begun)
        with self._lock:
            self._gathering.append(gathering)

    def _advance(self, gathering: Gathering, cut: Loss | None, *, over: bool) -> bool:
        """Whether it has come to its end, good or bad."""
        camera = gathering.camera
        try:
            gathering.drain()
            if cut is None and not over:
                return False
            self._finish(gathering, cut)
        except (OSError, RecordError) as error:
            _log.error("a clip could not be written", camera=camera.id, why=str(error))
            self._save(gathering, loss_by(error))
        except Exception:  # noqa: BLE001 - the top of a thread: others wait for it
            _log.exception("a clip failed", camera=camera.id)
            self._save(gathering, Loss.FAILED)
        return True

    def _finish(self, gathering: Gathering, cut: Loss | None) -> None:
        self._keep(gathering, gathering.finish(cut))
        # Of a main stream that has failed meanwhile, maybe: the watched one may have the moment.
        again = () if cut is Loss.STOPPED else gathering.missed
        self.gather(gathering.camera, again)
        self._lose(gathering, cut or Loss.NO_PICTURES, but=again)

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
