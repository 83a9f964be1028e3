"""The way to a publisher's packets: an ICE session, and another in its place after a restart.

DTLS and what is above it go on over a restart (RFC 8842 §5.5, RFC 9725 §4.3.3), so they hold an
`IceLine`, which stands where aiortc has an `RTCIceTransport` and asks aioice directly: aiortc's own
cannot be restarted. Our agent never says that a publisher's candidates are complete: one that hides
behind a name or a network address translation is known only by the check it sends us.
"""

import asyncio
from collections.abc import Callable, Sequence

import aioice
import structlog
from aiortc import RTCIceServer
from aiortc.rtcicetransport import connection_kwargs

from ingest.rtc import RtcSettings
from ingest.rtc_peer import GATHER_S, our_addresses
from ingest.whip_answer import LocalIce
from ingest.whip_sdp import MOST_CANDIDATES, IceCredentials, RemoteCandidate

CONNECT_S = 15.0
"""From the answer to a nominated pair."""
_UFRAG_BYTES, _PWD_BYTES = 8, 24

_log = structlog.get_logger()

Allows = Callable[[str], bool]
"""Whether a check may be sent to this IP address because a publisher says that it is there."""


class _Agent(aioice.Connection):
    """One ICE session that is offered at the addresses of the settings, loopback if they say so."""

    def __init__(self, settings: RtcSettings, *, controlling: bool) -> None:
        servers = [RTCIceServer(urls=url) for url in settings.stun[:1]]
        if (turn := settings.turn) is not None:
            servers += [
                RTCIceServer(urls=url, username=turn.username, credential=turn.password)
                for url in turn.urls
            ]
        super().__init__(ice_controlling=controlling, **connection_kwargs(servers))
        self._wanted = [str(address) for address in our_addresses(settings)]

    async def get_component_candidates(
        self,
        component: int,
        addresses: list[str],  # noqa: ARG002 - those of all interfaces but loopback
        timeout: int = GATHER_S,  # noqa: ASYNC109 - the signature is aioice's
    ) -> list[aioice.Candidate]:
        return await super().get_component_candidates(component, self._wanted, timeout)


class IceLine:
    """On the loop only. `begin` or `restart`, then `connected`; `close` at the end."""

    def __init__(self, settings: RtcSettings, allows: Allows) -> None:
        self._settings = settings
        self._allows = allows
        self._lite = False
        self._current: _Agent | None = None
        self._next: _Agent | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._closed = False
        self.remote: IceCredentials | None = None
        """Of the publisher, in the newest session."""
        self.refused = 0
        """Candidates outside the allowed networks, left out."""

    async def begin(
        self, remote: IceCredentials, candidates: Sequence[RemoteCandidate], *, lite: bool = False
    ) -> LocalIce:
        """Gather for a session with this publisher, and begin its checks. Again: a restart, which
        takes over once it is connected; one that is still under way is given up for it."""
        self._lite = lite
        agent = _Agent(self._settings, controlling=lite)
        agent.remote_is_lite = lite
        agent.remote_username, agent.remote_password = remote.ufrag, remote.password
        try:
            await agent.gather_candidates()
            await self._give_up_next()
        except BaseException:
            await agent.close()
            raise
        if self._closed:
            await agent.close()
            raise ConnectionError("closed meanwhile")
        self._next, self.remote = agent, remote
        await self.add(candidates)
        self._connecting = asyncio.create_task(self._connect(agent))
        local = sorted(agent.local_candidates, key=lambda one: -one.priority)
        return LocalIce(
            IceCredentials(agent.local_username, agent.local_password),
            tuple(candidate.to_sdp() for candidate in local),
        )

    async def add(self, candidates: Sequence[RemoteCandidate]) -> int:
        """Of the newest session; how many were taken."""
        agent = self._next or self._current
        taken = 0
        for one in candidates:
            if agent is None or len(agent.remote_candidates) >= MOST_CANDIDATES:
                break
            if not self._allows(one.address):
                self.refused += 1
                continue
            await agent.add_remote_candidate(_candidate(one))
            taken += 1
        return taken

    @property
    def connected(self) -> bool:
        return self._current is not None

    async def wait_connected(self) -> None:
        """Raises `ConnectionError` when there is no way to the publisher."""
        while self._current is None:
            if self._closed or self._connecting is None or self._connecting.done():
                raise ConnectionError("no way to the publisher was found")
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        self._closed = True
        self._changed.set()
        await self._give_up_next()
        if self._current is not None:
            await self._current.close()

    # What `RTCDtlsTransport` asks of its transport

    role = "controlled"

    async def _recv(self) -> bytes:
        """The next datagram; while the line is cut, waits for a restart."""
        while True:
            if self._closed or (agent := self._current) is None:
                raise ConnectionError("closed")
            try:
                return await agent.recv()
            except ConnectionError:
                if self._closed:
                    raise
            while self._current is agent and not self._closed:
                self._changed.clear()
                await self._changed.wait()

    async def _send(self, data: bytes) -> None:
        """A datagram that may get lost, as all may."""
        if self._closed or self._current is None:
            raise ConnectionError("closed")
        try:
            await self._current.send(data)
        except ConnectionError:
            return  # the line is cut; whoever waits for an answer has a deadline

    async def _connect(self, agent: _Agent) -> None:
        try:
            await asyncio.wait_for(agent.connect(), CONNECT_S)
        except (TimeoutError, ConnectionError):
            _log.info("no way to the publisher", refused=self.refused)
            if self._next is agent:
                self._next = None
            await agent.close()
        else:
            old, self._current, self._next = self._current, agent, None
            if old is not None:
                await old.close()
        finally:
            # After this task is done, which is what `wait_connected` looks at.
            asyncio.get_running_loop().call_soon(self._changed.set)

    async def _give_up_next(self) -> None:
        agent, self._next = self._next, None
        if agent is None:
            return
        if self._connecting is not None:
            self._connecting.cancel()
            await asyncio.wait([self._connecting])
        await agent.close()


def _candidate(one: RemoteCandidate) -> aioice.Candidate:
    # aioice takes a peer-reflexive candidate from checks only.
    kind = "host" if one.kind == "prflx" else one.kind
    return aioice.Candidate(one.foundation, 1, "udp", one.priority, one.address, one.port, kind)
