"""Domain values as event payloads and back: integers, text, booleans, lists and objects only.

Lengths that are fractions are whole ten-thousandths (`_e4`: 0.06 px of a frame 640 wide), moments
are `record.moments.stamp`, durations are whole milliseconds (`_ms`).
"""

from collections.abc import Mapping
from typing import cast

from record.breaches import Explanation, OrderRef
from record.cameras import Area, Camera, Line, Mask, Point, Priority, Rule
from record.errors import Invalid
from record.events import Json
from record.ids import AreaId, LineId, MaskId, OrderId, RuleId
from record.moments import parse, stamp
from record.orders import OrderInForce, RuleKind
from record.sightings import Footstep, Raised, Why

Data = dict[str, Json]


def e4(fraction: float) -> int:
    return round(fraction * 10_000)


def from_e4(value: int) -> float:
    return value / 10_000


def duration_ms(seconds: float) -> int:
    return round(seconds * 1000)


def from_duration_ms(value: int) -> float:
    return value / 1000


def point_data(point: Point) -> list[Json]:
    return [e4(point.x), e4(point.y)]


def why_data(why: Why) -> Data:
    data: Data = {
        "track": why.track,
        "direction": why.direction.value if why.direction else None,
        "confidence_e4": e4(why.confidence),
        "model": why.model,
        "path": [footstep_data(step) for step in why.path],
    }
    return data if why.reason is None else data | {"reason": why.reason.value}


def footstep_data(step: Footstep) -> list[Json]:
    return [e4(step.point.x), e4(step.point.y), stamp(step.at)]


def explanation_of(data: Json) -> Explanation | None:
    """`data.why` as stored; None: raised by hand."""
    if not isinstance(data, dict):
        return None
    path = cast("list[tuple[int, int, str]]", data["path"])
    return Explanation(
        track=cast("int | None", data["track"]),
        direction=cast("str | None", data["direction"]),
        confidence=from_e4(cast("int", data["confidence_e4"])),
        model=cast("str", data["model"]),
        path=tuple((parse(at), Point(from_e4(x), from_e4(y))) for x, y, at in path),
        reason=cast("str | None", data.get("reason")),
    )


def raised_data(raised: Raised, place: Mapping[str, Json]) -> Data:
    """What `breach.opened` and `observation.recorded` share; `place` names site, unit, camera."""
    rule = raised.rule
    return {
        **place,
        "kind": rule.kind.value,
        "rule": rule.id,
        "line": rule.line,
        "area": rule.area,
        "persons": raised.persons,
        "began_at": stamp(raised.began_at),
        "decided_at": stamp(raised.decided_at),
        "why": why_data(raised.why),
    }


def order_refs_data(orders: tuple[OrderInForce, ...]) -> list[Json]:
    return [{"id": item.id, "number": item.number, "version": item.version} for item in orders]


def order_refs(data: Json) -> tuple[OrderRef, ...]:
    items = cast("list[dict[str, Json]]", data)
    return tuple(
        OrderRef(
            OrderId(cast("str", item["id"])),
            cast("str", item["number"]),
            cast("int", item["version"]),
        )
        for item in items
    )


def camera_data(camera: Camera) -> Data:
    """Everything of a camera but its address: that may hold secrets, even in its query."""
    return {
        "camera": camera.id,
        "site": camera.site,
        "name": camera.name,
        "short_name": camera.short_name,
        "enabled": camera.enabled,
        "version": camera.version,
        "transport": camera.transport.value,
        "main_evidence": camera.main_evidence,
        **drawing_data(camera),
    }


def drawing_data(camera: Camera) -> Data:
    """Lines, areas, rules and masks."""
    return {
        "lines": [_line_data(line) for line in camera.lines],
        "areas": [_area_data(area) for area in camera.areas],
        "rules": [_rule_data(rule) for rule in camera.rules],
        "masks": [_mask_data(mask) for mask in camera.masks],
    }


def check_plain_ids(camera: Camera) -> None:
    """Raises `Invalid` for an id that cannot be a key of a payload: ids are plain ASCII."""
    ids: dict[str, list[str]] = {
        "lines": [line.id for line in camera.lines],
        "areas": [area.id for area in camera.areas],
        "rules": [rule.id for rule in camera.rules],
        "masks": [mask.id for mask in camera.masks],
    }
    for where, names in ids.items():
        for index, name in enumerate(names):
            if not (name and name.isascii() and name.isprintable()):
                raise Invalid(f"{where}.{index}.id", "is letters, digits and signs of ASCII")


def _line_data(line: Line) -> Data:
    return {
        "id": line.id,
        "name": line.name,
        "a_e4": point_data(line.a),
        "b_e4": point_data(line.b),
        "margin_e4": None if line.margin is None else e4(line.margin),
        "perimeter": line.perimeter,
    }


def _area_data(area: Area) -> Data:
    return {
        "id": area.id,
        "name": area.name,
        "polygon_e4": [point_data(point) for point in area.polygon],
        "counts": area.counts,
    }


def _mask_data(mask: Mask) -> Data:
    return {
        "id": mask.id,
        "name": mask.name,
        "polygon_e4": [point_data(point) for point in mask.polygon],
    }


def _rule_data(rule: Rule) -> Data:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "line": rule.line,
        "area": rule.area,
        "persons": rule.persons,
        "seconds_ms": duration_ms(rule.seconds),
        "cooldown_ms": duration_ms(rule.cooldown_s),
        "priority": rule.priority.value if rule.priority else None,
    }


def _point(value: Json) -> Point:
    x, y = cast("list[int]", value)
    return Point(from_e4(x), from_e4(y))


def lines_of(data: Mapping[str, Json]) -> tuple[Line, ...]:
    return tuple(_line(item) for item in cast("list[Data]", data["lines"]))


def areas_of(data: Mapping[str, Json]) -> tuple[Area, ...]:
    return tuple(_area(item) for item in cast("list[Data]", data["areas"]))


def rules_of(data: Mapping[str, Json]) -> tuple[Rule, ...]:
    return tuple(_rule(item) for item in cast("list[Data]", data["rules"]))


def masks_of(data: Mapping[str, Json]) -> tuple[Mask, ...]:
    """A camera that was kept before there were masks has none."""
    return tuple(_mask(item) for item in cast("list[Data]", data.get("masks", [])))


def _mask(item: Data) -> Mask:
    return Mask(
        id=MaskId(cast("str", item["id"])),
        polygon=tuple(_point(point) for point in cast("list[Json]", item["polygon_e4"])),
        name=cast("str", item["name"]),
    )


def _line(item: Data) -> Line:
    margin = cast("int | None", item["margin_e4"])
    return Line(
        id=LineId(cast("str", item["id"])),
        a=_point(item["a_e4"]),
        b=_point(item["b_e4"]),
        name=cast("str", item["name"]),
        margin=None if margin is None else from_e4(margin),
        perimeter=cast("bool", item["perimeter"]),
    )


def _area(item: Data) -> Area:
    return Area(
        id=AreaId(cast("str", item["id"])),
        polygon=tuple(_point(point) for point in cast("list[Json]", item["polygon_e4"])),
        name=cast("str", item["name"]),
        counts=cast("bool", item["counts"]),
    )


def _rule(item: Data) -> Rule:
    line, area = cast("str | None", item["line"]), cast("str | None", item["area"])
    priority = cast("str | None", item["priority"])
    return Rule(
        id=RuleId(cast("str", item["id"])),
        kind=RuleKind(cast("str", item["kind"])),
        line=LineId(line) if line is not None else None,
        area=AreaId(area) if area is not None else None,
        persons=cast("int", item["persons"]),
        seconds=from_duration_ms(cast("int", item["seconds_ms"])),
        cooldown_s=from_duration_ms(cast("int", item["cooldown_ms"])),
        priority=Priority(priority) if priority else None,
    )
