"""Text that somebody has to have said something in."""

import unicodedata

import pytest
from pydantic import TypeAdapter, ValidationError

from api.schemas.base import Said

SAID: TypeAdapter[str] = TypeAdapter(Said)


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\u200b",
        "\u200b\u200d \ufeff",
        "\u2060",
        "\u00ad",
        "\u202e",
        "\ufe0f",
        "\u0301",
        "\u3164",
        "\u2800",
        "\U000e0041",
        "\n\t\x7f",
    ],
)
def test_what_shows_nothing_says_nothing(text: str) -> None:
    with pytest.raises(ValidationError, match="is blank"):
        SAID.validate_python(text)


@pytest.mark.parametrize(
    "text",
    [
        "fight at the gate",
        unicodedata.normalize("NFD", "đánh nhau ở cổng"),
        "\u200b1",
        "?",
        "🔥",
        "\u06cc\u200c\u0647",
    ],
)
def test_what_shows_something_is_taken_as_it_is(text: str) -> None:
    assert SAID.validate_python(text) == text
