"""Sealed files: whole or not there, nothing readable without the key, read from anywhere."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from record.cameras import Mask, Point
from record.errors import CannotOpen
from record.evidence import form_of
from record.evidence_files import EvidenceFiles
from record.ids import EvidenceId, MaskId
from record.sealing import CHUNK, SealingKey

ONE, OTHER = EvidenceId("01-one"), EvidenceId("02-other")
KEY = SealingKey.new()


@pytest.fixture
def files(tmp_path: Path) -> EvidenceFiles:
    return EvidenceFiles(tmp_path / "evidence", lambda: KEY)


def write(
    files: EvidenceFiles, plain: bytes, evidence: EvidenceId = ONE, piece: int = 7000
) -> None:
    writer = files.writer(evidence, "worker-1")
    for at in range(0, len(plain), piece):
        writer.write(plain[at : at + piece])
    writer.end()
    writer.keep()


def read(files: EvidenceFiles, evidence: EvidenceId = ONE) -> bytes:
    with files.reader(evidence) as reader:
        return reader.read()


def the_file(tmp_path: Path, evidence: EvidenceId = ONE) -> Path:
    (found,) = (tmp_path / "evidence" / "kept").rglob(evidence)
    return found


@given(
    size=st.sampled_from((0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17)),
    reads=st.lists(st.tuples(st.integers(0, 4 * CHUNK), st.integers(0, 2 * CHUNK)), max_size=5),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_what_was_written_is_read_from_anywhere(
    files: EvidenceFiles, size: int, reads: list[tuple[int, int]]
) -> None:
    plain = os.urandom(size)
    write(files, plain)
    with files.reader(ONE) as reader:
        assert reader.size == size
        assert reader.read() == plain
        for begin, length in reads:
            reader.seek(begin)
            assert reader.read(length) == plain[begin : begin + length]
    assert b"".join(files.reader(ONE).pieces(0, size)) == plain


def test_the_digests_are_of_the_plain_and_of_the_sealed_bytes(
    files: EvidenceFiles, tmp_path: Path
) -> None:
    plain = b"a picture of somebody " * 9000
    writer = files.writer(ONE, "worker-1")
    writer.write(plain)
    written = writer.end()
    writer.keep()
    sealed = the_file(tmp_path).read_bytes()
    assert written.sha256 == hashlib.sha256(plain).hexdigest()
    assert written.sealed_sha256 == hashlib.sha256(sealed).hexdigest()
    assert (written.bytes, written.sealed_bytes) == (len(plain), len(sealed))


def test_nothing_of_it_is_readable_on_the_disk(files: EvidenceFiles, tmp_path: Path) -> None:
    write(files, b"a picture of somebody " * 9000)
    assert b"somebody" not in the_file(tmp_path).read_bytes()
    assert the_file(tmp_path).stat().st_mode & 0o777 == 0o600
    with pytest.raises(CannotOpen) as refused:
        EvidenceFiles(tmp_path / "evidence", SealingKey.new).reader(ONE)
    assert refused.value.reason == CannotOpen.ANOTHER_KEY


def test_a_former_key_still_opens(files: EvidenceFiles, tmp_path: Path) -> None:
    write(files, b"old")
    renewed = EvidenceFiles(tmp_path / "evidence", KEY.renewed)
    assert read(renewed) == b"old"


@pytest.mark.parametrize("at", [0, 30, CHUNK + 100, -1])
def test_one_bit_altered_is_noticed(files: EvidenceFiles, tmp_path: Path, at: int) -> None:
    write(files, os.urandom(2 * CHUNK))
    sealed = bytearray(the_file(tmp_path).read_bytes())
    sealed[at] ^= 1
    the_file(tmp_path).write_bytes(sealed)
    with pytest.raises(CannotOpen):
        read(files)


@pytest.mark.parametrize("left", [0, 10, 40, CHUNK + 41, 2 * CHUNK + 50])
def test_what_was_cut_off_is_noticed(files: EvidenceFiles, tmp_path: Path, left: int) -> None:
    write(files, os.urandom(3 * CHUNK))
    with the_file(tmp_path).open("r+b") as file:
        file.truncate(left)
    with pytest.raises(CannotOpen):
        read(files)


def test_one_files_bytes_do_not_open_in_anothers_place(
    files: EvidenceFiles, tmp_path: Path
) -> None:
    write(files, b"one")
    write(files, b"other", OTHER)
    the_file(tmp_path).write_bytes(the_file(tmp_path, OTHER).read_bytes())
    with pytest.raises(CannotOpen):
        read(files)


def test_a_rendition_is_not_there_until_it_is_whole(files: EvidenceFiles) -> None:
    writer = files.rendition_writer(ONE, "form", "worker-1")
    writer.write(b"half")
    assert files.rendition(ONE, "form") is None
    writer.end()
    writer.keep()
    assert files.rendition(ONE, "another") is None
    rendition = files.rendition(ONE, "form")
    assert rendition is not None
    with rendition:
        assert rendition.read() == b"half"
    assert files.drop_oldest_rendition() > 4
    assert not files.has_rendition(ONE, "form")
    assert files.drop_oldest_rendition() == 0


def test_a_note_lasts_until_it_is_forgotten(files: EvidenceFiles) -> None:
    files.note(ONE, "worker-1", b"told")
    assert files.notes("worker-1") == {ONE: b"told"}
    assert files.notes("worker-2") == {}
    files.forget_note(ONE, "worker-1")
    assert files.notes("worker-1") == {}


def test_what_is_drawn_names_the_form() -> None:
    corner = (Point(0, 0), Point(0.1, 0), Point(0.1, 0.1))
    masks = [Mask(MaskId(name), corner, name) for name in ("one", "two")]
    assert form_of(masks[:1]) == form_of(masks[1:])
    assert len({form_of(()), form_of(masks[:1]), form_of(masks)}) == 3


def test_what_is_given_up_leaves_nothing(files: EvidenceFiles) -> None:
    writer = files.writer(ONE, "worker-1")
    writer.write(os.urandom(3 * CHUNK))
    writer.discard()
    assert (files.used_bytes(), files.is_kept(ONE)) == (0, False)


KILLED = """
import os, signal, sys
from pathlib import Path
from record.evidence_files import EvidenceFiles
from record.sealing import SealingKey
key = SealingKey.from_text(sys.stdin.read())
files = EvidenceFiles(Path(sys.argv[1]), lambda: key)
writer = files.writer("01-one", "worker-1")
for _ in range(20):
    writer.write(os.urandom(50_000))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_half_a_file_is_swept_by_who_wrote_it_and_named(
    files: EvidenceFiles, tmp_path: Path
) -> None:
    write(files, b"whole", OTHER)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "evidence")]
    killed = subprocess.run(command, input=KEY.to_text(), text=True, check=False, timeout=60)
    assert killed.returncode == -9
    assert not files.is_kept(ONE)
    assert files.sweep("worker-2") == {}
    (swept,) = files.sweep("worker-1").items()
    assert swept[0] == ONE
    assert swept[1] > 800_000
    assert files.sweep("worker-1") == {}
    assert read(files, OTHER) == b"whole"
