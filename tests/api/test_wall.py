"""The wall, pictures and live pictures, with a worker behind them."""

import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import ApiSettings
from record.cameras import CameraReason, CameraState
from record.messages import CameraHealth, Counts
from record.places import EVERYTHING
from tests.api.conftest import COOKIE, Running, Serve, Shared
from tests.api.streaming import append
from tests.api.world import World
from tests.fakes.worker import JPEG, FakeWorker

LIVE = ApiSettings(secure_cookie=False, demo=True, tick_s=0.3, live_fps=20, live_viewers=2)


@pytest.fixture
def worker(run_dir: Path, world: World) -> Iterator[FakeWorker]:
    cameras: dict[str, CameraHealth] = {
        str(camera): CameraHealth(
            camera=camera,
            state=CameraState.ONLINE,
            frame_at=datetime.now(UTC),
            width=640,
            height=360,
        )
        for camera in (world.north.camera, world.north.other_camera, world.south.camera)
    }
    with FakeWorker(run_dir, cameras) as found:
        yield found


@pytest.fixture
def api(world: World, worker: FakeWorker, serve: Serve) -> Iterator[Running]:
    with serve(world.store, LIVE) as served:
        yield served


@pytest.fixture
def client(api: Running) -> Iterator[httpx.Client]:
    with api.client("supervisor.north") as found:
        eventually(lambda: found.get("/wall").json()["detector"]["state"] == "ready")
        yield found


def eventually(condition: Any, timeout_s: float = 8.0) -> None:
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)


def tell(worker: FakeWorker, camera: str, persons: int | None, **areas: int) -> None:
    worker.tell(Counts(camera=camera, at=datetime.now(UTC), persons=persons, areas=areas))


def test_one_site_at_one_position(world: World, client: httpx.Client) -> None:
    wall = client.get("/wall").json()
    assert wall["site"]["name"] == "Khu cách ly Phường Bắc"
    assert [camera["id"] for camera in wall["cameras"]] == ["camera-north", "other-north"]
    assert wall["cameras"][0]["lines"] == [
        {"id": "gate", "name": "Cổng chính", "a": [0.75, 1.0], "b": [0.75, 0.45]}
    ]
    assert [order["number"] for order in wall["orders"]] == ["12/QĐ-UBND-north"]
    assert [breach["id"] for breach in wall["breaches"]] == [world.north.breach]
    with world.store.read(EVERYTHING) as reading:
        assert wall["position"] == reading.events.last()
    assert wall == {**client.get("/wall?site=site-north").json(), "now": wall["now"]}


def test_streaming_from_the_walls_position_misses_nothing(
    world: World, client: httpx.Client
) -> None:
    position = client.get("/wall").json()["position"]
    (new,) = append(world.store, world.north)
    listed = client.get(f"/events?after={position}").json()
    assert [item["position"] for item in listed["items"]] == [new]


def test_counts_are_shown_while_they_are_known(worker: FakeWorker, client: httpx.Client) -> None:
    tell(worker, "camera-north", 3, yard=2)
    eventually(lambda: client.get("/wall").json()["cameras"][0]["persons"] == 3)
    wall = client.get("/wall").json()
    camera, other = wall["cameras"]
    assert [(one["id"], one["persons"], one["counts"]) for one in camera["areas"]] == [
        ("yard", 2, True)
    ]
    assert (other["persons"], other["counts_at"], other["areas"][0]["persons"]) == (None,) * 3
    assert (wall["figures"]["visible"], wall["figures"]["visible_at"]) == (None, None)
    tell(worker, "other-north", 1)
    eventually(lambda: client.get("/wall").json()["figures"]["visible"] == 2)
    tell(worker, "camera-north", None)
    eventually(lambda: client.get("/wall").json()["cameras"][0]["persons"] is None)
    assert client.get("/wall").json()["figures"]["visible"] is None


def test_without_its_worker_a_camera_is_not_online(
    worker: FakeWorker, client: httpx.Client
) -> None:
    assert client.get("/wall").json()["cameras"][0]["state"] == "online"
    worker.stop()
    eventually(lambda: client.get("/wall").json()["cameras"][0]["state"] == "offline")
    wall = client.get("/wall").json()
    assert wall["cameras"][0]["reason"] == "worker_lost"
    assert wall["cameras"][0]["frame_at"] is None
    assert wall["detector"]["state"] == "unknown"


def test_without_a_detector_the_wall_says_so(worker: FakeWorker, client: httpx.Client) -> None:
    worker.detector, worker.detector_detail = "missing", "models/x.onnx is not there"
    eventually(lambda: client.get("/wall").json()["detector"]["state"] == "missing")
    assert client.get("/wall").json()["detector"]["detail"] == "models/x.onnx is not there"


def test_a_still_tells_when_it_was_taken(client: httpx.Client) -> None:
    answer = client.get("/cameras/camera-north/snapshot.jpg?width=320")
    assert answer.status_code == 200
    assert answer.content == JPEG
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["cache-control"] == "no-store"
    taken = datetime.fromisoformat(answer.headers["x-captured-at"])
    assert datetime.now(UTC) - taken < timedelta(seconds=5)


def test_a_still_says_when_it_is_hidden_whole_until_people_have_been_looked_for(
    worker: FakeWorker, client: httpx.Client
) -> None:
    for unlooked, said in ((False, "false"), (True, "true")):
        worker.unlooked = unlooked
        answer = client.get("/cameras/camera-north/snapshot.jpg")
        assert answer.headers["x-unlooked"] == said


def test_without_a_picture_there_is_a_reason_and_never_an_old_one(
    worker: FakeWorker, client: httpx.Client
) -> None:
    last = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
    worker.cameras["camera-north"] = CameraHealth(
        camera="camera-north",
        state=CameraState.OFFLINE,
        reason=CameraReason.UNREACHABLE,
        frame_at=last,
    )
    for path in ("snapshot.jpg", "live.mjpeg"):
        answer = client.get(f"/cameras/camera-north/{path}")
        problem = answer.json()
        assert answer.status_code == 503
        assert problem["type"] == "urn:wardwatch:problem:picture-unavailable"
        assert (problem["state"], problem["reason"]) == ("offline", "unreachable")
        assert problem["last_at"] == "2026-11-24T03:12:00.000Z"


def test_live_pictures_come_one_by_one(client: httpx.Client) -> None:
    with client.stream("GET", "/cameras/camera-north/live.mjpeg") as answer:
        assert answer.headers["content-type"].startswith("multipart/x-mixed-replace; boundary=")
        text = b""
        for data in answer.iter_bytes():
            text += data
            if text.count(JPEG) >= 3:
                break
    first = text.split(JPEG)[0]
    assert first.startswith(b"--wardwatch-picture\r\nContent-Type: image/jpeg\r\n")
    assert b"X-Captured-At: 20" in first


def test_so_many_viewers_and_no_more(client: httpx.Client, api: Running) -> None:
    path = "/cameras/camera-north/live.mjpeg"
    with client.stream("GET", path) as one, client.stream("GET", path) as two:
        assert (one.status_code, two.status_code) == (200, 200)
        third = client.get(path)
        assert third.status_code == 503
        assert third.json()["type"] == "urn:wardwatch:problem:too-many-viewers"
        assert third.headers["retry-after"]
    eventually(lambda: "wardwatch_live_viewers 0.0" in client.get(f"{api.url}/metrics").text)


def test_live_pictures_end_with_the_session(client: httpx.Client) -> None:
    with client.stream("GET", "/cameras/camera-north/live.mjpeg") as answer:
        pictures = answer.iter_bytes()
        next(pictures)
        assert client.delete("/session").status_code == 204
        began = time.monotonic()
        for _ in pictures:
            assert time.monotonic() - began < 5
    assert client.get("/me").status_code == 401


def test_a_viewer_that_does_not_read_is_dropped(
    worker: FakeWorker, client: httpx.Client, api: Running
) -> None:
    """6 MB of picture do not fit between the two; the viewer is let go, not queued for."""
    worker.jpeg = b"\xff\xd8" + bytes(6 << 20) + b"\xff\xd9"
    with socket.create_connection(("127.0.0.1", api.port)) as slow:
        slow.sendall(
            b"GET /api/v1/cameras/camera-north/live.mjpeg HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Cookie: %b=%b\r\n\r\n" % (COOKIE.encode(), client.cookies[COOKIE].encode())
        )
        metrics = f"{api.url}/metrics"
        eventually(lambda: "wardwatch_live_viewers 1.0" in client.get(metrics).text)
        eventually(lambda: "wardwatch_live_viewers 0.0" in client.get(metrics).text, 12)


def test_a_worker_without_room_for_evidence_is_counted(
    worker: FakeWorker, client: httpx.Client, api: Running
) -> None:
    figure, metrics = "wardwatch_workers_evidence_full", f"{api.url}/metrics"
    eventually(lambda: f"{figure} 0.0" in client.get(metrics).text)
    worker.lacks = (CameraReason.EVIDENCE_FULL,)
    eventually(lambda: f"{figure} 1.0" in client.get(metrics).text)


def test_live_counts_are_streamed_beside_the_log(worker: FakeWorker, client: httpx.Client) -> None:
    """With the site, without an id, and to nobody of another ward."""
    with client.stream("GET", "/events/stream") as answer:
        lines = answer.iter_lines()
        while next(lines) != "event: tick":
            pass
        tell(worker, "camera-south", 9)
        tell(worker, "camera-north", 4, yard=4)
        before = ""
        while (line := next(lines)) != "event: occupancy":
            before = line
        data = next(lines)
    assert not before.startswith("id:")
    assert '"camera":"camera-north","site":"site-north"' in data
    assert '"persons":4,"areas":{"yard":4}' in data


def test_who_puts_up_cameras_sees_cameras_alone(shared: Shared) -> None:
    """What the stream keeps from an installer, the wall does not tell either."""
    shared.world.raise_breach(shared.world.north)
    with shared.api.client("installer.north") as client:
        wall = client.get("/wall").json()
        table = client.get("/breaches", headers={"accept": "text/csv"})
        events = client.get("/events?after=0").json()["items"]
    assert [camera["id"] for camera in wall["cameras"]] == ["camera-north", "other-north"]
    assert all(camera["persons"] is None for camera in wall["cameras"])
    assert wall["breaches"] == wall["observations"] == wall["orders"] == []
    assert set(wall["figures"].values()) == {None}
    assert table.status_code == 403
    assert {event["type"].split(".")[1] for event in events} <= {"camera", "site", "unit", "node"}
