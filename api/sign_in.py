"""Signing in and out: the throttle first, then argon2id on a thread of its own, then a session."""

from dataclasses import dataclass
from datetime import timedelta

import structlog
from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from api.errors import TooManyTries
from api.sessions import new_token, token_hash
from api.throttle import Throttle, network_of, whole_seconds
from record.clock import Clock
from record.errors import SignInRefused
from record.passwords import password_fits
from record.people import Session, User
from record.places import EVERYTHING
from record.store import Store

log = structlog.get_logger()

TRIES_A_NAME_AND_ADDRESS = (10, 10.0)
TRIES_A_NAME = (100, 100.0)
"""From everywhere: high, so that who guesses from elsewhere does not lock the user out."""
TRIES_AN_ADDRESS = (40, 40.0)
"""At once, and then a minute. A ward's people may share one address."""

HASHES_AT_ONCE = 2
"""Each takes 64 MiB and a core for 50 ms; more would only wait for each other."""


@dataclass(frozen=True, slots=True)
class Opened:
    session: Session
    token: str


class SignIn:
    def __init__(self, store: Store, clock: Clock, lifetime: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._lifetime = lifetime
        self._pairs = Throttle(*TRIES_A_NAME_AND_ADDRESS)
        self._names = Throttle(*TRIES_A_NAME)
        self._addresses = Throttle(*TRIES_AN_ADDRESS)
        self._limiter: CapacityLimiter | None = None

    async def open(self, username: str, password: str, address: str) -> Opened:
        """Raises `TooManyTries` and `SignInRefused`; which of the two names was wrong, nobody
        learns, neither by the words nor by the time it takes."""
        name, network = username.casefold(), network_of(address)
        self._take(name, network)
        self._limiter = self._limiter or CapacityLimiter(HASHES_AT_ONCE)
        opened = await run_sync(self._open, username, password, limiter=self._limiter)
        if opened is None:
            log.warning("sign-in refused", address=network)
            raise SignInRefused
        self._pairs.give_back(_pair(name, network))
        self._names.give_back(name)
        self._addresses.give_back(network)
        return opened

    def _take(self, name: str, network: str) -> None:
        now = self._clock.monotonic()
        wait = (
            self._addresses.take(network, now)
            or self._pairs.take(_pair(name, network), now)
            or self._names.take(name, now)
        )
        if wait:
            raise TooManyTries(whole_seconds(wait))

    def _open(self, username: str, password: str) -> Opened | None:
        user, stored = self._known(username)
        fits = password_fits(password, stored)
        now = self._clock.now()
        if user is None or user.disabled or not fits:
            with self._store.write(EVERYTHING) as writing:
                writing.sessions.refused(username, now)
            return None
        token = new_token()
        with self._store.write(EVERYTHING, user.id) as writing:
            session = writing.sessions.open(user, token_hash(token), now, now + self._lifetime)
        return Opened(session, token)

    def _known(self, username: str) -> tuple[User | None, str | None]:
        with self._store.read(EVERYTHING) as reading:
            user = reading.users.by_username(username)
            return user, None if user is None else reading.users.password_hash(user.id)

    def find(self, key: bytes) -> Session | None:
        """The session behind a token's hash, if it stands at this moment."""
        with self._store.read(EVERYTHING) as reading:
            return reading.sessions.find(key, self._clock.now())

    def close(self, session: Session) -> None:
        with self._store.write(EVERYTHING, session.user.id) as writing:
            writing.sessions.close(session.id, self._clock.now())


def _pair(name: str, network: str) -> str:
    return f"{network} {name}"
