"""`make prove` leaves none of its tests out."""

from pathlib import Path

from tests.prove import ROOT, TESTS

HERE = Path(__file__)
MARK = "pytest.mark." + "prove"


def test_every_test_of_the_full_counts_is_in_one_part() -> None:
    marked = [path for path in HERE.parent.rglob("test_*.py") if MARK in path.read_text("utf-8")]
    places = [ROOT / place for _, places in TESTS.values() for place in places]
    homes = {path: [place for place in places if place in path.parents] for path in marked}
    assert len(marked) > 5
    assert {path for path, found in homes.items() if len(found) != 1} == set()
