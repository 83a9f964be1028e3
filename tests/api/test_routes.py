"""Every route there is, found in the OpenAPI: who is let in, and what of others they can reach.

A new route cannot be forgotten: a parameter, a body or a field that names a place and is not in
the tables below fails the first test.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from api.app import bare_app
from record.cameras import WHIP, CameraUrl
from record.ids import BreachId, CameraId, EvidenceId, OrderId, SiteId, UnitId, UserId, new_id
from record.people import Role, User
from record.places import EVERYTHING, Scope, Site
from tests.api.conftest import Running, Shared
from tests.api.world import PASSWORD_HASH, Ward, World

PUBLIC = {"signIn", "redeemPairing", "readHealth", "readReadiness", "readMetrics"}
"""Without a session. `readMetrics` asks for a token of its own, but not in the demo."""

BY_TOKEN = {
    *("publishPicture", "patchPublication", "endPublication"),
    *("readWhip", "readPublication", "listPublisherIceServers"),
}
"""With a camera's own token and no session (`test_whip.py`)."""

OF_A_SESSION = {"trickleToView", "closeView"}
"""They name a view, which is there for the session that opened it alone (`test_live_views.py`)."""

TEXTS = {"openView": "application/sdp", "trickleToView": "application/trickle-ice-sdpfrag"}
"""Whose body is text of that type."""

NAMES_A_THING: dict[str, Callable[[Ward], str]] = {
    "unit": lambda ward: ward.unit,
    "unit_id": lambda ward: ward.unit,
    "site": lambda ward: ward.site,
    "site_id": lambda ward: ward.site,
    "camera": lambda ward: ward.camera,
    "camera_id": lambda ward: ward.camera,
    "order_id": lambda ward: ward.order,
    "breach_id": lambda ward: ward.breach,
    "evidence_id": lambda ward: ward.evidence,
}
"""Parameters and fields of bodies that name something in somebody's scope."""

NAMES_NOTHING = {
    "after",
    "arms",
    "areas",
    "at",
    "authorization",
    "conditions",
    "code",
    "cursor",
    "enabled",
    "from",
    "if-match",
    "issuer",
    "interface",
    "kind",
    "last-event-id",
    "legal_basis",
    "limit",
    "lines",
    "main_evidence",
    "masks",
    "name",
    "note",
    "number",
    "outcome",
    "password",
    "person_height",
    "persons",
    "publication_id",
    "reason",
    "rules",
    "short_name",
    "state",
    "step",
    "sub_url",
    "text",
    "to",
    "transport",
    "types",
    "url",
    "username",
    "version",
    "view_id",
    "Wardwatch-Grant",
    "width",
}

BODIES: dict[str, dict[str, Any]] = {
    "signIn": {"username": "nobody", "password": "wrong"},
    "redeemPairing": {"code": "not-a-code"},
    "openBreach": {"kind": "exit", "note": "Người ra cổng sau", "site": ...},
    "resolveBreach": {"outcome": "returned"},
    "dismissBreach": {"reason": "staff"},
    "commentBreach": {"text": "Đã gọi công an phường"},
    "issueOrder": {
        "number": "13/QĐ-UBND",
        "kind": "isolation",
        "issuer": "Ủy ban nhân dân",
        "from": "2026-11-24T00:00:00Z",
        "to": "2027-11-24T00:00:00Z",
        "arms": ["exit"],
        "site": ...,
    },
    "addCamera": {"name": "Cổng sau", "url": "rtsp://10.0.0.9/stream", "site": ...},
    "changeCamera": {"name": "Cổng trước"},
    "askForClearView": {"reason": "Có người ngã ở sân"},
    "probeCamera": {"camera": ...},
    "discoverCameras": {},
}
"""A body that is taken; `...` stands for the ward's own id of that name."""

OTHER_FIELDS: dict[str, dict[str, Any]] = {
    "openBreach.unit": {"unit": ...},
    "issueOrder.unit": {"unit": ..., "site": None},
}
"""Fields that name a thing and are not in the body above: what to send besides."""

OWNERS = {
    "issueOrder": Role.AUTHORITY,
    "addCamera": Role.INSTALLER,
    "changeCamera": Role.INSTALLER,
    "removeCamera": Role.INSTALLER,
    "probeCamera": Role.INSTALLER,
    "discoverCameras": Role.INSTALLER,
    "readPublishToken": Role.INSTALLER,
    "makePublishToken": Role.INSTALLER,
    "revokePublishToken": Role.INSTALLER,
    "pairCamera": Role.INSTALLER,
}
"""Who has the right; else the supervisor."""

ALSO_MAY_NOT = {
    "listBreaches": Role.INSTALLER,
    "readBreach": Role.INSTALLER,
    "listEvidence": Role.INSTALLER,
    "readEvidence": Role.INSTALLER,
    "readOccupancy": Role.INSTALLER,
    "listOrders": Role.INSTALLER,
    "readOrder": Role.INSTALLER,
    "openBreach": Role.INSTALLER,
    "acknowledgeBreach": Role.INSTALLER,
    "resolveBreach": Role.INSTALLER,
    "dismissBreach": Role.INSTALLER,
    "commentBreach": Role.INSTALLER,
    "issueOrder": Role.SUPERVISOR,
    "addCamera": Role.AUTHORITY,
    "askForClearView": Role.AUTHORITY,
    "changeCamera": Role.SUPERVISOR,
    "removeCamera": Role.SUPERVISOR,
    "probeCamera": Role.SUPERVISOR,
    "discoverCameras": Role.SUPERVISOR,
    "readPublishToken": Role.SUPERVISOR,
    "makePublishToken": Role.SUPERVISOR,
    "revokePublishToken": Role.SUPERVISOR,
    "pairCamera": Role.SUPERVISOR,
}
"""Of the same ward, without the right."""

WRITES_FOR_ALL = {"signIn", "signOut", "redeemPairing", "openView", *OF_A_SESSION, *BY_TOKEN}


@dataclass(frozen=True, slots=True)
class Operation:
    id: str
    method: str
    path: str
    parameters: tuple[tuple[str, str], ...]
    """Place (`path`, `query`, `header`) and name."""
    body: frozenset[str] | None
    """Fields of the body; None: there is none."""

    def names(self, place: str) -> list[str]:
        return [name for found, name in self.parameters if found == place]


def operations() -> list[Operation]:
    described = bare_app().openapi()
    schemas = described["components"]["schemas"]
    found = []
    for path, methods in described["paths"].items():
        for method, about in methods.items():
            parameters = tuple((one["in"], one["name"]) for one in about.get("parameters", ()))
            body = None
            if "application/json" in about.get("requestBody", {}).get("content", {}):
                schema = about["requestBody"]["content"]["application/json"]["schema"]
                body = frozenset(schemas[schema["$ref"].rsplit("/", 1)[1]]["properties"])
            found.append(Operation(about["operationId"], method.upper(), path, parameters, body))
    return found


OPERATIONS = operations()
SIGNED = [one for one in OPERATIONS if one.id not in PUBLIC | BY_TOKEN]
LISTS = [one for one in SIGNED if one.method == "GET" and not one.names("path")]


@dataclass(frozen=True, slots=True)
class Case:
    """One way in which one operation names a thing."""

    operation: Operation
    place: str
    name: str

    def __str__(self) -> str:
        return f"{self.operation.id}-{self.name}"


def cases() -> list[Case]:
    found = []
    for one in OPERATIONS:
        if one.id in BY_TOKEN | OF_A_SESSION:
            continue
        for place, name in one.parameters:
            if name in NAMES_A_THING:
                found.append(Case(one, place, name))
        found += [Case(one, "body", name) for name in one.body or () if name in NAMES_A_THING]
    return sorted(found, key=str)


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
