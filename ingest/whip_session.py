"""One publication: an offer answered, its line, its DTLS and its video, until somebody ends it.

Built of aiortc's own parts below `RTCPeerConnection` (its DTLS transport, its RTP and RTCP), which
that class can neither restart, nor give coded pictures from, nor make take every H.264.
"""

import asyncio
import secrets
from typing import Any, cast

import structlog
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtcrtpparameters import (
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
)
from OpenSSL import SSL

from ingest.rtc import RtcSettings
from ingest.whip_answer import answer_to, fragment_of
from ingest.whip_ice import Allows, IceLine
from ingest.whip_receiver import VideoReceiver
from ingest.whip_sdp import ABS_SEND_TIME, CLOCK_HZ, Fragment, Offer
from record.clock import Clock
from record.etags import named
from record.ids import CameraId, TokenId

ALIVE_S = 2.0
"""Without a packet of video for so long a publisher is dead: another may take its place."""
SILENT_S = 10.0
"""And after so long it is ended; until then it may come back by an ICE restart."""
HANDSHAKE_S = 10.0
ROUND_S = 0.2
CLOSE_S = 0.5

CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384:"
    b"ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-CHACHA20-POLY1305:ECDHE-RSA-AES256-GCM-SHA384:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA"
)
"""Forward secrecy throughout. aiortc's list is for ECDSA only; where the publisher is the DTLS
server, the cipher has to fit *its* certificate, and GStreamer's is RSA by default."""

_log = structlog.get_logger()


class Certificate(RTCCertificate):
    """aiortc's, for publishers with either kind of certificate."""

    def _create_ssl_context(self, srtp_profiles: list[Any]) -> SSL.Context:
        context = super()._create_ssl_context(srtp_profiles)
        context.set_cipher_list(CIPHERS)
        return context


class Publication:
    """On the loop, but for `receiver.take` and the properties, which any thread may ask."""

    def __init__(
        self,
        camera: CameraId,
        token: TokenId,
        offer: Offer,
        settings: RtcSettings,
        allows: Allows,
        wall: Clock,
    ) -> None:
        self.id = secrets.token_urlsafe(18)
        self.camera = camera
        self.token = token
        self.etag = _new_etag()
        """Of the ICE session that stands (RFC 9725 §4.3.1)."""
        self.why = ""
        """Why it has ended."""
        self._offer = offer
        self._wall = wall
        self._began_at = wall.monotonic()
        self._line = IceLine(settings, allows)
        self._certificate = Certificate.generateCertificate()
        self._dtls = RTCDtlsTransport(cast("Any", self._line), [self._certificate])
        self._dtls._set_role("server" if offer.we_are_dtls_server else "client")
        self.receiver = VideoReceiver(offer.codec, wall, self._send)
        self._running: asyncio.Task[None] | None = None
        self._ended = False

    @property
    def ended(self) -> bool:
        return self._ended or self.receiver.ended

    @property
    def alive(self) -> bool:
        """It sends pictures. One that has not yet sent any is not: it has nothing to lose, and a
        phone that comes back must not wait for its own last try."""
        heard = self.receiver.heard_at
        return not self.ended and heard is not None and self._wall.monotonic() - heard < ALIVE_S

    @property
    def silent_s(self) -> float:
        """Since the last packet of video, or since the offer."""
        return self._wall.monotonic() - (self.receiver.heard_at or self._began_at)

    async def begin(self) -> str:
        """The answer; what follows goes on by itself."""
        local = await self._line.begin(
            self._offer.ice, self._offer.candidates, lite=self._offer.ice_lite
        )
        fingerprint = next(
            one.value for one in self._certificate.getFingerprints() if one.algorithm == "sha-256"
        )
        self._running = asyncio.create_task(self._run())
        return answer_to(self._offer, local, fingerprint, secrets.randbits(62))

    def matches(self, if_match: str) -> bool:
        """Whether a request with this `If-Match` speaks of the session that stands. `*` means any;
        RFC 9725 writes it in quotes in its example, and so do some who read it."""
        return if_match in {"*", '"*"'} or named(if_match, self.etag)

    async def patch(self, fragment: Fragment) -> str | None:
        """Candidates taken (None), or ICE restarted (our new side)."""
        if fragment.ice is None or fragment.ice == self._line.remote:
            await self._line.add(fragment.candidates)
            return None
        # Before the first wait, so that of two restarts at once one finds itself overtaken.
        self.etag = _new_etag()
        local = await self._line.begin(fragment.ice, fragment.candidates, lite=self._offer.ice_lite)
        return fragment_of(self._offer, local)

    async def end(self, why: str) -> None:
        """Tell the publisher by DTLS, and let go. Twice is once."""
        if self._ended:
            return
        self._ended = True
        self.why = self.why or why
        self.receiver.end()
        if self._running is not None and self._running is not asyncio.current_task():
            self._running.cancel()
            await asyncio.wait([self._running], timeout=CLOSE_S)
        try:
            await asyncio.wait_for(self._dtls.stop(), CLOSE_S)
            await asyncio.wait_for(self._line.close(), CLOSE_S)
        except (TimeoutError, ConnectionError):
            pass
        _log.info("publication ended", camera=self.camera, why=self.why)

    async def _run(self) -> None:
        why = "it failed in an unforeseen way; see the log"
        try:
            why = await self._live()
        except ConnectionError as error:
            why = str(error) or "the publisher has gone"
        finally:
            await self.end(why)

    async def _live(self) -> str:
        """From the answer to the end, and why it ended. Raises `ConnectionError`."""
        await self._line.wait_connected()
        # Before the handshake: some send their only keyframe for seconds right behind it.
        self._dtls._register_rtp_receiver(self.receiver, self._parameters())
        try:
            await asyncio.wait_for(self._dtls.start(self._their_dtls()), HANDSHAKE_S)
        except TimeoutError:
            return "the publisher did not finish the handshake (DTLS)"
        if self._dtls.state != "connected":
            return "the publisher and we did not agree on encryption (DTLS)"
        _log.info("publication begins", camera=self.camera, codec=self._offer.codec.name)
        while not self.receiver.ended and self._dtls.state == "connected":
            if self.silent_s > SILENT_S:
                return f"no picture for {SILENT_S:g} s"
            await self.receiver.report()
            await asyncio.sleep(ROUND_S)
        return "the publisher has gone"

    def _their_dtls(self) -> RTCDtlsParameters:
        given = self._offer.fingerprints
        return RTCDtlsParameters([RTCDtlsFingerprint(name, value) for name, value in given])

    def _parameters(self) -> RTCRtpReceiveParameters:
        codec = self._offer.codec
        extensions = []
        if (number := self._offer.abs_send_time) is not None:
            extensions.append(RTCRtpHeaderExtensionParameters(id=number, uri=ABS_SEND_TIME))
        return RTCRtpReceiveParameters(
            codecs=[
                RTCRtpCodecParameters(f"video/{codec.name}", CLOCK_HZ, None, codec.payload_type)
            ],
            headerExtensions=extensions,
        )

    async def _send(self, data: bytes) -> None:
        try:
            await self._dtls._send_rtp(data)
        except ConnectionError:
            return  # it ends, which `_run` sees


def _new_etag() -> str:
    """A strong entity-tag (RFC 9110 §8.8.3)."""
    return f'"{secrets.token_urlsafe(9)}"'
