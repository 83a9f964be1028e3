"""Snapshots on their way: a picture is drawn at once, and waits for the disk as a small JPEG.

    breach in the record ─ picture as it is ─▶ drawing ─ JPEG ─▶ keeping ─▶ sealed file ─▶ record

As it is a picture takes 0.3 to 12 MB, so that few may wait; drawn it takes 5 to 20 kB. To draw one
takes 2 to 15 ms of CPU. To keep one takes next to none, but several waits for the disk.
"""

import threading
import time
from collections import deque
from functools import partial

import structlog

from record.errors import RecordError
from record.evidence import EvidenceKind, Loss
from record.evidence_files import EvidenceFiles
from record.frames import Frame
from record.ids import EvidenceId, new_id
from wardwatch.evidence_keeping import Keeper, loss_by
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.evidence_snapshot import Decided, Drawn, drawn_of, write_snapshot

MOST_UNDRAWN_BYTES = 64_000_000
"""Of pictures that wait to be drawn, decoded as they are: five of 4K, 185 of 640x360."""
MOST_DRAWN_BYTES = 16_000_000
"""Of pictures that wait for the disk: about a thousand of 1280 columns, three thousand of 640."""
KEEPERS = 3
"""Threads that keep: files that are to be safe at the same time wait for the disk together."""

_log = structlog.get_logger()


class Snapshots:
    """`take` from any thread. What finds no place, or cannot be kept, is said in the record."""

    def __init__(self, files: EvidenceFiles, room: EvidenceRoom, keeper: Keeper, who: str) -> None:
        self._files = files
        self._room = room
        self._keeper = keeper
        self._who = who
        self._changed = threading.Condition()
        self._undrawn: deque[Decided] = deque()
        self._drawn: deque[Drawn] = deque()
        self._undrawn_bytes = self._drawn_bytes = 0
        self._under_way = 0
        """Taken from a queue, and neither in the next nor done with."""
        self.most_drawn_bytes = MOST_DRAWN_BYTES
        self._recovered = False
        self._given_up = False
        draw = threading.Thread(target=self._draw, name="snapshots", daemon=True)
        keep = (
            threading.Thread(target=self._keep, name=f"snapshots-{number}", daemon=True)
            for number in range(1, KEEPERS + 1)
        )
        self._threads = (draw, *keep)

    @property
    def undrawn(self) -> int:
        """Pictures that wait as they are."""
        return len(self._undrawn)

    @property
    def drawn(self) -> int:
        """Those that wait for the disk."""
        return len(self._drawn)

    def start(self) -> None:
        """Pictures are drawn from now on, and kept once `keep` was called."""
        for thread in self._threads:
            thread.start()

    def keep(self) -> None:
        """What a worker before this one has left is recovered: its files may lie beside ours."""
        with self._changed:
            self._recovered = True
            self._changed.notify_all()

    def take(self, decided: Decided) -> bool:
        """False: there is no place for it, and nobody has been told."""
        size = _decoded_bytes(decided.frame)
        with self._changed:
            if self._undrawn and self._undrawn_bytes + size > MOST_UNDRAWN_BYTES:
                return False
            self._undrawn.append(decided)
            self._undrawn_bytes += size
            self._changed.notify_all()
            return True

    def stop(self, within_s: float) -> None:
        """Keep what waits; what is left after so long is lost."""
        until = time.monotonic() + within_s
        with self._changed:
            self._changed.wait_for(lambda: not self._left, within_s)
            self._given_up = True
            left: tuple[Decided | Drawn, ...] = (*self._drawn, *self._undrawn)
            self._undrawn.clear()
            self._drawn.clear()
            self._changed.notify_all()
        for one in left:
            self._lose(one, Loss.STOPPED)
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    @property
    def _left(self) -> int:
        return len(self._undrawn) + len(self._drawn) + self._under_way

    @property
    def _has_place(self) -> bool:
        """For one more that is drawn."""
        return self._drawn_bytes < self.most_drawn_bytes

    # The drawing thread

    def _draw(self) -> None:
        while (decided := self._next_undrawn()) is not None:
            drawn: Drawn | None = None
            try:
                drawn = drawn_of(decided)
            except Exception:  # noqa: BLE001 - the top of a thread: others wait for it
                _log.exception("a snapshot failed", camera=decided.camera.id)
                self._lose(decided, Loss.FAILED)
            with self._changed:
                self._under_way -= 1
                if drawn is not None:
                    self._drawn.append(drawn)
                    self._drawn_bytes += len(drawn.jpeg)
                self._changed.notify_all()

    def _next_undrawn(self) -> Decided | None:
        """None: there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._given_up or (self._undrawn and self._has_place))
            if self._given_up:
                return None
            self._under_way += 1
            decided = self._undrawn.popleft()
            self._undrawn_bytes -= _decoded_bytes(decided.frame)
            return decided

    # The keeping threads

    def _keep(self) -> None:
        while (drawn := self._next_drawn()) is not None:
            try:
                self._keep_one(drawn)
            finally:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()

    def _next_drawn(self) -> Drawn | None:
        """None: there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._given_up or (self._recovered and self._drawn))
            if self._given_up:
                return None
            self._under_way += 1
            drawn = self._drawn.popleft()
            self._drawn_bytes -= len(drawn.jpeg)
            self._changed.notify_all()
            return drawn

    def _keep_one(self, drawn: Drawn) -> None:
        evidence = EvidenceId(new_id())
        lose = partial(self._lose, drawn)
        if (lacking := self._room.lacks()) is not None:
            lose(Loss.NO_ROOM, lacking)
            return
        try:
            snapshot, file = write_snapshot(drawn, self._files, self._who, evidence)
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
            _log.exception("a snapshot failed", camera=drawn.camera.id)
            lose(Loss.FAILED)

    def _lose(self, of: Decided | Drawn, reason: Loss, why: str = "") -> None:
        self._keeper.lose(EvidenceKind.SNAPSHOT, of.camera, of.shown, reason, why)


def _decoded_bytes(frame: Frame) -> int:
    """As YUV with a quarter of the colour, which cameras send."""
    return frame.picture.width * frame.picture.height * 3 // 2
