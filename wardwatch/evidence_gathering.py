"""A clip under way: drawn from a camera's ring into sealed files, a few pictures at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import orjson
import structlog

from ingest import ClipImpossible, ClipWriter, KeptPacket, segments
from record.cameras import Camera
from record.errors import CannotOpen, KeyUnusable
from record.evidence import AFTER, BEFORE, Evidence, EvidenceKind, Loss, Moment, evidence_data
from record.evidence_files import EvidenceFiles, SealedWriter, Written
from record.ids import BreachId, EvidenceId
from wardwatch.evidence_halves import SLACK, mended

__all__ = ["AFTER", "BEFORE", "LATE", "LONGEST", "Finished", "Gathering", "Shown"]

LONGEST = timedelta(seconds=60)
"""Of one clip, however many breaches follow each other: then another one begins."""
LATE = timedelta(seconds=4)
"""So long after its end a clip waits for pictures of a camera that has fallen silent."""
MOST_PARTS = 8
"""Of one clip: a stream that breaks more often shows little anyway."""

_log = structlog.get_logger()


class Ring(Protocol):
    """`ingest.PacketRing`, as far as it is needed here."""

    def cut(self, at: datetime) -> tuple[KeptPacket, ...]: ...
    def after(self, number: int) -> tuple[KeptPacket, ...]: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A breach, and the moment at which it happened."""

    breach: BreachId
    at: datetime


@dataclass(slots=True)
class _Part:
    id: EvidenceId
    file: SealedWriter
    clip: ClipWriter
    last: KeptPacket
    gap_ms: int
    """Since the part before."""


@dataclass(frozen=True, slots=True)
class Finished:
    """Sealed, and to be kept as soon as it is noted down."""

    evidence: Evidence
    file: SealedWriter


@dataclass(slots=True)
class Gathering:
    """`drain` every second or so until `over`, then `finish`; where either raises, `salvage`. In
    the end `abandon`: what was not kept by then is gone. One thread.

    Raises OSError when the disk does not take it, `KeyUnusable` when there is no key.
    """

    camera: Camera
    ring: Ring
    files: EvidenceFiles
    who: str
    new_id: Callable[[], str]
    shown: list[Shown]
    """In the order of their coming; the first one began it."""
    begun: float
    """Monotonic seconds."""
    id: EvidenceId = field(init=False)
    """Of its first part."""
    kept: set[BreachId] = field(default_factory=set)
    """Breaches that a part which is kept shows; for who keeps them."""
    _parts: list[_Part] = field(default_factory=list)
    _writing: bool = False
    """Whether the last part is still written to."""
    _seen: int = -1
    """Number of the last picture taken from the ring; -1: none yet."""
    _noted: tuple[int, int] = (0, 0)
    """How many parts and breaches are noted down."""
    _complete: bool = False
    """A picture from after the end has come."""

    def __post_init__(self) -> None:
        self.id = EvidenceId(self.new_id())

    @property
    def begins_at(self) -> datetime:
        """Wished for; the keyframe may lie before."""
        return self.shown[0].at - BEFORE

    @property
    def ends_at(self) -> datetime:
        return max(shown.at for shown in self.shown) + AFTER

    @property
    def complete(self) -> bool:
        """Nothing more is added to it."""
        return self._complete

    @property
    def bytes(self) -> int:
        return sum(part.file.length for part in self._parts)

    def takes(self, shown: Shown) -> bool:
        """Whether the breach lies in this clip, or right after, and was taken in."""
        near = self.begins_at <= shown.at <= self.ends_at
        if self._complete or not near or shown.at + AFTER - self.begins_at > LONGEST:
            return False
        last = self._parts[-1].last.at if self._parts else None
        to_come = last is None or shown.at > last
        if not to_come and not self._holds(shown.at):
            return False
        self.shown.append(shown)
        return True

    @property
    def missed(self) -> tuple[Shown, ...]:
        """Breaches taken in whose moment the camera then did not send; the one that began it is
        never among them: what came before or after is all that there is of it."""
        return tuple(one for one in self.shown[1:] if not self._holds(one.at))

    def _holds(self, at: datetime) -> bool:
        return any(
            part.clip.begins_at - SLACK <= at <= part.last.at + SLACK for part in self._parts
        )

    def over(self, now: datetime, monotonic: float) -> bool:
        """By either clock: one that is set back would let it grow until it is caught up."""
        left = self.ends_at - self.shown[0].at + LATE
        late = now > self.ends_at + LATE or monotonic - self.begun > left.total_seconds()
        return self._complete or late

    def drain(self) -> None:
        """Take what has come since the last time."""
        fresh = self.ring.cut(self.begins_at) if self._seen < 0 else self.ring.after(self._seen)
        ends_at = self.ends_at
        wanted = [one for one in fresh if one.at <= ends_at]
        if fresh:
            self._seen = fresh[-1].number
            self._complete = len(wanted) < len(fresh)
        for run in segments(wanted):
            self._take(run)
        if self._noted != (now := (len(self._parts), len(self.shown))):
            self._note()
            self._noted = now

    def finish(self, cut: Loss | None = None) -> list[Finished]:
        """Seal what there is; nothing when the camera sent nothing that can be kept. `cut`: why it
        is ended now, if it is not over."""
        cut = cut if not self._complete else None
        if self._parts and not self._complete and self._silent:
            cut = cut or Loss.NO_PICTURES
        self._end_part()
        self._complete = True
        missed = self.missed
        held = [one for one in self.shown if one not in missed]
        finished = [
            Finished(self._evidence(number, part, part.file.end(), held), part.file)
            for number, part in enumerate(self._parts, 1)
        ]
        return _with_cut(finished, cut)

    def salvage(self, cut: Loss) -> list[Finished]:
        """After an error: what of each part lies whole on the disk, and can be played."""
        self._complete = True
        finished = []
        for number, part in enumerate(self._parts, 1):
            part.clip.abandon()
            part.file.close()
            noted = self._evidence(number, part, Written(0, 0, "", ""), self.shown)
            try:
                finished.append(Finished(*mended(self.files, self.who, self.who, noted, cut)))
            except (ClipImpossible, CannotOpen, KeyUnusable, OSError) as error:
                reason = str(error)
                _log.warning("nothing of a clip is left", evidence=part.id, reason=reason)
        return finished

    def abandon(self) -> None:
        """Leave nothing of it. Never raises."""
        for part in self._parts:
            part.clip.abandon()
            try:
                part.file.discard()
                if not self.files.is_kept(part.id):
                    self.files.forget_note(part.id, self.who)
            except OSError as error:
                # Whoever begins under our name next sweeps it.
                _log.error("half a clip is left behind", evidence=part.id, why=error.strerror)
        self._parts.clear()
        self._writing = False

    @property
    def _silent(self) -> bool:
        """Pictures have come no further than a good while before its end."""
        return self._parts[-1].last.at < self.ends_at - SLACK

    def _note(self) -> None:
        """What a worker after this one needs to know to keep as much as there is."""
        for number, part in enumerate(self._parts, 1):
            so_far = self._evidence(number, part, Written(part.file.length, 0, "", ""), self.shown)
            self.files.note(part.id, self.who, orjson.dumps(evidence_data(so_far)))

    def _take(self, run: list[KeptPacket]) -> None:
        """Pictures that one decoder can follow."""
        last = self._parts[-1].last if self._parts else None
        follows = last is not None and last.segment == run[0].segment
        if self._writing and follows and last is not None and run[0].number == last.number + 1:
            self._go_on(run)
            return
        self._end_part()
        first = next((n for n, one in enumerate(run) if one.packet.keyframe), None)
        if first is not None and len(self._parts) < MOST_PARTS:
            self._begin_part(run[first:], last)

    def _go_on(self, run: list[KeptPacket]) -> None:
        part = self._parts[-1]
        try:
            for one in run:
                part.clip.add(one)
                part.last = one
        except ClipImpossible as error:
            # What is in it already can be played; another part begins with the next keyframe.
            _log.warning("clip broken off", camera=self.camera.id, reason=str(error))
            self._end_part()

    def _begin_part(self, run: list[KeptPacket], last: KeptPacket | None) -> None:
        evidence = EvidenceId(self.new_id()) if self._parts else self.id
        file = self.files.writer(evidence, self.who)
        try:
            clip = ClipWriter(file, run)
        except ClipImpossible as error:
            file.discard()
            _log.warning("no clip", camera=self.camera.id, reason=str(error))
            return
        except BaseException:
            file.discard()
            raise
        gap = timedelta() if last is None else max(run[0].at - last.at, timedelta())
        self._parts.append(_Part(evidence, file, clip, run[-1], _ms(gap)))
        self._writing = True

    def _end_part(self) -> None:
        if self._writing:
            self._writing = False
            try:
                self._parts[-1].clip.finish()
            except ClipImpossible as error:
                _log.warning("clip without its end", camera=self.camera.id, reason=str(error))

    def _evidence(
        self, number: int, part: _Part, written: Written, shown: Sequence[Shown]
    ) -> Evidence:
        clip = part.clip
        begins_at = clip.begins_at
        return Evidence(
            id=part.id,
            kind=EvidenceKind.CLIP,
            camera=self.camera.id,
            site=self.camera.site,
            begins_at=begins_at,
            ends_at=begins_at + timedelta(seconds=clip.length_s),
            media=clip.form.media,
            codec=clip.form.codec,
            width=clip.form.width,
            height=clip.form.height,
            part=number,
            gap_ms=part.gap_ms,
            bytes=written.bytes,
            sealed_bytes=written.sealed_bytes,
            sha256=written.sha256,
            sealed_sha256=written.sealed_sha256,
            moments=tuple(
                Moment(one.breach, _ms(one.at - begins_at)) for one in sorted(shown, key=_at)
            ),
        )


def _with_cut(finished: list[Finished], cut: Loss | None) -> list[Finished]:
    """Where it is cut is the end of the last part."""
    if finished and cut is not None:
        last = finished[-1]
        finished[-1] = replace(last, evidence=replace(last.evidence, cut=cut))
    return finished


def _at(shown: Shown) -> datetime:
    return shown.at


def _ms(length: timedelta) -> int:
    return round(length.total_seconds() * 1000)
