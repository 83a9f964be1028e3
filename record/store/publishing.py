"""Publish tokens and pairing codes: one token a camera, one open code a camera, hashes only."""

from sqlalchemy import delete, or_, select, update

from record.cameras import Camera
from record.errors import Invalid, NotInScope, PairingRefused
from record.events import EventType, Json, NewEvent
from record.ids import CameraId, SiteId, TokenId, UnitId, UserId, new_id
from record.moments import cut, stamp
from record.publishing import PAIRING_LASTS, Pairing, PublishToken
from record.store.cameras import Cameras
from record.store.reach import Reach
from record.store.rows import PairingRow, PublishTokenRow
from record.store.transaction import Recording, Transaction


class Publishing:
    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._reach = Reach(tx)
        self._cameras = Cameras(tx)

    def token(self, camera: CameraId) -> PublishToken | None:
        """None: nobody may publish into it. Raises `NotInScope`."""
        self._reach.camera(camera)
        row = self._row(camera)
        return None if row is None else _token(row)

    def find(self, token_hash: bytes) -> tuple[PublishToken, Camera] | None:
        """Whose token has this hash, if the camera is in scope, in use, and still publishes."""
        row = self._tx.row(select(PublishTokenRow).where(PublishTokenRow.token_hash == token_hash))
        if row is None:
            return None
        try:
            camera = self._cameras.get(CameraId(row.camera))
        except NotInScope:
            return None
        return (_token(row), camera) if camera.publishes and camera.enabled else None

    def _row(self, camera: CameraId) -> PublishTokenRow | None:
        return self._tx.row(select(PublishTokenRow).where(PublishTokenRow.camera == camera))


class WritablePublishing(Publishing):
    def __init__(self, tx: Recording) -> None:
        super().__init__(tx)
        self._recording = tx

    def set_token(self, camera: CameraId, token_hash: bytes) -> PublishToken:
        """A camera's first token, or another in place of the one it had, which is worth nothing
        from then on. Raises `NotInScope`, `Invalid` for a camera that does not publish."""
        known = self._publisher(camera)
        what = "rotated" if self._row(camera) is not None else "created"
        return self._keep_token(known, token_hash, what)

    def revoke(self, camera: CameraId) -> None:
        """Nobody may publish into it any more; revoking twice is revoking once. Open codes are
        void too. Raises `NotInScope`."""
        tx = self._recording
        known = self._cameras.get(camera)
        tx.execute(delete(PairingRow).where(PairingRow.camera == camera))
        if tx.execute(delete(PublishTokenRow).where(PublishTokenRow.camera == camera)):
            self._append(known, None, "revoked")

    def pair(self, camera: CameraId, code_hash: bytes) -> Pairing:
        """A code for this camera, in place of one that is still open. Raises as `set_token`."""
        tx = self._recording
        known = self._publisher(camera)
        row = self._row(camera)
        over = or_(PairingRow.camera == camera, PairingRow.expires_at <= tx.now)
        tx.execute(delete(PairingRow).where(over))
        expires_at = cut(tx.now + PAIRING_LASTS)
        tx.insert(
            PairingRow,
            {
                "code_hash": code_hash,
                "camera": camera,
                "expires_at": expires_at,
                "used_at": None,
                "by": tx.by,
            },
        )
        more: dict[str, Json] = {"expires_at": stamp(expires_at)}
        self._append(known, None if row is None else TokenId(row.id), "pairing", more)
        return Pairing(camera, expires_at)

    def redeem(self, code_hash: bytes, token_hash: bytes) -> tuple[PublishToken, Camera]:
        """Trade a code for a token, once. Raises `PairingRefused`, whatever is wrong with it.

        The condition stands in the statement itself: of two who try at once, one finds no row.
        """
        tx = self._recording
        taken = tx.execute(
            update(PairingRow)
            .where(
                PairingRow.code_hash == code_hash,
                PairingRow.used_at.is_(None),
                PairingRow.expires_at > tx.now,
            )
            .values(used_at=tx.now)
        )
        row = self._tx.row(select(PairingRow).where(PairingRow.code_hash == code_hash))
        if not taken or row is None:
            raise PairingRefused
        try:
            camera = self._publisher(CameraId(row.camera))
        except (NotInScope, Invalid):
            raise PairingRefused from None
        by = None if row.by is None else UserId(row.by)
        return self._keep_token(camera, token_hash, "paired", by), camera

    def _publisher(self, camera: CameraId) -> Camera:
        known = self._cameras.get(camera)
        if not known.publishes:
            raise Invalid("camera", "is dialled by us; only one with the address whip: publishes")
        return known

    def _keep_token(
        self, camera: Camera, token_hash: bytes, what: str, by: UserId | None = None
    ) -> PublishToken:
        tx = self._recording
        token = PublishToken(TokenId(new_id()), camera.id, cut(tx.now), tx.by or by)
        tx.upsert(
            PublishTokenRow,
            {
                "camera": camera.id,
                "id": token.id,
                "token_hash": token_hash,
                "made_at": token.made_at,
                "by": token.by,
            },
        )
        self._append(camera, token.id, what)
        return token

    def _append(
        self,
        camera: Camera,
        token: TokenId | None,
        what: str,
        more: dict[str, Json] | None = None,
    ) -> None:
        """`data.token` is the id of the token that holds from now on; null: none does."""
        tx = self._recording
        site = self._reach.site(camera.site)
        data: dict[str, Json] = {
            "camera": camera.id,
            "site": site.id,
            "token": token,
            "what": what,
            "by": tx.by,
            **(more or {}),
        }
        place = (SiteId(site.id), UnitId(site.unit))
        tx.append(NewEvent(EventType.TOKEN_CHANGED, tx.now, camera.id, *place, data))


def _token(row: PublishTokenRow) -> PublishToken:
    by = None if row.by is None else UserId(row.by)
    return PublishToken(TokenId(row.id), CameraId(row.camera), row.made_at, by)
