"""What guards know of their cameras, on the disk.

    <folder>/<sha256 of the camera's id>.view    sealed, at most 64 KiB, written whole or not at all

Sealed like evidence, for that camera only: it holds a small, slow mean of what the camera sees. A
file that is absent, damaged, of another key or of another form is one answer: nothing is known.
"""

import hashlib
import os
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Literal

import numpy as np
import structlog
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from detect import GuardMemory, Tampering
from record.cameras import CameraReason
from record.errors import CannotOpen, KeyUnusable
from record.ids import CameraId
from record.keyring import KeySource

MOST_BYTES = 64 * 1024
"""A view of 160 by 90 takes 15 kB; one of a picture twice as high as wide 51."""

_log = structlog.get_logger()


class _Deed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    reason: CameraReason
    began_at: AwareDatetime
    decided_at: AwareDatetime
    strength: float = Field(ge=0, le=1)

    @classmethod
    def of(cls, deed: Tampering | None) -> "_Deed | None":
        if deed is None:
            return None
        return cls(
            reason=deed.reason,
            began_at=deed.began_at,
            decided_at=deed.decided_at,
            strength=min(1.0, deed.strength),
        )

    def deed(self) -> Tampering:
        return Tampering(self.reason, self.began_at, self.decided_at, self.strength)


class _Head(BaseModel):
    """A file's first line; the view's pixels follow, row by row."""

    model_config = ConfigDict(extra="forbid")
    form: Literal[1] = 1
    version: int
    rows: int = Field(ge=1, le=1000)
    columns: int = Field(ge=1, le=1000)
    said: _Deed | None
    frozen: _Deed | None
    dark: _Deed | None


class ViewFiles:
    """Any thread."""

    def __init__(self, folder: Path, keys: KeySource) -> None:
        self._folder = folder
        self._keys = keys

    def load(self, camera: CameraId) -> GuardMemory | None:
        """None: nothing that is of any use."""
        try:
            with self._path(camera).open("rb") as file:
                sealed = file.read(MOST_BYTES + 1)
            return decoded(self._keys.key().open(sealed, _context(camera)))
        except FileNotFoundError:
            return None
        except (OSError, CannotOpen, KeyUnusable, ValueError) as error:
            _log.warning("kept view is of no use", camera=camera, reason=type(error).__name__)
            return None

    def keep(self, camera: CameraId, memory: GuardMemory) -> None:
        """Raises OSError and `KeyUnusable`. Written over every few minutes, so a file that a power
        cut has spoilt is not worth waiting for the disk: it does not open, and is as absent."""
        sealed = self._keys.key().seal(encoded(memory), _context(camera))
        if len(sealed) > MOST_BYTES:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._folder / f".{secrets.token_hex(8)}"
        try:
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(sealed)
            beside.replace(self._path(camera))
        finally:
            beside.unlink(missing_ok=True)

    def remove(self, camera: CameraId) -> None:
        """Raises OSError."""
        self._path(camera).unlink(missing_ok=True)

    def sweep(self, cameras: Collection[CameraId]) -> None:
        """Remove what belongs to none of them. Raises OSError."""
        kept = {self._path(camera) for camera in cameras}
        for path in self._folder.glob("*.view"):
            if path not in kept:
                path.unlink(missing_ok=True)

    def _path(self, camera: CameraId) -> Path:
        return self._folder / f"{hashlib.sha256(camera.encode()).hexdigest()}.view"


def encoded(memory: GuardMemory) -> bytes:
    rows, columns = memory.usual.shape
    head = _Head(
        version=memory.version,
        rows=rows,
        columns=columns,
        said=_Deed.of(memory.said),
        frozen=_Deed.of(memory.frozen),
        dark=_Deed.of(memory.dark),
    )
    return head.model_dump_json().encode() + b"\n" + memory.usual.tobytes()


def decoded(plain: bytes) -> GuardMemory:
    """Raises ValueError."""
    line, _, pixels = plain.partition(b"\n")
    head = _Head.model_validate_json(line)
    usual = np.frombuffer(pixels, np.uint8).reshape(head.rows, head.columns)
    said, frozen, dark = (
        None if deed is None else deed.deed() for deed in (head.said, head.frozen, head.dark)
    )
    return GuardMemory(head.version, usual, said, frozen, dark)


def _context(camera: CameraId) -> bytes:
    return b"view:" + camera.encode()
