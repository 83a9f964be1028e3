"""Where cameras are dialled, sealed: the only module that reads and writes `camera_secrets`.

The whole address counts as a secret, since many cameras take the password in the query or in the
path. A row that does not open (the key was lost, or is another) leaves everything else alone: its
camera has the address `CLOSED`, is not dialled, and says why; entering the address again, or
putting the key file back, mends it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, delete, func, select, update

from record.cameras import CLOSED, Camera, CameraUrl
from record.errors import CannotOpen, KeyUnusable
from record.ids import CameraId
from record.keyring import KeySource
from record.sealing import SealingKey
from record.store.engines import answering, is_sqlite, make_engine, normalize, writing
from record.store.rows import CameraSecretRow
from record.store.transaction import Recording, Transaction

Urls = tuple[CameraUrl, CameraUrl | None]
"""Main stream and sub-stream."""

_CLOSED: Urls = (CLOSED, None)


@dataclass(frozen=True, slots=True)
class SecretsReport:
    """What opens and what does not; nothing of what is inside."""

    opening: int
    closed: Mapping[CameraId, str]
    """Why not: the reason of `CannotOpen`, or `no_key`."""
    plain: int
    """Rows of an earlier version that are not sealed yet."""


def read_urls(tx: Transaction, cameras: Sequence[str]) -> dict[str, Urls]:
    """By camera; those that do not open are `CLOSED`. Raises nothing of its own."""
    rows = tx.rows(select(CameraSecretRow).where(CameraSecretRow.camera.in_(cameras)))
    key = _usable(tx.keys) if any(row.sealed is not None for row in rows) else None
    found: dict[str, Urls] = {}
    for row in rows:
        if row.sealed is None:
            found[row.camera] = (CameraUrl(row.address or "", row.username, row.password), None)
            continue
        try:
            found[row.camera] = _CLOSED if key is None else _open(key, row.camera, row.sealed)
        except CannotOpen:
            found[row.camera] = _CLOSED
    return found


def write_urls(tx: Recording, camera: Camera) -> None:
    """Seal `camera`'s addresses. One that could not be opened, and was not entered again, stays as
    it is: the key may come back. Raises `KeyUnusable`."""
    if camera.url == CLOSED:
        return
    key = tx.keys.key(create=_may_create(tx.connection))
    tx.upsert(CameraSecretRow, _row(key, camera.id, (camera.url, camera.sub_url)))


def delete_urls(tx: Recording, camera: CameraId) -> None:
    tx.execute(delete(CameraSecretRow).where(CameraSecretRow.camera == camera))


def seal_plain(engine: Engine, keys: KeySource) -> int:
    """Seal what an earlier version wrote down open, and leave no trace of it in the files of the
    database; how many rows. Without a usable key they stay, and the next opening tries again."""
    with answering(), engine.connect() as connection:
        if not _plain_left(connection):
            return 0
    with answering(), writing(engine) as connection:
        try:
            key = keys.key(create=_may_create(connection))
        except KeyUnusable:
            return 0
        rows = connection.execute(
            select(
                CameraSecretRow.camera,
                CameraSecretRow.address,
                CameraSecretRow.username,
                CameraSecretRow.password,
            ).where(CameraSecretRow.sealed.is_(None))
        ).all()
        for row in rows:
            url = CameraUrl(row.address or "", row.username, row.password)
            _overwrite(connection, _row(key, row.camera, (url, None)))
    _scrub(engine)
    return len(rows)


def seal_left_open(url: str, keys: KeySource) -> int:
    """`seal_plain` for the database at `url`, after an upgrade of its tables."""
    engine = make_engine(normalize(url))
    try:
        return seal_plain(engine, keys)
    finally:
        engine.dispose()


def reseal(engine: Engine, key: SealingKey) -> SecretsReport:
    """Seal every row that opens with `key` anew; what does not open stays as it is."""
    with answering(), writing(engine) as connection:
        report = _report(connection, key)
        rows = connection.execute(select(CameraSecretRow.camera, CameraSecretRow.sealed)).all()
        for row in rows:
            if row.sealed is not None and row.camera not in report.closed:
                urls = _open(key, row.camera, row.sealed)
                _overwrite(connection, _row(key, row.camera, urls))
    _scrub(engine)
    return report


def examine(engine: Engine, keys: KeySource) -> SecretsReport:
    with answering(), engine.connect() as connection:
        return _report(connection, _usable(keys))


def _report(connection: Connection, key: SealingKey | None) -> SecretsReport:
    closed: dict[CameraId, str] = {}
    sealed = connection.execute(
        select(CameraSecretRow.camera, CameraSecretRow.sealed).where(
            CameraSecretRow.sealed.is_not(None)
        )
    ).all()
    for row in sealed:
        if key is None:
            closed[row.camera] = "no_key"
            continue
        try:
            _open(key, row.camera, row.sealed)
        except CannotOpen as error:
            closed[row.camera] = error.reason
    return SecretsReport(len(sealed) - len(closed), closed, _plain_left(connection))


def _usable(keys: KeySource) -> SealingKey | None:
    try:
        return keys.key()
    except KeyUnusable:
        return None


def _may_create(connection: Connection) -> bool:
    """A key is made only while nothing is sealed: else it was mislaid, and a new one would hide
    that until somebody wonders why half of the cameras are gone."""
    sealed = select(func.count()).where(CameraSecretRow.sealed.is_not(None))
    return not connection.scalar(sealed)


def _plain_left(connection: Connection) -> int:
    plain = select(func.count()).where(CameraSecretRow.sealed.is_(None))
    return connection.scalar(plain) or 0


def _context(camera: str) -> bytes:
    return b"camera address\0" + camera.encode()


def _row(key: SealingKey, camera: str, urls: Urls) -> dict[str, Any]:
    main, sub = (None if url is None else _plain(url) for url in urls)
    sealed = key.seal(orjson.dumps({"main": main, "sub": sub}), _context(camera))
    open_columns = {"address": None, "username": None, "password": None}
    return {"camera": camera, "sealed": sealed, **open_columns}


def _overwrite(connection: Connection, row: Mapping[str, Any]) -> None:
    connection.execute(
        update(CameraSecretRow).where(CameraSecretRow.camera == row["camera"]).values(**row)
    )


def _open(key: SealingKey, camera: str, sealed: bytes) -> Urls:
    """Raises `CannotOpen`."""
    kept = orjson.loads(key.open(sealed, _context(camera)))
    return _url(kept["main"]), None if kept["sub"] is None else _url(kept["sub"])


def _plain(url: CameraUrl) -> list[str | None]:
    return [url.address, url.username, url.password]


def _url(kept: list[Any]) -> CameraUrl:
    address, username, password = kept
    return CameraUrl(address, username, password)


def _scrub(engine: Engine) -> None:
    """The old rows were overwritten (`secure_delete`); what is left of them is in SQLite's journal,
    or among PostgreSQL's dead rows."""
    with answering():
        pooled = engine.raw_connection()  # neither statement may stand in a transaction
        driver: Any = pooled.driver_connection
        try:
            if is_sqlite(engine):
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                driver.autocommit = True
                driver.execute("VACUUM FULL camera_secrets")
        finally:
            pooled.invalidate()
