"""Documentation is a tested promise: what the code has, the documents name."""

from pathlib import Path

import pytest
import typer

from api.app import bare_app
from api.paths import V1
from api.problems import PROBLEMS, ROUTING, Row
from record.cameras import CameraReason
from record.events import AUDIENCE, EventType
from record.orders import RuleKind
from record.reasons import REMEDIES
from wardwatch.cli import app
from wardwatch.import_table import COLUMNS
from wardwatch.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def commands(tree: typer.Typer, prefix: str = "wardwatch") -> list[str]:
    own = [
        f"{prefix} {each.name or each.callback.__name__}"
        for each in tree.registered_commands
        if each.callback is not None and not each.hidden
    ]
    for group in tree.registered_groups:
        assert group.typer_instance is not None
        own += commands(group.typer_instance, f"{prefix} {group.name}")
    return own


def calls() -> list[str]:
    paths = bare_app().openapi()["paths"]
    methods = ("get", "post", "put", "patch", "delete")
    return [
        f"{method.upper()} {path.removeprefix(V1)}"
        for path, operations in paths.items()
        for method in methods
        if method in operations
    ]


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_every_setting_has_a_row(name: str) -> None:
    assert f"| `{name}` | `WARDWATCH_{name.upper()}` |" in page("settings.md")


@pytest.mark.parametrize("command", commands(app))
def test_every_command_has_a_row(command: str) -> None:
    assert f"| `{command}" in page("commands.md")


@pytest.mark.parametrize("event", EventType)
def test_every_event_type_has_a_row_with_who_sees_it(event: EventType) -> None:
    audience = ", ".join(sorted(AUDIENCE.get(event, ()))) or "nobody yet"
    row = next(
        (line for line in page("events.md").splitlines() if line.startswith(f"| `{event.full}` |")),
        "",
    )
    assert audience in row


@pytest.mark.parametrize("kind", RuleKind)
def test_every_rule_kind_is_explained(kind: RuleKind) -> None:
    assert f"| `{kind}` |" in page("detection.md")


@pytest.mark.parametrize("call", calls())
def test_every_call_has_a_row(call: str) -> None:
    assert f"| `{call}` |" in page("http.md")


@pytest.mark.parametrize("row", [*PROBLEMS.values(), *ROUTING.values()], ids=lambda row: row.slug)
def test_every_problem_type_has_a_row_with_its_status(row: Row) -> None:
    assert f"| `{row.slug}` | {row.status} |" in page("http.md")


@pytest.mark.parametrize("reason", CameraReason)
def test_every_reason_has_a_row_in_the_words_of_the_table(reason: CameraReason) -> None:
    remedy = REMEDIES[reason]
    row = f"| `{reason.value}` | {remedy.says} | {remedy.cause} | {remedy.mend} |"
    assert row in page("cameras.md").splitlines()


@pytest.mark.parametrize("column", COLUMNS)
def test_every_column_of_a_table_is_explained(column: str) -> None:
    assert any(
        f"`{column}`" in line.split("|")[1]
        for line in page("cameras.md").splitlines()
        if line.startswith("|")
    )
