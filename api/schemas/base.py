"""What all bodies share: times, points, strictness, problem details."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import core_schema

from record.cameras import Point
from record.moments import stamp

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)")


def _as_written(value: object) -> object:
    """Text in one form only: pydantic would take a number for seconds since 1970."""
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        raise ValueError("is not a time like 2026-11-24T03:12:00Z, with its zone")
    if not isinstance(value, str | datetime):
        raise ValueError("is not text")  # noqa: TRY004 - pydantic's validators raise ValueError
    return value


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside the calendar") from error


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_as_written),
    AfterValidator(_in_utc),
    PlainSerializer(stamp, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-24T03:12:00Z"]}),
]
"""An aware moment; a time without a zone is refused rather than guessed."""

Fraction = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Spot = Annotated[
    tuple[Fraction, Fraction],
    Field(description="[x, y] in fractions of the frame, 0 to 1, x to the right and y down"),
]


def spot(point: Point) -> tuple[float, float]:
    return (point.x, point.y)


def point(at: tuple[float, float]) -> Point:
    return Point(at[0], at[1])


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds a NUL character")
    if not encodable(text):
        raise ValueError("holds half of a surrogate pair, which is no character")
    return text


def encodable(text: str) -> bool:
    """Whether UTF-8 can say it. JSON can name half of a surrogate pair, `"\\ud800"`."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(_source: Any, handler: Any) -> core_schema.CoreSchema:
    return core_schema.no_info_after_validator_function(_storable, handler(str))


Text = Annotated[str, GetPydanticSchema(_text)]
"""Text a database can hold: PostgreSQL knows no NUL, and neither knows what is not Unicode."""


_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs that show nothing: fillers of Hangul, and a Braille cell without dots."""


def shows(text: str) -> bool:
    """Whether anything of it can be seen: a letter, figure, mark of punctuation or sign. Spaces,
    controls, joiners, what is of no width, and accents without a letter are none (Unicode's
    general categories)."""
    return any(unicodedata.category(one)[0] in "LNPS" and one not in _BLANK for one in text)


def _says_something(text: str) -> str:
    if text and not shows(text):
        raise ValueError("is blank")
    return text


Said = Annotated[Text, Field(min_length=1), AfterValidator(_says_something)]
"""Text that shows something."""

Whole = Annotated[int, Field(strict=True)]
"""A whole number and nothing that could be taken for one: no `true`, no `"2"`, no `2.0`."""

Flag = Annotated[bool, Field(strict=True)]
"""`true` or `false`: no `"yes"`, no `1`."""

Id = Annotated[Text, Field(min_length=1, max_length=64)]
"""An id somebody sends us; whether it is one of ours, the store knows."""

DrawnId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
"""An id that the person who draws chooses: `gate`, `yard`."""


class Sent(BaseModel):
    """A body that somebody sends: a field we do not know is refused by name, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Answer(BaseModel):
    """A body that we answer with: every field always present."""

    model_config = ConfigDict(frozen=True)


class FieldError(Answer):
    field: str = Field(description="Dotted path as it was sent, such as `areas.0.polygon`")
    reason: str


class Problem(BaseModel):
    """RFC 9457 problem details. `type` is stable; `detail` is one sentence for a person."""

    model_config = ConfigDict(frozen=True, extra="allow")
    type: str = Field(examples=["urn:wardwatch:problem:not-in-scope"])
    title: str
    status: int
    detail: str
    field: str | None = Field(default=None, description="The field at fault, where there is one")
    errors: list[FieldError] | None = None
    by: str | None = Field(default=None, description="Who was first (409)")
    by_name: str | None = None
    at: str | None = Field(default=None, description="When they were (409)")
    state: str | None = None
    reason: str | None = None
    last_at: str | None = Field(default=None, description="Capture time of the last picture (503)")
    retry_after: int | None = Field(default=None, description="Seconds (429, 503)")
    id: str | None = Field(default=None, description="To find an unexpected failure in the log")
