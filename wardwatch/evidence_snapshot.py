"""The picture of the moment that decided a breach: unreadable before it is a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from detect import Look
from record.cameras import Camera
from record.evidence import Evidence, EvidenceKind, Moment
from record.evidence_files import EvidenceFiles, SealedWriter
from record.frames import Frame
from record.ids import EvidenceId
from wardwatch.evidence_gathering import Shown
from wardwatch.worker_veil import Veiled

WIDTH = 1280
QUALITY = 85


@dataclass(frozen=True, slots=True)
class Decided:
    """What is known of the moment at which one look has opened breaches."""

    camera: Camera
    shown: Sequence[Shown]
    frame: Frame
    look: Look
    before: NDArray[np.uint8] | None
    """A coarse picture of the frame before."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Nobody is readable in it, and it holds on to nothing in which somebody is."""

    camera: Camera
    shown: Sequence[Shown]
    at: datetime
    jpeg: bytes
    width: int
    height: int


def drawn_of(decided: Decided) -> Drawn:
    """Raises ValueError."""
    width = min(decided.frame.picture.width, WIDTH)
    veiled = Veiled(decided.before)
    pixels = veiled.of(decided.frame, decided.look, decided.camera.masks, width)
    whole, jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not whole:
        raise ValueError(f"a picture of {pixels.shape} could not be encoded")
    height, width = pixels.shape[:2]
    at = decided.frame.captured_at
    return Drawn(decided.camera, decided.shown, at, jpeg.tobytes(), width, height)


def write_snapshot(
    drawn: Drawn, files: EvidenceFiles, who: str, evidence: EvidenceId
) -> tuple[Evidence, SealedWriter]:
    """Sealed, and to be kept. Where it raises (OSError, `KeyUnusable`) it leaves nothing."""
    file = files.writer(evidence, who)
    try:
        file.write(drawn.jpeg)
        written = file.end()
    except BaseException:
        file.discard()
        raise
    snapshot = Evidence(
        id=evidence,
        kind=EvidenceKind.SNAPSHOT,
        camera=drawn.camera.id,
        site=drawn.camera.site,
        begins_at=drawn.at,
        ends_at=drawn.at,
        media="image/jpeg",
        codec="mjpeg",
        width=drawn.width,
        height=drawn.height,
        part=1,
        gap_ms=0,
        bytes=written.bytes,
        sealed_bytes=written.sealed_bytes,
        sha256=written.sha256,
        sealed_sha256=written.sealed_sha256,
        moments=tuple(
            Moment(one.breach, round((one.at - drawn.at) / timedelta(milliseconds=1)))
            for one in drawn.shown
        ),
    )
    return snapshot, file
