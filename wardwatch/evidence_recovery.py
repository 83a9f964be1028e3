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

from record.evidence import Evidence, evidence_of
from record.evidence_files import EvidenceFiles
from record.ids import EvidenceId

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
        for evidence, size in self.files.sweep(who).items():
            _log.warning("half-written evidence swept", evidence=evidence, bytes=size)
        for evidence, told in self.files.notes(who).items():
            try:
                self._recover_one(who, evidence, told)
            except Exception:  # noqa: BLE001 - others wait for it
                _log.exception("evidence that cannot be told of", evidence=evidence, who=who)

    def _recover_one(self, who: str, evidence: EvidenceId, told: bytes) -> None:
        if self.files.is_kept(evidence):
            self.tell(evidence_of(orjson.loads(told)), who)
            _log.info("evidence told of after a restart", evidence=evidence)
        else:
            self.files.forget_note(evidence, who)
