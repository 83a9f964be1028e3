"""What workers have left half done: finished or swept when one begins again.

A worker recovers its own folders, and those of workers that do not run any more: there may be fewer
of them than there were. Nothing here raises: one file that cannot be recovered is named, and takes
neither the others nor the evidence to come.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import orjson
import structlog

from ingest import ClipImpossible
from record.errors import CannotOpen
from record.evidence import Evidence, EvidenceKind, Loss, evidence_of
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import EvidenceId
from wardwatch.evidence_halves import mended

CLAIM_AGAIN_S = 0.5
"""While another process of our name is still ending."""

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
                if isinstance(error, CannotOpen) and error.reason == CannotOpen.ANOTHER_KEY:
                    raise  # the key may be put back until the next begin
                lost = [moment.breach for moment in noted.moments]
                _log.error("a clip is lost", evidence=evidence, breaches=lost, why=str(error))
                self.files.forget_note(evidence, who)
                return
        if who != self.who or noted.kind is not EvidenceKind.CLIP:
            self.files.forget_note(evidence, who)

    def _keep_half(self, who: str, noted: Evidence) -> None:
        """A shorter clip: what of it lies in whole chunks and can be played."""
        clip, file = mended(self.files, who, self.who, noted, Loss.INTERRUPTED)
        self.keep(clip, file)
        length = clip.ends_at - clip.begins_at
        _log.warning("a clip cut short is kept", evidence=clip.id, length=str(length))
