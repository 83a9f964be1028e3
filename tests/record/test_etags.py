"""`If-Match`: a list of entity-tags."""

import pytest

from record.etags import named


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"one"', True),
        ('"two", "one"', True),
        ('"one","two"', True),
        ('W/"one"', False),
        ('W/"one", "one"', True),
        ('"a, b", "one"', True),
        ('"other"', False),
        ("one", False),
        ("", False),
    ],
)
def test_a_list_names_a_tag(header: str, expected: bool) -> None:
    assert named(header, '"one"') is expected
