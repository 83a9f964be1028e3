"""Live views over HTTP: who may open one, whose it is, when it ends, and what the record says."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.settings import IceServer
from record.cameras import CameraState
from record.events import EventType, StoredEvent
from record.grants import GrantKey
from record.ids import CameraId, Position
from record.messages import AskLiveKeep, CameraHealth
from record.people import Role
from record.places import EVERYTHING, Scope
from tests.api.conftest import SETTINGS, Running, Serve
from tests.api.world import PASSWORD, World
from tests.fakes.views import FakeViews
from tests.fakes.worker import FakeWorker

OFFER = "v=0\r\n"
SDP = {"Content-Type": "application/sdp"}
FRAGMENT = {"Content-Type": "application/trickle-ice-sdpfrag"}
KEY = GrantKey(lambda: b"k" * 32)
TURN = IceServer(("turn:turn.test:3478?transport=udp",), "ward", "secret")
SERVED = replace(
    SETTINGS,
    grants=KEY,
    views_a_session=2,
    views_a_node=3,
    ice_servers=(IceServer(("stun:stun.test:3478",)), TURN),
)


@pytest.fixture
def worker(world: World, run_dir: Path) -> Iterator[FakeWorker]:
    names = (world.north.camera, world.south.camera)
    cameras: dict[str, CameraHealth] = {
        name: CameraHealth(camera=name, state=CameraState.ONLINE) for name in names
    }
    with FakeWorker(run_dir, cameras) as made:
        yield made


@pytest.fixture
def views(worker: FakeWorker) -> FakeViews:
    return FakeViews(worker)


@pytest.fixture
def served(world: World, views: FakeViews, serve: Serve) -> Iterator[Running]:
    with serve(world.store, SERVED) as api, api.client("admin") as admin:
        path = f"/cameras/{world.north.camera}/snapshot.jpg"
        assert until(lambda: admin.get(path).status_code == 200)
        yield api


def until(condition: Callable[[], bool], within_s: float = 6.0) -> bool:
    end = time.monotonic() + within_s
    while not (met := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return met


def whep(world: World) -> str:
    return f"/cameras/{world.north.camera}/whep"


def opened(client: httpx.Client, world: World, grant: str | None = None) -> httpx.Response:
    headers = SDP if grant is None else {**SDP, "Wardwatch-Grant": grant}
    return client.post(whep(world), content=OFFER, headers=headers)


def leave(client: httpx.Client, camera: CameraId, reason: str = "Có người ngã") -> httpx.Response:
    return client.post(f"/cameras/{camera}/clear-views", json={"reason": reason})


def below_v1(response: httpx.Response) -> str:
    return response.headers["Location"].removeprefix("/api/v1")


def recorded(world: World, *kinds: EventType) -> list[StoredEvent]:
    with world.store.read(EVERYTHING) as reading:
        return [e for e in reading.events.after(Position(0), 1000) if e.type in kinds]


def test_a_view_is_opened_and_ended_by_the_session_that_made_it(
    world: World, views: FakeViews, served: Running
) -> None:
    supervisor, colleague = world.north.people[Role.SUPERVISOR], world.north.people[Role.AUTHORITY]
    with served.client(supervisor) as client, served.client(colleague) as other:
        answer = opened(client, world)
        assert answer.status_code == 201
        assert answer.text == "v=0\r\n"
        assert answer.headers["Content-Type"].startswith("application/sdp")
        view = below_v1(answer)
        assert answer.headers["ETag"] == f'"{view.rsplit("/", 1)[1]}"'
        assert views.opened[0].offer == OFFER
        assert views.opened[0].grant is None
        assert other.delete(view).status_code == 404
        assert other.patch(view, content="a=x", headers=FRAGMENT).status_code == 404
        assert views.closed == []
        assert client.delete(view).status_code == 204
        assert [(one.view, one.reason) for one in views.closed] == [
            (view.rsplit("/", 1)[1], "left")
        ]
        assert client.delete(view).status_code == 404
    assert recorded(world, EventType.LIVE_OPENED, EventType.LIVE_CLOSED) == []


def test_candidates_are_passed_on_under_the_views_own_etag(
    world: World, views: FakeViews, served: Running
) -> None:
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        answer = opened(client, world)
        view, etag = below_v1(answer), answer.headers["ETag"]
        text = "a=mid:0\r\n"
        assert client.patch(view, content=text, headers=FRAGMENT).status_code == 204
        fitting = {**FRAGMENT, "If-Match": etag}
        assert client.patch(view, content=text, headers=fitting).status_code == 204
        other = {**FRAGMENT, "If-Match": '"another"'}
        assert client.patch(view, content=text, headers=other).status_code == 412
        assert client.patch(view, content=text, headers=SDP).status_code == 415
        assert [one.fragment for one in views.trickled] == [text, text]


def test_what_is_no_offer_is_refused(world: World, views: FakeViews, served: Running) -> None:
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        assert client.post(whep(world), json={"sdp": OFFER}).status_code == 415
        assert client.post(whep(world), content=b"\xff", headers=SDP).status_code == 422
        assert client.post(whep(world), content=b"v=0\0", headers=SDP).status_code == 422
        assert client.post(whep(world), content=b"v" * 30_000, headers=SDP).status_code == 413
        evil = {**SDP, "Origin": "https://elsewhere.test"}
        assert client.post(whep(world), content=OFFER, headers=evil).status_code == 403
        views.refuses = "malformed"
        refused = opened(client, world)
        assert (refused.status_code, refused.json()["field"]) == (422, "body")
        views.refuses = "no_picture"
        assert opened(client, world).json()["type"].endswith(":picture-unavailable")
        assert views.opened == []


def test_no_session_and_no_node_has_more_views_than_it_may(
    world: World, views: FakeViews, served: Running
) -> None:
    first, second = (world.north.people[role] for role in (Role.SUPERVISOR, Role.AUTHORITY))
    with served.client(first) as client, served.client(second) as other:
        mine = [opened(client, world) for _ in range(3)]
        assert [view.status_code for view in mine] == [201, 201, 503]
        assert mine[2].json()["type"] == "urn:wardwatch:problem:too-many-viewers"
        assert [opened(other, world).status_code for _ in range(2)] == [201, 503]
        assert client.delete(below_v1(mine[0])).status_code == 204
        assert opened(client, world).status_code == 201


def test_views_end_within_five_seconds_of_their_session(
    world: World, views: FakeViews, served: Running
) -> None:
    with served.client() as client:
        body = {"username": world.north.people[Role.SUPERVISOR], "password": PASSWORD}
        assert client.post("/session", json=body).status_code == 204
        assert opened(client, world).status_code == 201
        assert client.delete("/session").status_code == 204
        assert until(lambda: [one.reason for one in views.closed] == ["session_ended"], 5.0)


def test_views_end_when_the_right_to_them_does_and_those_of_others_go_on(
    world: World, views: FakeViews, served: Running
) -> None:
    first, second = (world.north.people[role] for role in (Role.SUPERVISOR, Role.AUTHORITY))
    with (
        served.client(first) as supervisor,
        served.client(second) as authority,
        served.client("admin") as admin,
    ):
        camera = world.north.camera
        clear = opened(supervisor, world, leave(supervisor, camera).json()["grant"])
        unused = leave(supervisor, camera).json()["grant"]
        plain, kept = opened(authority, world), opened(admin, world)
        assert [one.status_code for one in (clear, plain, kept)] == [201, 201, 201]
        change(world, first, role=Role.INSTALLER)
        change(world, second, scope=Scope.of_unit(world.south.unit))
        ended = {below_v1(one).rsplit("/", 1)[1] for one in (clear, plain)}
        assert until(lambda: {one.view for one in views.closed} == ended, 5.0)
        assert {one.reason for one in views.closed} == {"session_ended"}
        assert until(lambda: len(recorded(world, EventType.LIVE_CLOSED)) == 1)
        assert opened(supervisor, world, unused).status_code == 403
        assert opened(authority, world).status_code == 404
        assert admin.delete(below_v1(kept)).status_code == 204


def change(world: World, username: str, **to: Any) -> None:
    with world.store.write(EVERYTHING) as writing:
        user = writing.users.by_username(username)
        assert user is not None
        writing.users.change(replace(user, **to))


def test_a_view_that_the_worker_has_ended_is_forgotten(
    world: World, views: FakeViews, served: Running
) -> None:
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        view = below_v1(opened(client, world))
        views.ended[view.rsplit("/", 1)[1]] = "vanished"
        path = whep(world)
        assert until(lambda: client.delete(f"{path}/nothing").status_code == 404)
        assert until(lambda: client.delete(view).status_code == 404)


def test_the_clear_picture_needs_right_and_reason_and_is_recorded(
    world: World, views: FakeViews, served: Running
) -> None:
    camera = world.north.camera
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        assert leave(client, camera, "  ").status_code == 422
        given = leave(client, camera)
        assert given.status_code == 201
        told = given.json()
        assert told["name"] == "supervisor Phường Bắc"
        assert recorded(world, EventType.LIVE_OPENED) == []
        answer = opened(client, world, told["grant"])
        assert answer.status_code == 201
        view = answer.headers["Location"].rsplit("/", 1)[1]
        assert views.opened[0].view == view
        grant = views.opened[0].grant
        assert grant is not None
        at = datetime.now(UTC)
        assert KEY.check(grant, view=view, camera=camera, at=at).name == told["name"]
        (event,) = recorded(world, EventType.LIVE_OPENED)
        assert b"ng\xc3\xa3" not in event.body, "the reason stands in the hashed bytes"
        assert told["ends_at"].encode() in event.body
        assert client.delete(below_v1(answer)).status_code == 204
        (closed,) = recorded(world, EventType.LIVE_CLOSED)
        assert b'"ended_by":"left"' in closed.body


def test_a_grant_is_used_once_by_its_session_for_its_camera(
    world: World, views: FakeViews, served: Running
) -> None:
    first = world.north.people[Role.SUPERVISOR]
    with served.client(first) as client, served.client("admin") as admin:
        grant = leave(client, world.north.camera).json()["grant"]
        assert opened(admin, world, grant).status_code == 403
        elsewhere = leave(admin, world.south.camera).json()["grant"]
        assert opened(admin, world, elsewhere).status_code == 403
        assert opened(client, world, "made up").status_code == 403
        assert opened(client, world, grant).status_code == 201
        assert opened(client, world, grant).status_code == 403
        assert len(views.opened) == 1


def test_the_clear_picture_is_for_supervisors_and_admins(world: World, served: Running) -> None:
    for role in (Role.AUTHORITY, Role.INSTALLER):
        with served.client(world.north.people[role]) as client:
            assert leave(client, world.north.camera).status_code == 403
            assert leave(client, world.south.camera).status_code == 404
    with served.client("admin") as admin:
        assert leave(admin, world.south.camera).status_code == 201


def test_a_clear_picture_that_cannot_be_shown_is_recorded_as_ended(
    world: World, views: FakeViews, served: Running
) -> None:
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        grant = leave(client, world.north.camera).json()["grant"]
        views.refuses = "no_picture"
        assert opened(client, world, grant).status_code == 503
    assert len(recorded(world, EventType.LIVE_OPENED)) == 1
    (closed,) = recorded(world, EventType.LIVE_CLOSED)
    assert b'"ended_by":"refused"' in closed.body


def test_ice_servers_are_told_to_who_is_signed_in(world: World, served: Running) -> None:
    with served.client() as nobody:
        assert nobody.get("/ice-servers").status_code == 401
    with served.client(world.north.people[Role.SUPERVISOR]) as client:
        told = client.get("/ice-servers").json()["ice_servers"]
        assert told[0] == {"urls": ["stun:stun.test:3478"], "username": None, "credential": None}
        assert told[1]["credential"] == "secret"
        links = opened(client, world).headers.get_list("Link")
        assert links[0] == '<stun:stun.test:3478>; rel="ice-server"'
        assert 'credential="secret"' in links[1]


def test_views_of_a_worker_that_died_end(world: World, run_dir: Path, serve: Serve) -> None:
    camera = world.north.camera
    health = {str(camera): CameraHealth(camera=camera, state=CameraState.ONLINE)}
    worker = FakeWorker(run_dir, dict(health))
    FakeViews(worker)
    with serve(world.store, SERVED) as api, api.client("admin") as client:
        try:
            still = f"/cameras/{camera}/snapshot.jpg"
            assert until(lambda: client.get(still).status_code == 200)
            grant = leave(client, camera).json()["grant"]
            assert opened(client, world, grant).status_code == 201
        finally:
            worker.stop()
        assert until(lambda: len(recorded(world, EventType.LIVE_CLOSED)) == 1, 12.0)
        (closed,) = recorded(world, EventType.LIVE_CLOSED)
        assert b'"ended_by":"worker_lost"' in closed.body


def test_a_worker_that_hangs_takes_no_view_of_another_along(
    world: World, run_dir: Path, serve: Serve
) -> None:
    """A worker ends what nobody has named to it for five seconds."""
    ours, others = world.south.camera, world.north
    cameras = (others.camera, others.other_camera, world.south.other_camera)
    hung = FakeWorker(run_dir, online(*cameras), name="worker-1")
    well = FakeWorker(run_dir, online(ours), name="worker-2")
    FakeViews(hung)
    views = FakeViews(well)
    settings = replace(SERVED, views_a_session=8, views_a_node=8)
    with hung, well, serve(world.store, settings) as api, api.client("admin") as admin:
        for camera in (ours, *cameras):
            still = f"/cameras/{camera}/snapshot.jpg"
            assert until(partial(_is_there, admin, still))
            answer = admin.post(f"/cameras/{camera}/whep", content=OFFER, headers=SDP)
            assert answer.status_code == 201
        del hung.answers[AskLiveKeep]
        time.sleep(7.5)
        kept = [*views.kept_at, time.monotonic()]
        gaps = [later - earlier for earlier, later in pairwise(kept)]
        assert max(gaps) < 4.0


def _is_there(client: httpx.Client, still: str) -> bool:
    return client.get(still).status_code == 200


def online(*cameras: CameraId) -> dict[str, CameraHealth]:
    return {name: CameraHealth(camera=name, state=CameraState.ONLINE) for name in cameras}
