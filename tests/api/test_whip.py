"""WHIP over HTTP (RFC 9725): every way in and every refusal, before a worker that is a fake."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from api.publishing import OFFERS_A_CAMERA
from record.cameras import CameraState, CameraUrl
from record.ids import CameraId
from record.messages import (
    CameraHealth,
    EndPublish,
    OfferPublish,
    PatchPublish,
    PublishAnswered,
    PublishEnded,
    PublishPatched,
    Refused,
)
from record.messages.publishing import MOST_SDP
from record.places import EVERYTHING
from record.publishing import new_publish_token, secret_hash
from tests.api.conftest import Running, Shared
from tests.fakes.worker import FakeWorker

SDP, FRAGMENT = "application/sdp", "application/trickle-ice-sdpfrag"
OFFER, ANSWER = "v=0\r\ns=offer\r\n", "v=0\r\ns=answer\r\n"
PATCH = "a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuv\r\n"


class Publisher:
    """Somebody with a camera's token, and the worker that answers them."""

    def __init__(self, shared: Shared, client: httpx.Client, camera: CameraId) -> None:
        self.worker: FakeWorker = shared.worker
        self.client = client
        self.camera = camera
        self.token = new_publish_token()
        self.path = f"/cameras/{camera}/whip"
        with shared.world.store.write(EVERYTHING) as writing:
            writing.publishing.set_token(camera, secret_hash(self.token))

    def send(
        self, method: str, path: str = "", *, token: str | None = None, **more: object
    ) -> httpx.Response:
        given: dict[str, str] = more.pop("headers", {})  # type: ignore[assignment]
        bearer = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.request(
            method,
            self.path + path,
            headers={**bearer, **given},
            **more,  # type: ignore[arg-type]
        )

    def offer(self, content: str | bytes = OFFER, **headers: str) -> httpx.Response:
        given = {"Content-Type": SDP, **{key.replace("_", "-"): headers[key] for key in headers}}
        return self.send("POST", content=content, headers=given)

    def patch(self, content: str = PATCH, **headers: str) -> httpx.Response:
        given = {"Content-Type": FRAGMENT, "If-Match": '"one"'}
        given |= {key.replace("_", "-"): value for key, value in headers.items()}
        sent = {key: value for key, value in given.items() if value}
        return self.send("PATCH", "/abc", content=content, headers=sent)

    def refused(self, asked: type, reason: str, field: str | None = None) -> None:
        self.worker.answers[asked] = lambda _: Refused(
            reason=reason, detail=f"because {reason}", field=field
        )


@pytest.fixture
def publisher(shared: Shared) -> Iterator[Publisher]:
    """Of a camera of its own, so that what is counted for it begins anew."""
    store, north = shared.world.store, shared.world.north
    camera = CameraId(f"phone-{new_publish_token()[-12:]}")
    with store.write(EVERYTHING) as writing:
        like = writing.cameras.get(north.camera)
        writing.cameras.add(replace(like, id=camera, url=CameraUrl.parse("whip:")))
    health = CameraHealth(camera=camera, state=CameraState.OFFLINE)
    shared.worker.cameras[camera] = health
    shared.worker.questions.clear()
    shared.worker.answers = {
        OfferPublish: lambda _: PublishAnswered(session="abc", etag='"one"', answer=ANSWER),
        PatchPublish: lambda _: PublishPatched(),
        EndPublish: lambda _: PublishEnded(),
    }
    with shared.api.client() as client:
        one = Publisher(shared, client, camera)
        for _ in range(100):  # until the worker's next word has come
            if one.send("DELETE", "/none").status_code == 204:
                break
        shared.worker.questions.clear()
        yield one
    del shared.worker.cameras[camera]


def problem(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert body["type"] == f"urn:wardwatch:problem:{slug}"
    return body


def test_an_offer_is_answered_with_a_publication(publisher: Publisher) -> None:
    answer = publisher.offer()
    assert (answer.status_code, answer.text) == (201, ANSWER)
    assert answer.headers["content-type"] == SDP
    assert answer.headers["location"] == f"/api/v1/cameras/{publisher.camera}/whip/abc"
    assert answer.headers["etag"] == '"one"'
    (asked,) = publisher.worker.questions
    assert isinstance(asked, OfferPublish)
    assert (asked.camera, asked.offer) == (publisher.camera, OFFER)
    assert publisher.token not in asked.model_dump_json()


@pytest.mark.parametrize(
    "accept", [SDP, "*/*", "application/*", "text/html, application/sdp;q=0.5", "APPLICATION/SDP"]
)
def test_who_accepts_sdp_is_answered(publisher: Publisher, accept: str) -> None:
    assert publisher.offer(Accept=accept).status_code == 201


@pytest.mark.parametrize("accept", ["application/json", "text/*", "application/sdp;q=0"])
def test_who_accepts_no_sdp_is_refused(publisher: Publisher, accept: str) -> None:
    problem(publisher.offer(Accept=accept), 406, "not-acceptable")
    assert publisher.worker.questions == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/sdpx", ""])
def test_what_is_no_sdp_by_its_type_is_refused(publisher: Publisher, kind: str) -> None:
    answer = publisher.offer(Content_Type=kind)
    problem(answer, 415, "unsupported-media-type")
    assert answer.headers["accept-post"] == SDP


def test_a_type_with_parameters_is_the_type(publisher: Publisher) -> None:
    assert publisher.offer(Content_Type="application/sdp; charset=utf-8").status_code == 201


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_are_none_of_the_endpoint(publisher: Publisher, method: str) -> None:
    answer = publisher.send(method, content=OFFER, headers={"Content-Type": SDP})
    problem(answer, 405, "method-not-allowed")
    assert "POST" in answer.headers["allow"]


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_other_methods_are_none_of_a_publication(publisher: Publisher, method: str) -> None:
    problem(publisher.send(method, "/abc", content=OFFER), 405, "method-not-allowed")


@pytest.mark.parametrize("path", ["", "/abc"])
def test_reading_gives_nothing_and_is_no_error(publisher: Publisher, path: str) -> None:
    answer = publisher.send("GET", path)
    assert (answer.status_code, answer.content) == (204, b"")


def test_options_tell_what_is_taken_without_a_token(publisher: Publisher) -> None:
    answer = publisher.client.options(publisher.path)
    assert (answer.status_code, answer.headers["accept-post"]) == (200, SDP)
    assert publisher.client.options(f"{publisher.path}/abc").headers["accept-patch"] == FRAGMENT
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer wrong", "Basic d3dwOng=", "Bearer two words", "Token x"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", ""), ("PATCH", "/abc"), ("DELETE", "/abc"), ("GET", "")]
)
def test_without_the_token_nothing_is_told(
    publisher: Publisher, authorization: str, method: str, path: str
) -> None:
    headers = {"Authorization": authorization, "Content-Type": SDP, "If-Match": "*"}
    answer = publisher.client.request(method, publisher.path + path, headers=headers)
    problem(answer, 401, "publisher-refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert publisher.worker.questions == []


def test_a_token_is_good_for_its_own_camera_only(publisher: Publisher, shared: Shared) -> None:
    for other in (shared.world.north.camera, "no-such-camera"):
        answer = publisher.client.post(
            f"/cameras/{other}/whip",
            content=OFFER,
            headers={"Authorization": f"Bearer {publisher.token}", "Content-Type": SDP},
        )
        problem(answer, 401, "publisher-refused")


def test_a_session_is_no_token(publisher: Publisher, shared: Shared) -> None:
    with shared.api.client("installer.north") as installer:
        answer = installer.post(publisher.path, content=OFFER, headers={"Content-Type": SDP})
    problem(answer, 401, "publisher-refused")


def test_a_page_of_another_origin_is_not_let_in(publisher: Publisher) -> None:
    problem(publisher.offer(Origin="https://elsewhere.example"), 403, "origin-refused")


def test_bodies_are_bounded(publisher: Publisher) -> None:
    problem(publisher.offer("v" * (MOST_SDP + 1)), 413, "body-too-large")
    assert publisher.offer("\n" * MOST_SDP).status_code == 201  # the longest as JSON
    problem(publisher.patch("v" * (MOST_SDP + 1)), 413, "body-too-large")


@pytest.mark.parametrize("body", [b"\xff\xfe", b"v=0\r\n\x00", b"v=0\r\ns=\x1b[31m"])
def test_what_is_no_text_goes_no_further(publisher: Publisher, body: bytes) -> None:
    assert problem(publisher.offer(body), 422, "invalid")["field"] == "body"
    assert publisher.worker.questions == []


def test_a_refused_description_names_the_field_and_the_reason(publisher: Publisher) -> None:
    publisher.refused(OfferPublish, "sdp", "ice-pwd")
    body = problem(publisher.offer(), 422, "invalid")
    assert body["errors"] == [{"field": "ice-pwd", "reason": "because sdp"}]


def test_a_second_publisher_is_told_to_wait(publisher: Publisher) -> None:
    publisher.refused(OfferPublish, "publisher_alive")
    answer = publisher.offer()
    problem(answer, 409, "publisher-alive")
    assert answer.headers["retry-after"] == "2"


@pytest.mark.parametrize("reason", ["busy", "failed", "unavailable", "no_such_camera"])
def test_what_the_worker_cannot_do_now_is_503(publisher: Publisher, reason: str) -> None:
    publisher.refused(OfferPublish, reason)
    problem(publisher.offer(), 503, "worker-unavailable")


def test_candidates_are_taken_in_silence(publisher: Publisher) -> None:
    answer = publisher.patch()
    assert (answer.status_code, answer.content) == (204, b"")
    assert "etag" not in answer.headers
    (asked,) = publisher.worker.questions
    assert isinstance(asked, PatchPublish)
    assert (asked.session, asked.if_match, asked.fragment) == ("abc", '"one"', PATCH)


def test_a_restart_is_answered_with_a_new_tag(publisher: Publisher) -> None:
    publisher.worker.answers[PatchPublish] = lambda _: PublishPatched(
        etag='"two"', answer="a=x\r\n"
    )
    answer = publisher.patch(If_Match="*")
    assert (answer.status_code, answer.text, answer.headers["etag"]) == (200, "a=x\r\n", '"two"')
    assert answer.headers["content-type"] == FRAGMENT


def test_a_fragment_has_its_own_type(publisher: Publisher) -> None:
    answer = publisher.patch(Content_Type=SDP)
    problem(answer, 415, "unsupported-media-type")
    assert answer.headers["accept-patch"] == FRAGMENT


@pytest.mark.parametrize(
    ("reason", "status", "slug"),
    [
        ("no_such_session", 404, "not-in-scope"),
        ("etag_missing", 428, "etag-missing"),
        ("etag_mismatch", 412, "etag-mismatch"),
        ("sdp", 422, "invalid"),
    ],
)
def test_refusals_of_a_fragment(publisher: Publisher, reason: str, status: int, slug: str) -> None:
    publisher.refused(PatchPublish, reason)
    problem(publisher.patch(), status, slug)


def test_an_end_looks_at_no_tag(publisher: Publisher) -> None:
    assert publisher.send("DELETE", "/abc", headers={"If-Match": '"old"'}).status_code == 204
    (asked,) = publisher.worker.questions
    assert isinstance(asked, EndPublish)
    assert asked.session == "abc"
    publisher.refused(EndPublish, "no_such_session")
    problem(publisher.send("DELETE", "/abc"), 404, "not-in-scope")


def test_offers_are_counted(publisher: Publisher) -> None:
    answers = [publisher.offer() for _ in range(OFFERS_A_CAMERA[0] + 1)]
    assert {answer.status_code for answer in answers[:-1]} == {201}
    problem(answers[-1], 429, "too-many-tries")
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_a_renewed_token_lets_the_old_one_out(publisher: Publisher, shared: Shared) -> None:
    with shared.api.client("installer.north") as installer:
        made = installer.post(f"/cameras/{publisher.camera}/publish-token")
    assert made.status_code == 201
    problem(publisher.offer(), 401, "publisher-refused")
    publisher.token = made.json()["token"]
    assert publisher.offer().status_code == 201


def test_a_camera_out_of_use_lets_nobody_in(publisher: Publisher, shared: Shared) -> None:
    with shared.world.store.write(EVERYTHING) as writing:
        writing.cameras.change(replace(writing.cameras.get(publisher.camera), enabled=False))
    problem(publisher.offer(), 401, "publisher-refused")


def test_without_a_worker_it_is_503(publisher: Publisher, shared: Shared, api: Running) -> None:
    """`api` serves the same kind of world, and no worker runs there."""
    del shared
    with api.client("installer.north") as installer:
        added = installer.post(
            "/cameras", json={"name": "Điện thoại", "url": "whip:", "site": "site-north"}
        )
        camera = added.json()["id"]
        token = installer.post(f"/cameras/{camera}/publish-token").json()["token"]
    with api.client() as client:
        answer = client.post(
            f"/cameras/{camera}/whip",
            content=OFFER,
            headers={"Authorization": f"Bearer {token}", "Content-Type": SDP},
        )
    problem(answer, 503, "worker-unavailable")
