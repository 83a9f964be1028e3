"""The one decision on what may be dialled for a camera."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from record.errors import Invalid
from record.networks import CameraNetworks, real_address

OUTSIDE = CameraNetworks.default(loopback=False)
AT_HOME = CameraNetworks.default(loopback=True)


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3",
        "172.31.255.254",
        "192.168.1.64",
        "100.64.0.9",
        "169.254.3.4",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "[fd00::7]",
        "::ffff:192.168.1.64",
    ],
)
def test_where_cameras_stand(address: str) -> None:
    assert OUTSIDE.allows(address)


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "172.32.0.1",
        "192.169.0.1",
        "0.0.0.0",  # noqa: S104 - Linux dials itself there
        "255.255.255.255",
        "224.0.0.1",
        "2001:4860:4860::8888",
        "::",
        "ff02::1",
        "169.254.169.254",  # a cloud's secrets
        "fd00:ec2::254",
        "::ffff:169.254.169.254",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "camera.local",
        "localhost",
        "",
        "0x7f.1",
        "127.1",
        "192.168.1.64:554",
    ],
)
def test_where_they_do_not(address: str) -> None:
    assert not OUTSIDE.allows(address)
    assert not AT_HOME.allows(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "2002:7f00:1::"],
)
def test_loopback_only_where_the_node_itself_is_on_loopback(address: str) -> None:
    assert AT_HOME.allows(address)
    assert not OUTSIDE.allows(address)


def test_a_setting_may_name_a_public_network_and_even_the_one_address_of_secrets() -> None:
    networks = CameraNetworks.parse(["203.0.113.0/24", "169.254.169.254"])
    assert networks.allows("203.0.113.9")
    assert networks.allows("169.254.169.254")
    assert not networks.allows("192.168.1.64")
    assert not CameraNetworks.parse(["0.0.0.0/0"]).allows("169.254.169.254")


def test_an_empty_list_allows_nothing() -> None:
    assert not CameraNetworks(()).allows("192.168.1.64")


@pytest.mark.parametrize("text", ["192.168.1.0/33", "192.168.1.7/24", "camera", "", "10.0.0.0/8/8"])
def test_what_is_no_network_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        CameraNetworks.parse(["10.0.0.0/8", text])
    assert refused.value.field == "camera_networks.1"


@given(some.ip_addresses(v=4))
def test_wrapping_an_address_changes_nothing(address: object) -> None:
    plain = str(address)
    for wrapped in (f"::ffff:{plain}", f"64:ff9b::{plain}"):
        assert real_address(wrapped) == ip_address(plain)
        assert AT_HOME.allows(wrapped) == AT_HOME.allows(plain)


@given(some.text(max_size=30))
def test_nothing_that_is_said_raises(text: str) -> None:
    assert OUTSIDE.allows(text) in (True, False)
