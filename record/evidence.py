"""Evidence of a breach: a picture of the moment that decided, and what came before and after.

What is kept lies sealed in files of its own; the record knows what it is, how long, and by its
digests that it is still the same. Values only; `record.evidence_files` reads and writes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from record.cameras import Mask
from record.events import Json
from record.ids import BreachId, CameraId, EvidenceId, SiteId
from record.moments import parse, stamp
from record.orders import RuleKind


class EvidenceKind(StrEnum):
    SNAPSHOT = "snapshot"
    """The moment that decided, unreadable from the beginning: nothing readable of it is kept."""
    CLIP = "clip"
    """As the camera sent it, from ten seconds before to ten seconds after."""


class Loss(StrEnum):
    """Why nothing of a piece of evidence was kept, or why a clip ends before it should."""

    NO_ROOM = "no_room"
    """The disk is full, or evidence has all the room that the settings let it have."""
    DISK_FAILED = "disk_failed"
    """The disk did not take it for another reason."""
    NO_KEY = "no_key"
    """There is no usable key to seal it with, and open it does not lie anywhere."""
    NO_PICTURES = "no_pictures"
    """The camera sent none in that time, or none that can be kept."""
    TOO_MANY = "too_many"
    """More was to be kept at once than this node can."""
    INTERRUPTED = "interrupted"
    """The program was killed or the power was cut."""
    STOPPED = "stopped"
    """The program was stopped, or the camera was taken from it."""
    FAILED = "failed"
    """By a defect; the program's log says which."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a breach lies in a piece of evidence."""

    breach: BreachId
    offset_ms: int
    """From the beginning of the evidence; under 0 or past its end where it shows only what came
    after or before."""


@dataclass(frozen=True, slots=True)
class Evidence:
    id: EvidenceId
    kind: EvidenceKind
    camera: CameraId
    site: SiteId
    begins_at: datetime
    ends_at: datetime
    media: str
    """Its media type: `image/jpeg` or `video/mp4`."""
    codec: str
    """FFmpeg's name of it, such as `hevc`."""
    width: int
    height: int
    part: int
    """From 1: a clip is in several where the stream broke, or changed its codec or size."""
    gap_ms: int
    """What is missing between the part before and this one."""
    bytes: int
    sealed_bytes: int
    sha256: str
    """Of the plain bytes, hexadecimal."""
    sealed_sha256: str
    """Of the file as it lies on the disk."""
    moments: tuple[Moment, ...]
    """The breaches it shows, in the order of their opening; at least one."""
    cut: Loss | None = None
    """Why it ends before it should; None: it does not."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Evidence that there is none of, for one breach."""

    id: EvidenceId
    """What it would have had, or had while it was written."""
    kind: EvidenceKind
    camera: CameraId
    site: SiteId
    breach: BreachId
    begins_at: datetime
    """Of what it would have shown."""
    ends_at: datetime
    offset_ms: int
    """From there to the breach."""
    reason: Loss


BY_THE_CLOCK = frozenset({RuleKind.CAMERA_OFFLINE, RuleKind.CAMERA_TAMPERED})
"""No picture decides these, so there is none of the moment that did: they have no snapshot."""

BEFORE = timedelta(seconds=10)
AFTER = timedelta(seconds=10)
"""What a clip shows around a breach."""


def lost(
    evidence: EvidenceId,
    kind: EvidenceKind,
    camera: CameraId,
    site: SiteId,
    breach: BreachId,
    at: datetime,
    reason: Loss,
) -> Lost:
    """`at`: when the breach happened."""
    clip = kind is EvidenceKind.CLIP
    before, after = (BEFORE, AFTER) if clip else (timedelta(), timedelta())
    offset_ms = round(before / timedelta(milliseconds=1))
    return Lost(evidence, kind, camera, site, breach, at - before, at + after, offset_ms, reason)


RENDITION = 1
"""Grows when the way renditions are made unreadable changes: old ones are then made anew."""


def form_of(masks: Iterable[Mask]) -> str:
    """Names a rendition's form: one that was made before a mask was drawn is not shown after."""
    drawn = [
        [round(v * 10_000) for point in mask.polygon for v in (point.x, point.y)] for mask in masks
    ]
    told = f"{RENDITION} {sorted(drawn)}".encode()
    return hashlib.sha256(told).hexdigest()[:12]


def evidence_data(evidence: Evidence) -> dict[str, Json]:
    """The hashed payload of `evidence.written`."""
    return {
        "evidence": evidence.id,
        "kind": evidence.kind.value,
        "camera": evidence.camera,
        "site": evidence.site,
        "begins_at": stamp(evidence.begins_at),
        "ends_at": stamp(evidence.ends_at),
        "media": evidence.media,
        "codec": evidence.codec,
        "width": evidence.width,
        "height": evidence.height,
        "part": evidence.part,
        "gap_ms": evidence.gap_ms,
        "bytes": evidence.bytes,
        "sealed_bytes": evidence.sealed_bytes,
        "sha256": evidence.sha256,
        "sealed_sha256": evidence.sealed_sha256,
        "breaches": [
            {"breach": moment.breach, "offset_ms": moment.offset_ms} for moment in evidence.moments
        ],
        "cut": evidence.cut.value if evidence.cut else None,
    }


def evidence_of(data: Mapping[str, Json]) -> Evidence:
    """What `evidence_data` took in, to the millisecond."""
    moments = cast("list[dict[str, Json]]", data["breaches"])
    return Evidence(
        id=EvidenceId(cast("str", data["evidence"])),
        kind=EvidenceKind(cast("str", data["kind"])),
        camera=CameraId(cast("str", data["camera"])),
        site=SiteId(cast("str", data["site"])),
        begins_at=parse(cast("str", data["begins_at"])),
        ends_at=parse(cast("str", data["ends_at"])),
        media=cast("str", data["media"]),
        codec=cast("str", data["codec"]),
        width=cast("int", data["width"]),
        height=cast("int", data["height"]),
        part=cast("int", data["part"]),
        gap_ms=cast("int", data["gap_ms"]),
        bytes=cast("int", data["bytes"]),
        sealed_bytes=cast("int", data["sealed_bytes"]),
        sha256=cast("str", data["sha256"]),
        sealed_sha256=cast("str", data["sealed_sha256"]),
        moments=tuple(
            Moment(BreachId(cast("str", one["breach"])), cast("int", one["offset_ms"]))
            for one in moments
        ),
        cut=Loss(cast("str", data["cut"])) if data.get("cut") else None,
    )


def lost_data(gone: Lost) -> dict[str, Json]:
    """The hashed payload of `evidence.lost`."""
    return {
        "evidence": gone.id,
        "kind": gone.kind.value,
        "camera": gone.camera,
        "site": gone.site,
        "breach": gone.breach,
        "begins_at": stamp(gone.begins_at),
        "ends_at": stamp(gone.ends_at),
        "offset_ms": gone.offset_ms,
        "reason": gone.reason.value,
    }
