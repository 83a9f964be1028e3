"""What a store of the version before knows of its cameras is not forgotten by the upgrade."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, column, create_engine, insert, table

from record.breaches import BreachFilter
from record.cameras import CameraState, CameraStatus
from record.evidence import EvidenceKind, Loss, lost
from record.ids import BreachId, CameraId, EvidenceId, SiteId
from record.places import EVERYTHING
from record.store import Store, upgrade
from record.store.columns import Moment
from record.store.engines import normalize
from record.watching import Unwatched
from tests.conftest import KEYS
from tests.servers import Postgres

ADDED = datetime.fromisoformat("2026-10-01T00:00:00Z")
DAY = timedelta(days=1)
NOW = ADDED + 10 * DAY
STATES: dict[str, tuple[str, str | None] | None] = {
    "online": ("online", None),
    "offline": ("offline", "refused"),
    "unseen": ("degraded", "no_detector"),
    "corrupt": ("degraded", "corrupt"),
    "new": None,
    "off": ("offline", "refused"),
    "off-unheard": None,
    "removed": ("offline", "refused"),
}
"""Camera -> state and reason as `camera_status` has them since the second day."""
OFF = {"off", "off-unheard"}


@pytest.fixture(params=["sqlite", "postgres"])
def old_url(request: pytest.FixtureRequest, short_path: Path) -> Iterator[str]:
    """A database of revision 0001 that holds cameras."""
    if request.param == "sqlite":
        url = f"sqlite:///{short_path / 'old.db'}"
        _fill(url)
        yield url
        return
    server: Postgres = request.getfixturevalue("postgres_server")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE old_cameras")
        try:
            _fill(server.url("old_cameras"))
            yield server.url("old_cameras")
        finally:
            connection.execute("DROP DATABASE old_cameras WITH (FORCE)")


def _fill(url: str) -> None:
    engine = create_engine(normalize(url))
    config = Config()
    config.set_main_option("script_location", "record.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        _put(connection, "units", id="u", kind="ward", name="Ward", depth=0)
        _put(connection, "sites", id="s", unit="u", name="Site", timezone="UTC")
        for position, (name, status) in enumerate(STATES.items()):
            _camera(connection, name)
            if status is not None:
                state, reason = status
                since = ADDED + DAY
                _put(
                    connection,
                    "camera_status",
                    camera=name,
                    state=state,
                    reason=reason,
                    since=since,
                )
            if name == "off":
                # On, off on the third day, another name on the fourth: off since the third.
                for day, enabled in enumerate((True, False, False), start=2):
                    _changed(connection, name, 10 * position + day, ADDED + day * DAY, enabled)
        _breach(connection, "online", 900)
    engine.dispose()


def _breach(connection: Connection, camera: str, position: int) -> None:
    """Open, as the version before has it: without a word of evidence."""
    at = ADDED + 2 * DAY
    told: dict[str, object] = {
        "breach": "breach",
        "kind": "exit",
        "priority": "high",
        "site": "s",
        "unit": "u",
        "camera": camera,
        "rule": "r",
        "line": None,
        "area": None,
        "persons": 2,
        "order": None,
        "orders": [],
        "began_at": at.isoformat(),
        "why": None,
    }
    body = json.dumps({"data": told, "recordedat": at.isoformat()}).encode()
    event = {"position": position, "id": "opened", "type": "breach.opened", "time": at}
    where = {"subject": "breach", "site": "s", "unit": "u", "camera": camera}
    chain = {"chain": "node", "epoch": 1, "seq": position, "hash": bytes(32), "body": body}
    _put(connection, "events", **event, **where, **chain)
    _put(connection, "unit_paths", ancestor="u", unit="u", distance=0)
    _put(connection, "breach_units", ancestor="u", opened_at=at, breach="breach", kind="exit")
    times = {"opened_at": at, "began_at": at, "decided_at": at, "heard_at": at}
    what = {"kind": "exit", "priority": "high", "state": "open", "persons": 2, "orders": "[]"}
    place = {"site": "s", "unit": "u", "camera": camera, "rule": "r"}
    _put(connection, "breaches", id="breach", position=position, **times, **what, **place)


def _camera(connection: Connection, name: str) -> None:
    _put(
        connection,
        "cameras",
        id=name,
        site="s",
        rank=0,
        name=name,
        short_name="",
        enabled=name not in OFF,
        version=1,
        drawing='{"lines": [], "areas": [], "rules": []}',
        added_at=ADDED,
        removed_at=ADDED + 5 * DAY if name == "removed" else None,
    )
    _put(connection, "camera_secrets", camera=name, address="rtsp://10.0.0.7/a")


def _changed(
    connection: Connection, camera: str, position: int, time: datetime, enabled: bool
) -> None:
    body = json.dumps({"data": {"camera": camera, "enabled": enabled}}).encode()
    _put(
        connection,
        "events",
        position=position,
        id=f"e{position}",
        type="camera.changed",
        time=time,
        subject=camera,
        chain="node",
        epoch=1,
        seq=position,
        hash=bytes(32),
        body=body,
    )


def _put(connection: Connection, into: str, /, **values: object) -> None:
    columns = [
        column(key, Moment()) if isinstance(value, datetime) else column(key)
        for key, value in values.items()
    ]
    connection.execute(insert(table(into, *columns)).values(values))


def test_cameras_that_were_away_or_off_are_unwatched_from_what_was_known(old_url: str) -> None:
    upgrade(old_url)
    with Store.open(old_url, keys=KEYS) as store, store.read(EVERYTHING) as record:
        found = {
            name: list(record.watching.of_camera(CameraId(name), ADDED, NOW, NOW).intervals)
            for name in STATES
        }
    assert found == {
        "online": [],
        "offline": [Unwatched(ADDED + DAY, None, "refused")],
        "unseen": [Unwatched(ADDED + DAY, None, "no_detector")],
        "corrupt": [],
        "new": [Unwatched(ADDED, None, "connecting")],
        "off": [
            Unwatched(ADDED + DAY, ADDED + 3 * DAY, "refused"),
            Unwatched(ADDED + 3 * DAY, None, "disabled"),
        ],
        "off-unheard": [Unwatched(ADDED, None, "disabled")],
        "removed": [Unwatched(ADDED + DAY, ADDED + 5 * DAY, "refused")],
    }


def test_breaches_are_what_they_were_and_have_no_evidence_to_lose(old_url: str) -> None:
    upgrade(old_url)
    breach = BreachId("breach")
    with Store.open(old_url, keys=KEYS) as store:
        for _ in range(2):  # the first call only says from where on evidence is kept
            with store.write(EVERYTHING) as writing:
                assert writing.evidence.settle(NOW, NOW) == 0
        with store.read(EVERYTHING) as record:
            (known,) = record.breaches.list(BreachFilter(site=SiteId("s")), 10).items
            assert (known.breach.id, known.breach.persons, known.evidence) == (breach, 2, ())
            assert [step.type for step in record.breaches.steps(breach)] == [
                "wardwatch.breach.opened"
            ]
            assert (record.evidence.of(breach), record.evidence.lost_of(breach)) == ((), ())
        with store.write(EVERYTHING) as writing:
            gone = lost(
                EvidenceId("gone"),
                EvidenceKind.CLIP,
                CameraId("online"),
                SiteId("s"),
                breach,
                ADDED + 2 * DAY,
                Loss.NO_ROOM,
            )
            writing.evidence.lose(gone, NOW)
            status = CameraStatus(CameraId("offline"), CameraState.ONLINE, None, NOW)
            assert writing.cameras.set_status(status) == writing.events.last()
        with store.read(EVERYTHING) as record:
            assert record.evidence.lost_of(breach) == (gone,)
            watching = record.watching.of_camera(CameraId("offline"), ADDED, NOW + DAY, NOW + DAY)
    assert list(watching.intervals) == [Unwatched(ADDED + DAY, NOW, "refused")]
