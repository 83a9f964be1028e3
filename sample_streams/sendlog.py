"""The send log: one JSON line a frame, for measuring how long it took to be seen."""

import json
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from sample_streams.rtsp.live import Sent


class SendLogFile:
    """Writes each `Sent` as a line, readable at once; used from one thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", buffering=1)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, sent: Sent) -> None:
        self._file.write(json.dumps(asdict(sent)) + "\n")


def read_send_log(path: Path) -> tuple[Sent, ...]:
    """Every frame of a send log, oldest first; a last line that is being written is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return tuple(Sent(**json.loads(line)) for line in lines)
