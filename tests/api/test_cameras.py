"""Cameras and orders over HTTP: what is refused at the edge, and what never comes out again."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.schemas.cameras import shown_address
from record.cameras import CameraUrl
from record.ids import CameraId
from record.messages import AskInForce, InForce
from record.places import EVERYTHING
from tests.api.conftest import Running, Shared
from tests.api.world import SECRET, World

LINE = {"id": "gate", "a": [0.75, 1.0], "b": [0.75, 0.45]}
YARD = {"id": "yard", "polygon": [[0.1, 0.4], [0.9, 0.4], [0.9, 0.9]]}
RULE = {"id": "r", "kind": "restricted", "area": "yard"}
SUB = "rtsp://10.0.0.7/sub"
MASK = {"id": "window", "polygon": [[0, 0], [0.2, 0], [0.2, 0.2]], "name": "Cửa sổ nhà bên"}
URL = f"rtsp://viewer:{SECRET}@10.0.0.7/stream"


@pytest.fixture
def client(shared: Shared) -> Iterator[httpx.Client]:
    with shared.api.client("installer.north") as found:
        yield found


def camera(**more: object) -> dict[str, object]:
    return {"site": "site-north", "name": "Cổng", "url": URL, **more}


def test_added_changed_and_removed(client: httpx.Client) -> None:
    answer = client.post("/cameras", json=camera(lines=[LINE], areas=[YARD]))
    added = answer.json()
    assert answer.status_code == 201
    assert (added["version"], added["has_credentials"]) == (1, True)
    assert added["address"] == "rtsp://10.0.0.7/stream"
    path = f"/cameras/{added['id']}"
    rule = {"id": "r1", "kind": "exit", "line": "gate"}
    changed = client.patch(path, json={"version": 1, "rules": [rule]}).json()
    assert changed["version"] == 2
    assert changed["rules"][0]["priority"] == "high"
    assert changed["lines"] == added["lines"]
    assert changed["has_credentials"]
    assert client.get(path).json() == changed
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_sub_stream_transport_and_masks_come_back_and_no_password_does(
    client: httpx.Client, shared: Shared
) -> None:
    sent = camera(sub_url=SUB, transport="udp", main_evidence=True, masks=[MASK])
    answer = client.post("/cameras", json=sent)
    added = answer.json()
    assert answer.status_code == 201
    assert (added["sub_address"], added["has_sub_stream"]) == (SUB, True)
    assert (added["transport"], added["main_evidence"]) == ("udp", True)
    assert added["masks"] == [MASK]
    path = f"/cameras/{added['id']}"
    assert client.get(path).json() | {"since": None} == added
    assert SECRET not in answer.text
    with shared.api.client("supervisor.north") as other:
        shown = other.get(path).json()
    assert (shown["sub_address"], shown["has_sub_stream"]) == (None, True)
    changed = client.patch(path, json={"sub_url": "", "main_evidence": False, "masks": []}).json()
    assert (changed["sub_address"], changed["has_sub_stream"], changed["masks"]) == (
        None,
        False,
        [],
    )
    assert changed["transport"] == "udp"


@pytest.mark.parametrize(
    ("sub", "expected"),
    [
        (SUB, ("viewer", SECRET)),
        ("rtsp://other:own@10.0.0.7/sub", ("other", "own")),
        ("rtsp://10.0.0.8/sub", (None, None)),
        ("rtsps://10.0.0.7/sub", (None, None)),
        ("rtsp://10.0.0.7:8554/sub", (None, None)),
        ("rtsp://10.0.0.7:554/sub", ("viewer", SECRET)),
    ],
)
def test_the_main_streams_password_goes_to_its_own_host_and_port_only(
    client: httpx.Client, shared: Shared, sub: str, expected: tuple[str | None, str | None]
) -> None:
    added = client.post("/cameras", json=camera(sub_url=sub)).json()["id"]
    with shared.world.store.read(EVERYTHING) as record:
        kept = record.cameras.get(CameraId(added)).sub_url
    assert kept is not None
    assert (kept.username, kept.password) == expected


def test_a_new_password_of_the_main_stream_is_the_sub_streams_too(
    client: httpx.Client, shared: Shared
) -> None:
    path = f"/cameras/{client.post('/cameras', json=camera(sub_url=SUB)).json()['id']}"
    for url, password in (
        ("rtsp://viewer:newer@10.0.0.7/stream", "newer"),
        ("rtsp://viewer:theirs@10.0.0.9/stream", "newer"),  # another camera: ours stays as it was
    ):
        assert client.patch(path, json={"url": url}).status_code == 200
        with shared.world.store.read(EVERYTHING) as record:
            kept = record.cameras.get(CameraId(path.rsplit("/", 1)[1])).sub_url
        assert kept is not None
        assert kept.password == password


def test_a_camera_that_publishes_to_us_is_added(client: httpx.Client) -> None:
    added = client.post("/cameras", json=camera(url="whip:")).json()
    assert (added["publishes"], added["address"], added["has_credentials"]) == (
        True,
        "whip:",
        False,
    )
    answer = client.post("/cameras", json=camera(url="whip:", sub_url=SUB))
    assert (answer.status_code, answer.json()["field"]) == (422, "sub_url")


def test_a_change_made_from_an_older_version_is_not_lost_on_the_newer(
    client: httpx.Client,
) -> None:
    path = f"/cameras/{client.post('/cameras', json=camera()).json()['id']}"
    client.patch(path, json={"name": "Cổng trước"})
    late = client.patch(path, json={"version": 1, "name": "Cổng sau"})
    assert late.status_code == 409
    assert late.json()["type"] == "urn:wardwatch:problem:version-moved"
    assert client.get(path).json()["name"] == "Cổng trước"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "wrong scheme": ({"url": f"http://viewer:{SECRET}@10.0.0.7"}, "url"),
    "no host": ({"url": "rtsp:///stream"}, "url"),
    "no address": ({"url": f"rtsp://viewer:{SECRET}@[::1/"}, "url"),
    "a file of the machine": ({"url": "file:///etc/passwd"}, "url"),
    "a password with a slash": ({"url": f"rtsp://admin:12/{SECRET}@10.0.0.7/s"}, "url"),
    "a sub-stream's with a #": ({"sub_url": f"rtsp://a:1#{SECRET}@10.0.0.7/s"}, "sub_url"),
    "a masked address": ({"url": "rtsp://***@10.0.0.7/"}, "url"),
    "a sub-stream of http": ({"sub_url": f"http://a:{SECRET}@10.0.0.7"}, "sub_url"),
    "a file for a sub-stream": ({"sub_url": "file:///etc/passwd"}, "sub_url"),
    "a masked sub-stream": ({"sub_url": "rtsp://10.0.0.7/live?…"}, "sub_url"),
    "a sub-stream that publishes": ({"sub_url": "whip:"}, "sub_url"),
    "a transport of none": ({"transport": "pigeon"}, "transport"),
    "clips of a main stream that is the only one": ({"main_evidence": True}, "main_evidence"),
    "a mask of two corners": (
        {"masks": [{"id": "m", "polygon": [[0, 0], [1, 1]]}]},
        "masks.0.polygon",
    ),
    "a mask twice": ({"masks": [MASK, MASK]}, "masks.1.id"),
    "no name": ({"name": ""}, "name"),
    "blanks for a name": ({"name": "  "}, "name"),
    "a long short name": ({"short_name": "x" * 15}, "short_name"),
    "two corners": ({"areas": [{**YARD, "polygon": [[0, 0], [1, 1]]}]}, "areas.0.polygon"),
    "crosses itself": (
        {"areas": [{**YARD, "polygon": [[0, 0], [1, 1], [1, 0], [0, 1]]}]},
        "areas.0.polygon",
    ),
    "outside": ({"areas": [{**YARD, "polygon": [[0, 0], [1, 0], [1, 2]]}]}, "areas.0.polygon.2"),
    "both ends equal": ({"lines": [{**LINE, "b": LINE["a"]}]}, "lines.0.b"),
    "three numbers": ({"lines": [{**LINE, "b": [0, 1, 2]}]}, "lines.0.b"),
    "twice the same": ({"lines": [LINE, LINE]}, "lines.1.id"),
    "no such line": ({"rules": [{"id": "r", "kind": "exit", "line": "gate"}]}, "rules.0.line"),
    "misspelt kind": ({"rules": [{"id": "r", "kind": "exti"}]}, "rules.0.kind"),
    "not a number of seconds": (
        {
            "areas": [YARD],
            "rules": [{"id": "r", "kind": "restricted", "area": "yard", "seconds": -1}],
        },
        "rules.0.seconds",
    ),
    "an id with blanks": ({"lines": [{**LINE, "id": "the gate"}]}, "lines.0.id"),
    "unknown inside": ({"lines": [{**LINE, "colour": "red"}]}, "lines.0.colour"),
}


@pytest.mark.parametrize("name", BAD)
def test_refused_at_the_edge_with_field_and_reason(client: httpx.Client, name: str) -> None:
    more, field = BAD[name]
    before = client.get("/cameras").json()
    answer = client.post("/cameras", json=camera(**more))
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert answer.json()["errors"][0]["reason"]
    assert SECRET not in answer.text
    assert client.get("/cameras").json() == before
    path = "/cameras/camera-north"
    if name != "twice the same":
        assert client.patch(path, json=more).json().get("field", field) == field


def test_numbers_that_are_none_are_refused(client: httpx.Client) -> None:
    text = '{"site":"site-north","name":"x","url":"rtsp://h/","lines":[{"id":"l","a":[NaN,0],"b":[0,1]}]}'
    answer = client.post("/cameras", content=text, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (422, "lines.0.a.0")


@pytest.mark.parametrize("who", ["installer.north", "supervisor.north", "authority.north", "admin"])
def test_no_answer_bears_a_cameras_password(shared: Shared, who: str) -> None:
    with shared.api.client(who) as reader:
        texts = [
            reader.get(path).text
            for path in (
                "/cameras",
                "/cameras/camera-north",
                "/wall?site=site-north",
                "/events?after=0&limit=1000",
                "/breaches",
                "/me",
            )
        ]
        listed = reader.get("/cameras").json()["items"]
    assert not [text for text in texts if SECRET in text or "viewer" in text]
    installs = who in {"installer.north", "admin"}
    assert all((one["address"] is not None) == installs for one in listed)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("rtsp://a:b@10.0.0.7:554/live", "rtsp://10.0.0.7:554/live"),
        ("rtsp://10.0.0.7/live?user=a&password=b", "rtsp://10.0.0.7/live?…"),
        ("rtsp://10.0.0.7/user=a_password=b_channel=1", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/live?", "rtsp://10.0.0.7/live"),
        ("rtsp://10.0.0.7/live?channel=1", "rtsp://10.0.0.7/live?…"),
        ("rtsp://10.0.0.7/admin:b/ch1", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/live/admin%3Ab", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/live/admin%253Ab", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/u=a&psw=b&channel=1", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/live/PSW/b", "rtsp://10.0.0.7/…"),
        ("rtsp://10.0.0.7/Streaming/Channels/101", "rtsp://10.0.0.7/Streaming/Channels/101"),
        ("rtsp://10.0.0.7/c%E1%BB%95ng", "rtsp://10.0.0.7/c%E1%BB%95ng"),
        ("whip:", "whip:"),
    ],
)
def test_secrets_in_the_query_or_the_path_are_not_shown(url: str, shown: str) -> None:
    assert shown_address(CameraUrl.parse(url)) == shown


ORDER = {
    "number": "13/QĐ-UBND",
    "kind": "isolation",
    "issuer": "Ủy ban nhân dân",
    "site": "site-north",
    "from": "2026-11-24T00:00:00Z",
    "to": "2099-11-24T00:00:00+07:00",
    "arms": ["exit"],
    "conditions": {"must": ["Ở trong khu"], "may": [], "must_not": ["Ra khỏi khu"]},
}


def test_an_order_is_issued_and_found_again(shared: Shared) -> None:
    with shared.api.client("authority.north") as authority:
        answer = authority.post("/orders", json=ORDER)
        order = answer.json()
        assert answer.status_code == 201
        assert authority.get(f"/orders/{order['id']}").json() == order
        listed = authority.get("/orders?site=site-north&at=2050-01-01T00:00:00Z").json()["items"]
    assert order["to"] == "2099-11-23T17:00:00.000Z"
    assert order["conditions"] == ORDER["conditions"]
    assert [one["id"] for one in listed] == [order["id"]]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to": "2026-11-23T00:00:00Z"}, "to"),
        ({"to": "2026-11-24T00:00:00Z"}, "to"),
        ({"unit": "unit-north"}, "unit"),
        ({"site": None}, "unit"),
        ({"number": " "}, "number"),
        ({"arms": []}, "arms"),
        ({"arms": ["exti"]}, "arms.0"),
        ({"from": "2026-11-24T00:00:00"}, "from"),
        ({"conditions": {"should": []}}, "conditions.should"),
    ],
)
def test_a_bad_order_is_refused_with_the_field(
    shared: Shared, more: dict[str, object], field: str
) -> None:
    with shared.api.client("authority.north") as authority:
        before = authority.get("/orders").json()
        answer = authority.post("/orders", json={**ORDER, **more})
        assert (answer.status_code, answer.json()["field"]) == (422, field)
        assert authority.get("/orders").json() == before


@pytest.mark.parametrize("sent", [{}, {"name": None, "url": None}, {"name": "Cổng camera-north"}])
def test_a_change_of_nothing_makes_no_version_and_no_event(
    shared: Shared, sent: dict[str, object]
) -> None:
    with shared.api.client("installer.north") as client:
        before = client.get("/cameras/camera-north").json()
        position = client.get("/events").json()["next"]
        answer = client.patch("/cameras/camera-north", json=sent)
        events = client.get(f"/events?after={position}").json()["items"]
    assert (answer.status_code, answer.json()["version"]) == (200, before["version"])
    assert events == []


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"url": "rtsp://a b/x"}, "url"),
        ({"url": "rtsp://a/x\ny"}, "url"),
        ({"url": "rtsp://a/\x07"}, "url"),
        ({"enabled": "yes"}, "enabled"),
        ({"enabled": 1}, "enabled"),
        ({"version": True}, "version"),
        ({"name": "  "}, "name"),
    ],
)
def test_what_only_looks_like_a_value_is_refused(
    shared: Shared, sent: dict[str, object], field: str
) -> None:
    with shared.api.client("installer.north") as client:
        answer = client.patch("/cameras/camera-north", json=sent)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_what_a_removed_camera_has_seen_can_still_be_asked_for(world: World, api: Running) -> None:
    camera, breach = world.north.camera, world.north.breach
    with api.client("installer.north") as installer:
        assert installer.delete(f"/cameras/{camera}").status_code == 204
    with api.client("supervisor.north") as client:
        assert client.get(f"/cameras/{camera}").status_code == 404
        breaches = client.get(f"/breaches?camera={camera}").json()["items"]
        events = client.get(f"/events?after=0&camera={camera}").json()["items"]
        table = client.get(f"/breaches?camera={camera}", headers={"accept": "text/csv"})
        with client.stream("GET", f"/events/stream?camera={camera}") as stream:
            assert stream.status_code == 200
    assert [one["id"] for one in breaches] == [breach]
    assert breach in table.text
    assert breach in {event["subject"] for event in events}
    with api.client("supervisor.south") as other:
        for path in ("/breaches", "/events", "/events/stream"):
            assert other.get(f"{path}?camera={camera}").status_code == 404


def test_a_change_of_masks_says_that_they_hold_once_the_worker_has_said_so(
    client: httpx.Client, shared: Shared
) -> None:
    path = f"/cameras/{shared.world.north.camera}"
    changed = client.patch(path, json={"masks": [MASK]}).json()
    asked = [one for one in shared.worker.questions if isinstance(one, AskInForce)]
    assert [(one.camera, one.version) for one in asked] == [(changed["id"], changed["version"])]
    assert changed["masks_in_force"] is True
    assert (
        client.patch(path, json={"name": "Cổng", "masks": [MASK]}).json()["masks_in_force"] is None
    )
    assert client.get(path).json()["masks_in_force"] is None
    shared.worker.answers[AskInForce] = lambda asked: InForce(camera=asked.camera, holds=False)
    assert client.patch(path, json={"masks": []}).json()["masks_in_force"] is False


def test_masks_of_a_camera_that_no_worker_reads_are_not_said_to_hold(client: httpx.Client) -> None:
    added = client.post("/cameras", json=camera()).json()
    path = f"/cameras/{added['id']}"
    assert client.patch(path, json={"masks": [MASK]}).json()["masks_in_force"] is False
    client.delete(path)
