"""A camera's own events: what they tell, and that a device which fails holds nobody up."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from ingest.onvif import NoticeKind, OnvifFailed, OnvifNotice, notice_of
from ingest.onvif_client import DeviceAddress, OnvifClient, reach
from ingest.onvif_events import OnvifEvents, pause_s
from record.cameras import CameraReason
from record.clock import SystemClock
from record.ids import CameraId
from record.networks import CameraNetworks
from tests.fakes.onvif import PASSWORD, USER, FakeDevice
from tests.fakes.onvif_makes import AXIS, DAHUA, HIKVISION, Make

CAMERA = CameraId("gate")
LOOPBACK = CameraNetworks.parse(["127.0.0.1"])
CLOCK = SystemClock()
AT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("topic", "items", "kind", "state"),
    [
        ("tns1:RuleEngine/CellMotionDetector/Motion", {"IsMotion": "true"}, "motion", True),
        ("tns1:RuleEngine/tns1:CellMotionDetector/Motion", {"IsMotion": "false"}, "motion", False),
        ("tns1:VideoSource/MotionAlarm", {"State": "1"}, "motion", True),
        ("tns1:VideoSource/ImageTooDark/ImagingService", {"State": "true"}, "covered", True),
        ("tns1:VideoSource/ImageTooBright/ImagingService", {"State": "0"}, "blinded", False),
        ("tns1:VideoSource/ImageTooBlurry/AnalyticsService", {"State": "true"}, "defocused", True),
        ("tns1:VideoSource/GlobalSceneChange/ImagingService", {"State": "true"}, "moved", True),
        ("tns1:RuleEngine/TamperDetector/Tamper", {"IsTamper": "true"}, "tamper", True),
        ("tns1:VideoSource/tnsaxis:Tampering", {"state": "1"}, "tamper", True),
    ],
)
def test_topics_of_the_makes(topic: str, items: dict[str, str], kind: str, state: bool) -> None:
    assert notice_of(CAMERA, topic, items, AT) == OnvifNotice(CAMERA, NoticeKind(kind), state, AT)


@pytest.mark.parametrize(
    ("topic", "items"),
    [
        ("tns1:UserAlarm/IVA/HumanShapeDetect", {"State": "true"}),
        ("tns1:VideoSource/MotionAlarm", {"Source": "V1"}),
        ("", {}),
        ("/" * 500, {"State": "true"}),
    ],
)
def test_what_tells_of_nothing_that_we_ask(topic: str, items: dict[str, str]) -> None:
    assert notice_of(CAMERA, topic, items, AT) is None


def connect(device: FakeDevice) -> Callable[[], OnvifClient]:
    def client() -> OnvifClient:
        return OnvifClient(DeviceAddress(device.service, USER, PASSWORD), LOOPBACK, CLOCK)

    return client


@pytest.mark.parametrize(
    ("make", "kinds"),
    [(HIKVISION, ["motion", "covered"]), (DAHUA, ["moved"])],
    ids=["hik", "dahua"],
)
def test_events_are_fetched_and_handed_on(make: Make, kinds: list[str]) -> None:
    heard: list[OnvifNotice] = []
    enough = threading.Event()

    def on_notice(notice: OnvifNotice) -> None:
        heard.append(notice)
        if len(heard) == len(kinds):
            enough.set()

    with FakeDevice(make) as device:
        events = OnvifEvents(CAMERA, connect(device), on_notice, CLOCK)
        events.start()
        assert enough.wait(5)
        assert events.reason is None
        assert events.stop()
    assert [(one.camera, one.kind, one.state) for one in heard] == [
        (CAMERA, kind, True) for kind in kinds
    ]


def test_a_device_that_hangs_is_left_and_the_thread_ends_at_once() -> None:
    with FakeDevice(AXIS, trouble="hangs", troubled="PullMessages") as device:
        events = OnvifEvents(CAMERA, connect(device), lambda _: None, CLOCK)
        events.start()
        for _ in range(300):
            if "PullMessages" in device.asked:
                break
            time.sleep(0.01)
        began = time.monotonic()
        assert events.stop(2.0)
        assert time.monotonic() - began < 1.5


def test_a_device_without_events_is_asked_again_later() -> None:
    with FakeDevice(HIKVISION, trouble="garbage", troubled="CreatePullPointSubscription") as device:
        events = OnvifEvents(CAMERA, connect(device), lambda _: None, CLOCK)
        events.start()
        for _ in range(300):
            if events.reason is not None:
                break
            time.sleep(0.01)
        assert events.stop()
        assert device.asked.count("CreatePullPointSubscription") == 1
    assert events.reason is CameraReason.CORRUPT


def test_a_wrong_password_is_not_tried_again_and_again() -> None:
    def middle(a: float, b: float) -> float:
        return (a + b) / 2

    assert pause_s(CameraReason.AUTH_FAILED, 1, middle) == 900.0
    pauses = [pause_s(CameraReason.UNREACHABLE, n, middle) for n in range(1, 12)]
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (7.5, 152.5)


def test_the_port_where_a_device_answers_is_found() -> None:
    with FakeDevice(HIKVISION) as silent, FakeDevice(HIKVISION, trouble="html") as pages:
        with FakeDevice(DAHUA) as device:
            ports = (9, pages.port, device.port, silent.port)
            client = reach("127.0.0.1", (USER, PASSWORD), LOOPBACK, CLOCK, ports=ports)
            assert client.describe().manufacturer == "Dahua"
        assert silent.asked == []


def test_a_budget_is_for_all_calls_together() -> None:
    with FakeDevice(HIKVISION, trouble="hangs", troubled="GetProfiles") as device:
        began = time.monotonic()
        client = reach(
            "127.0.0.1", (USER, PASSWORD), LOOPBACK, CLOCK, ports=(device.port,), budget_s=1.0
        )
        with pytest.raises(OnvifFailed) as failed:
            client.describe()
        assert time.monotonic() - began < 2.0
    assert failed.value.reason is CameraReason.STALLED
