"""What may be drawn is what is kept: ten-thousandths of the frame, milliseconds."""

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.cameras import Area, Camera, Line, Point, Rule
from record.drawing import check_area, check_camera, check_line, check_rules
from record.errors import Invalid
from record.ids import AreaId, LineId, RuleId
from record.orders import RuleKind
from record.payloads import areas_of, drawing_data, lines_of, rules_of
from tests.record.world import CROWD, EXIT, GYM, camera_at

GATE = LineId("gate")
YARD = AreaId("yard")
fractions = st.floats(0, 1) | st.sampled_from([0.5, 0.50001, 0.50004, 0.50006, 0.99996, 1e-9])
points = st.builds(Point, fractions, fractions)


def refused(camera: Camera) -> str:
    with pytest.raises(Invalid) as refusal:
        check_camera(camera)
    return refusal.value.field


def area(*corners: tuple[float, float]) -> Area:
    return Area(YARD, tuple(Point(x, y) for x, y in corners))


def test_values_are_rounded_to_what_the_record_keeps() -> None:
    line = check_line(Line(GATE, Point(1 / 3, 0), Point(0.66666, 1), margin=0.01234))
    assert line == Line(GATE, Point(0.3333, 0), Point(0.6667, 1), margin=0.0123)
    kept = check_area(area((0, 0), (1 / 3, 0), (0, 1 / 3)))
    assert kept == area((0, 0), (0.3333, 0), (0, 0.3333))
    rules = check_rules((replace(CROWD, seconds=1 / 3, cooldown_s=2 / 3),), (), (kept,))
    assert [(rule.seconds, rule.cooldown_s) for rule in rules] == [(0.333, 0.667)]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Line(GATE, Point(0.5, 0.5), Point(0.50004, 0.5)), "b"),
        (Line(GATE, Point(0, 0), Point(1, 1), margin=0.00004), "margin"),
        (Line(GATE, Point(0, 0), Point(1, 1), margin=0.49996), "margin"),
        (Line(GATE, Point(0, 0), Point(1, 1), margin=nan), "margin"),
        (Line(GATE, Point(0, 0), Point(1, 1), margin=inf), "margin"),
        (Line(GATE, Point(0, 0), Point(1.00001, 1)), "b"),
        (Line(GATE, Point(nan, 0), Point(1, 1)), "a"),
    ],
)
def test_a_line_that_is_none_once_rounded_is_refused(line: Line, field: str) -> None:
    assert refused(replace(camera_at(GYM), lines=(line,))) == f"lines.0.{field}"


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(area((0.5, 0.5), (0.50001, 0.5), (0.5, 0.50001)), id="one point"),
        pytest.param(area((0.1, 0.1), (0.9, 0.1), (0.9, 0.10004)), id="two points"),
        pytest.param(area((0.1, 0.1), (0.5, 0.10004), (0.9, 0.1)), id="a stroke"),
        pytest.param(
            area((0.1, 0.3), (0.2, 0.6), (0.3, 0.9)), id="a stroke off the grid of floats"
        ),
        pytest.param(area((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), id="a bow tie"),
    ],
)
def test_an_area_that_is_none_once_rounded_is_refused(one: Area) -> None:
    assert refused(replace(camera_at(GYM), areas=(one,))) == "areas.0.polygon"


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        (replace(EXIT, area=AreaId("nope")), "area"),
        (replace(EXIT, area=YARD), "area"),
        (replace(CROWD, line=GATE), "line"),
        (Rule(RuleId("dark"), RuleKind.CAMERA_TAMPERED, line=GATE), "line"),
        (replace(EXIT, line=None), "line"),
        (replace(EXIT, line=LineId("nope")), "line"),
        (replace(CROWD, area=None), "area"),
        (replace(CROWD, persons=0), "persons"),
        (replace(CROWD, seconds=-1), "seconds"),
        (replace(CROWD, seconds=inf), "seconds"),
        (replace(CROWD, cooldown_s=nan), "cooldown_s"),
    ],
)
def test_a_rule_names_what_its_kind_watches_and_nothing_else(rule: Rule, field: str) -> None:
    assert refused(replace(camera_at(GYM), rules=(rule,))) == f"rules.0.{field}"


@pytest.mark.parametrize("text", ["\ud800", "a\nb", "x" * 201])
def test_names_of_what_is_drawn_are_text(text: str) -> None:
    camera = camera_at(GYM)
    for odd, field in (
        (replace(camera, name=text), "name"),
        (replace(camera, name=" "), "name"),
        (replace(camera, short_name=text), "short_name"),
        (replace(camera, lines=(replace(camera.lines[0], name=text),)), "lines.0.name"),
        (replace(camera, areas=(replace(camera.areas[0], name=text),)), "areas.0.name"),
    ):
        assert refused(odd) == field


@given(
    a=points,
    b=points,
    margin=st.none() | st.floats(0, 0.5),
    polygon=st.lists(points, min_size=3, max_size=5),
    seconds=st.floats(0, 3600),
)
def test_what_is_accepted_is_what_is_kept_and_is_accepted_again(
    a: Point, b: Point, margin: float | None, polygon: list[Point], seconds: float
) -> None:
    drawn = replace(
        camera_at(GYM),
        lines=(Line(GATE, a, b, margin=margin),),
        areas=(Area(YARD, tuple(polygon)),),
        rules=(replace(CROWD, seconds=seconds), EXIT),
    )
    try:
        accepted = check_camera(drawn)
    except Invalid:
        return  # what is refused is never kept
    data = drawing_data(accepted)
    kept = replace(accepted, lines=lines_of(data), areas=areas_of(data), rules=rules_of(data))
    assert kept == accepted
    assert check_camera(kept) == kept
