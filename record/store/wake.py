"""Waking readers of a SQLite store: each binds a datagram socket in one folder, whoever has
committed sends a byte to every socket there. A lost datagram costs a moment, never an event:
readers look at the database, not at the message, and look anyway now and then.
"""

import contextlib
import errno
import os
import socket
from pathlib import Path

from record.ids import new_id

SUFFIX = ".wake"

CHANNEL = "wardwatch_events"
"""PostgreSQL's name for the same (NOTIFY)."""


def wake(folder: Path) -> None:
    """Wake everybody; never waits, and clears away what the dead have left."""
    with (
        contextlib.suppress(FileNotFoundError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender,
        os.scandir(folder) as entries,
    ):
        sender.setblocking(False)
        for entry in entries:
            if entry.name.endswith(SUFFIX):
                _send(sender, entry.path)


def _send(sender: socket.socket, path: str) -> None:
    try:
        sender.sendto(b"\n", path)
    except ConnectionRefusedError:  # bound by a process that is gone
        with contextlib.suppress(FileNotFoundError):
            Path(path).unlink()
    except (BlockingIOError, FileNotFoundError):
        pass  # full: it will wake anyway; gone: it was closed just now
    except OSError as error:
        if error.errno != errno.ENOBUFS:
            raise


def bind(folder: Path) -> tuple[socket.socket, Path]:
    """A socket of one's own in `folder`, and its path, to be unlinked when done.

    Raises `OSError` for a path that is too long for a socket (108 bytes).
    """
    path = folder / f"{os.getpid()}-{new_id()[-8:]}{SUFFIX}"
    receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        receiver.bind(os.fspath(path))
        path.chmod(0o600)
        receiver.setblocking(False)
    except OSError:
        receiver.close()
        raise
    return receiver, path


def drain(receiver: socket.socket) -> None:
    """Forget the wake-ups that have come so far."""
    with contextlib.suppress(BlockingIOError):
        while receiver.recv(16):
            pass
