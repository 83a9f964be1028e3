"""Evidence: what is kept of each breach, as far as a scope reaches."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile

from sqlalchemy import select

from record.cameras import Mask
from record.envelope import data_of, recorded_at
from record.errors import NotInScope
from record.events import EventType, NewEvent, StoredEvent
from record.evidence import (
    BY_THE_CLOCK,
    Evidence,
    EvidenceKind,
    Loss,
    Lost,
    Moment,
    evidence_data,
    lost,
    lost_data,
)
from record.ids import BreachId, CameraId, EvidenceId, SiteId, UnitId, new_id
from record.payloads import masks_of
from record.store.log import WritableLog
from record.store.reach import Reach
from record.store.rows import (
    BreachRow,
    EvidenceLostRow,
    EvidenceMomentRow,
    EvidenceRow,
    SiteRow,
)
from record.store.transaction import Recording, Transaction

CURSOR = "evidence"
"""Of the log: up to where every breach has its evidence, or is said to have none."""
BATCH = 200
"""Breaches that one call of `settle` looks at."""


class EvidenceKept:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)

    def get(self, evidence: EvidenceId) -> Evidence:
        """Raises `NotInScope`."""
        found = self._named(
            self._tx.rows(
                select(EvidenceRow)
                .join(SiteRow, SiteRow.id == EvidenceRow.site)
                .where(
                    EvidenceRow.id == evidence, self._reach.within(SiteRow.unit, EvidenceRow.site)
                )
            )
        )
        if not found:
            raise NotInScope("evidence", evidence)
        return found[0]

    def known(self, evidence: EvidenceId) -> bool:
        """Whether the record has it, wherever it is; for those who keep the files."""
        return self._tx.row(select(EvidenceRow.id).where(EvidenceRow.id == evidence)) is not None

    def masks(self, evidence: Evidence) -> tuple[Mask, ...]:
        """Of its camera, as they are drawn now or were when it was removed. Raises `NotInScope`."""
        return masks_of(self._reach.camera(evidence.camera, removed=True).drawing)

    def of(self, breach: BreachId) -> tuple[Evidence, ...]:
        """In the order of time, the snapshot first. Raises `NotInScope` for the breach."""
        self._check(breach)
        rows = self._tx.rows(
            select(EvidenceRow)
            .join(EvidenceMomentRow, EvidenceMomentRow.evidence == EvidenceRow.id)
            .where(EvidenceMomentRow.breach == breach)
        )
        return tuple(sorted(self._named(rows), key=_in_order))

    def lost_of(self, breach: BreachId) -> tuple[Lost, ...]:
        """What there is none of, the snapshot first; what came after all is not in it. Raises
        `NotInScope`."""
        self._check(breach)
        kept = (
            select(EvidenceRow.kind)
            .join(EvidenceMomentRow, EvidenceMomentRow.evidence == EvidenceRow.id)
            .where(EvidenceMomentRow.breach == breach)
        )
        rows = self._tx.rows(
            select(EvidenceLostRow)
            .where(EvidenceLostRow.breach == breach, EvidenceLostRow.kind.not_in(kept))
            .order_by(EvidenceLostRow.kind.desc())
        )
        return tuple(_lost(row) for row in rows)

    def lost(self, evidence: EvidenceId) -> Lost:
        """Raises `NotInScope`."""
        row = self._tx.row(
            select(EvidenceLostRow)
            .join(SiteRow, SiteRow.id == EvidenceLostRow.site)
            .where(
                EvidenceLostRow.id == evidence,
                self._reach.within(SiteRow.unit, EvidenceLostRow.site),
            )
        )
        if row is None:
            raise NotInScope("evidence", evidence)
        return _lost(row)

    def _check(self, breach: BreachId) -> None:
        known = self._tx.row(
            select(BreachRow.id)
            .join(SiteRow, SiteRow.id == BreachRow.site)
            .where(BreachRow.id == breach, self._reach.within(SiteRow.unit, BreachRow.site))
        )
        if known is None:
            raise NotInScope("breach", breach)

    def _named(self, rows: Sequence[EvidenceRow]) -> Sequence[Evidence]:
        moments: dict[str, list[EvidenceMomentRow]] = defaultdict(list)
        for moment in self._tx.rows(
            select(EvidenceMomentRow)
            .where(EvidenceMomentRow.evidence.in_([row.id for row in rows]))
            .order_by(EvidenceMomentRow.offset_ms, EvidenceMomentRow.breach)
        ):
            moments[moment.evidence].append(moment)
        return [_evidence(row, moments[row.id]) for row in rows]


class WritableEvidence(EvidenceKept):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def add(self, evidence: Evidence) -> StoredEvent:
        """It lies whole on the disk. Raises `NotInScope`."""
        self._reach.camera(evidence.camera, removed=True)
        site = self._reach.site(evidence.site)
        first = evidence.moments[0].breach
        return self._recording.append(
            NewEvent(
                EventType.EVIDENCE_WRITTEN,
                evidence.ends_at,
                first,
                evidence.site,
                UnitId(site.unit),
                evidence_data(evidence),
            )
        )

    def lose(self, gone: Lost, at: datetime) -> StoredEvent:
        """There is none and there will be none, as is known at `at`. Raises `NotInScope`."""
        self._reach.camera(gone.camera, removed=True)
        unit = UnitId(self._reach.site(gone.site).unit)
        data = lost_data(gone)
        return self._recording.append(
            NewEvent(EventType.EVIDENCE_LOST, at, gone.breach, gone.site, unit, data)
        )

    def settle(self, recorded_before: datetime, at: datetime) -> int:
        """Say of breaches that were recorded before then, and that nobody has accounted for, that
        their evidence is lost: whoever was to keep it is no more. How many there were.

        Goes along the log by a cursor, `BATCH` breaches at most; what is older than the first call
        is not judged: it may be of a time before evidence was kept.
        """
        log = WritableLog(self._recording)
        since, last = log.cursor(CURSOR), log.last()
        if since is None:
            log.advance(CURSOR, last)
            return 0
        opened = log.after(since, BATCH, types={EventType.BREACH_OPENED})
        old = [*takewhile(lambda event: recorded_at(event) < recorded_before, opened)]
        missing = list(self._unaccounted(old))
        for gone in missing:
            self.lose(gone, at)
        if len(old) == len(opened) < BATCH:
            log.advance(CURSOR, last)
        elif old:
            log.advance(CURSOR, old[-1].position)
        return len(missing)

    def _unaccounted(self, opened: Sequence[StoredEvent]) -> Iterator[Lost]:
        breaches = [event.subject for event in opened]
        moment, gone = EvidenceMomentRow, EvidenceLostRow
        kept = self._tx.tuples(
            select(moment.breach, EvidenceRow.kind)
            .join(EvidenceRow, EvidenceRow.id == moment.evidence)
            .where(moment.breach.in_(breaches))
        )
        told = self._tx.tuples(select(gone.breach, gone.kind).where(gone.breach.in_(breaches)))
        known = {(breach, kind) for breach, kind in (*kept, *told)}
        for event in opened:
            if event.camera is None or event.site is None:
                continue  # by hand
            by_the_clock = data_of(event)["kind"] in BY_THE_CLOCK
            for kind in EvidenceKind:
                seen = (event.subject, kind.value) in known
                if not seen and not (by_the_clock and kind is EvidenceKind.SNAPSHOT):
                    yield lost(
                        EvidenceId(new_id()),
                        kind,
                        CameraId(event.camera),
                        event.site,
                        BreachId(event.subject),
                        event.time,
                        Loss.INTERRUPTED,
                    )


def ids_by_breach(tx: Transaction, breaches: Iterable[str]) -> Mapping[str, tuple[EvidenceId, ...]]:
    """Of breaches that the caller has found in scope."""
    rows = tx.tuples(
        select(EvidenceMomentRow.breach, EvidenceMomentRow.evidence)
        .where(EvidenceMomentRow.breach.in_(sorted(breaches)))
        .order_by(EvidenceMomentRow.evidence)
    )
    found: dict[str, tuple[EvidenceId, ...]] = defaultdict(tuple)
    for breach, evidence in rows:
        found[breach] += (EvidenceId(evidence),)
    return found


def _in_order(evidence: Evidence) -> tuple[bool, object, int, str]:
    clip = evidence.kind is EvidenceKind.CLIP
    return clip, evidence.begins_at, evidence.part, evidence.id


def _evidence(row: EvidenceRow, moments: Sequence[EvidenceMomentRow]) -> Evidence:
    return Evidence(
        id=EvidenceId(row.id),
        kind=EvidenceKind(row.kind),
        camera=CameraId(row.camera),
        site=SiteId(row.site),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        media=row.media,
        codec=row.codec,
        width=row.width,
        height=row.height,
        part=row.part,
        gap_ms=row.gap_ms,
        bytes=row.bytes,
        sealed_bytes=row.sealed_bytes,
        sha256=row.sha256,
        sealed_sha256=row.sealed_sha256,
        moments=tuple(Moment(BreachId(one.breach), one.offset_ms) for one in moments),
        cut=Loss(row.cut) if row.cut else None,
    )


def _lost(row: EvidenceLostRow) -> Lost:
    return Lost(
        id=EvidenceId(row.id),
        kind=EvidenceKind(row.kind),
        camera=CameraId(row.camera),
        site=SiteId(row.site),
        breach=BreachId(row.breach),
        begins_at=row.begins_at,
        ends_at=row.ends_at,
        offset_ms=row.offset_ms,
        reason=Loss(row.reason),
    )
