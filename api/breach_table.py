"""Breaches as a table: CSV that a spreadsheet opens with the right letters and runs nothing of."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from api import schemas
from record.breaches import BreachFilter
from record.events import EventType, NewEvent
from record.people import User
from record.places import EVERYTHING
from record.store import Store

BOM = "\ufeff"
"""Without it Excel reads UTF-8 as something else (and Vietnamese as noise)."""
PAGE = 500
FORMULA = frozenset("=+-@\t\r\n")
"""First characters that make a cell a formula (OWASP, CSV injection)."""

COLUMNS = (
    "id",
    "kind",
    "priority",
    "state",
    "opened_at",
    "began_at",
    "ended_at",
    "closed_at",
    "site",
    "site_name",
    "unit",
    "unit_name",
    "camera",
    "camera_name",
    "line_name",
    "area_name",
    "order_number",
    "order_ended",
    "persons",
    "acknowledged_by",
    "acknowledged_by_name",
    "acknowledged_at",
    "resolved_by",
    "resolved_by_name",
    "resolved_at",
    "reason",
)


def harmless(cell: object) -> str:
    """The cell as text; one that looks like a formula gets an apostrophe in front."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in FORMULA else text


def prefers_csv(accept: str) -> bool:
    """Whether `Accept` names `text/csv` with more weight than JSON (RFC 9110 §12.5.1)."""
    weights = {"text/csv": 0.0, "application/json": 0.0}
    for part in accept.split(","):
        kind, *parameters = [piece.strip().lower() for piece in part.split(";")]
        if kind in weights:
            weights[kind] = _weight(parameters)
    return weights["text/csv"] > weights["application/json"]


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


@dataclass(frozen=True, slots=True)
class Export:
    store: Store
    user: User
    wanted: BreachFilter
    at: datetime

    def log(self) -> None:
        """Whoever takes the record out leaves a trace in it.

        Written for the node and not within the reader's scope: without a filter it is about no
        place of theirs.
        """
        wanted = self.wanted
        event = NewEvent(
            type=EventType.EXPORT_MADE,
            time=self.at,
            subject=self.user.id,
            site=wanted.site,
            unit=wanted.unit,
            data={"what": "breaches", "format": "csv", "by": self.user.id},
        )
        with self.store.write(EVERYTHING, self.user.id) as writing:
            writing.events.append(event)


def export_rows(export: Export) -> Iterator[str]:
    """The table, page by page; no transaction is held while the client reads."""
    yield BOM + _lines([COLUMNS])
    cursor: str | None = None
    while True:
        with export.store.read(export.user.scope) as reading:
            page = reading.breaches.list(export.wanted, PAGE, cursor)
        bodies = [schemas.Breach.of(named).model_dump(mode="json") for named in page.items]
        yield _lines(tuple(body[column] for column in COLUMNS) for body in bodies)
        cursor = page.next
        if cursor is None:
            return


def _lines(rows: "Iterator[tuple[object, ...]] | list[tuple[str, ...]]") -> str:
    text = io.StringIO()
    csv.writer(text).writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()
