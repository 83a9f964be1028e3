"""The built pages, what every answer carries, figures, readiness and the description."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest
from pydantic import TypeAdapter

import api as face
from api import ApiSettings, schemas
from api.app import bare_app
from record.envelope import with_position
from record.ids import Position
from record.places import EVERYTHING
from record.store import Store
from tests.api.conftest import NO_TLS, Running, Serve, fresh_store, running
from tests.api.world import World, build_world

SCRIPT = "console.log('Khu cách ly');\n" * 100
TOKEN = "a token of the settings"
ROOT = Path(__file__).parents[2]


def build(folder: Path) -> Path:
    """Pages as Vite leaves them, and something beside them that is nobody's business."""
    (folder / "dist" / "assets").mkdir(parents=True)
    (folder / "secret.txt").write_text("outside")
    (folder / "dist" / "index.html").write_text("<!doctype html><title>wardwatch</title>")
    (folder / "dist" / "favicon.ico").write_bytes(b"\0\1")
    (folder / "dist" / "assets" / "index-B1c2D3.js").write_text(SCRIPT)
    (folder / "dist" / "assets" / "font-A1.woff2").write_bytes(b"wOF2")
    return folder / "dist"


@pytest.fixture(scope="module")
def client(
    _sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    built = build(tmp_path_factory.mktemp("pages"))
    settings = ApiSettings(ui_dir=built, secure_cookie=False, metrics_token=TOKEN)
    with (
        fresh_store(_sqlite_template) as (store, run),
        running(store, run, settings) as api,
        httpx.Client(base_url=api.url, verify=NO_TLS) as found,
    ):
        yield found


@pytest.mark.parametrize("path", ["/", "/index.html", "/wall", "/breaches/0190", "/units/79/x"])
def test_the_page_answers_at_every_address_of_its_own(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<title>wardwatch" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/gone-Z9.js", "/robots.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/api"]
)
def test_what_is_not_there_is_404_and_no_page(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_bears_its_hash_is_kept_for_good_and_squeezed(client: httpx.Client) -> None:
    answer = client.get("/assets/index-B1c2D3.js")
    assert answer.text == SCRIPT
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert int(answer.headers["content-length"]) < len(gzip.compress(SCRIPT.encode())) + 50
    plain = client.get("/assets/index-B1c2D3.js", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == SCRIPT


def test_what_has_not_changed_is_not_sent_again(client: httpx.Client) -> None:
    tag = client.get("/").headers["etag"]
    again = client.get("/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_the_page_takes_no_other_method(client: httpx.Client) -> None:
    assert client.post("/wall").status_code == 405
    assert client.head("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/me", "/nothing.txt", "/openapi.json"])
def test_every_answer_is_hardened(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_answers_of_the_api_are_kept_by_nobody(client: httpx.Client) -> None:
    assert client.get("/api/v1/me").headers["cache-control"] == "no-store"


def test_without_pages_the_api_stands_alone(sqlite_store: Store, serve: Serve) -> None:
    with serve(sqlite_store) as api:
        assert httpx.get(f"{api.url}/", verify=NO_TLS).status_code == 404
        assert httpx.get(f"{api.url}/healthz", verify=NO_TLS).json() == {"status": "ok"}


def test_ready_when_the_record_answers_and_is_followed(client: httpx.Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "store": True, "tail": True, "workers": 0}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": TOKEN}, 401),
        ({"authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
def test_figures_need_the_token(client: httpx.Client, sent: dict[str, str], status: int) -> None:
    answer = client.get("/metrics", headers=sent)
    assert answer.status_code == status
    assert ("wardwatch_stream_subscribers" in answer.text) == (status == 200)


def test_without_a_token_in_the_settings_nobody_reads_figures(
    sqlite_store: Store, serve: Serve
) -> None:
    with serve(sqlite_store, ApiSettings(secure_cookie=False)) as api:
        for sent in ({}, {"authorization": "Bearer None"}, {"authorization": "Bearer"}):
            assert httpx.get(f"{api.url}/metrics", headers=sent, verify=NO_TLS).status_code == 401


def test_figures_name_operations_and_never_ids(world: World, api: Running) -> None:
    with api.client("supervisor.north") as client:
        client.get(f"/breaches/{world.north.breach}")
        figures = client.get(f"{api.url}/metrics").text
    assert 'wardwatch_http_requests_total{operation="read_breach",status="200"} 1.0' in figures
    assert world.north.breach not in figures


def test_the_description_is_public_and_the_one_the_client_is_made_from(
    client: httpx.Client,
) -> None:
    served = client.get("/openapi.json").json()
    assert served == client.get("/api/v1/openapi.json").json()
    assert served == orjson.loads((ROOT / "ui" / "openapi.json").read_bytes()), (
        "write it anew: python -m api.openapi > ui/openapi.json"
    )


def test_the_description_is_written_the_same_every_time() -> None:
    command = [sys.executable, "-W", "error", "-m", "api.openapi"]
    written = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    assert written == (ROOT / "ui" / "openapi.json").read_bytes()


def test_every_operation_is_named_tagged_and_told_with_its_problems() -> None:
    described = bare_app().openapi()
    tags = {tag["name"] for tag in described["tags"]}
    ids = []
    for methods in described["paths"].values():
        for about in methods.values():
            ids.append(about["operationId"])
            assert set(about["tags"]) <= tags
            for status, answer in about["responses"].items():
                if status[0] in "45" and about["operationId"] != "readReadiness":
                    assert list(answer["content"]) == ["application/problem+json"]
    assert len(set(ids)) == len(ids)
    assert all(one.isidentifier() and one[0].islower() for one in ids)


def test_no_reference_of_the_description_leads_nowhere() -> None:
    described = bare_app().openapi()
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    found: set[str] = set()

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if isinstance(node.get("$ref"), str):
                found.add(node["$ref"])
            for each in node.values():
                walk(each)
        elif isinstance(node, list):
            for each in node:
                walk(each)

    walk(described)
    assert found
    assert found <= known


def test_the_face_is_what_it_says() -> None:
    public = {name for name in vars(face) if not name.startswith("_")}
    assert set(face.__all__) <= public
    assert face.__all__ == sorted(face.__all__)


def test_streamed_events_have_the_shape_that_is_described(sqlite_store: Store) -> None:
    build_world(sqlite_store)
    described: TypeAdapter[object] = TypeAdapter(schemas.LoggedEvent)
    with sqlite_store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 1000)
    seen = set()
    for event in events:
        schemas.ListedEvent.model_validate_json(with_position(event))
        if event.type.value in {"breach.opened", "camera.online"}:
            seen.add(described.validate_json(with_position(event)).__class__.__name__)
    assert seen == {"BreachOpened", "CameraStateChanged"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/openapi.json", "/metrics"])
def test_head_is_never_answered_with_the_page_for_what_is_none(
    client: httpx.Client, path: str
) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert client.head("/wall").status_code == 200


def test_head_of_a_call_says_that_it_knows_get_alone(world: World, serve: Serve) -> None:
    with serve(world.store) as api, api.client("supervisor.north") as client:
        answer = client.head("/me")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
