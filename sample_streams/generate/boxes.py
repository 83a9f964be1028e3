"""The boxes beside a clip: gzipped JSON lines, one a frame.

`{"at_s": 4.0, "people": [{"id": 1, "foot": [x, y], "box": [x0, y0, x1, y1], "share": 0.93}]}`,
normalised, y down. `id` is the same person throughout; `foot` is where they stand, also when it
is hidden or outside; `box` is the part inside the frame, hidden or not, null when there is none;
`share` is how much of the whole person is to be seen.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sample_streams.generate.truth import Frame, Person


def write_boxes(path: Path, frames: Iterable[Frame]) -> None:
    lines = (json.dumps(_record(frame), separators=(",", ":")) + "\n" for frame in frames)
    # No time stamp and no name inside: the same truth gives the same file.
    path.write_bytes(gzip.compress("".join(lines).encode(), mtime=0))


def read_boxes(path: Path) -> tuple[Frame, ...]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return tuple(_frame(json.loads(line)) for line in lines)


def _record(frame: Frame) -> dict[str, Any]:
    people = [
        {
            "id": person.number,
            "foot": _rounded(person.foot),
            "box": person.box and _rounded(person.box),
            "share": round(person.share, 3),
        }
        for person in frame.people
    ]
    return {"at_s": frame.at_s, "people": people}


def _frame(record: dict[str, Any]) -> Frame:
    people = tuple(
        Person(
            number=one["id"],
            foot=(one["foot"][0], one["foot"][1]),
            box=one["box"] and tuple(one["box"]),
            share=one["share"],
        )
        for one in record["people"]
    )
    return Frame(record["at_s"], people)


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 4) for value in values]
