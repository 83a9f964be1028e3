"""Every route there is, found in the OpenAPI: who is let in, and what of others they can reach.

A new route cannot be forgotten: a parameter, a body or a field that names a place and is not in
`known_routes.py` fails the first test.
"""

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from record.cameras import WHIP, CameraUrl
from record.ids import BreachId, CameraId, EvidenceId, OrderId, SiteId, UnitId, UserId, new_id
from record.people import Role, User
from record.places import EVERYTHING, Scope, Site
from tests.api.conftest import Running, Shared
from tests.api.known_routes import (
    ALSO_MAY_NOT,
    BODIES,
    BY_TOKEN,
    LISTS,
    NAMES_A_THING,
    NAMES_NOTHING,
    OPERATIONS,
    OTHER_FIELDS,
    OWNERS,
    PUBLIC,
    SIGNED,
    TEXTS,
    WRITES_FOR_ALL,
    Case,
    Operation,
    cases,
)
from tests.api.world import PASSWORD_HASH, Ward, World


@pytest.fixture
def api(shared: Shared) -> Running:
    return shared.api


@pytest.fixture
def world(shared: Shared) -> World:
    return shared.world


@dataclass(frozen=True, slots=True)
class Neighbours:
    """People whose scope is one other site of the northern ward."""

    people: dict[Role, str]
    order: OrderId
    """Of the northern site alone; the ward's own order is theirs as well."""


@pytest.fixture(scope="module")
def neighbours(shared: Shared) -> Neighbours:
    north, people = shared.world.north, {}
    beside = Site(SiteId("site-beside"), north.unit, "Nhà bên")
    with shared.world.store.write(EVERYTHING) as writing:
        writing.sites.add(beside)
        for role in (Role.SUPERVISOR, Role.AUTHORITY, Role.INSTALLER):
            people[role] = f"{role.value}.beside"
            scope = Scope.of_site(beside.id)
            user = User(UserId(new_id()), people[role], "Nhà bên", role, scope)
            writing.users.add(user, PASSWORD_HASH)
        held = writing.orders.get(north.order)
        order = OrderId("order-of-site-north")
        writing.orders.issue(replace(held, id=order, unit=None, site=north.site))
    return Neighbours(people, order)


def test_every_parameter_and_field_is_known_to_the_tables() -> None:
    for one in OPERATIONS:
        for name in [*(name for _, name in one.parameters), *(one.body or ())]:
            assert name in NAMES_A_THING or name in NAMES_NOTHING, f"{one.id}: what is {name}?"
        assert (one.body is not None) == (one.id in BODIES), one.id
        if one.method != "GET":
            assert one.id in ALSO_MAY_NOT or one.id in WRITES_FOR_ALL, one.id
    for case in cases():
        given = case.place != "body" or BODIES[case.operation.id].get(case.name) is ...
        assert given or str(case).replace("-", ".") in OTHER_FIELDS, str(case)


def nothing(_ward: Ward) -> str:
    return "no-such-thing"


def visit(
    client: httpx.Client,
    url: str,
    operation: Operation,
    ward: Ward,
    *,
    query: str | None = None,
    body: dict[str, Any] | None = None,
) -> tuple[int, dict[str, Any]]:
    """Status and JSON; of a stream the status only, so that nothing waits for its end."""
    path = operation.path
    for name in operation.names("path"):
        path = path.replace(f"{{{name}}}", NAMES_A_THING.get(name, nothing)(ward))
    params = {} if query is None else {query: NAMES_A_THING[query](ward)}
    sent = None
    if operation.body is not None:
        sent = {
            name: NAMES_A_THING[name](ward) if value is ... else value
            for name, value in {**BODIES[operation.id], **(body or {})}.items()
        }
    what: dict[str, Any] = {"json": sent}
    if operation.id in TEXTS:
        what = {"content": "v=0\r\n", "headers": {"Content-Type": TEXTS[operation.id]}}
    with client.stream(operation.method, url + path, params=params, **what) as answer:
        kind = answer.headers.get("content-type", "")
        if "json" not in kind:
            return answer.status_code, {}
        answer.read()
        return answer.status_code, answer.json()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.id)
def test_nobody_unsigned_gets_in(world: World, api: Running, operation: Operation) -> None:
    with api.client() as client:
        status, body = visit(client, api.url, operation, world.north)
    if operation.id == "signIn":
        assert body["type"].endswith(":sign-in-refused")
    elif operation.id == "redeemPairing":
        assert body["type"].endswith(":pairing-refused")
    elif operation.id in BY_TOKEN:
        assert status == 401
        assert body["type"].endswith(":publisher-refused")
    elif operation.id in PUBLIC:
        assert status == 200
    else:
        assert status == 401
        assert body["type"] == "urn:wardwatch:problem:not-signed-in"


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v1", "/api/v1/x", "/api/v2/me", "/api/v1/me/"]
)
def test_what_does_not_exist_is_closed_as_well(api: Running, path: str) -> None:
    with api.client() as client:
        answer = client.get(f"{api.url}{path}")
    assert answer.status_code in {401, 404}
    assert (answer.status_code == 401) == path.startswith("/api/")


@pytest.mark.parametrize("case", cases(), ids=str)
def test_another_wards_things_are_not_there(world: World, api: Running, case: Case) -> None:
    check_hidden(world, api, case, world.north, world.south.people)


@pytest.mark.parametrize(
    "case",
    # The ward's own name stands on their pages too; what it leads to is checked below.
    [one for one in cases() if (one.operation.method, one.name[:4]) != ("GET", "unit")],
    ids=str,
)
def test_another_sites_things_of_the_same_ward_are_not_there(
    world: World, api: Running, neighbours: Neighbours, case: Case
) -> None:
    ward = replace(world.north, order=neighbours.order)
    check_hidden(world, api, case, ward, neighbours.people)


@pytest.mark.parametrize("operation", LISTS, ids=lambda one: one.id)
def test_lists_hold_nothing_of_another_site_of_the_ward(
    world: World, api: Running, neighbours: Neighbours, operation: Operation
) -> None:
    north = world.north
    theirs = {north.site, north.camera, north.other_camera, north.breach, neighbours.order}
    with api.client(neighbours.people[Role.SUPERVISOR]) as client:
        for query in [None, *({"unit"} & set(operation.names("query")))]:
            status, body = visit(client, api.url, operation, north, query=query)
            assert status == 200
            assert not {one for one in theirs if f"'{one}'" in str(body)}


def check_hidden(
    world: World, api: Running, case: Case, ward: Ward, strangers: dict[Role, str]
) -> None:
    """The owner reaches it, a stranger of the same role gets 404, and then the owner still does:
    what was refused has changed nothing."""
    operation = case.operation
    role = OWNERS.get(operation.id, Role.SUPERVISOR)
    query = case.name if case.place == "query" else None
    body = OTHER_FIELDS.get(str(case).replace("-", "."))
    if operation.id in {"acknowledgeBreach", "resolveBreach", "dismissBreach"}:
        ward = replace(ward, breach=world.raise_breach(ward))
    elif operation.id == "removeCamera":
        ward = with_new_camera(world, ward)
    elif operation.id in {"makePublishToken", "pairCamera"}:
        ward = with_new_camera(world, ward, CameraUrl.parse(WHIP))
    with (
        api.client(ward.people[role]) as owner,
        api.client(strangers[role]) as other,
    ):
        if case.place == "path":
            assert readable(owner, api.url, operation, ward)
        if operation.method == "GET":
            assert visit(owner, api.url, operation, ward, query=query)[0] == 200
        status, problem = visit(other, api.url, operation, ward, query=query, body=body)
        assert (status, problem["type"]) == (404, "urn:wardwatch:problem:not-in-scope")
        status, _ = visit(owner, api.url, operation, ward, query=query, body=body)
        assert status in {200, 201, 204}


def with_new_camera(world: World, ward: Ward, url: CameraUrl | None = None) -> Ward:
    """One that may be removed."""
    with world.store.write(EVERYTHING) as writing:
        like = writing.cameras.get(ward.camera)
        made = replace(like, id=CameraId(new_id()), name="Cổng phụ", url=url or like.url)
        camera = writing.cameras.add(made)
    return replace(ward, camera=camera.id)


def readable(owner: httpx.Client, url: str, operation: Operation, ward: Ward) -> bool:
    """The thing itself, by the shortest GET that names it."""
    begin = operation.path[: operation.path.index("}") + 1]
    thing = next(one for one in OPERATIONS if (one.method, one.path) == ("GET", begin))
    return visit(owner, url, thing, ward)[0] == 200


@pytest.mark.parametrize("case", cases(), ids=str)
def test_absent_and_forbidden_look_alike(world: World, api: Running, case: Case) -> None:
    role = OWNERS.get(case.operation.id, Role.SUPERVISOR)
    query = case.name if case.place == "query" else None
    body = OTHER_FIELDS.get(str(case).replace("-", "."))
    absent = replace(
        world.north,
        unit=UnitId("no-such-thing"),
        site=SiteId("no-such-thing"),
        camera=CameraId("no-such-thing"),
        order=OrderId("no-such-thing"),
        breach=BreachId("no-such-thing"),
        evidence=EvidenceId("no-such-thing"),
    )
    with api.client(world.south.people[role]) as other:
        for_forbidden = visit(other, api.url, case.operation, world.north, query=query, body=body)
        for_absent = visit(other, api.url, case.operation, absent, query=query, body=body)
    words = [answer[1].pop("detail").split("'")[0] for answer in (for_forbidden, for_absent)]
    assert words[0] == words[1]
    assert for_forbidden == for_absent


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.id in ALSO_MAY_NOT], ids=lambda one: one.id
)
def test_a_role_without_the_right_is_told_so_for_what_it_may_see(
    world: World, api: Running, operation: Operation
) -> None:
    role = ALSO_MAY_NOT[operation.id]
    with api.client(world.north.people[role]) as client:
        status, problem = visit(client, api.url, operation, world.north)
        assert (status, problem["type"]) == (403, "urn:wardwatch:problem:not-allowed")
        if operation.names("path"):
            status, problem = visit(client, api.url, operation, world.south)
            assert (status, problem["type"]) == (404, "urn:wardwatch:problem:not-in-scope")


@pytest.mark.parametrize(
    "operation",
    [one for one in SIGNED if one.method == "GET"],
    ids=lambda one: one.id,
)
def test_an_unknown_parameter_is_refused_by_name(
    world: World, api: Running, operation: Operation
) -> None:
    path = operation.path
    for name in operation.names("path"):
        path = path.replace(f"{{{name}}}", NAMES_A_THING[name](world.north))
    with api.client("supervisor.north") as client:
        answer = client.get(api.url + path, params={"sate": "open"})
    assert answer.status_code == 422
    assert answer.json()["field"] == "sate"


@pytest.mark.parametrize(
    "operation", [one for one in SIGNED if one.body is not None], ids=lambda one: one.id
)
def test_an_unknown_field_is_refused_by_name(
    world: World, api: Running, operation: Operation
) -> None:
    role = OWNERS.get(operation.id, Role.SUPERVISOR)
    with api.client(world.north.people[role]) as client:
        status, problem = visit(
            client, api.url, operation, world.north, body={"noet": "hunter2-typed"}
        )
    assert status == 422
    assert problem["errors"] == [{"field": "noet", "reason": "is not a field of this"}]
    assert "hunter2" not in str(problem)
