"""The generator against itself: pictures, identity map and truth of a short, seeded clip."""

import json
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from sample_streams import scene_boxes, scene_file, scene_names
from sample_streams.generate.boxes import read_boxes
from sample_streams.generate.command import main
from sample_streams.generate.direct import Scene, stage_scene
from sample_streams.generate.material import Material, MaterialMissing
from sample_streams.generate.scene_file import scene_json
from sample_streams.generate.script import Script, View, read_scripts
from sample_streams.generate.stage import HEIGHT, WIDTH
from sample_streams.generate.truth import Person, tell

GENERATED = [name for name in scene_names() if name != "real"]


@pytest.fixture(scope="module")
def material() -> Material:
    return Material.shipped()


@pytest.fixture(scope="module")
def scripts(material: Material) -> dict[str, Script]:
    return read_scripts(material.scripts)


@pytest.fixture(scope="module")
def yard(material: Material, scripts: dict[str, Script]) -> Scene:
    return stage_scene(material, scripts["yard"], seed=7)


def pixels(person: Person) -> tuple[int, int, int, int]:
    assert person.box is not None
    x0, y0, x1, y1 = person.box
    return round(x0 * WIDTH), round(y0 * HEIGHT), round(x1 * WIDTH), round(y1 * HEIGHT)


def test_boxes_shares_and_identity_map_agree(yard: Scene) -> None:
    whole = hidden = 0
    for shot in yard.shots(200, 225):
        for person in shot.truth.people:
            rows, columns = np.nonzero(shot.ids == person.number)
            if person.share == 0:
                assert rows.size == 0
                continue
            x0, y0, x1, y1 = pixels(person)
            seen = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            assert (min(x0, seen[0]), min(y0, seen[1])) == (x0, y0)
            assert (max(x1, seen[2]), max(y1, seen[3])) == (x1, y1)
            if person.share == 1.0:
                whole += 1
                assert (x0, y0, x1, y1) == seen
            else:
                hidden += 1
            assert y1 == pytest.approx(person.foot[1] * HEIGHT, abs=4)
            assert x0 - 2 <= person.foot[0] * WIDTH <= x1 + 2
    assert whole > 25
    assert hidden > 20  # the pole, and people before each other


def test_people_are_in_the_picture_where_the_truth_says(yard: Scene) -> None:
    empty = next(yard.shots(0, 1)).picture.astype(np.float32)
    (shot,) = yard.shots(200, 201)
    changed = np.abs(shot.picture - empty).max(axis=2) > 40
    inside = np.isin(shot.ids, [person.number for person in shot.truth.people])
    assert changed[inside].mean() > 0.7
    far = np.ones_like(inside)
    for person in shot.truth.people:
        x0, y0, x1, y1 = pixels(person)
        far[max(0, y0 - 8) : y1 + 12, max(0, x0 - 25) : x1 + 25] = False
    assert changed[far].mean() < 0.001


def test_the_same_seed_gives_the_same_frame_whatever_came_before(yard: Scene) -> None:
    *_, late = yard.shots(198, 201)
    (alone,) = yard.shots(200, 201)
    assert np.array_equal(late.picture, alone.picture)
    assert late.truth == alone.truth


def test_another_seed_changes_the_noise_and_not_the_truth(
    yard: Scene, material: Material, scripts: dict[str, Script]
) -> None:
    other = next(stage_scene(material, scripts["yard"], seed=8).shots(200, 201))
    this = next(yard.shots(200, 201))
    assert other.truth == this.truth
    assert not np.array_equal(other.picture, this.picture)


def test_a_frozen_camera_repeats_its_last_picture(
    material: Material, scripts: dict[str, Script]
) -> None:
    scene = stage_scene(material, scripts["tamper"], seed=7)
    before, *frozen = (shot.picture for shot in scene.shots(864, 868))
    assert all(np.array_equal(before, picture) for picture in frozen)
    after, *_ = (shot.picture for shot in scene.shots(940, 941))
    assert not np.array_equal(before, after)


@pytest.mark.parametrize(("at_s", "darker_than"), [(19.0, 45.0), (66.0, 15.0)])
def test_covered_and_unlit_cameras_are_dark(
    material: Material, scripts: dict[str, Script], at_s: float, darker_than: float
) -> None:
    scene = stage_scene(material, scripts["tamper"], seed=7)
    (shot,) = scene.shots(round(at_s * 10), round(at_s * 10) + 1)
    assert shot.picture.mean() < darker_than


@pytest.mark.parametrize("name", GENERATED)
def test_the_shipped_scene_is_what_its_script_makes(
    name: str, material: Material, scripts: dict[str, Script]
) -> None:
    """Truth of three frames rendered anew, and the scene file told anew from the boxes."""
    shipped = read_boxes(scene_boxes(name))
    scene = stage_scene(material, scripts[name], seed=1)
    assert len(shipped) == scene.frames
    for at in (scene.frames // 5, scene.frames // 2, 4 * scene.frames // 5):
        (shot,) = scene.shots(at, at + 1)
        assert [p.number for p in shot.truth.people] == [p.number for p in shipped[at].people]
        for fresh, kept in zip(shot.truth.people, shipped[at].people, strict=True):
            assert kept.foot == pytest.approx(fresh.foot, abs=1e-4)
            assert kept.share == pytest.approx(fresh.share, abs=0.01)
            assert (kept.box is None) == (fresh.box is None)
            if kept.box and fresh.box:
                assert kept.box == pytest.approx(fresh.box, abs=0.004)
    told = json.loads(scene_json(f"{name}.mp4", scripts[name], tell(scripts[name], shipped, 0.1)))
    kept_scene = json.loads(scene_file(name).read_text(encoding="utf-8"))
    for part in ("video", "order", "lines", "areas", "rules"):
        assert told[part] == kept_scene[part]
    for fresh, kept in zip(told["truth"]["events"], kept_scene["truth"]["events"], strict=True):
        assert fresh == pytest.approx(kept, abs=0.11) or fresh == kept


def test_a_misspelt_script_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scripts.json"
    good = {"view": {"background": "park"}, "duration_s": 5, "people": [], "crf": 27}
    good |= {"noise_sigma": 1, "rules": [{"id": "r", "kind": "exit", "line": "l"}]}
    path.write_text(json.dumps({"x": good}), encoding="utf-8")
    assert list(read_scripts(path)) == ["x"]
    for bad in ({"duration": 5}, {"rules": [{"id": "r", "kind": "exist", "line": "l"}]}):
        text = json.dumps({"x": good | bad})
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ValidationError):
            read_scripts(path)


def test_missing_material_is_named(material: Material) -> None:
    with pytest.raises(MaterialMissing, match="nobody"):
        material.person("nobody")
    script = Script(View("moon"), 1, (), (), 1, 27)
    with pytest.raises(MaterialMissing, match="moon"):
        stage_scene(material, script, seed=1)


def test_every_rendered_person_walks(material: Material) -> None:
    for number in range(1, 5):
        headings = sorted(loop.heading_deg for loop in material.person(f"r{number}"))
        assert headings == [0, 45, 90, 135, 180, 225, 270, 315]


def test_the_command_says_which_scripts_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nowhere", "--out", str(tmp_path)]) == 2
    assert "gate" in capsys.readouterr().err
