"""Files of evidence: sealed while they are written, whole or not there, read in any order.

    <folder>/kept/4f/<id>         evidence, sealed
    <folder>/shown/<id>.<form>    its unreadable rendition, sealed; may be deleted at any time
    <folder>/writing/<who>/…      halves of files
    <folder>/noted/<who>/<id>     what the record is to be told of it
    <folder>/alive/<who>          locked as long as <who> runs: what others left may be recovered

Nothing here knows what is in a file. What is sealed belongs to its id and its place: another's
bytes put there do not open.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from record.errors import CannotOpen, KeyUnusable
from record.ids import EvidenceId
from record.sealing import CHUNK, SEALED_CHUNK, STREAM_HEAD, ChunkOpener, SealingKey

Create = Callable[[Path], BinaryIO]

KEPT, SHOWN, WRITING, NOTED, ALIVE = "kept", "shown", "writing", "noted", "alive"
_TAG = SEALED_CHUNK - CHUNK


@dataclass(frozen=True, slots=True)
class Written:
    """What came to lie on the disk."""

    bytes: int
    sealed_bytes: int
    sha256: str
    """Of what was sealed."""
    sealed_sha256: str


class SealedWriter:
    """A file-like object that takes plain bytes in order and leaves a sealed file behind.

    `end` seals it whole, under `writing/` still; `keep` puts it in its place; `discard` leaves
    nothing.
    """

    def __init__(
        self, path: Path, target: Path, key: SealingKey, context: bytes, create: Create
    ) -> None:
        self._path = path
        self._target = target
        self._sealer = key.stream_sealer(context)
        self._file = create(path)
        self._plain, self._sealed = hashlib.sha256(), hashlib.sha256()
        self._plain_bytes = 0

    @property
    def length(self) -> int:
        """Plain bytes so far."""
        return self._plain_bytes

    def write(self, plain: bytes | memoryview) -> int:
        """Raises OSError when the disk is full."""
        piece = bytes(plain)
        self._plain.update(piece)
        self._plain_bytes += len(piece)
        self._put(self._sealer.add(piece))
        return len(piece)

    def end(self) -> Written:
        """Nothing follows. Raises OSError."""
        self._put(self._sealer.finish())
        self._file.flush()
        os.fsync(self._file.fileno())
        sealed_bytes = self._file.tell()
        self._file.close()
        return Written(
            self._plain_bytes, sealed_bytes, self._plain.hexdigest(), self._sealed.hexdigest()
        )

    def keep(self) -> None:
        """After `end`: from now on it is there, also after a power cut. Raises OSError."""
        self._target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path.replace(self._target)
        _sync_folder(self._target.parent)
        _sync_folder(self._path.parent)

    def close(self) -> None:
        """Let go of it and leave what there is. Never raises."""
        with suppress(OSError):  # what was still to be written has no place on a full disk
            self._file.close()

    def discard(self) -> None:
        """Raises OSError when it cannot be deleted."""
        self.close()
        self._path.unlink(missing_ok=True)

    def _put(self, sealed: bytes) -> None:
        self._sealed.update(sealed)
        self._file.write(sealed)


class SealedReader:
    """A sealed file as a file of plain bytes, read from anywhere; holds one chunk.

    Raises `CannotOpen` for what was altered, moved, cut off or sealed with another key.
    """

    def __init__(self, path: Path, key: SealingKey, context: bytes) -> None:
        self._file = path.open("rb")
        try:
            length = os.fstat(self._file.fileno()).st_size - STREAM_HEAD
            self._opener: ChunkOpener = key.chunk_opener(self._file.read(STREAM_HEAD), context)
        except BaseException:
            self._file.close()
            raise
        whole, rest = divmod(length, SEALED_CHUNK)
        if length < _TAG or 0 < rest < _TAG:
            self._file.close()
            raise CannotOpen(CannotOpen.TRUNCATED)
        self._chunks = whole + (rest > 0)
        self.size = length - self._chunks * _TAG
        """Plain bytes in all."""
        self._at = 0
        self._held: tuple[int, bytes] = (-1, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._file.close()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        wanted = self.size - self._at if size < 0 else min(size, self.size - self._at)
        pieces = []
        while wanted > 0:
            number, within = divmod(self._at, CHUNK)
            piece = self._chunk(number)[within : within + wanted]
            if not piece:
                break
            pieces.append(piece)
            self._at += len(piece)
            wanted -= len(piece)
        return b"".join(pieces)

    def pieces(self, begin: int, end: int) -> Iterator[bytes]:
        """The plain bytes of [begin, end), a chunk at a time; closes the file at the end."""
        with self:
            self.seek(begin)
            while self._at < end:
                yield self.read(min(CHUNK, end - self._at))

    def check(self, begin: int, end: int) -> None:
        """Raises `CannotOpen` where [begin, end) does not open, before any of it is sent."""
        for number in range(begin // CHUNK, -(-end // CHUNK)):
            self._chunk(number)

    def _chunk(self, number: int) -> bytes:
        if self._held[0] != number:
            self._file.seek(STREAM_HEAD + number * SEALED_CHUNK)
            sealed = self._file.read(SEALED_CHUNK)
            plain = self._opener.open(number, sealed, last=number == self._chunks - 1)
            self._held = (number, plain)
        return self._held[1]


class EvidenceFiles:
    """All files of evidence of a node. Any thread, any process."""

    def __init__(
        self, folder: Path, key: Callable[[], SealingKey], create: Create | None = None
    ) -> None:
        """`key` is asked for each file: it may be renewed meanwhile. Whatever it raises (no key,
        `KeyUnusable`) is raised by what opens and writes. `create` makes a file to write to."""
        self._folder = folder
        self._key = key
        self._create = create or create_private

    def writer(self, evidence: EvidenceId, who: str) -> SealedWriter:
        """Raises OSError. `who` is the one that `sweep`s when it begins again."""
        return self._writer(self._kept(evidence), KEPT, evidence, who)

    def rendition_writer(self, evidence: EvidenceId, form: str, who: str) -> SealedWriter:
        """`form`: another one is another rendition. Raises OSError."""
        return self._writer(self._shown(evidence, form), SHOWN, evidence, who)

    def reader(self, evidence: EvidenceId) -> SealedReader:
        """What was kept, as it was: readable. Only who makes it unreadable may show it. Raises
        FileNotFoundError, `CannotOpen`."""
        return SealedReader(self._kept(evidence), self._key(), _context(KEPT, evidence))

    def rendition(self, evidence: EvidenceId, form: str) -> SealedReader | None:
        """None: not made yet. Raises `CannotOpen`."""
        try:
            return SealedReader(self._shown(evidence, form), self._key(), _context(SHOWN, evidence))
        except FileNotFoundError:
            return None

    def drop_rendition(self, evidence: EvidenceId, form: str) -> None:
        """It can be made again. Raises OSError."""
        self._shown(evidence, form).unlink(missing_ok=True)

    def opens(self, evidence: EvidenceId) -> bool:
        """Whether there is a key that opens it; what is inside may still be damaged. Raises
        FileNotFoundError."""
        with self._kept(evidence).open("rb") as file:
            head = file.read(STREAM_HEAD)
        try:
            return self._key().opens(head)
        except KeyUnusable:
            return False

    def is_kept(self, evidence: EvidenceId) -> bool:
        return self._kept(evidence).is_file()

    def has_rendition(self, evidence: EvidenceId, form: str) -> bool:
        return self._shown(evidence, form).is_file()

    def note(self, evidence: EvidenceId, who: str, told: bytes) -> None:
        """Before `keep`: what the record is to be told, so that it is told after a crash, too; in
        place of what was noted of it before."""
        path = self._folder / NOTED / who / evidence
        half = path.with_name(f".{evidence}")
        try:
            with self._create(half) as file:
                file.write(told)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            half.unlink(missing_ok=True)
            raise
        half.replace(path)
        _sync_folder(path.parent)

    def notes(self, who: str) -> dict[EvidenceId, bytes]:
        """What `who` has noted and not forgotten."""
        found = _plain_files(self._folder / NOTED / who)
        whole = (path for path in found if not path.name.startswith("."))
        return {EvidenceId(path.name): path.read_bytes() for path in whole}

    def forget_note(self, evidence: EvidenceId, who: str) -> None:
        """The record has it."""
        (self._folder / NOTED / who / evidence).unlink(missing_ok=True)

    def half(self, evidence: EvidenceId, who: str) -> bytes:
        """The plain bytes of what `who` has left half written, as far as whole chunks go. Raises
        FileNotFoundError, `CannotOpen`."""
        pieces: list[bytes] = []
        with (self._folder / WRITING / who / evidence).open("rb") as file:
            head = file.read(STREAM_HEAD)
            opener = self._key().chunk_opener(head, _context(KEPT, evidence))
            while sealed := file.read(SEALED_CHUNK):
                try:
                    pieces.append(opener.open(len(pieces), sealed, last=False))
                except CannotOpen:
                    with suppress(CannotOpen):  # it was ended, only not put in its place
                        pieces.append(opener.open(len(pieces), sealed, last=True))
                    break
        return b"".join(pieces)

    def sweep(self, who: str, spare: Container[EvidenceId] = ()) -> dict[EvidenceId, int]:
        """Delete what `who` has left half written; the ids, and how many bytes lay there."""
        swept = {}
        for path in _plain_files(self._folder / WRITING / who):
            evidence = EvidenceId(path.name.partition(".")[0])
            if evidence not in spare:
                swept[evidence] = path.stat().st_size
                path.unlink()
        return swept

    def strays(self, who: str) -> tuple[Path, ...]:
        """What lies among the files of `who` and is none: never touched, only named."""
        folders = (self._folder / WRITING / who, self._folder / NOTED / who)
        here = [path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())]
        return tuple(path for path in here if path.is_symlink() or not path.is_file())

    def owners(self) -> tuple[str, ...]:
        """All who have left something half written or noted, alive or not."""
        places = (self._folder / WRITING, self._folder / NOTED)
        found = [path for place in places if place.is_dir() for path in place.iterdir()]
        return tuple(sorted({path.name for path in found if path.is_dir()}))

    def claim(self, who: str) -> BinaryIO | None:
        """Be `who` until it is closed, or until this process ends, however; None: somebody else is.
        Raises OSError."""
        path = self._folder / ALIVE / who
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        except BaseException:
            file.close()
            raise
        return file

    def used_bytes(self) -> int:
        """What all of it takes, renditions included."""
        return sum(size for _, size in _files(self._folder))

    def free_bytes(self) -> int:
        """Left to us on the disk that the folder is on."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize

    def drop_oldest_rendition(self) -> int:
        """It can be made again. Bytes that this freed; 0: there was none."""
        oldest = min(
            _files(self._folder / SHOWN), key=lambda one: one[0].stat().st_mtime, default=None
        )
        if oldest is None:
            return 0
        oldest[0].unlink(missing_ok=True)
        return oldest[1]

    def _writer(self, target: Path, place: str, evidence: EvidenceId, who: str) -> SealedWriter:
        path = self._folder / WRITING / who / target.name
        return SealedWriter(path, target, self._key(), _context(place, evidence), self._create)

    def _kept(self, evidence: EvidenceId) -> Path:
        # The end of a UUIDv7 is random: 256 folders, filled evenly.
        return self._folder / KEPT / evidence[-2:] / evidence

    def _shown(self, evidence: EvidenceId, form: str) -> Path:
        return self._folder / SHOWN / f"{evidence}.{form}"


def _context(place: str, evidence: EvidenceId) -> bytes:
    return f"evidence/{place}/{evidence}".encode()


def create_private(path: Path) -> BinaryIO:
    """Empty, and nobody else's; its folder is made. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    return os.fdopen(handle, "wb")


def _plain_files(folder: Path) -> list[Path]:
    """In order; nothing where there is no such folder."""
    here = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in here if path.is_file() and not path.is_symlink()]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _files(folder: Path) -> Iterator[tuple[Path, int]]:
    """What vanishes meanwhile, or cannot be looked at, is left out."""
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root) / name
            try:
                yield path, path.stat().st_size
            except OSError:
                continue
