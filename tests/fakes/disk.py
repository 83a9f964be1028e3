"""A disk with little room."""

import errno
import io
import os
import threading
from pathlib import Path
from typing import Any, BinaryIO


class SmallDisk:
    """Files made here share `room` bytes; past that, writing fails as on a full disk. What is
    deleted makes room. `failing`: nothing more is taken, with that error. `answers` cleared: it
    stands still, as a card does that is busy with itself."""

    def __init__(self, folder: Path, room: int) -> None:
        self.folder = folder
        self.room = room
        self.failing: int | None = None
        self.answers = threading.Event()
        self.answers.set()

    def create(self, path: Path) -> BinaryIO:
        self.answers.wait(30)
        path.parent.mkdir(parents=True, exist_ok=True)
        return io.BufferedWriter(_File(self, path))

    def take(self, size: int) -> None:
        """Raises OSError."""
        used = sum(map(_size, self.folder.rglob("*")))
        number = self.failing or (errno.ENOSPC if used + size > self.room else None)
        if number is not None:
            raise OSError(number, os.strerror(number))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except FileNotFoundError:  # another thread has given it its own name meanwhile
        return 0


class _File(io.FileIO):
    def __init__(self, disk: SmallDisk, path: Path) -> None:
        super().__init__(path, "w")
        self._disk = disk

    def write(self, data: Any) -> int:
        self._disk.take(memoryview(data).nbytes)
        return super().write(data)
