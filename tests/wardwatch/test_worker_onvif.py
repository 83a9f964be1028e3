"""Cameras' own events on a worker: who is listened to, and that nobody is held up."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.onvif import NoticeKind, OnvifFailed, OnvifNotice
from ingest.onvif_client import DeviceAddress, OnvifClient
from record.cameras import Camera, CameraReason, CameraState, CameraUrl
from record.ids import CameraId
from record.networks import CameraNetworks
from record.places import EVERYTHING
from record.store import Store
from tests.fakes.detector import FakeDetector
from tests.fakes.onvif import PASSWORD, USER, FakeDevice
from tests.fakes.onvif_makes import DAHUA, HIKVISION
from tests.wardwatch.workers import CLOCK, SITE, Running, await_true, new_store, opener
from wardwatch.worker_onvif import OnvifPart, log_notice

LOOPBACK = CameraNetworks.parse(["127.0.0.1"])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with new_store(tmp_path) as made:
        yield made


def add(store: Store, name: str, url: str) -> Camera:
    camera = Camera(CameraId(name), SITE, name, CameraUrl.parse(url))
    with store.write(EVERYTHING) as record:
        return record.cameras.add(camera)


class Devices:
    """Which device answers at the host of which camera."""

    def __init__(self, by_host: dict[str, FakeDevice]) -> None:
        self.by_host = by_host
        self.asked: list[str] = []

    def __call__(self, url: CameraUrl) -> OnvifClient:
        host = url.address.split("/")[2]
        self.asked.append(host)
        if host not in self.by_host:
            raise OnvifFailed(CameraReason.NOT_FOUND, "nothing there speaks ONVIF")
        at = DeviceAddress(self.by_host[host].service, USER, PASSWORD)
        return OnvifClient(at, LOOPBACK, CLOCK)


def test_each_camera_that_is_dialled_is_listened_to(store: Store) -> None:
    heard: list[OnvifNotice] = []
    add(store, "gate", "rtsp://gate/1")
    add(store, "yard", "rtsp://yard/1")
    add(store, "phone", "whip:")
    with FakeDevice(HIKVISION) as gate:
        devices = Devices({"gate": gate})
        part = OnvifPart(devices, [heard.append, log_notice], CLOCK)
        cameras = opener("gate", "yard", "phone")
        with Running(store, cameras, FakeDetector(), parts=[part]) as running:
            await_true(lambda: len(heard) >= 2)
            # One without ONVIF is watched all the same.
            await_true(
                lambda: (
                    [one.state for one in running.worker.health().cameras]
                    == [CameraState.ONLINE] * 3
                )
            )
            guard = running.worker.cameras[CameraId("gate")]
            assert guard.witnessed  # a second witness of what the picture may show
            assert not running.worker.cameras[CameraId("yard")].witnessed
            took = running.end()
    assert [(one.camera, one.kind) for one in heard[:2]] == [
        ("gate", NoticeKind.MOTION),
        ("gate", NoticeKind.COVERED),
    ]
    assert sorted(devices.asked) == ["gate", "yard"]
    assert took < 2.0


def test_a_camera_that_moves_is_listened_to_where_it_is_and_one_that_goes_no_more(
    store: Store,
) -> None:
    heard: list[OnvifNotice] = []
    camera = add(store, "gate", "rtsp://old/1")
    with FakeDevice(HIKVISION) as old, FakeDevice(DAHUA) as new:
        devices = Devices({"old": old, "new": new})
        part = OnvifPart(devices, [heard.append], CLOCK)
        with Running(store, opener("gate"), FakeDetector(), parts=[part]):
            await_true(lambda: NoticeKind.COVERED in {one.kind for one in heard})
            with store.write(EVERYTHING) as record:
                kept = record.cameras.get(camera.id)
                record.cameras.change(replace(kept, url=CameraUrl.parse("rtsp://new/1")))
            await_true(lambda: NoticeKind.MOVED in {one.kind for one in heard})
            with store.write(EVERYTHING) as record:
                record.cameras.remove(camera.id)
            before = len(new.asked)
            time.sleep(1.0)
            assert len(new.asked) - before <= 2  # the question that was open, and its end
    assert devices.asked == ["old", "new"]
