"""Leave to see a camera clear: asked for with a reason, used for one view, recorded at its opening
and its end.

What was asked for and not used lies here for half a minute and is in no record: nobody has seen
anything. The reason is text of the event, outside its hashed bytes.
"""

from dataclasses import dataclass
from datetime import datetime

from api.sessions import SignedIn
from record.cameras import Camera
from record.clock import Clock
from record.errors import NotAllowed
from record.events import EventType, NewEvent
from record.grants import CLEAR_FOR, USE_WITHIN, ClearGrant, GrantKey
from record.ids import CameraId, UserId, new_id
from record.moments import stamp
from record.places import EVERYTHING, Site
from record.store import Store

MOST_PENDING = 256
"""Asked for and not used yet, in this process; the oldest goes first."""


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody was given leave for."""

    grant: ClearGrant
    signed: str
    token_hash: bytes
    site: Site
    reason: str


class ClearPictures:
    def __init__(self, store: Store, clock: Clock, key: GrantKey) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._pending: dict[str, Given] = {}

    def give(self, signed_in: SignedIn, camera: Camera, site: Site, reason: str) -> Given:
        """Leave for one view of `camera`, to be used by the same session within `USE_WITHIN`."""
        now, user = self._clock.now(), signed_in.session.user
        grant = ClearGrant(
            view=new_id(),
            camera=camera.id,
            user=user.id,
            name=user.name,
            zone=site.timezone,
            given_at=now,
            ends_at=now + CLEAR_FOR,
        )
        given = Given(grant, self._key.sign(grant), signed_in.token_hash, site, reason)
        for view, old in list(self._pending.items()):
            if old.grant.given_at + USE_WITHIN <= now:
                del self._pending[view]
        while len(self._pending) >= MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[grant.view] = given
        return given

    def use(self, signed_in: SignedIn, camera: CameraId, signed: str) -> Given:
        """Once. Raises `NotAllowed` for what was not given to this session for this camera."""
        for view, given in self._pending.items():
            if given.signed == signed and given.token_hash == signed_in.token_hash:
                if given.grant.camera != camera:
                    break
                del self._pending[view]
                if self._clock.now() >= given.grant.given_at + USE_WITHIN:
                    break
                return given
        raise NotAllowed("see this camera's clear picture without having given a reason for it")

    def opened(self, given: Given) -> None:
        """Into the record, before anything is shown."""
        grant = given.grant
        data = {
            "view": grant.view,
            "camera": grant.camera,
            "site": given.site.id,
            "by": grant.user,
            "ends_at": stamp(grant.ends_at),
        }
        self._append(
            grant.user,
            NewEvent(
                EventType.LIVE_OPENED,
                self._clock.now(),
                grant.camera,
                given.site.id,
                given.site.unit,
                data,
                {"reason": given.reason},
            ),
        )

    def closed(self, given: Given, why: str, at: datetime) -> None:
        grant = given.grant
        data = {
            "view": grant.view,
            "camera": grant.camera,
            "site": given.site.id,
            "by": grant.user,
            "ended_by": why,
        }
        self._append(
            None,
            NewEvent(EventType.LIVE_CLOSED, at, grant.camera, given.site.id, given.site.unit, data),
        )

    def _append(self, by: UserId | None, event: NewEvent) -> None:
        with self._store.write(EVERYTHING, by) as writing:
            writing.events.append(event)
