"""Every picture that leaves goes through one maker, privacy masks with it. Read off the code, so
that a route which is built one day without them fails here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "ingest", "relay", "wardwatch")
MAKERS = {
    "wardwatch/worker_veil.py": "unreadable, with masks",
    "wardwatch/worker_clear.py": "with the right, a reason and a time limit; masks stay",
}
"""Modules that may turn a camera's picture into pixels to be shown."""
LOOKS_ONLY = {
    "ingest/picture.py": "the pictures themselves",
}
"""Modules that have pixels and pass none on."""
ENCODES = {"imencode", "imwrite"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.AST) -> set[str]:
    """Names of the methods and functions that are called in `node`."""
    names = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            match one.func:
                case ast.Attribute(attr=name) | ast.Name(id=name):
                    names.add(name)
    return names


MODULES = dict(modules())


@pytest.mark.parametrize("name", list(MODULES))
def test_pixels_of_a_camera_come_from_the_makers_only(name: str) -> None:
    if name not in MAKERS and name not in LOOKS_ONLY:
        assert not called(MODULES[name]) & {"bgr", "planes", "to_ndarray", "to_image"}


def encoders() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and called(node) & ENCODES:
                yield name, node


ENCODERS = [pytest.param(*one, id=f"{one[0]}:{one[1].name}") for one in encoders()]


def test_there_are_encoders_to_look_at() -> None:
    assert {name for name, _ in encoders()} >= {
        "wardwatch/probing.py",
        "wardwatch/evidence_snapshot.py",
        "wardwatch/worker_stills.py",
    }


@pytest.mark.parametrize(("name", "function"), ENCODERS)
def test_whatever_becomes_a_jpeg_was_made_there_with_the_masks(
    name: str, function: ast.FunctionDef
) -> None:
    makes = [
        one
        for one in ast.walk(function)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and one.func.attr == "of"
    ]
    assert makes, f"{name}: {function.name} encodes what no maker made"
    for one in makes:
        assert any("masks" in ast.unparse(argument) for argument in one.args)


def test_a_live_view_and_a_rendition_draw_with_the_masks() -> None:
    for name in ("wardwatch/worker_view.py", "wardwatch/evidence_rendition.py"):
        makes = [
            ast.unparse(one)
            for one in ast.walk(MODULES[name])
            if isinstance(one, ast.Call)
            and ast.unparse(one.func).endswith(("veiled.of", "drawing.draw"))
        ]
        assert makes, name
        assert all("masks" in one for one in makes)
