"""What is known of the routes: who may use each, what its body is, and which of its parameters and
fields name something in somebody's scope. `test_routes.py` holds every route of the OpenAPI to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from api.app import bare_app
from record.people import Role
from tests.api.world import Ward

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
