"""Renditions on request: one at a time, beside the watching and never in its way."""

import os
import threading
from collections import OrderedDict
from contextlib import suppress

import structlog

from detect import Detections, Detector
from ingest import ClipImpossible
from record.cameras import Camera, CameraUrl, Mask
from record.clock import Clock
from record.errors import NotInScope, RecordError
from record.evidence import Evidence, form_of
from record.evidence_files import EvidenceFiles
from record.frames import Picture
from record.ids import EvidenceId
from record.places import EVERYTHING
from record.store import Store
from wardwatch.evidence_rendition import Making, make_rendition
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.worker_answers import CannotAnswer

MOST_WAITING = 8
DEADLINE_S = 180.0
"""Twenty seconds of clip take three of an idle core."""
FAILED_KEPT = 64
NICE = 5
"""Of the thread: watching goes first, and gets three times as much of a full core (Linux gives each
thread a niceness of its own). More of it, and whoever waits for the clip waits for minutes."""

_log = structlog.get_logger()


class _Stopped(Exception):
    """The worker ends, or the time is over."""


class Renditions:
    """`ask` from any thread; they are made in one of their own."""

    def __init__(
        self,
        files: EvidenceFiles,
        room: EvidenceRoom,
        store: Store,
        detector: Detector | None,
        clock: Clock,
        who: str,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        self._files = files
        self._room = room
        self._store = store
        self._detector = detector
        self._clock = clock
        self._who = who
        self._deadline_s = deadline_s
        self._lock = threading.Lock()
        self._asked = threading.Condition(self._lock)
        self._waiting: OrderedDict[EvidenceId, int] = OrderedDict()
        """With hundredths done; the first one is being made."""
        self._failed: OrderedDict[EvidenceId, CannotAnswer] = OrderedDict()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.made = 0

    @property
    def making(self) -> dict[EvidenceId, int]:
        with self._lock:
            return dict(self._waiting)

    def ask(self, evidence: EvidenceId) -> int:
        """How far it is, in hundredths; 100: it is there. Begins it where nobody has. Raises
        `CannotAnswer`: it failed, which is said once and then tried again; or too many wait."""
        with self._lock:
            if evidence in self._waiting:
                return self._waiting[evidence]
            failed = self._failed.pop(evidence, None)
        if failed is not None:
            raise failed
        try:
            masks = self._known(evidence)[1]
        except NotInScope:
            raise CannotAnswer("no_such_evidence") from None
        if self._files.has_rendition(evidence, form_of(masks)):
            return 100
        with self._lock:
            if len(self._waiting) >= MOST_WAITING:
                raise CannotAnswer("busy", "other clips are being made unreadable; ask again")
            self._waiting.setdefault(evidence, 0)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="renditions", daemon=True)
                self._thread.start()
            self._asked.notify()
        return 0

    def stop(self, within_s: float) -> None:
        with self._lock:
            self._stopping = True
            self._asked.notify()
        if self._thread is not None:
            self._thread.join(within_s)

    def _run(self) -> None:
        with suppress(OSError):  # where threads have no niceness of their own, or it is taken
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        while (evidence := self._next()) is not None:
            failed: CannotAnswer | None = None
            try:
                self._make(evidence)
                self.made += 1
            except _Stopped:
                failed = CannotAnswer("failed", "it took too long to make the clip unreadable")
            except (ClipImpossible, RecordError, OSError) as error:
                _log.warning("no rendition", evidence=evidence, reason=str(error))
                failed = _refusal(error)
            except Exception:  # noqa: BLE001 - the top of a thread: the next one may be had
                _log.exception("rendition failed", evidence=evidence)
                failed = CannotAnswer("failed", "it could not be made unreadable; see the log")
            self._done(evidence, failed)

    def _next(self) -> EvidenceId | None:
        with self._lock:
            self._asked.wait_for(lambda: self._waiting or self._stopping)
            return None if self._stopping else next(iter(self._waiting))

    def _done(self, evidence: EvidenceId, failed: CannotAnswer | None) -> None:
        with self._lock:
            self._waiting.pop(evidence, None)
            if failed is not None:
                self._failed[evidence] = failed
                while len(self._failed) > FAILED_KEPT:
                    self._failed.popitem(last=False)

    def _known(self, evidence: EvidenceId) -> tuple[Evidence, tuple[Mask, ...]]:
        with self._store.read(EVERYTHING) as record:
            found = record.evidence.get(evidence)
            return found, record.evidence.masks(found)

    def _make(self, evidence: EvidenceId) -> None:
        known, masks = self._known(evidence)
        if (lacking := self._room.lacks(known.bytes)) is not None:
            raise OSError(lacking)
        began = self._clock.monotonic()
        until = began + self._deadline_s

        def pause() -> None:
            if self._stopping or self._clock.monotonic() > until:
                raise _Stopped

        def progress(share: float) -> None:
            with self._lock:
                self._waiting[evidence] = min(99, int(share * 100))

        rendition = make_rendition(
            lambda: self._files.reader(evidence),
            Camera(known.camera, known.site, "", CameraUrl("")),
            masks,
            known.begins_at,
            (known.ends_at - known.begins_at).total_seconds(),
            Making(self._detect, pause, progress),
        )
        writer = self._files.rendition_writer(evidence, form_of(masks), self._who)
        try:
            writer.write(rendition)
            written = writer.end()
        except BaseException:
            writer.discard()
            raise
        writer.keep()
        self._room.took(written.sealed_bytes)
        took_s = round(self._clock.monotonic() - began, 1)
        _log.info("rendition made", evidence=evidence, bytes=written.bytes, took_s=took_s)

    def _detect(self, picture: Picture) -> Detections | None:
        """None where it failed: then what nobody has looked at is hidden whole."""
        if self._detector is None:
            return None
        try:
            return self._detector.detect(picture)
        except (RuntimeError, ValueError) as error:  # what ONNX Runtime's own errors derive from
            _log.warning("a look at a clip failed", error=type(error).__name__)
            return None


def _refusal(error: Exception) -> CannotAnswer:
    if isinstance(error, FileNotFoundError):
        return CannotAnswer("missing", "the file of this evidence is not on the disk")
    return CannotAnswer("failed", str(error) if isinstance(error, RecordError) else "")
