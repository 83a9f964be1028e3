"""Evidence: what is kept of each breach, as far as a scope reaches."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select

from record.cameras import Mask
from record.errors import NotInScope
from record.events import EventType, NewEvent, StoredEvent
from record.evidence import Evidence, EvidenceKind, Moment, evidence_data
from record.ids import BreachId, CameraId, EvidenceId, SiteId, UnitId
from record.payloads import masks_of
from record.store.reach import Reach
from record.store.rows import BreachRow, EvidenceMomentRow, EvidenceRow, SiteRow
from record.store.transaction import Recording, Transaction


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
        known = self._tx.row(
            select(BreachRow.id)
            .join(SiteRow, SiteRow.id == BreachRow.site)
            .where(BreachRow.id == breach, self._reach.within(SiteRow.unit, BreachRow.site))
        )
        if known is None:
            raise NotInScope("breach", breach)
        rows = self._tx.rows(
            select(EvidenceRow)
            .join(EvidenceMomentRow, EvidenceMomentRow.evidence == EvidenceRow.id)
            .where(EvidenceMomentRow.breach == breach)
        )
        return tuple(sorted(self._named(rows), key=_in_order))

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
    )
