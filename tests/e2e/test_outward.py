"""The detector and the screens agree on which side of a line is outward: one table for both."""

import json
from pathlib import Path
from typing import Any

import pytest

from detect.geometry import outward_offset
from record.cameras import Point

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("outward.json").read_text())[
    "cases"
]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_the_detector_follows_the_table_of_the_screens(case: dict[str, Any]) -> None:
    a, b = Point(*case["a"]), Point(*case["b"])
    height_over_width = 1 / case["aspect"]
    assert outward_offset(a, b, Point(*case["outside"]), height_over_width) > 0
    assert outward_offset(a, b, Point(*case["inside"]), height_over_width) < 0
