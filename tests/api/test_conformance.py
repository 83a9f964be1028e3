"""What the description promises, held against the API with data made up from it (schemathesis)."""

import copy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi import checks as promised

from api.app import bare_app
from tests.api.conftest import COOKIE, Shared

ENDLESS = ["streamEvents", "watchCamera"]
ENDS_THE_SESSION = ["signOut"]
NEEDS_A_PICTURE = ["readSnapshot"]
"""503 is its honest answer for cameras without one; test_wall.py has it."""

PUBLISHES = ["publishPicture", "patchPublication", "endPublication"]
"""By a camera's own token; test_whip.py has these."""
SPEAKS_SDP = ["openView", "trickleToView"]
"""Session descriptions cannot be made up; test_live_views.py has these."""

CHECKS: list[CheckFunction] = [
    schemathesis.checks.not_a_server_error,
    promised.status_code_conformance,
    promised.content_type_conformance,
    promised.response_headers_conformance,
    promised.response_schema_conformance,
    promised.negative_data_rejection,
    promised.unsupported_method,
]


def signed_in() -> dict[str, Any]:
    """The description as one sees it who is signed in already; test_routes.py has the others."""
    described = copy.deepcopy(bare_app().openapi())
    for methods in described["paths"].values():
        for about in methods.values():
            about.pop("security", None)
    return described


schema = schemathesis.openapi.from_dict(signed_in()).exclude(
    operation_id=[*ENDLESS, *ENDS_THE_SESSION, *NEEDS_A_PICTURE, *PUBLISHES, *SPEAKS_SDP]
)


@pytest.fixture
def token(shared: Shared) -> str:
    with shared.api.client("admin"):
        return shared.api.tokens["admin"]


@schema.parametrize()
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: schemathesis.Case[Any], shared: Shared, token: str) -> None:
    case.call_and_validate(
        base_url=shared.api.url, cookies={COOKIE: token}, checks=CHECKS, timeout=10
    )
