"""A viewer who is reached through a relay only (TURN over TCP), which may be slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network

import pytest

from ingest.rtc import RtcSettings
from tests.fakes.turn import FakeTurn
from tests.ingest.live_house import House, house, rough, until, viewers

NOWHERE = ip_network("127.99.0.0/16")
"""None of our own addresses is offered: only the relay's is left."""


@pytest.fixture
def turn() -> Iterator[FakeTurn]:
    relay = FakeTurn()
    try:
        yield relay
    finally:
        relay.free()
        relay.stop()


@contextmanager
def relayed(turn: FakeTurn) -> Iterator[House]:
    with house(RtcSettings(turn=turn.settings, networks=(NOWHERE,)), rough) as live:
        yield live


def test_a_viewer_sees_through_a_relay(turn: FakeTurn) -> None:
    with relayed(turn) as live:
        viewer = live.watch("a")
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 10)
            assert turn.relayed > 10


def test_a_relay_that_takes_nothing_has_nothing_pile_up_and_shows_nothing_old_afterwards(
    turn: FakeTurn,
) -> None:
    with relayed(turn) as live:
        viewer = live.watch("a")
        with viewers(viewer):
            assert viewer.wait_for(lambda v: len(v.seen) >= 10)
            turn.block()
            time.sleep(4.0)
            piled = live.unsent("a")
            a_second = sum(len(picture.data) for picture in live.source.encoded[-20:])
            assert a_second > 50_000, "too little to tell"
            assert piled < 1.5 * a_second
            counts = live.server.counts("a")
            assert counts is not None
            assert counts.dropped >= 20
            seen = len(viewer.seen)
            turn.free()
            assert viewer.wait_for(lambda v: len(v.seen) >= seen + 20), "does not come back"
            assert until(lambda: live.behind_s(viewer) < 1.0, 5.0), "what is shown is old"
