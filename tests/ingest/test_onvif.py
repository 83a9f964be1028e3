"""ONVIF devices of several makes, and devices that misbehave, over real HTTP on loopback."""

import re
import time
from datetime import timedelta

import pytest

from ingest.onvif import OnvifFailed
from ingest.onvif_client import DeviceAddress, OnvifClient
from record.cameras import CameraReason, CameraUrl
from record.clock import SystemClock
from record.networks import CameraNetworks
from tests.fakes.onvif import PASSWORD, USER, FakeDevice, Trouble
from tests.fakes.onvif_makes import AXIS, DAHUA, HIKVISION, NAMELESS, TAPO, Make

LOOPBACK = CameraNetworks.parse(["127.0.0.1"])
CLOCK = SystemClock()


def client_of(device: FakeDevice, password: str | None = PASSWORD, **more: float) -> OnvifClient:
    user = None if password is None else USER
    return OnvifClient(DeviceAddress(device.service, user, password), LOOPBACK, CLOCK, **more)


@pytest.mark.parametrize("make", [HIKVISION, DAHUA, AXIS, TAPO], ids=lambda make: make.manufacturer)
@pytest.mark.parametrize("auth", ["none", "wsse", "digest"])
def test_every_make_says_who_it_is_and_what_it_sends(make: Make, auth: str) -> None:
    with FakeDevice(make, auth=auth) as device:  # type: ignore[arg-type]
        found = client_of(device).describe()
    assert (found.manufacturer, found.model) == (make.manufacturer, make.model)
    assert [one.width for one in found.profiles] == [one.width for one in make.profiles]
    assert found.clock_ahead is not None
    assert abs(found.clock_ahead) < timedelta(seconds=2)
    assert found.main is not None
    assert found.main.url == CameraUrl(f"rtsp://127.0.0.1:554{make.profiles[0].path}")


@pytest.mark.parametrize(
    ("make", "sub"),
    [(HIKVISION, "Profile_2"), (DAHUA, "MediaProfile00002"), (AXIS, None), (TAPO, "profile_2")],
    ids=lambda one: getattr(one, "manufacturer", ""),
)
def test_the_stream_that_suits_the_detector(make: Make, sub: str | None) -> None:
    with FakeDevice(make) as device:
        found = client_of(device).describe()
    assert (found.sub and found.sub.token) == sub


@pytest.mark.parametrize("ahead", [timedelta(days=-3650), timedelta(hours=7), timedelta(minutes=9)])
def test_a_wrong_clock_is_told_and_does_not_lock_us_out(ahead: timedelta) -> None:
    with FakeDevice(HIKVISION, clock_ahead=ahead) as device:
        found = client_of(device).describe()
    assert found.model == HIKVISION.model
    assert found.clock_ahead is not None
    assert abs(found.clock_ahead - ahead) < timedelta(seconds=2)


@pytest.mark.parametrize("auth", ["wsse", "digest"])
@pytest.mark.parametrize("password", ["wrong", None])
def test_a_wrong_password_is_auth_failed(auth: str, password: str | None) -> None:
    with FakeDevice(HIKVISION, auth=auth) as device:  # type: ignore[arg-type]
        with pytest.raises(OnvifFailed) as failed:
            client_of(device, password).describe()
        assert len(device.asked) <= 4  # many lock an account out after five
    assert failed.value.reason is CameraReason.AUTH_FAILED
    assert PASSWORD not in str(failed.value)


def test_a_device_without_profiles_has_no_streams() -> None:
    with FakeDevice(NAMELESS) as device:
        found = client_of(device).describe()
    assert (found.profiles, found.main, found.sub) == ((), None, None)


@pytest.mark.parametrize("host", ["10.9.8.7:8080", "169.254.169.254", "camera.example:99"])
def test_addresses_that_a_device_names_lead_nowhere_else(host: str) -> None:
    with FakeDevice(HIKVISION, lists_as=host) as device:
        found = client_of(device).describe()
        asked = list(device.asked)
    assert asked.count("GetStreamUri") == 2
    assert found.main is not None
    assert found.main.url == CameraUrl("rtsp://127.0.0.1:554/Streaming/Channels/101")


@pytest.mark.parametrize(
    ("trouble", "reasons"),
    [
        ("garbage", {CameraReason.CORRUPT}),
        ("empty", {CameraReason.CORRUPT}),
        ("html", {CameraReason.CORRUPT}),
        ("huge", {CameraReason.UNREACHABLE}),
        ("bomb", {CameraReason.CORRUPT}),
        ("hangs", {CameraReason.STALLED, CameraReason.UNREACHABLE}),
        ("drips", {CameraReason.STALLED, CameraReason.UNREACHABLE}),
        ("redirects", {CameraReason.CORRUPT}),
    ],
)
@pytest.mark.parametrize("troubled", ["GetDeviceInformation", "GetCapabilities", "GetProfiles"])
def test_a_device_that_misbehaves_is_left_in_time(
    trouble: Trouble, reasons: set[CameraReason], troubled: str
) -> None:
    with (
        FakeDevice(AXIS) as elsewhere,
        FakeDevice(
            HIKVISION, trouble=trouble, troubled=troubled, redirects_to=elsewhere.service
        ) as device,
    ):
        client = client_of(device, call_s=1.0)
        began = time.monotonic()
        with pytest.raises(OnvifFailed) as failed:
            client.describe()
        assert time.monotonic() - began < 3.0
        assert elsewhere.asked == []
    assert failed.value.reason in reasons


def test_a_profile_whose_address_is_refused_is_left_out_alone() -> None:
    with FakeDevice(HIKVISION, trouble="garbage", troubled="GetStreamUri") as device:
        found = client_of(device).describe()
    assert [one.url for one in found.profiles] == [None, None]
    assert found.main is None


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost", "0.0.0.0"])  # noqa: S104
def test_only_allowed_addresses_are_asked(host: str) -> None:
    with pytest.raises(OnvifFailed) as failed:
        OnvifClient(
            DeviceAddress(f"http://{host}:1/onvif/device_service"),
            CameraNetworks.parse(["192.168.0.0/16"]),
            CLOCK,
        )
    assert failed.value.reason is CameraReason.NETWORK_NOT_ALLOWED


def test_nobody_there_is_unreachable() -> None:
    client = OnvifClient(DeviceAddress("http://127.0.0.1:9/onvif/device_service"), LOOPBACK, CLOCK)
    with pytest.raises(OnvifFailed) as failed:
        client.describe()
    assert failed.value.reason is CameraReason.UNREACHABLE


# Found by fuzzing


class BrokenAddress(FakeDevice):
    def _address(self, path: str) -> str:
        return f"http://[::1{path}"


def test_a_service_at_an_address_that_is_none_is_corrupt() -> None:
    with BrokenAddress(AXIS) as device, pytest.raises(OnvifFailed) as failed:
        client_of(device).describe()
    assert failed.value.reason is CameraReason.CORRUPT


class AtTheEndOfTime(FakeDevice):
    def _time(self) -> str:
        return re.sub(r"<tt:Year>\d+", "<tt:Year>99999999999999999999", super()._time())


def test_a_year_beyond_all_counting_is_no_time() -> None:
    with AtTheEndOfTime(AXIS) as device:
        assert client_of(device).clock_ahead() is None
