"""Who may publish into a camera, at the edge: bearer tokens, pairing codes, and how often.

A code is short and its route is open to everybody, so tries are counted: by network, and from
everywhere together, far beyond what a site's installers need.
"""

import structlog

from api.errors import PublisherRefused, TooManyTries
from api.throttle import Throttle, network_of, whole_seconds
from record.cameras import Camera
from record.clock import Clock
from record.errors import PairingRefused
from record.ids import CameraId
from record.places import EVERYTHING
from record.publishing import PublishToken, new_publish_token, secret_hash
from record.store import Store

log = structlog.get_logger()

CODES_A_NETWORK = (10, 10.0)
CODES_IN_ALL = (100, 100.0)
"""At once, and then a minute."""
OFFERS_A_CAMERA = (10, 30.0)
"""Each costs sockets and a key pair."""


class PublishDesk:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._networks = Throttle(*CODES_A_NETWORK)
        self._all = Throttle(*CODES_IN_ALL)
        self._offers = Throttle(*OFFERS_A_CAMERA)

    def publisher(self, camera: str, token: str | None) -> PublishToken:
        """Whose token this is. Raises `PublisherRefused`, also for a camera that is not there:
        who has no token learns nothing."""
        if token is None:
            raise PublisherRefused
        with self._store.read(EVERYTHING) as reading:
            found = reading.publishing.find(secret_hash(token))
        if found is None or found[0].camera != camera:
            raise PublisherRefused
        return found[0]

    def count_offer(self, camera: CameraId) -> None:
        """Raises `TooManyTries`."""
        wait = self._offers.take(camera, self._clock.monotonic())
        if wait:
            raise TooManyTries(whole_seconds(wait))

    def redeem(self, code: str, address: str) -> tuple[str, Camera]:
        """A fresh token for a code, once. Raises `PairingRefused`, `TooManyTries`."""
        now, network = self._clock.monotonic(), network_of(address)
        wait = self._networks.take(network, now) or self._all.take("", now)
        if wait:
            raise TooManyTries(whole_seconds(wait))
        token = new_publish_token()
        try:
            with self._store.write(EVERYTHING) as writing:
                _, camera = writing.publishing.redeem(secret_hash(code), secret_hash(token))
        except PairingRefused:
            log.warning("pairing code refused", address=network)
            raise
        self._networks.give_back(network)
        self._all.give_back("")
        return token, camera
