"""What is fed broken input, by a seed: RTSP cameras, ONVIF devices, WHIP publishers."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from ipaddress import ip_network
from typing import Protocol, Self

from ingest import AvOpener, CheckedOpener, Patience, Publishers, PublishRefused, StreamFailed
from ingest.onvif import OnvifFailed
from ingest.onvif_client import DeviceAddress, OnvifClient
from ingest.rtc import RtcLoop, RtcSettings
from ingest.whip_sdp import Offer
from ingest.whip_session import Publication
from record.cameras import CameraUrl
from record.clock import SystemClock
from record.ids import CameraId, TokenId
from record.networks import CameraNetworks
from tests.fakes.rtsp import FakeRtspServer
from tests.fakes.sockets import udp_sockets
from tests.fuzz.broken import Broken
from tests.fuzz.broken_onvif import BrokenDevice
from tests.fuzz.broken_whip import FRAGMENT, OFFER, broken

MOST_PICTURES = 100
CONNECT_S, READ_S = 1.0, 0.5
"""A broken answer is waited for as a silent camera is; seconds add up over many seeds."""
LOOPBACK = CameraNetworks.parse(["127.0.0.0/8"])
CLOCK = SystemClock()
TOKEN = TokenId("token")


class Target(Protocol):
    """Any thread; raises for what must not happen."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *about: object) -> None: ...
    def says(self, seed: int) -> str:
        """What is done with that seed, for whoever looks for what a process died of."""
        ...

    def feed(self, seed: int) -> tuple[bool, int]:
        """Whether it was let in, and how much was got out of it."""
        ...


class Rtsp(AbstractContextManager["Rtsp"]):
    def __init__(self) -> None:
        opener = AvOpener(CLOCK, connect_timeout_s=CONNECT_S, patience=Patience(READ_S))
        self._opener = CheckedOpener(opener, LOOPBACK)

    def __exit__(self, *_: object) -> None:
        """Nothing is kept."""

    def says(self, seed: int) -> str:
        return f"{Broken(seed).codec} {Broken(seed).layer}"

    def feed(self, seed: int) -> tuple[bool, int]:
        opened, pictures = False, 0
        try:
            with FakeRtspServer(Broken(seed)) as server:
                stream = self._opener.open(CameraId("broken"), CameraUrl.parse(server.url))
                opened = True
                try:
                    while pictures < MOST_PICTURES:
                        picture = stream.read().picture
                        picture.grey().sum()
                        picture.bgr(64, 36).sum()
                        pictures += 1
                finally:
                    stream.close()
        except StreamFailed:
            pass
        return opened, pictures


class Onvif(AbstractContextManager["Onvif"]):
    def __exit__(self, *_: object) -> None:
        """Nothing is kept."""

    def says(self, seed: int) -> str:
        device = BrokenDevice.of(seed)
        return f"{device.make.manufacturer} {device.layer}"

    def feed(self, seed: int) -> tuple[bool, int]:
        described, profiles = False, 0
        with BrokenDevice.of(seed) as device:
            at = DeviceAddress(device.service, "admin", "correct-horse")
            client = OnvifClient(at, LOOPBACK, CLOCK, call_s=READ_S, budget_s=CONNECT_S)
            try:
                found = client.describe()
                described, profiles = True, len(found.profiles)
                assert found.main is None or found.main.url is not None
                client.subscribe(10.0).pull(0.1, 8)
            except OnvifFailed:
                pass
            finally:
                client.close()
        return described, profiles


class Whip(AbstractContextManager["Whip"]):
    """Each offer is one of a camera of its own; afterwards none is left."""

    def __enter__(self) -> Self:
        self._loop = RtcLoop()
        settings = RtcSettings(networks=(ip_network("127.0.0.0/8"),))

        def make(camera: CameraId, token: TokenId, offer: Offer) -> Publication:
            return Publication(camera, token, offer, settings, LOOPBACK.allows, CLOCK)

        self._publishers = Publishers(self._loop, make, CLOCK)
        return self

    def __exit__(self, *_: object) -> None:
        self._publishers.stop()
        tries = 100  # what ends by itself takes a moment, and less than its deadlines
        while (left := len(udp_sockets())) and tries:
            time.sleep(0.02)
            tries -= 1
        assert self._loop.stop()
        assert not left, f"{left} sockets of publications are left"

    def says(self, seed: int) -> str:
        return f"offer {seed}"

    def feed(self, seed: int) -> tuple[bool, int]:
        chance, camera, patched = random.Random(seed), CameraId(f"camera-{seed}"), 0
        try:
            published = self._publishers.offer(camera, TOKEN, broken(OFFER, chance))
        except PublishRefused as refused:
            if refused.reason != "sdp":
                raise  # whatever is wrong, it is the offer's fault and not the worker's
            return False, 0
        try:
            fragment = broken(FRAGMENT, chance)
            self._publishers.patch(camera, published.session, published.etag, fragment)
            patched = 1
        except PublishRefused:
            pass
        with suppress(PublishRefused):  # it may have ended by itself
            self._publishers.end(camera, published.session, "tried")
        assert self._publishers.current(camera) is None
        return True, patched


TARGETS: dict[str, Callable[[], Target]] = {"rtsp": Rtsp, "onvif": Onvif, "whip": Whip}
