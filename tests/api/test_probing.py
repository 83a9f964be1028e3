"""Probes and discovery over HTTP: who may, what is sent on, and that no password comes back."""

import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.api.conftest import Shared
from tests.api.world import SECRET

URL = f"rtsp://viewer:{SECRET}@192.168.1.64/main"


@pytest.fixture
def client(shared: Shared) -> Iterator[httpx.Client]:
    with shared.api.client("installer.north") as found:
        yield found


def test_what_was_found_comes_with_a_picture_and_without_a_password(
    client: httpx.Client, shared: Shared
) -> None:
    sent = {"url": URL, "sub_url": "rtsp://192.168.1.64/sub", "transport": "udp"}
    answer = client.post("/cameras/probe", json={**sent, "person_height": 0.2})
    found = answer.json()
    assert answer.status_code == 200
    assert (found["main"]["codec"], found["main"]["kbit_per_s"]) == ("h264", 900.0)
    assert found["verdict"] == {"grade": "good", "word": "good", "sentence": "Good."}
    assert found["snapshot"].startswith("data:image/jpeg;base64,")
    assert SECRET not in answer.text
    asked = shared.worker.probes[-1]
    assert (asked.camera, asked.url, asked.sub_url) == (None, URL, sent["sub_url"])
    assert (asked.transport, asked.person_height) == ("udp", 0.2)
    assert SECRET not in repr(asked)


def test_a_camera_that_is_there_is_probed_by_its_id(client: httpx.Client, shared: Shared) -> None:
    answer = client.post("/cameras/probe", json={"camera": "camera-north"})
    assert answer.status_code == 200
    assert (shared.worker.probes[-1].camera, shared.worker.probes[-1].url) == ("camera-north", "")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "url"),
        ({"url": URL, "camera": "camera-north"}, "url"),
        ({"camera": "camera-north", "sub_url": "rtsp://192.168.1.64/sub"}, "sub_url"),
        ({"url": f"http://a:{SECRET}@192.168.1.64"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": URL, "sub_url": "file:///etc/passwd"}, "sub_url"),
        ({"url": URL, "person_height": 0}, "person_height"),
        ({"url": URL, "person_height": 1.5}, "person_height"),
        ({"url": URL, "transport": "pigeon"}, "transport"),
    ],
)
def test_refused_before_anybody_is_asked(
    client: httpx.Client, shared: Shared, sent: dict[str, object], field: str
) -> None:
    before = len(shared.worker.probes)
    answer = client.post("/cameras/probe", json=sent)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert SECRET not in answer.text
    assert len(shared.worker.probes) == before


def test_one_probe_at_a_time_for_each_installer(client: httpx.Client, shared: Shared) -> None:
    first: list[httpx.Response] = []
    begun = len(shared.worker.probes)
    shared.worker.probe_s = 1.0
    thread = threading.Thread(
        target=lambda: first.append(client.post("/cameras/probe", json={"url": URL}))
    )
    thread.start()
    try:
        for _ in range(200):
            if len(shared.worker.probes) > begun:
                break
            threading.Event().wait(0.01)
        with shared.api.client("installer.north") as again:
            second = again.post("/cameras/probe", json={"url": URL})
            called = again.post("/cameras/discover", json={})
    finally:
        thread.join()
        shared.worker.probe_s = 0.0
    assert [answer.status_code for answer in (*first, second, called)] == [200, 429, 429]
    assert second.json()["type"] == "urn:wardwatch:problem:still-busy"
    assert second.headers["retry-after"] == "5"
    assert client.post("/cameras/probe", json={"url": URL}).status_code == 200


def test_cameras_that_answer_are_listed(client: httpx.Client) -> None:
    answer = client.post("/cameras/discover", json={"interface": "eth0"})
    assert answer.status_code == 200
    assert [one["address"] for one in answer.json()["items"]] == ["192.168.1.64"]
