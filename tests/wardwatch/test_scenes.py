"""Scene files: what is refused names the field and the reason, and what is read is what stands."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from record.cameras import Point
from record.errors import Invalid
from record.orders import RuleKind
from sample_streams.scenes import scene_file, scene_names
from wardwatch.scenes import Stretch, TrueEvent, read_scene

SCENE: dict[str, Any] = {
    "video": "gate.mp4",
    "order": {"from_s": 0, "to_s": 600},
    "lines": [{"id": "gate", "a": [0.75, 1.0], "b": [0.75, 0.45], "margin": 0.02}],
    "areas": [{"id": "yard", "polygon": [[0.1, 0.4], [0.9, 0.4], [0.9, 0.95], [0.1, 0.95]]}],
    "rules": [
        {"id": "r1", "kind": "exit", "line": "gate"},
        {"id": "r2", "kind": "gathering", "area": "yard", "persons": 3, "seconds": 5},
    ],
    "truth": {
        "tolerance_s": 1.0,
        "events": [
            {"kind": "exit", "rule": "r1", "at_s": 18.8},
            {"kind": "gathering", "rule": "r2", "from_s": 31.0, "to_s": 44.0},
        ],
        "occupancy": [{"area": None, "from_s": 6.2, "to_s": 19.6, "count": 1}],
    },
}


def written(folder: Path, scene: object) -> Path:
    (folder / "gate.mp4").touch()
    path = folder / "gate.scene.json"
    path.write_text(json.dumps(scene))
    return path


def changed(path: str, value: object) -> dict[str, Any]:
    """The scene with one field, named by its dotted path, set to `value`; ... removes it."""
    scene = copy.deepcopy(SCENE)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    at: Any = scene
    for part in way:
        at = at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return scene


def test_a_scene_is_read_into_domain_values(tmp_path: Path) -> None:
    scene = read_scene(written(tmp_path, SCENE))
    assert scene.name == "gate"
    assert scene.url.address == (tmp_path / "gate.mp4").as_uri()
    assert (scene.order_from_s, scene.order_to_s) == (0, 600)
    (line,) = scene.lines
    assert (line.id, line.a, line.margin) == ("gate", Point(0.75, 1.0), 0.02)
    assert scene.areas[0].polygon[2] == Point(0.9, 0.95)
    assert [(rule.kind, rule.persons, rule.seconds) for rule in scene.rules] == [
        (RuleKind.EXIT, 1, 0.0),
        (RuleKind.GATHERING, 3, 5.0),
    ]
    assert scene.skipped == ()
    assert scene.truth is not None
    assert scene.truth.events == (
        TrueEvent(RuleKind.EXIT, scene.rules[0].id, 18.8),
        TrueEvent(RuleKind.GATHERING, scene.rules[1].id, 31.0, 44.0),
    )
    assert scene.truth.occupancy == (Stretch(None, 6.2, 19.6, 1),)


def test_truth_may_be_missing_and_a_video_may_be_a_stream(tmp_path: Path) -> None:
    assert read_scene(written(tmp_path, changed("truth", ...))).truth is None
    live = read_scene(written(tmp_path, changed("video", "rtsp://u:p@127.0.0.1:8554/gate")))
    assert live.url.with_credentials() == "rtsp://u:p@127.0.0.1:8554/gate"
    assert str(live.url) == "rtsp://127.0.0.1:8554/…"


def test_truth_without_occupancy_is_not_an_empty_count(tmp_path: Path) -> None:
    unknown = read_scene(written(tmp_path, changed("truth.occupancy", ...))).truth
    nobody = read_scene(written(tmp_path, changed("truth.occupancy", []))).truth
    assert unknown is not None
    assert nobody is not None
    assert unknown.occupancy is None
    assert nobody.occupancy == ()


def test_a_valid_kind_that_is_not_built_yet_is_set_apart(tmp_path: Path) -> None:
    scene = changed("rules.0", {"id": "r1", "kind": "loitering", "area": "yard", "seconds": 60})
    scene["truth"]["events"][0] = {"kind": "loitering", "rule": "r1", "from_s": 1, "to_s": 90}
    read = read_scene(written(tmp_path, scene))
    assert [rule.kind for rule in read.skipped] == [RuleKind.LOITERING]
    assert [rule.kind for rule in read.rules] == [RuleKind.GATHERING]


@pytest.mark.parametrize(
    ("path", "value", "field", "reason"),
    [
        ("rules.0.kind", "exitt", "rules.0.kind", "'exit'"),
        ("rules.0.knid", "exit", "rules.0.knid", "Extra inputs"),
        ("rules.0.line", "door", "rules.0.line", "'door'"),
        ("rules.0.line", ..., "rules.0.line", "watches a line"),
        ("rules.1.area", "garden", "rules.1.area", "'garden'"),
        ("rules.1.persons", 0, "rules.1.persons", "1 or more"),
        ("rules.1.persons", "3", "rules.1.persons", "integer"),
        ("rules.1.seconds", -1, "rules.1.seconds", "0 or more"),
        ("rules.1.id", "r1", "rules.1.id", "twice"),
        ("lines.0.b", [0.75, 1.0], "lines.0.b", "same point"),
        ("lines.0.a", [1.2, 1.0], "lines.0.a", "outside the frame"),
        ("lines.0.a", [0.5], "lines.0.a", "Field required"),
        ("lines.0.margin", 0.9, "lines.0.margin", "between 0 and 0.5"),
        ("areas.0.polygon", [[0, 0], [1, 1]], "areas.0.polygon", "three or more"),
        ("areas.0.polygon", [[0, 0], [1, 1], [1, 0], [0, 1]], "areas.0.polygon", "crosses itself"),
        ("order.to_s", 0, "order", "to_s is after from_s"),
        ("order", ..., "order", "Field required"),
        ("video", "other.mp4", "video", "other.mp4"),
        ("video", "http://127.0.0.1/gate.mp4", "video", "http"),
        ("video", "", "video", "at least 1"),
        ("truth.tolerance_s", 0, "truth.tolerance_s", "greater than 0"),
        ("truth.events.0.rule", "r9", "truth.events.0.rule", "'r9'"),
        ("truth.events.0.kind", "entry", "truth.events.0.rule", "entry"),
        ("truth.events.0.at_s", ..., "truth.events.0", "at_s"),
        ("truth.events.0.from_s", 3, "truth.events.0", "at_s"),
        ("truth.events.1.at_s", 3, "truth.events.1", "from_s"),
        ("truth.events.1.to_s", 30.0, "truth.events.1", "before from_s"),
        ("truth.occupancy.0.area", "garden", "truth.occupancy.0.area", "'garden'"),
        ("truth.occupancy.0.count", -1, "truth.occupancy.0.count", "greater than or equal to 0"),
        ("truth.occupancy.0.to_s", 6.2, "truth.occupancy.0", "to_s is after from_s"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, path: str, value: object, field: str, reason: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_scene(written(tmp_path, changed(path, value)))
    assert refused.value.field.startswith(f"gate.scene.json: {field}")
    assert reason in refused.value.reason
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="cannot be read"):
        read_scene(tmp_path / "gone.scene.json")
    broken = tmp_path / "broken.scene.json"
    broken.write_text("{")
    with pytest.raises(Invalid, match=r"broken\.scene\.json"):
        read_scene(broken)


def test_no_secret_of_an_address_is_repeated(tmp_path: Path) -> None:
    scene = changed("video", "ftp://user:hunter2@127.0.0.1/gate")
    with pytest.raises(Invalid) as refused:
        read_scene(written(tmp_path, scene))
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", scene_names())
def test_every_sample_scene_can_be_read(name: str) -> None:
    scene = read_scene(scene_file(name))
    assert scene.name == name
    assert scene.truth is not None
