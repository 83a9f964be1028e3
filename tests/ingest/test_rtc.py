"""Where WebRTC peers may find us, whom we check, and the loop that all of it runs on."""

import asyncio
import threading
import time
from ipaddress import ip_address, ip_network

import pytest

from ingest.rtc import LoopEnded, RtcLoop, RtcSettings, TurnServer
from ingest.rtc_peer import credentials_of, our_addresses
from tests.fakes.whep import LOOPBACK

EVERYWHERE = RtcSettings()
LAN = RtcSettings(networks=(ip_network("192.168.10.0/24"), ip_network("fd00::/8")))


@pytest.mark.parametrize(
    ("settings", "address", "ours"),
    [
        (EVERYWHERE, "192.168.10.7", True),
        (EVERYWHERE, "127.0.0.1", False),
        (EVERYWHERE, "fe80::1", False),
        (LAN, "192.168.10.7", True),
        (LAN, "192.168.11.7", False),
        (LAN, "fd00::7", True),
        (LOOPBACK, "127.0.0.1", True),
        (LOOPBACK, "192.168.10.7", False),
    ],
)
def test_peers_are_told_of_wanted_addresses_only(
    settings: RtcSettings, address: str, ours: bool
) -> None:
    assert settings.ours(ip_address(address)) is ours


@pytest.mark.parametrize(
    ("settings", "address", "theirs"),
    [
        (EVERYWHERE, "192.168.10.7", True),
        (EVERYWHERE, "127.0.0.1", False),
        (EVERYWHERE, "224.0.0.251", False),
        (EVERYWHERE, "0.0.0.0", False),  # noqa: S104 - an address that a peer claims
        (EVERYWHERE, "::1", False),
        (LOOPBACK, "127.0.0.1", True),
    ],
)
def test_a_peers_offer_makes_us_knock_at_no_door_of_our_own(
    settings: RtcSettings, address: str, theirs: bool
) -> None:
    assert settings.theirs(ip_address(address)) is theirs


def test_on_loopback_alone_nothing_else_is_gathered() -> None:
    assert {str(address) for address in our_addresses(LOOPBACK)} == {"127.0.0.1"}


def test_the_relays_password_is_in_no_repr() -> None:
    assert "secret" not in repr(RtcSettings(turn=TurnServer(("turn:t.test",), "ward", "secret")))


def test_credentials_are_the_first_ones_named() -> None:
    text = "v=0\r\na=ice-ufrag:one\r\na=ice-pwd:two\r\na=ice-ufrag:three\r\n"
    assert credentials_of(text) == ("one", "two")
    assert credentials_of("v=0\r\n") == (None, None)


async def _answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


def test_the_loop_runs_what_other_threads_ask_and_gives_up_in_time() -> None:
    loop = RtcLoop("testing")
    with pytest.raises(LoopEnded):
        loop.run(_answer(1), 1)
    loop.start()
    loop.start()
    assert loop.run(_answer(2), 1) == 2
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        loop.run(asyncio.sleep(10), 0.1)
    assert time.monotonic() - began < 1
    assert loop.stop()
    assert not loop.call(print)
    assert "testing" not in {thread.name for thread in threading.enumerate()}


def test_what_is_under_way_ends_with_the_loop() -> None:
    loop, ended = RtcLoop(), threading.Event()

    async def waits() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    loop.start()
    assert loop.call(lambda: asyncio.get_running_loop().create_task(waits()))
    time.sleep(0.1)
    assert loop.stop()
    assert ended.is_set()
