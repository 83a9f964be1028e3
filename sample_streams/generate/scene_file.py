"""The scene file beside a clip: lines, areas, rules, and what really happens."""

import json
import re
from dataclasses import asdict
from typing import Any

from sample_streams.generate.script import Script
from sample_streams.generate.truth import Count, Lasting, Moment, Truth

TOLERANCE_S = 1.0
ORDER_TO_S = 600


def scene_json(video: str, script: Script, truth: Truth) -> str:
    """The scene file: order, lines, areas, rules and truth."""
    scene = {
        "video": video,
        "order": {"from_s": 0, "to_s": ORDER_TO_S},
        "lines": [{"id": line.id, "a": line.a, "b": line.b} for line in script.lines],
        "areas": [{"id": area.id, "polygon": area.polygon} for area in script.areas],
        "rules": [_given(asdict(rule)) for rule in script.rules],
        "truth": {
            "tolerance_s": TOLERANCE_S,
            "events": [_event(event) for event in truth.events],
            "occupancy": [_count(count) for count in truth.occupancy],
        },
    }
    return _compact(json.dumps(scene, indent=1)) + "\n"


def _event(event: Moment | Lasting) -> dict[str, Any]:
    return {
        key: round(value, 2) if isinstance(value, float) else value
        for key, value in asdict(event).items()
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "area": count.area,
        "from_s": round(count.from_s, 2),
        "to_s": round(count.to_s, 2),
        "count": count.count,
    }


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """Without what the rule leaves open; whole seconds as whole numbers."""
    return {
        key: int(value) if isinstance(value, float) and value.is_integer() else value
        for key, value in values.items()
        if value is not None
    }


def _compact(text: str) -> str:
    """Innermost lists and objects, and lists of points, on one line each: people read this."""
    for pattern in (
        r"([\[{])\s+([^\[\]{}]*?)\s+([\]}])",
        r"(\[)\s+((?:\[[^\[\]]*\],?\s*)+?)\s*(\])",
    ):
        text = re.sub(pattern, lambda m: m[1] + " ".join(m[2].split()) + m[3], text)
    return text
