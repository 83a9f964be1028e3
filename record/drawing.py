"""What may be drawn over a camera's picture, checked once, whoever asks: the API, the command
line or a scene file. Kept apart from the types so that a worker need not load shapely."""

import shapely

from record.cameras import AREA_RULES, LINE_RULES, Area, Camera, Line, Point, Rule
from record.errors import Invalid


def check_line(line: Line, where: str = "line") -> Line:
    """`line` itself, or `Invalid` naming `where`."""
    for name, point in (("a", line.a), ("b", line.b)):
        _check_point(point, f"{where}.{name}")
    if line.a == line.b:
        raise Invalid(f"{where}.b", "both ends of a line are the same point")
    if line.margin is not None and not 0 < line.margin < 0.5:
        raise Invalid(f"{where}.margin", "is a fraction of the frame's width between 0 and 0.5")
    return line


def check_area(area: Area, where: str = "area") -> Area:
    """`area` itself, or `Invalid` naming `where`: three corners or more, edges do not cross."""
    polygon = area.polygon
    for index, point in enumerate(polygon):
        _check_point(point, f"{where}.polygon.{index}")
    if len(polygon) < 3:
        raise Invalid(f"{where}.polygon", f"has {len(polygon)} corners; an area has three or more")
    if len(set(polygon)) != len(polygon):
        raise Invalid(f"{where}.polygon", "names a corner twice")
    shape = shapely.Polygon([(point.x, point.y) for point in polygon])
    if not shape.is_valid:
        raise Invalid(f"{where}.polygon", "crosses itself")
    if shape.area == 0:
        raise Invalid(f"{where}.polygon", "has no extent")
    return area


def check_rules(
    rules: tuple[Rule, ...],
    lines: tuple[Line, ...],
    areas: tuple[Area, ...],
    where: str = "rules",
) -> tuple[Rule, ...]:
    """`rules` themselves, or `Invalid`: each watches a line or an area that is there."""
    known_lines = {line.id for line in lines}
    known_areas = {area.id for area in areas}
    for index, rule in enumerate(rules):
        at = f"{where}.{index}"
        if rule.kind in LINE_RULES and rule.line not in known_lines:
            raise Invalid(f"{at}.line", f"{rule.kind} watches a line, and {rule.line!r} is none")
        if rule.kind in AREA_RULES and rule.area not in known_areas:
            raise Invalid(f"{at}.area", f"{rule.kind} watches an area, and {rule.area!r} is none")
        if rule.persons < 1:
            raise Invalid(f"{at}.persons", "is 1 or more")
        if rule.seconds < 0:
            raise Invalid(f"{at}.seconds", "is 0 or more")
        if rule.cooldown_s < 0:
            raise Invalid(f"{at}.cooldown_s", "is 0 or more")
    return rules


def check_unique(ids: tuple[str, ...], where: str) -> None:
    """Raises `Invalid` when an id stands twice."""
    for index, name in enumerate(ids):
        if name in ids[:index]:
            raise Invalid(f"{where}.{index}.id", f"{name!r} stands twice")


def check_camera(camera: Camera) -> Camera:
    """`camera` itself, or `Invalid` naming the field and the reason."""
    if not camera.name.strip():
        raise Invalid("name", "a camera has a name")
    if len(camera.short_name) > 14:
        raise Invalid("short_name", f"has {len(camera.short_name)} characters; 14 fit on the wall")
    check_unique(tuple(line.id for line in camera.lines), "lines")
    check_unique(tuple(area.id for area in camera.areas), "areas")
    check_unique(tuple(rule.id for rule in camera.rules), "rules")
    for index, line in enumerate(camera.lines):
        check_line(line, f"lines.{index}")
    for index, area in enumerate(camera.areas):
        check_area(area, f"areas.{index}")
    check_rules(camera.rules, camera.lines, camera.areas)
    return camera


def _check_point(point: Point, where: str) -> None:
    if not (0.0 <= point.x <= 1.0 and 0.0 <= point.y <= 1.0):  # also refuses NaN
        raise Invalid(where, f"({point.x:g}, {point.y:g}) is outside the frame, which is 0 to 1")
