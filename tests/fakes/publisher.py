"""A publisher made of aiortc, on loopback only: what a phone's browser does, and goes through."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import aioice
import numpy as np
from aiortc import (
    RTCCertificate,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
    VideoStreamTrack,
)
from av import VideoFrame
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

from ingest.rtc import RtcLoop

LOOPBACK = "127.0.0.1"
WAIT_S = 10.0


class MovingPicture(VideoStreamTrack):
    """A bright square on its way over grey, 320x180, 30 frames a second."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    async def recv(self) -> VideoFrame:
        pts, time_base = await self.next_timestamp()
        pixels = np.full((180, 320, 3), 90, np.uint8)
        left = self._number * 4 % 280
        pixels[70:110, left : left + 40] = 230
        self._number += 1
        frame = VideoFrame.from_ndarray(pixels, "bgr24")
        frame.pts, frame.time_base = pts, time_base
        return frame


class RsaCertificate(RTCCertificate):
    """As GStreamer's `dtlsenc` makes one: an RSA key, and its list of ciphers."""

    @classmethod
    def make(cls) -> "RsaCertificate":
        key = rsa.generate_private_key(65537, 2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "publisher")])
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
        )
        signer: Any = key
        return cls(signer, builder.sign(key, hashes.SHA256()))

    def _create_ssl_context(self, srtp_profiles: list[Any]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(b"ALL:!LOW:!EXP:!MD5:@STRENGTH")
        return context


def on_loopback(connection: Any) -> None:
    """Have this agent be found at 127.0.0.1 and nowhere else."""
    gather = connection.get_component_candidates

    async def wanted(component: int, addresses: Sequence[str]) -> Any:
        return await gather(component, [LOOPBACK])

    connection.get_component_candidates = wanted


class Publisher:
    """`with Publisher("H264") as one: one.take(answer_to(one.offer))`."""

    def __init__(self, codec: str = "H264", *, rsa: bool = False, sound: bool = False) -> None:
        self.offer = ""
        self._codec = codec
        self._rsa = rsa
        self._sound = sound
        self._loop = RtcLoop("publisher")
        self._peer: RTCPeerConnection | None = None
        self._restarted: aioice.Connection | None = None

    def __enter__(self) -> Self:
        self._loop.start()
        self.offer = self._loop.run(self._begin(), WAIT_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.leave()
        self._loop.stop()

    def take(self, answer: str) -> None:
        self._loop.run(self._take(answer), WAIT_S)

    def publish(self, post: Callable[[str], str]) -> None:
        """`post` takes the offer and gives the answer."""
        self.take(post(self.offer))

    def vanish(self) -> None:
        """Not another packet, and not a word: the battery is empty."""

        async def mute(data: bytes) -> None:
            return

        self._transport._send = mute

    def leave(self) -> None:
        """As a page that is closed: with a goodbye."""
        if self._peer is not None:
            peer, self._peer = self._peer, None
            self._loop.run(peer.close(), WAIT_S)
        if self._restarted is not None:
            agent, self._restarted = self._restarted, None
            self._loop.run(agent.close(), WAIT_S)

    def restart(self, patch: Callable[[str], str]) -> None:
        """Another way to the server (the phone changed its network): `patch` takes a fragment and
        gives the answer. The old way is dead from now on."""
        agent = self._loop.run(self._gathered(), WAIT_S)
        fragment = [
            f"a=ice-ufrag:{agent.local_username}",
            f"a=ice-pwd:{agent.local_password}",
            *[f"a=candidate:{one.to_sdp()}" for one in agent.local_candidates],
        ]
        self.vanish()
        answer = patch("\r\n".join(fragment) + "\r\n")
        self._loop.run(self._move(agent, answer), WAIT_S)

    @property
    def _transport(self) -> Any:
        assert self._peer is not None
        return self._peer.getSenders()[0].transport.transport

    async def _begin(self) -> str:
        peer = self._peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        if self._rsa:
            peer._RTCPeerConnection__certificates = [RsaCertificate.make()]  # type: ignore[attr-defined]
        video = peer.addTransceiver(MovingPicture(), direction="sendonly")
        known = RTCRtpSender.getCapabilities("video").codecs
        video.setCodecPreferences([one for one in known if one.mimeType == f"video/{self._codec}"])
        if self._sound:
            peer.addTransceiver("audio", direction="sendonly")
        for transceiver in peer.getTransceivers():
            on_loopback(transceiver.sender.transport.transport.iceGatherer._connection)
        await peer.setLocalDescription(await peer.createOffer())
        return str(peer.localDescription.sdp)

    async def _take(self, answer: str) -> None:
        assert self._peer is not None
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def _gathered(self) -> aioice.Connection:
        agent = self._restarted = aioice.Connection(ice_controlling=True)
        on_loopback(agent)
        await agent.gather_candidates()
        return agent

    async def _move(self, agent: aioice.Connection, answer: str) -> None:
        for line in answer.splitlines():
            name, _, value = line.partition(":")
            if name == "a=ice-ufrag":
                agent.remote_username = value
            elif name == "a=ice-pwd":
                agent.remote_password = value
            elif name == "a=candidate":
                await agent.add_remote_candidate(aioice.Candidate.from_sdp(value))
        await agent.add_remote_candidate(None)
        await asyncio.wait_for(agent.connect(), WAIT_S)
        self._transport._send = agent.send
