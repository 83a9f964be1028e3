"""Where a node's sealing key comes from. It lies outside the database, so that whoever carries off
a copy of the one has not the other."""

import threading
from pathlib import Path
from typing import Protocol

from record.errors import KeyUnusable
from record.sealing import SealingKey

_Stamp = tuple[int, int, int]


class KeySource(Protocol):
    """Asked whenever something is sealed or opened; any thread."""

    def key(self, *, create: bool = False) -> SealingKey:
        """`create`: make one where none was made yet; only where nothing is sealed that a key
        mislaid would open. Raises `KeyUnusable`."""
        ...


class NoKey:
    """Nobody said where the key is: nothing can be sealed, and what is sealed stays so."""

    def key(self, *, create: bool = False) -> SealingKey:  # noqa: ARG002 - there is none
        raise KeyUnusable("no key", "was named")


class KeyFile:
    """The key in a file, read again when the file has changed: `wardwatch secrets rotate` takes
    effect in running processes with the next secret that they touch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._kept: tuple[_Stamp, SealingKey] | None = None

    def key(self, *, create: bool = False) -> SealingKey:
        with self._lock:
            stamp = self._stamp()
            if self._kept is not None and self._kept[0] == stamp:
                return self._kept[1]
            self._kept = None
            load = SealingKey.load_or_create if create else SealingKey.load
            key = load(self.path)
            if (now := self._stamp()) is not None:
                self._kept = (now, key)
            return key

    def _stamp(self) -> _Stamp | None:
        try:
            seen = self.path.stat()
        except OSError:
            return None
        # The mode is part of it: a key that others may read from now on is refused from now on.
        return seen.st_ino, seen.st_mtime_ns, seen.st_mode
