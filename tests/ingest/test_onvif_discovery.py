"""Calling for devices over real UDP on loopback, and answers that are none."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ingest.onvif_discovery import announced, discover
from record.clock import SystemClock
from record.errors import Invalid
from record.networks import CameraNetworks
from tests.fakes.onvif import BOMB
from tests.fakes.onvif_announcer import FakeAnnouncer, probe_match

LOOPBACK = CameraNetworks.parse(["127.0.0.0/8", "192.168.0.0/16"])
CLOCK = SystemClock()
SCOPES = (
    "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/HIKVISION%20DS-2CD2043 "
    "onvif://www.onvif.org/hardware/DS-2CD2043 onvif://www.onvif.org/location/country/vietnam"
)
SERVICE = "http://127.0.0.1:80/onvif/device_service"


def test_a_device_that_answers_is_found_once() -> None:
    with FakeAnnouncer(lambda asked: [probe_match(asked, SERVICE, SCOPES)]) as device:
        found = discover(LOOPBACK, CLOCK, seconds=0.6, to=device.at)
        calls = len(device.heard)
    assert [(one.address, one.service) for one in found] == [("127.0.0.1", SERVICE)]
    assert (found[0].name, found[0].hardware) == ("HIKVISION DS-2CD2043", "DS-2CD2043")
    assert found[0].location == "country/vietnam"
    assert calls == 2


def test_it_ends_in_time_while_somebody_floods() -> None:
    with FakeAnnouncer(lambda asked: [probe_match(asked, SERVICE), b"<a/>"] * 500) as device:
        began = time.monotonic()
        found = discover(LOOPBACK, CLOCK, seconds=0.5, to=device.at)
        assert time.monotonic() - began < 2.0
    assert len(found) == 1


def test_nobody_there_is_an_empty_list() -> None:
    assert discover(LOOPBACK, CLOCK, seconds=0.2, to=("127.0.0.1", 9)) == ()


@pytest.mark.parametrize("interface", ["no-such-if0", "203.0.113.9", "eth0; rm", "\x00"])
def test_an_interface_that_is_none_is_refused(interface: str) -> None:
    with pytest.raises(Invalid) as refused:
        discover(LOOPBACK, CLOCK, interface=interface, seconds=0.1, to=("127.0.0.1", 9))
    assert refused.value.field == "interface"


@pytest.mark.parametrize("interface", ["lo", "127.0.0.1"])
def test_an_interface_is_chosen_by_name_or_address(interface: str) -> None:
    with FakeAnnouncer(lambda asked: [probe_match(asked, SERVICE)]) as device:
        assert discover(LOOPBACK, CLOCK, interface=interface, seconds=0.4, to=device.at)


@pytest.mark.parametrize(
    ("data", "services"),
    [
        (probe_match("me", SERVICE), [SERVICE]),
        (probe_match("somebody-else", SERVICE), []),
        (probe_match("me", "http://203.0.113.7/onvif http://169.254.169.254/x"), []),
        (probe_match("me", f"http://203.0.113.7/x {SERVICE}"), [SERVICE]),
        (probe_match("me", f"http://192.168.0.9/x {SERVICE}"), [SERVICE]),
        (probe_match("me", "http://192.168.0.9/x"), ["http://192.168.0.9/x"]),
        (probe_match("me", "http://camera.local/x"), []),
        (probe_match("me", "file:///etc/passwd rtsp://127.0.0.1/"), []),
        (probe_match("me", ""), []),
        (BOMB, []),
        (b"", []),
        (b"<a>", []),
        (b"\xff\xfe\x00", []),
    ],
)
def test_what_a_datagram_says(data: bytes, services: list[str]) -> None:
    assert [one.service for one in announced(data, "me", "127.0.0.1", LOOPBACK)] == services


@given(some.binary(max_size=300))
def test_no_datagram_raises(data: bytes) -> None:
    assert list(announced(data, "me", "127.0.0.1", LOOPBACK)) == []


@given(some.text(max_size=60), some.text(max_size=60))
def test_no_scope_and_no_address_raises(xaddrs: str, scope: str) -> None:
    data = probe_match("me", xaddrs, f"onvif://www.onvif.org/name/{scope}")
    for one in announced(data, "me", "127.0.0.1", LOOPBACK):
        assert one.name.isprintable()
