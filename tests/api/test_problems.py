"""Every error has a row in the table, and every answer that is an error has the same shape."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from api import errors
from api.problems import MEDIA_TYPE, PROBLEMS, URN, problem, refused_fields
from record import errors as record_errors
from record.cameras import CameraReason, CameraState
from record.evidence import Loss
from tests.api.conftest import Shared
from tests.api.world import SECRET

AT = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)

EXAMPLES: dict[type[Exception], Exception] = {
    one.__class__: one
    for one in (
        record_errors.RecordError("x"),
        record_errors.NotInScope("camera", "gate"),
        record_errors.Invalid("areas.0.polygon", "crosses itself"),
        record_errors.OutsideTheTree("unit", "is not there"),
        record_errors.Conflict("x"),
        record_errors.AlreadyAcknowledged("lan", "Trưởng ca Lan", AT),
        record_errors.AlreadyClosed("resolved", "lan", AT, "Trưởng ca Lan"),
        record_errors.Duplicate("username", "lan"),
        record_errors.NotAllowed("issue orders"),
        record_errors.SignInRefused(),
        record_errors.PairingRefused(),
        record_errors.NotSignedIn(),
        record_errors.StoreUnavailable(),
        record_errors.SchemaOutdated(None, "0001"),
        record_errors.CannotOpen(record_errors.CannotOpen.ANOTHER_KEY),
        record_errors.KeyUnusable("/data/keys/secrets.key", "is empty"),
        errors.ApiError("x"),
        errors.OriginRefused(),
        errors.TooManyTries(12),
        errors.BodyTooLarge(1024),
        errors.VersionMoved(1, 2),
        errors.PictureUnavailable(CameraState.OFFLINE, CameraReason.STALLED, AT),
        errors.TooManyViewers(16),
        errors.StillBusy(),
        errors.WorkerUnavailable(CameraReason.WORKER_LOST),
        errors.WorkerRefused("busy", "too many questions at once"),
        errors.EvidenceMissing("0190"),
        errors.EvidenceLost("0190", Loss.NO_ROOM),
        errors.RangeOutside(1000),
        errors.TokenRefused(),
        errors.PublisherRefused(),
        errors.PublisherAlive(),
        errors.EtagMissing(),
        errors.EtagMismatch(),
        errors.Unexpected("0190"),
    )
}


def family(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


FAMILIES = [*family(record_errors.RecordError), *family(errors.ApiError)]


@pytest.mark.parametrize("kind", FAMILIES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_row_and_an_example_here(kind: type[Exception]) -> None:
    assert kind in PROBLEMS, f"{kind.__name__} needs a row in api/problems.py"
    answer = problem(EXAMPLES[kind])
    body: dict[str, Any] = orjson.loads(bytes(answer.body))
    assert answer.media_type == MEDIA_TYPE
    assert answer.status_code == body["status"] == PROBLEMS[kind].status
    assert body["type"] == URN + PROBLEMS[kind].slug
    assert body["title"]
    assert body["detail"]


def test_slugs_are_names_of_one_error_each() -> None:
    slugs = [row.slug for row in PROBLEMS.values()]
    assert len(set(slugs)) == len(slugs)
    assert all(slug == slug.lower() and " " not in slug for slug in slugs)


def test_who_was_first_is_told() -> None:
    body = orjson.loads(bytes(problem(EXAMPLES[record_errors.AlreadyAcknowledged]).body))
    assert (body["by"], body["by_name"]) == ("lan", "Trưởng ca Lan")
    assert body["at"] == "2026-11-24T03:12:00.000Z"


def test_when_to_come_back_is_told() -> None:
    assert problem(errors.TooManyTries(12)).headers["retry-after"] == "12"


def test_a_worker_that_is_slow_is_not_said_to_be_gone() -> None:
    gone, slow = (
        str(errors.WorkerUnavailable(reason))
        for reason in (CameraReason.WORKER_LOST, CameraReason.STALLED)
    )
    assert "started again" in gone
    assert "started again" not in slow
    assert "ask again" in slow


def test_too_many_views_are_not_called_people() -> None:
    assert "people" not in str(errors.TooManyViewers(16))


def test_reasons_do_not_repeat_what_was_sent() -> None:
    found = [
        {"type": "extra_forbidden", "loc": ("body", "x"), "msg": "m", "input": SECRET},
        {"type": "string_type", "loc": ("body", "lines", 0, "a"), "msg": "m", "input": SECRET},
        {"type": "json_invalid", "loc": ("body", 17), "msg": "m", "ctx": {"error": SECRET}},
        {"type": "missing", "loc": ("body",), "msg": "m", "input": None},
    ]
    assert refused_fields(found) == [
        {"field": "x", "reason": "is not a field of this"},
        {"field": "lines.0.a", "reason": "m"},
        {"field": "body", "reason": "is not JSON"},
        {"field": "body", "reason": "is missing"},
    ]


JSON = {"content-type": "application/json"}
EVIL = {"origin": "https://evil.example"}
TOO_LARGE = b"x" * ((1 << 20) + 1)

WRONG: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "no such address": ("GET", "/no-such", {}, 404, "not-found"),
    "no such method": ("PUT", "/me", {}, 405, "method-not-allowed"),
    "no such thing": ("GET", "/breaches/no-such", {}, 404, "not-in-scope"),
    "no JSON": ("POST", "/orders", {"content": b"{", "headers": JSON}, 422, "invalid"),
    "no body": ("POST", "/orders", {}, 422, "invalid"),
    "a form": ("POST", "/orders", {"data": {"number": "1"}}, 422, "invalid"),
    "a list": ("POST", "/orders", {"json": []}, 422, "invalid"),
    "not UTF-8": ("POST", "/orders", {"content": b'"\xff"', "headers": JSON}, 400, "malformed"),
    "a limit of none": ("GET", "/breaches?limit=0", {}, 422, "invalid"),
    "a time without zone": ("GET", "/breaches?from=2026-11-24T03:12:00", {}, 422, "invalid"),
    "a cursor of others": ("GET", "/breaches?cursor=abc", {}, 422, "invalid"),
    "a kind misspelt": ("GET", "/breaches?kind=exti", {}, 422, "invalid"),
    "a body too large": ("POST", "/orders", {"content": TOO_LARGE}, 413, "body-too-large"),
    "another site's page": ("POST", "/orders", {"headers": EVIL}, 403, "origin-refused"),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_refusal_has_the_one_shape(shared: Shared, name: str) -> None:
    method, path, more, status, slug = WRONG[name]
    with shared.api.client("authority.north") as client:
        answer = client.request(method, path, **more)
    body = answer.json()
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert (answer.status_code, body["type"]) == (status, URN + slug)
    assert body["status"] == status
    assert {"title", "detail"} <= body.keys()
    if status == 422:
        assert body["field"] == body["errors"][0]["field"]
        assert body["errors"][0]["reason"]


def test_a_body_of_untold_length_is_stopped_as_well(shared: Shared) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b" " * 65536

    with shared.api.client("authority.north") as client:
        answer = client.post(
            "/orders", content=endless(), headers={"content-type": "application/json"}
        )
    assert answer.status_code == 413
