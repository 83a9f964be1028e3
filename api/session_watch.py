"""Ends what runs for long (streams, live pictures) when the session behind it ends.

Expiry is known in advance. A sign-out, or a change of the user, is an event of the log: every
session is then looked up again. A few are looked up every second besides, in turn, so that nothing
hangs on one event alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

import structlog
from anyio.to_thread import run_sync

from api.sessions import SignedIn
from record.clock import Clock
from record.errors import RecordError
from record.events import EventType
from record.people import Session

log = structlog.get_logger()

EVERY_S = 1.0
A_ROUND = 8
"""Sessions looked up each second without any reason."""
REASONS = frozenset({EventType.SESSION_CLOSED, EventType.USER_CHANGED})


@dataclass(slots=True)
class _Watched:
    session: Session
    ends: set["asyncio.Future[None]"] = field(default_factory=set)


class SessionWatch:
    def __init__(self, clock: Clock, find: Callable[[bytes], Session | None]) -> None:
        self._clock = clock
        self._find = find
        self._watched: dict[bytes, _Watched] = {}
        self._all = False
        self._over = False

    def add(self, signed_in: SignedIn) -> "asyncio.Future[None]":
        """Done when the session ends, or everything does; hand it back to `remove`."""
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self._over:
            end.set_result(None)
            return end
        known = self._watched.setdefault(signed_in.token_hash, _Watched(signed_in.session))
        known.ends.add(end)
        return end

    def remove(self, signed_in: SignedIn, end: "asyncio.Future[None]") -> None:
        known = self._watched.get(signed_in.token_hash)
        if known is not None:
            known.ends.discard(end)
            if not known.ends:
                del self._watched[signed_in.token_hash]

    def look_at_all(self) -> None:
        self._all = True

    def end_all(self) -> None:
        """The process ends: nothing that runs for long begins any more."""
        self._over = True
        for key in list(self._watched):
            self._end(key)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            for key in self._due():
                await self._look(key)

    def _due(self) -> list[bytes]:
        everything, self._all = self._all, False
        keys = list(self._watched)
        if everything:
            return keys
        now = self._clock.now()
        due = [key for key in keys if self._watched[key].session.expires_at <= now]
        return due + list(islice((key for key in keys if key not in due), A_ROUND))

    async def _look(self, key: bytes) -> None:
        known = self._watched.get(key)
        if known is None:
            return
        if known.session.expires_at <= self._clock.now():
            self._end(key)
            return
        try:
            found = await run_sync(self._find, key)
        except RecordError as error:
            log.warning("session not looked up", error=str(error))
            return
        if found is None or not _same(found, known.session):
            self._end(key)
        elif key in self._watched:  # to the end of the row, so that each has its turn
            self._watched[key] = self._watched.pop(key)

    def _end(self, key: bytes) -> None:
        known = self._watched.pop(key, None)
        for end in known.ends if known is not None else ():
            if not end.done():
                end.set_result(None)


def _same(one: Session, other: Session) -> bool:
    """Whether it still carries what a stream was opened with."""
    return (
        one.user.role is other.user.role
        and one.user.scope == other.user.scope
        and not one.user.disabled
    )
