"""Evidence as JSON."""

from typing import Literal

from pydantic import Field

from api.schemas.base import Answer, Moment
from record.evidence import Evidence as DomainEvidence
from record.evidence import EvidenceKind, Loss, Lost
from record.ids import BreachId
from record.messages import Gathered

EvidenceState = Literal["writing", "sealed", "making", "ready", "missing", "locked", "lost"]


class Evidence(Answer):
    id: str
    kind: EvidenceKind
    state: EvidenceState = Field(
        description="`writing`: the clip is still being gathered; `sealed`: kept, its unreadable "
        "rendition is made when somebody asks; `making`: being made; `ready`: it can be fetched; "
        "`missing`: the record knows of it, the disk has lost it; `locked`: it is there, and the "
        "key that opens it is not; `lost`: nothing of it could be kept, and `loss` says why"
    )
    loss: Loss | None = Field(
        description="Why it is `lost`, or why a clip ends before it should: `no_room`, "
        "`disk_failed`, `no_key`, `no_pictures` (the camera sent none that can be kept), "
        "`too_many` at once, `interrupted` (a kill, a power cut), `stopped` or `failed`"
    )
    done_pct: int | None = Field(description="How far the rendition is, while `making`")
    camera: str
    begins_at: Moment = Field(description="Of what is `lost`: when it would have begun")
    ends_at: Moment
    offset_ms: int = Field(description="From its beginning to the moment of this breach")
    part: int = Field(description="From 1: a clip is in parts where the stream broke or changed")
    gap_ms: int = Field(description="What is missing since the part before")
    media: str = Field(description="Media type of what `GET /evidence/{id}` answers")
    codec: str | None = Field(description="Of what the camera sent; null: not known yet")
    width: int | None
    height: int | None
    bytes: int | None = Field(description="Of the original; null while it is written")
    sha256: str | None = Field(description="Of the original")

    @classmethod
    def of(
        cls,
        evidence: DomainEvidence,
        breach: BreachId,
        state: EvidenceState,
        done_pct: int | None,
    ) -> "Evidence":
        moment = next(one for one in evidence.moments if one.breach == breach)
        return cls(
            id=evidence.id,
            kind=evidence.kind,
            state=state,
            loss=evidence.cut,
            done_pct=done_pct,
            camera=evidence.camera,
            begins_at=evidence.begins_at,
            ends_at=evidence.ends_at,
            offset_ms=moment.offset_ms,
            part=evidence.part,
            gap_ms=evidence.gap_ms,
            media=shown_as(evidence.kind),
            codec=evidence.codec,
            width=evidence.width,
            height=evidence.height,
            bytes=evidence.bytes,
            sha256=evidence.sha256,
        )

    @classmethod
    def under_way(cls, gathered: Gathered) -> "Evidence":
        return cls._without_file(gathered.evidence, gathered, "writing", None)

    @classmethod
    def gone(cls, lost: Lost) -> "Evidence":
        return cls._without_file(lost.id, lost, "lost", lost.reason)

    @classmethod
    def _without_file(
        cls, name: str, known: Gathered | Lost, state: EvidenceState, loss: Loss | None
    ) -> "Evidence":
        return cls(
            id=name,
            kind=known.kind,
            state=state,
            loss=loss,
            done_pct=None,
            camera=known.camera,
            begins_at=known.begins_at,
            ends_at=known.ends_at,
            offset_ms=known.offset_ms,
            part=1,
            gap_ms=0,
            media=shown_as(known.kind),
            codec=None,
            width=None,
            height=None,
            bytes=None,
            sha256=None,
        )


class EvidenceList(Answer):
    items: list[Evidence] = Field(
        description="The snapshot first, then clips in order of time, then what is lost"
    )


class RenditionPending(Answer):
    """202: it is being made unreadable; come back after `Retry-After`."""

    state: Literal["making"] = "making"
    done_pct: int
    retry_after: int = Field(description="Seconds")


def shown_as(kind: EvidenceKind) -> str:
    return "image/jpeg" if kind is EvidenceKind.SNAPSHOT else "video/mp4"
