"""Who may publish, over HTTP: tokens shown once, codes traded once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import httpx
import pytest

from api.publishing import CODES_A_NETWORK
from api.settings import IceServer
from record.cameras import CameraUrl
from record.events import EventType
from record.ids import CameraId, Position
from record.places import EVERYTHING
from tests.api.conftest import SETTINGS, Running, Serve
from tests.api.world import World

PHONE = CameraId("phone")


@pytest.fixture
def installer(world: World, api: Running) -> Iterator[httpx.Client]:
    with world.store.write(EVERYTHING) as writing:
        like = writing.cameras.get(world.north.camera)
        writing.cameras.add(
            replace(like, id=PHONE, name="Điện thoại", url=CameraUrl.parse("whip:"))
        )
    with api.client("installer.north") as client:
        yield client


def test_a_token_is_shown_once_and_never_again(installer: httpx.Client) -> None:
    before = installer.get(f"/cameras/{PHONE}/publish-token")
    assert before.json() == {"made_at": None, "by_name": None}
    made = installer.post(f"/cameras/{PHONE}/publish-token")
    assert made.status_code == 201
    assert made.json()["path"] == f"/api/v1/cameras/{PHONE}/whip"
    token = made.json()["token"]
    after = installer.get(f"/cameras/{PHONE}/publish-token")
    assert after.json()["by_name"] == "installer Phường Bắc"
    assert token not in after.text
    assert installer.delete(f"/cameras/{PHONE}/publish-token").status_code == 204
    assert installer.get(f"/cameras/{PHONE}/publish-token").json()["made_at"] is None


def test_no_secret_reaches_the_record(installer: httpx.Client, world: World) -> None:
    token = installer.post(f"/cameras/{PHONE}/publish-token").json()["token"]
    code = installer.post(f"/cameras/{PHONE}/pairings").json()["code"]
    with world.store.read(EVERYTHING) as reading:
        events = reading.events.after(Position(0), 1000, types={EventType.TOKEN_CHANGED})
    assert len(events) == 2
    assert not [one for one in events if token.encode() in one.body or code.encode() in one.body]


def test_a_camera_that_is_dialled_is_refused_by_field(
    installer: httpx.Client, world: World
) -> None:
    for call in ("publish-token", "pairings"):
        answer = installer.post(f"/cameras/{world.north.camera}/{call}")
        assert (answer.status_code, answer.json()["field"]) == (422, "camera")


def test_a_code_is_traded_once_for_the_token(installer: httpx.Client, api: Running) -> None:
    made = installer.post(f"/cameras/{PHONE}/pairings").json()
    assert made["path"] == f"/publish#{made['code']}"
    with api.client() as phone:
        paired = phone.post("/pairings/redeem", json={"code": made["code"]})
        assert paired.status_code == 200
        body = paired.json()
        assert (body["camera"], body["camera_name"]) == (PHONE, "Điện thoại")
        assert body["site_name"] == "Khu cách ly Phường Bắc"
        let_in = {"Authorization": f"Bearer {body['token']}"}
        assert phone.get(f"/cameras/{PHONE}/whip", headers=let_in).status_code == 204
        again = phone.post("/pairings/redeem", json={"code": made["code"]})
        wrong = phone.post("/pairings/redeem", json={"code": "never-made"})
    assert again.status_code == wrong.status_code == 403
    assert again.json() == wrong.json()


def test_a_phone_learns_the_ice_servers_without_a_session(
    installer: httpx.Client, world: World, serve: Serve
) -> None:
    turn = IceServer(("turn:turn.test:3478",), "ward", "secret")
    told = [{"urls": ["turn:turn.test:3478"], "username": "ward", "credential": "secret"}]
    with serve(world.store, replace(SETTINGS, ice_servers=(turn,))) as api, api.client() as phone:
        code = installer.post(f"/cameras/{PHONE}/pairings").json()["code"]
        paired = phone.post("/pairings/redeem", json={"code": code}).json()
        assert paired["ice_servers"] == told
        path = f"/cameras/{PHONE}/publisher-ice-servers"
        let_in = {"Authorization": f"Bearer {paired['token']}"}
        assert phone.get(path, headers=let_in).json() == {"ice_servers": told}
        elsewhere = phone.get(path.replace(PHONE, world.north.camera), headers=let_in)
        assert (phone.get(path).status_code, elsewhere.status_code) == (401, 401)


def test_of_many_at_once_one_is_paired(installer: httpx.Client, api: Running) -> None:
    code = installer.post(f"/cameras/{PHONE}/pairings").json()["code"]

    def trade(_: int) -> int:
        with api.client() as phone:
            return phone.post("/pairings/redeem", json={"code": code}).status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(trade, range(6))) == [200, *[403] * 5]


def test_tries_are_counted(api: Running) -> None:
    with api.client() as phone:
        answers = [
            phone.post("/pairings/redeem", json={"code": f"guess-{number}"})
            for number in range(CODES_A_NETWORK[0] + 1)
        ]
    assert {answer.status_code for answer in answers[:-1]} == {403}
    assert answers[-1].status_code == 429


def test_only_the_publish_page_may_ask_for_this_devices_camera(api: Running) -> None:
    with httpx.Client(base_url=api.url) as client:
        assert "camera=(self)" in client.get("/publish").headers["permissions-policy"]
        assert "camera=()" in client.get("/wall").headers["permissions-policy"]
        assert "camera=()" in client.get("/publish/x").headers["permissions-policy"]
