"""What is kept of breaches, and what is lost, told to the record.

A file lies in its place before the record tells of it, and what the record is to be told is noted
down before that. Of whatever cannot be kept the record is told, too: nobody waits for it in vain.
"""

import errno
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import orjson
import structlog

from record.cameras import Camera
from record.clock import Clock
from record.errors import CannotOpen, KeyUnusable
from record.evidence import Evidence, EvidenceKind, Loss, Lost, evidence_data, lost
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import EvidenceId, new_id
from record.store import Writing
from wardwatch.evidence_gathering import AFTER, LATE, LONGEST, Shown
from wardwatch.evidence_room import EvidenceRoom
from wardwatch.worker_parts import WorkerHost
from wardwatch.worker_writer import Job

SETTLED_AFTER = LONGEST + AFTER + LATE + timedelta(minutes=1)
"""After its breach was recorded a clip is in the record, or nobody gathers it any more."""

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

_log = structlog.get_logger()


def loss_by(error: Exception) -> Loss:
    """What became of evidence at whose writing `error` came up."""
    if isinstance(error, (KeyUnusable, CannotOpen)):
        return Loss.NO_KEY
    if isinstance(error, OSError):
        return Loss.NO_ROOM if error.errno in _FULL else Loss.DISK_FAILED
    return Loss.FAILED


class Keeper:
    """Any thread, once `begin` was called."""

    def __init__(self, files: EvidenceFiles, room: EvidenceRoom, clock: Clock, who: str) -> None:
        self._files = files
        self._room = room
        self._clock = clock
        self._who = who
        self._host: WorkerHost | None = None

    def begin(self, host: WorkerHost) -> None:
        self._host = host

    def keep(self, evidence: Evidence, file: SealedWriter) -> None:
        """Put `file` in its place and tell the record. Raises OSError."""
        self._files.note(evidence.id, self._who, orjson.dumps(evidence_data(evidence)))
        file.keep()
        self._room.took(evidence.sealed_bytes)
        self.tell(evidence, self._who)
        _log.info(
            "evidence kept",
            evidence=evidence.id,
            kind=evidence.kind.value,
            camera=evidence.camera,
            bytes=evidence.bytes,
            cut=evidence.cut,
        )

    def tell(self, evidence: Evidence, noted_by: str) -> None:
        """The record, of what lies in its place."""

        def write(record: Writing) -> None:
            if not record.evidence.known(evidence.id):
                record.evidence.add(evidence)

        def done() -> None:
            self._files.forget_note(evidence.id, noted_by)

        self._put(Job("evidence", write, done))

    def lose(
        self,
        kind: EvidenceKind,
        camera: Camera,
        breaches: Iterable[Shown],
        reason: Loss,
        why: str = "",
    ) -> None:
        """The record is told that there is none of them. `why` is for the log."""
        at = self._clock.now()
        for shown in breaches:
            _log.error(
                "evidence lost",
                kind=kind.value,
                camera=camera.id,
                breach=shown.breach,
                reason=reason.value,
                why=why,
            )
            gone = lost(
                EvidenceId(new_id()),
                kind,
                camera.id,
                camera.site,
                shown.breach,
                shown.at,
                reason,
            )
            self._put(Job("evidence lost", partial(_losing, gone, at)))

    def settle(self) -> None:
        """Have it said of what nobody accounts for that it is lost."""
        now = self._clock.now()

        def write(record: Writing) -> None:
            count = record.evidence.settle(now - SETTLED_AFTER, now)
            if count:
                _log.error("evidence that nobody kept is lost", count=count)

        self._put(Job("evidence settled", write))

    def _put(self, job: Job) -> None:
        if self._host is not None:
            self._host.write(job)


def _losing(gone: Lost, at: datetime, record: Writing) -> None:
    record.evidence.lose(gone, at)
