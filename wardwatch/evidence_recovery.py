"""What workers have left half done: finished or swept when one begins again.

A worker recovers its own folders, and those of workers that do not run any more: there may be fewer
of them than there were. Nothing here raises: one file that cannot be recovered is named, and takes
neither the others nor the evidence to come.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import BinaryIO

import orjson
import structlog

from ingest import ClipImpossible, cut_clip
from record.errors import CannotOpen
from record.evidence import Evidence, EvidenceKind, evidence_of
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import EvidenceId

CLAIM_AGAIN_S = 0.5
"""While another process of our name is still ending."""
SLACK_S = 1.0
"""A moment so shortly past what is left of a clip is in it, as in `evidence_gathering`."""

_log = structlog.get_logger()


@dataclass(slots=True)
class Recovery:
    """`begin`, and `end` when nothing more is written. One thread."""

    files: EvidenceFiles
    who: str
    tell: Callable[[Evidence, str], None]
    """The record, of what is kept; whose note is to be forgotten then."""
    keep: Callable[[Evidence, SealedWriter], None]
    """What is whole now, in our own name, and tell the record."""
    _held: BinaryIO | None = field(default=None, init=False)

    def begin(self, stopping: threading.Event) -> None:
        """Returns once no other process writes under our name, and all is recovered."""
        try:
            while (held := self.files.claim(self.who)) is None:
                _log.warning("another process of this name still keeps evidence", who=self.who)
                if stopping.wait(CLAIM_AGAIN_S):
                    return
            self._held = held
            self._recover(self.who)
            for who in self.files.owners():
                if who != self.who:
                    self._recover_dead(who)
        except OSError as error:
            _log.error("evidence left behind cannot be recovered", why=error.strerror)
        except Exception:  # noqa: BLE001 - the evidence to come must not wait for what was
            _log.exception("evidence left behind cannot be recovered")

    def end(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None

    def _recover_dead(self, who: str) -> None:
        held = self.files.claim(who)
        if held is not None:
            with held:
                self._recover(who)

    def _recover(self, who: str) -> None:
        for path in self.files.strays(who):
            _log.warning("no evidence, and passed over", path=str(path))
        failed = set()
        for evidence, told in self.files.notes(who).items():
            try:
                self._recover_one(who, evidence, told)
            except Exception:  # noqa: BLE001 - others wait for it; the next begin tries again
                _log.exception("evidence that cannot be told of", evidence=evidence, who=who)
                failed.add(evidence)
        for evidence, size in self.files.sweep(who, spare=failed).items():
            _log.warning("half-written evidence swept", evidence=evidence, bytes=size)

    def _recover_one(self, who: str, evidence: EvidenceId, told: bytes) -> None:
        noted = evidence_of(orjson.loads(told))
        if self.files.is_kept(evidence):
            self.tell(noted, who)
            _log.info("evidence told of after a restart", evidence=evidence)
            return
        if noted.kind is EvidenceKind.CLIP:
            try:
                self._keep_half(who, noted)
            except (ClipImpossible, CannotOpen, FileNotFoundError) as error:
                lost = [moment.breach for moment in noted.moments]
                _log.error("a clip is lost", evidence=evidence, breaches=lost, why=str(error))
                self.files.forget_note(evidence, who)
                return
        if who != self.who or noted.kind is not EvidenceKind.CLIP:
            self.files.forget_note(evidence, who)

    def _keep_half(self, who: str, noted: Evidence) -> None:
        """A shorter clip: what of it lies in whole chunks and can be played."""
        plain, length_s = cut_clip(self.files.half(noted.id, who))
        file = self.files.writer(noted.id, self.who)
        try:
            file.write(plain)
            written = file.end()
        except BaseException:
            file.close()
            raise
        most_ms = round((length_s + SLACK_S) * 1000)
        held = tuple(moment for moment in noted.moments if moment.offset_ms <= most_ms)
        clip = replace(
            noted,
            moments=held or noted.moments[:1],
            ends_at=noted.begins_at + timedelta(seconds=length_s),
            bytes=written.bytes,
            sealed_bytes=written.sealed_bytes,
            sha256=written.sha256,
            sealed_sha256=written.sealed_sha256,
        )
        self.keep(clip, file)
        _log.warning("a clip cut short is kept", evidence=noted.id, seconds=round(length_s, 1))
