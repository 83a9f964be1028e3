"""A clip of a camera that sends H.265, played by a browser that cannot; and one that is lost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from detect import Detections
from ingest import ClipWriter, KeptPacket
from record.evidence import Evidence, EvidenceKind, Loss, Moment, form_of, lost
from record.evidence_files import EvidenceFiles, SealedWriter
from record.ids import BreachId, EvidenceId
from record.places import EVERYTHING
from record.store import Store
from tests.api.conftest import SETTINGS, evidence_files, running
from tests.api.world import PASSWORD, Ward, World, build_world
from tests.e2e.browsing import played
from tests.ingest.clips import HEIGHT, RATE, WIDTH
from tests.ingest.test_clips import CODINGS, coded
from wardwatch import compose
from wardwatch.evidence_rendition import Making, make_rendition
from wardwatch.node import Node

BROWSER_S = 180
FRAMES = 40

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(BROWSER_S + 120)]


def test_a_clip_of_an_h265_camera_plays_and_a_lost_one_says_why(
    node: Node, sqlite_store: Store, short_path: Path, tmp_path: Path
) -> None:
    settings = replace(SETTINGS, ui_dir=compose.ui_dir())
    run = short_path / "run"
    run.mkdir(mode=0o700)
    world = build_world(sqlite_store)
    keep_clip(world, evidence_files(run), coded(CODINGS["hevc"], FRAMES))
    lose_clip(world)
    with running(sqlite_store, run, settings) as api:
        seen = watched(node, api.url, (world.north.breach, world.south.breach), tmp_path)
    assert seen["fault"] is None, seen
    assert (seen["width"], seen["height"]) == (WIDTH, HEIGHT), seen
    assert seen["seconds"] == pytest.approx(FRAMES / RATE, abs=0.2), seen
    assert FRAMES * 0.7 <= seen["frames"] <= FRAMES, seen


def keep_clip(world: World, files: EvidenceFiles, film: Sequence[KeptPacket]) -> None:
    """As a worker does: what the camera sent, sealed, and its unreadable rendition."""
    ward, clip = world.north, EvidenceId("clip-h265")
    writer = files.writer(clip, "test")
    muxed = ClipWriter(writer, film)
    muxed.finish()
    sealed(writer)
    nobody = Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
    begins_at = datetime.now(UTC) - timedelta(seconds=muxed.length_s)
    making = Making(lambda _: nobody, lambda: None, lambda _: None)
    with world.store.write(EVERYTHING) as writing:
        camera = writing.cameras.get(ward.camera)
        shown = make_rendition(
            lambda: files.reader(clip), camera, (), begins_at, muxed.length_s, making
        )
        writing.evidence.add(
            Evidence(
                id=clip,
                kind=EvidenceKind.CLIP,
                camera=ward.camera,
                site=ward.site,
                begins_at=begins_at,
                ends_at=begins_at + timedelta(seconds=muxed.length_s),
                media="video/mp4",
                codec=muxed.form.codec,
                width=muxed.form.width,
                height=muxed.form.height,
                part=1,
                gap_ms=0,
                bytes=writer.length,
                sealed_bytes=writer.length,
                sha256="0a" * 32,
                sealed_sha256="0b" * 32,
                moments=(Moment(ward.breach, 2000),),
            )
        )
    assert muxed.form.codec == "hevc"
    rendition = files.rendition_writer(clip, form_of(()), "test")
    rendition.write(shown)
    sealed(rendition)


def sealed(writer: SealedWriter) -> None:
    writer.end()
    writer.keep()


def lose_clip(world: World) -> None:
    ward: Ward = world.south
    now = datetime.now(UTC)
    gone = lost(
        EvidenceId("gone"),
        EvidenceKind.CLIP,
        ward.camera,
        ward.site,
        ward.breach,
        now,
        Loss.NO_ROOM,
    )
    with world.store.write(EVERYTHING) as writing:
        writing.evidence.lose(gone, now)


def watched(
    node: Node, url: str, breaches: tuple[BreachId, BreachId], shots: Path
) -> dict[str, Any]:
    words = (url, "admin", PASSWORD, *breaches, shots)
    (line,) = played(node, "clip.ts", *words, limit_s=BROWSER_S)
    seen: dict[str, Any] = json.loads(line.removeprefix("seen "))
    return seen
