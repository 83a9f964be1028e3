"""What JSON can say and UTF-8 cannot, in every text of every body: refused by name, never a 500."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from api.app import bare_app
from record.people import Role
from tests.api.conftest import Shared
from tests.api.known_routes import BODIES, NAMES_A_THING, OPERATIONS, OWNERS, Operation

HALF = "\ud800"
"""Half of a surrogate pair: `json.dumps` writes it as an escape, as a client may."""

SCHEMAS = bare_app().openapi()["components"]["schemas"]
BY_ID = {one.id: one for one in OPERATIONS}

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    operation: Operation
    path: Path
    """Names of fields, and `0` for the first one of a list."""

    def __str__(self) -> str:
        return f"{self.operation.id}-{'.'.join(self.path)}"


def texts(schema: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """Where a schema takes text, in whatever form: a name, an id, a time, one of a few words."""
    if "$ref" in schema:
        yield from texts(SCHEMAS[schema["$ref"].rsplit("/", 1)[1]], path)
    for choice in schema.get("anyOf", ()):
        yield from texts(choice, path)
    for name, field in schema.get("properties", {}).items():
        yield from texts(field, (*path, name))
    if schema.get("type") == "array":
        yield from texts(schema.get("items", {}), (*path, "0"))
    if schema.get("type") == "string":
        yield path


def places() -> list[Place]:
    described = bare_app().openapi()["paths"]
    found = []
    for one in OPERATIONS:
        if one.body is not None:
            about = described[one.path][one.method.lower()]["requestBody"]
            schema = about["content"]["application/json"]["schema"]
            found += [Place(one, path) for path in texts(schema)]
    return found


def filled(path: Path) -> Any:
    """The smallest value that holds half a pair at `path`."""
    if not path:
        return HALF
    inner = filled(path[1:])
    return [inner] if path[0] == "0" else {path[0]: inner}


def post(shared: Shared, operation: Operation, more: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    ward = shared.world.north
    sent = {
        name: NAMES_A_THING[name](ward) if value is ... else value
        for name, value in {**BODIES[operation.id], **more}.items()
    }
    path = operation.path
    for name in operation.names("path"):
        path = path.replace(f"{{{name}}}", NAMES_A_THING[name](ward))
    with shared.api.client(ward.people[OWNERS.get(operation.id, Role.SUPERVISOR)]) as client:
        answer = client.request(
            operation.method,
            shared.api.url + path,
            content=json.dumps(sent),
            headers={"content-type": "application/json"},
        )
    return answer.status_code, answer.json()


def test_the_walk_finds_texts_at_every_depth() -> None:
    found = {str(place) for place in places()}
    assert {
        "signIn-username",
        "signIn-password",
        "openBreach-site",
        "commentBreach-text",
        "issueOrder-conditions.must.0",
        "addCamera-rules.0.line",
    } <= found


@pytest.mark.parametrize("place", places(), ids=str)
def test_half_a_surrogate_pair_is_refused_by_name(shared: Shared, place: Place) -> None:
    status, problem = post(shared, place.operation, filled(place.path))
    assert status == 422
    assert ".".join(place.path) in {error["field"] for error in problem["errors"]}


def test_half_a_surrogate_pair_for_a_fields_name_is_refused_as_well(shared: Shared) -> None:
    status, problem = post(shared, BY_ID["commentBreach"], {HALF: "x"})
    assert (status, problem["field"]) == (422, "body")
