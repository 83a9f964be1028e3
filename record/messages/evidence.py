"""Evidence: what a worker is gathering, and renditions that it makes on request."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from record.evidence import EvidenceKind
from record.messages.base import Ask, Reply


class AskEvidence(Ask):
    """API → worker: what of this breach is still being gathered or made unreadable?"""

    type: Literal["ask_evidence"] = "ask_evidence"
    breach: str


class Gathered(BaseModel):
    """Evidence that is not in the record yet."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    evidence: str
    kind: EvidenceKind
    camera: str
    begins_at: datetime
    ends_at: datetime
    """As far as is known: another breach may prolong it."""
    offset_ms: int


class EvidenceNow(Reply):
    """Worker → API: the answer."""

    type: Literal["evidence_now"] = "evidence_now"
    gathered: tuple[Gathered, ...] = ()
    making: dict[str, int] = Field(default_factory=dict)
    """Evidence whose rendition is being made or waits for its turn, and how far it is in
    hundredths; of all breaches."""


class AskRendition(Ask):
    """API → worker: make it unreadable for showing, unless that is done or under way."""

    type: Literal["ask_rendition"] = "ask_rendition"
    evidence: str


class RenditionMaking(Reply):
    """Worker → API: it is being made; or is there, `done_pct` 100."""

    type: Literal["rendition_making"] = "rendition_making"
    evidence: str
    done_pct: int = Field(ge=0, le=100)
    again_in_s: int = Field(ge=0)
    """When to ask again."""
