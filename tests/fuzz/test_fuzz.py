"""Broken streams, answers, devices and offers never end a worker, nor hold another camera up."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzz.broken import CODECS, Broken, Layer
from tests.fuzz.broken_onvif import MAKES, BrokenDevice, OnvifLayer
from tests.fuzz.run import AT_ONCE
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parents[2]
LONGEST_GAP_S = 5.0
"""Of the good camera read beside; on a quiet machine it is a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Seen:
    read: int
    opened: int
    pictures: int
    gap_s: float


def read_broken(kind: str, first: int, count: int, within_s: float) -> Seen:
    """In a child: what must not happen there is a crash."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.fuzz.run", kind, str(first), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    last = "\n".join(done.stdout.strip().splitlines()[-AT_ONCE:])
    assert done.returncode == 0, f"{last}\n{done.stderr[-2000:]}"
    assert "ResourceWarning" not in done.stderr, done.stderr[-2000:]
    words = last.splitlines()[-1].split()
    assert words[::2] == ["read", "opened", "pictures", "gap"]
    return Seen(int(words[1]), int(words[3]), int(words[5]), float(words[7]))


def test_the_seeds_cover_every_codec_at_every_layer() -> None:
    covered = {(Broken(seed).codec, Broken(seed).layer) for seed in range(12)}
    assert covered == {(codec, layer) for codec in CODECS for layer in Layer}
    devices = {(one.make, one.layer) for one in map(BrokenDevice.of, range(12))}
    assert devices == {(make, layer) for make in MAKES for layer in OnvifLayer}


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("kind", "count", "opened", "got"),
    [("rtsp", 60, 20, 200), ("onvif", 48, 8, 8), ("whip", 200, 30, 10)],
)
def test_what_is_broken_neither_crashes_nor_blocks(
    kind: str, count: int, opened: int, got: int
) -> None:
    seen = read_broken(kind, 0, count, within_s=140)
    # Broken, but not all of it: otherwise only the first line of defence would be tested.
    assert seen.opened > opened
    assert seen.pictures > got
    assert seen.gap_s < LONGEST_GAP_S


@pytest.mark.prove
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", sorted(TARGETS))
def test_three_thousand_of_each_neither_crash_nor_block(
    kind: str, record_property: Callable[[str, object], None]
) -> None:
    seen = [read_broken(kind, first, 250, within_s=600) for first in range(1000, 4000, 250)]
    record_property("broken", sum(one.read for one in seen))
    record_property("let in", sum(one.opened for one in seen))
    record_property("pictures, profiles or fragments", sum(one.pictures for one in seen))
    record_property("good camera's longest gap, s", max(one.gap_s for one in seen))
    assert max(one.gap_s for one in seen) < LONGEST_GAP_S
