"""Broken streams, packets, framing and answers never end a worker, nor hold another camera up."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzz.broken import CODECS, Broken, Layer

ROOT = Path(__file__).parents[2]
LONGEST_GAP_S = 5.0
"""Of the good camera read beside; on a quiet machine it is a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Seen:
    read: int
    opened: int
    pictures: int
    gap_s: float


def read_broken(first: int, count: int, within_s: float) -> Seen:
    """In a child: what must not happen there is a crash."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.run", str(first), str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    last = done.stdout.strip().splitlines()[-1]
    assert done.returncode == 0, f"{last}\n{done.stderr[-2000:]}"
    words = last.split()
    assert words[::2] == ["read", "opened", "pictures", "gap"]
    return Seen(int(words[1]), int(words[3]), int(words[5]), float(words[7]))


def test_the_seeds_cover_every_codec_at_every_layer() -> None:
    covered = {(Broken(seed).codec, Broken(seed).layer) for seed in range(12)}
    assert covered == {(codec, layer) for codec in CODECS for layer in Layer}


@pytest.mark.timeout(150)
def test_sixty_broken_cameras_neither_crash_nor_block() -> None:
    seen = read_broken(0, 60, within_s=140)
    # Broken, but not all of it: otherwise only the first line of defence would be tested.
    assert seen.opened > 20
    assert seen.pictures > 200
    assert seen.gap_s < LONGEST_GAP_S


@pytest.mark.prove
@pytest.mark.timeout(7200)
def test_three_thousand_broken_cameras_neither_crash_nor_block(
    record_property: Callable[[str, object], None],
) -> None:
    seen = [read_broken(first, 250, within_s=1200) for first in range(1000, 4000, 250)]
    record_property("broken cameras", sum(one.read for one in seen))
    record_property("opened", sum(one.opened for one in seen))
    record_property("pictures", sum(one.pictures for one in seen))
    record_property("good camera's longest gap, s", max(one.gap_s for one in seen))
    assert max(one.gap_s for one in seen) < LONGEST_GAP_S
