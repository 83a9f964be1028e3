"""One node per data folder: two would watch every camera twice and count each person double."""

import contextlib
import fcntl
from collections.abc import Generator
from pathlib import Path

from record.errors import Invalid

NAME = "node.lock"


@contextlib.contextmanager
def held(data_dir: Path) -> Generator[None, None, None]:
    """Hold the folder for as long as this process lives; the kernel lets go of it, however the
    process ends. Raises `Invalid` when another node holds it."""
    with (data_dir / NAME).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Invalid("data_dir", f"another node runs on {data_dir}") from None
        yield
