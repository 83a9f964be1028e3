"""Files of what guards know: whole or of no use, sealed, and gone with their camera."""

import stat
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detect import GuardMemory, Tampering
from record.cameras import CameraReason
from record.ids import CameraId
from record.sealing import SealingKey
from tests.conftest import KEYS
from tests.fakes.keys import HeldKey
from wardwatch.view_files import MOST_BYTES, ViewFiles, decoded, encoded

T0 = datetime(2026, 1, 1, tzinfo=UTC)
USUAL = np.random.default_rng(0).integers(0, 256, (90, 160)).astype(np.uint8)
COVERED = Tampering(CameraReason.COVERED, T0, T0, 0.9)
MEMORY = GuardMemory(3, USUAL, said=COVERED)
GATE, YARD = CameraId("gate"), CameraId("../yard")

deeds = st.none() | st.builds(
    Tampering,
    st.sampled_from(CameraReason),
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(timezones=st.just(UTC)),
    st.floats(0, 1),
)


@settings(max_examples=30)
@given(st.integers(1, 99), st.integers(1, 60), st.integers(1, 60), deeds, deeds, deeds)
def test_what_is_kept_comes_back(
    version: int,
    rows: int,
    columns: int,
    said: Tampering | None,
    frozen: Tampering | None,
    dark: Tampering | None,
) -> None:
    memory = GuardMemory(version, USUAL[:rows, :columns], said, frozen, dark)
    back = decoded(encoded(memory))
    assert (back.version, back.said, back.frozen, back.dark) == (version, said, frozen, dark)
    assert np.array_equal(back.usual, memory.usual)


@given(st.binary(max_size=300))
def test_what_is_no_view_is_refused(plain: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of pydantic or numpy, whichever notices
        decoded(plain)


def test_a_file_is_sealed_for_its_camera_and_readable_by_nobody_else(tmp_path: Path) -> None:
    files = ViewFiles(tmp_path / "views", KEYS)
    files.keep(GATE, MEMORY)
    files.keep(YARD, MEMORY)
    paths = sorted((tmp_path / "views").iterdir())
    assert len(paths) == 2
    for path in paths:
        assert USUAL.tobytes()[:16] not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = (path.read_bytes() for path in paths)
    paths[0].write_bytes(second)
    paths[1].write_bytes(first)
    assert files.load(GATE) is None
    assert files.load(YARD) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "long", "emptied"])
def test_a_damaged_file_is_as_absent_and_is_written_over(tmp_path: Path, damage: str) -> None:
    files = ViewFiles(tmp_path, KEYS)
    files.keep(GATE, MEMORY)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(
        {
            "cut": whole[:-100],
            "flipped": whole[:500] + bytes([whole[500] ^ 1]) + whole[501:],
            "long": whole + bytes(MOST_BYTES),
            "emptied": b"",
        }[damage]
    )
    assert files.load(GATE) is None
    files.keep(GATE, MEMORY)
    assert files.load(GATE) is not None


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    ViewFiles(tmp_path, KEYS).keep(GATE, MEMORY)
    assert ViewFiles(tmp_path, HeldKey(SealingKey.new())).load(GATE) is None


def test_a_view_that_is_too_large_is_not_kept(tmp_path: Path) -> None:
    files = ViewFiles(tmp_path, KEYS)
    files.keep(GATE, replace(MEMORY, usual=np.zeros((500, 160), np.uint8)))
    assert list(tmp_path.iterdir()) == []


def test_what_belongs_to_no_camera_is_removed(tmp_path: Path) -> None:
    files = ViewFiles(tmp_path, KEYS)
    for name in (GATE, YARD):
        files.keep(name, MEMORY)
    files.sweep({GATE})
    assert files.load(YARD) is None
    assert files.load(GATE) is not None
    files.remove(GATE)
    files.remove(GATE)
    assert list(tmp_path.iterdir()) == []
