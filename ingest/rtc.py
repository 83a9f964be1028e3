"""What all WebRTC of a worker shares: one thread with an event loop, and where it can be reached.

Nothing here imports aiortc, which costs 11 MB and a quarter of a second: who starts the first view
or publisher does (`ingest.rtc_peer`), and a worker without any never pays.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any, TypeVar

import structlog

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Result = TypeVar("Result")

STOP_S = 1.0

_log = structlog.get_logger()


class LoopEnded(Exception):
    """The loop has not begun, or has ended: the worker is stopping."""


class OfferRefused(Exception):
    """The peer's description is none that we can answer; `str` is fit for a person.

    `reason`: `malformed`, `no_common_codec`, or `ice_restart`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TurnServer:
    """A relay for peers that cannot reach each other (RFC 8656), with long-term credentials."""

    urls: tuple[str, ...]
    """`turn:host:port?transport=udp`, as RFC 7065 has it."""
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RtcSettings:
    stun: tuple[str, ...] = ()
    """`stun:host:port` (RFC 7064). aiortc asks the first one only."""
    turn: TurnServer | None = None
    networks: tuple[Network, ...] = ()
    """Our own addresses are offered to peers when they lie in one of these; empty: every address
    of this machine but loopback."""

    def ours(self, address: Address) -> bool:
        """Whether a peer may be told that we can be reached at `address`."""
        if not self.networks:
            return not (address.is_loopback or address.is_link_local)
        return any(address in network for network in self.networks)

    def theirs(self, address: Address) -> bool:
        """Whether we send checks to `address` because a peer says that it is there.

        Loopback only when we are offered there too: a stranger's offer must not make us knock at
        our own machine's doors.
        """
        if address.is_multicast or address.is_unspecified or address.is_reserved:
            return False
        return not address.is_loopback or any(network.is_loopback for network in self.networks)


class RtcLoop:
    """One thread with an event loop. Nothing on it may block; what other threads want done there
    they hand over with `run` (and wait) or `call` (and do not)."""

    def __init__(self, name: str = "webrtc") -> None:
        self._name = name
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        return self._loop is not None

    def start(self) -> None:
        """Once; a second call does nothing."""
        with self._lock:
            if self._loop is not None:
                return
            loop = self._loop = asyncio.new_event_loop()
            loop.set_exception_handler(_unhandled)
            self._thread = threading.Thread(
                target=_run_forever, args=(loop,), name=self._name, daemon=True
            )
            self._thread.start()

    def stop(self, within_s: float = STOP_S) -> bool:
        """Cancel what is under way and end the thread; False when it has not ended in time."""
        with self._lock:
            loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return True
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(within_s)
        return not self._thread.is_alive()

    def run(self, coroutine: Coroutine[Any, Any, Result], timeout_s: float) -> Result:
        """The coroutine's result, waited for in the calling thread (never the loop's own).

        Raises what it raises, `TimeoutError` after `timeout_s` (it is cancelled then), and
        `LoopEnded`.
        """
        future: Future[Result]
        with self._lock:
            if self._loop is None:
                coroutine.close()
                raise LoopEnded
            future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result(timeout_s)
        except TimeoutError:
            future.cancel()
            raise
        except asyncio.CancelledError:
            raise LoopEnded from None

    def call(self, callback: Callable[..., object], *arguments: object) -> bool:
        """Have `callback` called on the loop, soon; False when there is none any more."""
        with self._lock:
            if self._loop is None:
                return False
            self._loop.call_soon_threadsafe(callback, *arguments)
            return True


def _run_forever(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=STOP_S / 2))
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()


def _unhandled(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What a task of the library raises and nobody awaits: one line, not a traceback each."""
    error = context.get("exception")
    _log.warning("webrtc task failed", message=context.get("message"), error=repr(error))
