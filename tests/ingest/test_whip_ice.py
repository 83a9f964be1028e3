"""Sockets of ICE sessions: none outlives its line, whenever that is closed."""

import asyncio
from contextlib import suppress
from ipaddress import ip_network

import pytest

from ingest.rtc import RtcSettings
from ingest.whip_ice import IceLine
from ingest.whip_sdp import IceCredentials
from tests.fakes.sockets import udp_sockets

SETTINGS = RtcSettings(networks=(ip_network("127.0.0.0/8"),))
FIRST, SECOND = IceCredentials("abcd", "p" * 24), IceCredentials("efgh", "q" * 24)


@pytest.mark.parametrize("turns", range(12))
def test_a_line_that_is_closed_while_it_restarts_leaves_no_socket(turns: int) -> None:
    """`turns` of the loop after the restart began."""

    async def restart_and_close() -> None:
        line = IceLine(SETTINGS, lambda _: True)
        await line.begin(FIRST, ())
        restart = asyncio.create_task(line.begin(SECOND, ()))
        for _ in range(turns):
            await asyncio.sleep(0)
        await line.close()
        with suppress(ConnectionError):
            await restart
        await asyncio.sleep(0.05)

    before = udp_sockets()
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(restart_and_close())
        assert udp_sockets() == before
    finally:
        loop.run_until_complete(asyncio.sleep(0.05))
        loop.close()
