"""What may be drawn over a camera's picture, checked once, whoever asks: the API, the command
line or a scene file. Kept apart from the types so that a worker need not load shapely.

The record keeps fractions of the frame in ten-thousandths and durations in milliseconds. Each check
returns its values rounded to that, and it is the rounded values that are checked: what was
accepted is what is kept, and it is accepted again when it comes back with a change.
"""

import math
from collections.abc import Set as AbstractSet
from dataclasses import replace

import shapely

from record.cameras import (
    AREA_RULES,
    LINE_RULES,
    WHIP,
    Area,
    Camera,
    Line,
    Mask,
    Point,
    Rule,
)
from record.errors import Invalid
from record.ids import AreaId, LineId
from record.naming import check_line_of_text, check_name
from record.orders import RuleKind
from record.payloads import duration_ms, e4, from_duration_ms, from_e4


def check_line(line: Line, where: str = "line") -> Line:
    """`line` as it is kept, or `Invalid` naming `where`."""
    check_line_of_text(line.name, f"{where}.name")
    kept = replace(
        line,
        a=_kept_point(line.a, f"{where}.a"),
        b=_kept_point(line.b, f"{where}.b"),
        margin=None if line.margin is None else _kept_margin(line.margin, f"{where}.margin"),
    )
    if kept.a == kept.b:
        raise Invalid(f"{where}.b", "both ends of a line are the same point")
    return kept


def check_area(area: Area, where: str = "area") -> Area:
    """`area` as it is kept, or `Invalid` naming `where`: three corners or more, edges do not
    cross."""
    check_line_of_text(area.name, f"{where}.name")
    return replace(area, polygon=_kept_polygon(area.polygon, where))


def check_mask(mask: Mask, where: str = "mask") -> Mask:
    """`mask` as it is kept, or `Invalid` naming `where`; its polygon as an area's."""
    check_line_of_text(mask.name, f"{where}.name")
    return replace(mask, polygon=_kept_polygon(mask.polygon, where))


def _kept_polygon(corners: tuple[Point, ...], where: str) -> tuple[Point, ...]:
    polygon = tuple(
        _kept_point(point, f"{where}.polygon.{index}") for index, point in enumerate(corners)
    )
    if len(polygon) < 3:
        raise Invalid(f"{where}.polygon", f"has {len(polygon)} corners, and needs three or more")
    if len(set(polygon)) != len(polygon):
        raise Invalid(f"{where}.polygon", "names a corner twice")
    # Whole numbers: three corners in a row are found to be so, whatever a fraction cannot hold.
    shape = shapely.Polygon([(e4(point.x), e4(point.y)) for point in polygon])
    if shape.convex_hull.area == 0:
        raise Invalid(f"{where}.polygon", "has no extent")
    if not shape.is_valid:
        raise Invalid(f"{where}.polygon", "crosses itself")
    return polygon


def check_rules(
    rules: tuple[Rule, ...],
    lines: tuple[Line, ...],
    areas: tuple[Area, ...],
    where: str = "rules",
) -> tuple[Rule, ...]:
    """`rules` as they are kept, or `Invalid`: each watches a line or an area that is there, and
    names nothing that its kind does not watch."""
    known_lines = {line.id for line in lines}
    known_areas = {area.id for area in areas}
    for index, rule in enumerate(rules):
        _check_watched("line", rule, rule.line, LINE_RULES, known_lines, f"{where}.{index}")
        _check_watched("area", rule, rule.area, AREA_RULES, known_areas, f"{where}.{index}")
        if rule.persons < 1:
            raise Invalid(f"{where}.{index}.persons", "is 1 or more")
    return tuple(
        replace(
            rule,
            seconds=_kept_seconds(rule.seconds, f"{where}.{index}.seconds"),
            cooldown_s=_kept_seconds(rule.cooldown_s, f"{where}.{index}.cooldown_s"),
        )
        for index, rule in enumerate(rules)
    )


def check_unique(ids: tuple[str, ...], where: str) -> None:
    """Raises `Invalid` when an id stands twice."""
    for index, name in enumerate(ids):
        if name in ids[:index]:
            raise Invalid(f"{where}.{index}.id", f"{name!r} stands twice")


def check_camera(camera: Camera) -> Camera:
    """`camera` as it is kept, or `Invalid` naming the field and the reason."""
    check_name(camera.name, "name")
    check_line_of_text(camera.short_name, "short_name")
    if len(camera.short_name) > 14:
        raise Invalid("short_name", f"has {len(camera.short_name)} characters; 14 fit on the wall")
    check_unique(tuple(line.id for line in camera.lines), "lines")
    check_unique(tuple(area.id for area in camera.areas), "areas")
    check_unique(tuple(rule.id for rule in camera.rules), "rules")
    check_unique(tuple(mask.id for mask in camera.masks), "masks")
    if camera.publishes and camera.sub_url is not None:
        raise Invalid("sub_url", "a camera that publishes to us has no sub-stream")
    if camera.sub_url is not None and camera.sub_url.address == WHIP:
        raise Invalid("sub_url", "begins with 'whip', not with file://, rtsp://, rtsps://")
    if camera.main_evidence and camera.sub_url is None:
        raise Invalid("main_evidence", "needs a sub-stream beside the main stream")
    lines = tuple(check_line(line, f"lines.{index}") for index, line in enumerate(camera.lines))
    areas = tuple(check_area(area, f"areas.{index}") for index, area in enumerate(camera.areas))
    rules = check_rules(camera.rules, lines, areas)
    masks = tuple(check_mask(mask, f"masks.{index}") for index, mask in enumerate(camera.masks))
    return replace(camera, lines=lines, areas=areas, rules=rules, masks=masks)


def _check_watched(
    what: str,
    rule: Rule,
    named: LineId | AreaId | None,
    kinds: AbstractSet[RuleKind],
    known: AbstractSet[LineId] | AbstractSet[AreaId],
    where: str,
) -> None:
    """A rule of one of `kinds` names a known line or area, any other none."""
    article = "an" if what == "area" else "a"
    if rule.kind in kinds and named not in known:
        raise Invalid(
            f"{where}.{what}", f"{rule.kind} watches {article} {what}, and {named!r} is none"
        )
    if rule.kind not in kinds and named is not None:
        raise Invalid(f"{where}.{what}", f"{rule.kind} does not watch {article} {what}")


def _kept_point(point: Point, where: str) -> Point:
    if not (0.0 <= point.x <= 1.0 and 0.0 <= point.y <= 1.0):  # also refuses NaN
        raise Invalid(where, f"({point.x:g}, {point.y:g}) is outside the frame, which is 0 to 1")
    return Point(from_e4(e4(point.x)), from_e4(e4(point.y)))


def _kept_margin(margin: float, where: str) -> float:
    if not (0 < margin < 0.5 and 0 < e4(margin) < e4(0.5)):
        raise Invalid(where, "is a fraction of the frame's width between 0 and 0.5")
    return from_e4(e4(margin))


def _kept_seconds(seconds: float, where: str) -> float:
    if not 0 <= seconds < math.inf:
        raise Invalid(where, "is 0 or more")
    return from_duration_ms(duration_ms(seconds))
