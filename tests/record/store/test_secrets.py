"""Where cameras are dialled is sealed: in no byte of the database, and told when it does not open.

Every test walks with a canary in the address, in the user name, in the password and in the query.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from record.cameras import CLOSED, Camera, CameraUrl
from record.errors import KeyUnusable
from record.ids import CameraId, SiteId, UnitId
from record.keyring import KeyFile, KeySource, NoKey
from record.places import EVERYTHING, Site, Unit, UnitKind
from record.sealing import SealingKey
from record.store import Store, seal_left_open, upgrade
from record.store.engines import normalize
from tests.fakes.keys import HeldKey

CANARY = "canary7f3a"
MAIN = CameraUrl.parse(f"rtsp://user{CANARY}:pass{CANARY}@host{CANARY}/main?token={CANARY}")
SUB = CameraUrl.parse(f"rtsp://user{CANARY}:pass{CANARY}@host{CANARY}/sub")
GATE = CameraId("gate")
SITE = SiteId("site")
OLD_ROWS: dict[str, dict[str, object]] = {
    "units": {"id": "u", "kind": "ward", "name": "Ward", "depth": 0},
    "sites": {"id": "s", "unit": "u", "name": "Site", "timezone": "UTC"},
    "cameras": {
        "id": GATE,
        "site": "s",
        "rank": 0,
        "name": "Gate",
        "short_name": "",
        "enabled": True,
        "version": 1,
        "drawing": '{"lines": [], "areas": [], "rules": []}',
        "added_at": 1_795_490_000_000,
    },
    "camera_secrets": {
        "camera": GATE,
        "address": MAIN.address,
        "username": MAIN.username,
        "password": MAIN.password,
    },
}
"""A camera as revision 0001 kept it."""


@pytest.fixture
def key_path(short_path: Path) -> Path:
    return short_path / "keys" / "secrets.key"


@pytest.fixture
def reopened(store_url: str) -> Iterator[Callable[[KeySource], Store]]:
    opened: list[Store] = []

    def again(keys: KeySource) -> Store:
        opened.append(Store.open(store_url, keys=keys))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


def fill(store: Store, *cameras: str) -> None:
    with store.write(EVERYTHING) as record:
        record.units.add(Unit(UnitId("00001"), None, UnitKind.WARD, "Ward"))
        record.sites.add(Site(SITE, UnitId("00001"), "Site"))
        for name in cameras or (GATE,):
            record.cameras.add(Camera(CameraId(name), SITE, name, MAIN, sub_url=SUB))


def camera(store: Store, name: str = GATE) -> Camera:
    with store.read(EVERYTHING) as record:
        return record.cameras.get(CameraId(name))


def all_bytes(store_url: str) -> bytes:
    """Of a SQLite database's files, its journal among them; of every row of `camera_secrets`, dead
    ones left out, on PostgreSQL."""
    if store_url.startswith("sqlite"):
        path = Path(store_url.removeprefix("sqlite:///"))
        return b"".join(one.read_bytes() for one in path.parent.glob(path.name + "*"))
    with psycopg.connect(store_url) as connection:
        rows = connection.execute(
            "SELECT c::text, encode(sealed, 'escape') FROM camera_secrets c"
            " UNION ALL SELECT convert_from(body, 'UTF8'), '' FROM events"
        ).fetchall()
    return repr(rows).encode()


def leave_open(store_url: str) -> None:
    """A row as revision 0001 kept it."""
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE camera_secrets SET sealed = NULL,"  # noqa: S608 - our own words
            f" address = '{MAIN.address}', username = '{MAIN.username}',"
            f" password = '{MAIN.password}'"
        )
    engine.dispose()


def test_an_address_reads_back_and_is_in_no_byte_of_the_database(
    reopened: Callable[[KeySource], Store], store_url: str, key_path: Path
) -> None:
    store = reopened(KeyFile(key_path))
    fill(store)
    kept = camera(store)
    assert (kept.url, kept.sub_url) == (MAIN, SUB)
    assert CANARY.encode() not in all_bytes(store_url)  # the journal is still there
    store.close()
    assert CANARY.encode() not in all_bytes(store_url)
    assert camera(reopened(KeyFile(key_path))).url == MAIN


def test_a_lost_key_closes_the_address_and_nothing_else(
    reopened: Callable[[KeySource], Store], key_path: Path
) -> None:
    fill(reopened(KeyFile(key_path)))
    kept = key_path.read_text()
    key_path.unlink()
    store = reopened(KeyFile(key_path))
    seen = camera(store)
    assert (seen.url, seen.sub_url, seen.name) == (CLOSED, None, GATE)
    assert store.secrets().closed == {GATE: "no_key"}
    with store.write(EVERYTHING) as record:
        record.cameras.change(replace(seen, name="Gate at night"))
    with pytest.raises(KeyUnusable), store.write(EVERYTHING) as record:
        record.cameras.add(Camera(CameraId("yard"), SITE, "Yard", MAIN))
    assert not key_path.exists(), "a new key would hide that the old one was mislaid"
    key_path.write_text(kept)
    key_path.chmod(0o600)
    assert camera(store).url == MAIN
    assert camera(store).name == "Gate at night"


def test_an_address_entered_again_opens_with_the_new_key(
    reopened: Callable[[KeySource], Store],
) -> None:
    fill(reopened(HeldKey(SealingKey.new())), "gate", "yard")
    store = reopened(HeldKey(SealingKey.new()))
    with store.write(EVERYTHING) as record:
        record.cameras.change(replace(camera(store), url=SUB))
    assert camera(store).url == SUB
    assert camera(store, "yard").url == CLOSED
    report = store.secrets()
    assert (report.opening, report.closed) == (1, {CameraId("yard"): "another_key"})


def test_one_camera_s_secret_does_not_open_as_another_s(
    reopened: Callable[[KeySource], Store], store_url: str, key_path: Path
) -> None:
    store = reopened(KeyFile(key_path))
    fill(store, "gate", "yard")
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE camera_secrets SET sealed ="
            " (SELECT sealed FROM camera_secrets WHERE camera = 'yard') WHERE camera = 'gate'"
        )
    engine.dispose()
    assert camera(store).url == CLOSED
    assert store.secrets().closed == {GATE: "damaged"}


def test_without_a_key_no_address_is_written_open(
    reopened: Callable[[KeySource], Store], store_url: str
) -> None:
    with pytest.raises(KeyUnusable):
        fill(reopened(NoKey()))
    assert CANARY.encode() not in all_bytes(store_url)


@pytest.mark.parametrize("by", ["opening", "upgrading"])
def test_what_an_earlier_version_left_open_is_sealed_and_leaves_no_trace(
    reopened: Callable[[KeySource], Store], store_url: str, key_path: Path, by: str
) -> None:
    first = reopened(KeyFile(key_path))
    fill(first)
    first.close()
    leave_open(store_url)
    assert CANARY.encode() in all_bytes(store_url)
    if by == "upgrading":
        assert seal_left_open(store_url, KeyFile(key_path)) == 1
        assert seal_left_open(store_url, KeyFile(key_path)) == 0
    else:
        assert camera(reopened(NoKey())).url == MAIN  # not sealed yet: it is dialled meanwhile
    store = reopened(KeyFile(key_path))
    assert camera(store).url == MAIN
    assert store.secrets().plain == 0
    assert CANARY.encode() not in all_bytes(store_url)


def test_a_rotated_key_is_taken_up_by_stores_that_are_open(
    reopened: Callable[[KeySource], Store], key_path: Path
) -> None:
    store, other = reopened(KeyFile(key_path)), reopened(KeyFile(key_path))
    fill(store)
    assert camera(other).url == MAIN
    before = SealingKey.load(key_path)
    renewed = before.renewed()
    renewed.save(key_path)
    assert camera(other).url == MAIN
    assert store.reseal(renewed).opening == 1
    SealingKey(renewed.secret).save(key_path)
    assert camera(other).url == MAIN
    assert camera(reopened(HeldKey(before))).url == CLOSED


def test_a_key_that_others_may_read_is_refused_from_then_on(
    reopened: Callable[[KeySource], Store], key_path: Path
) -> None:
    store = reopened(KeyFile(key_path))
    fill(store)
    key_path.chmod(0o644)
    assert camera(store).url == CLOSED
    key_path.chmod(0o600)
    assert camera(store).url == MAIN


def test_a_database_of_the_version_before_is_upgraded_and_holds_nothing_open(
    short_path: Path, key_path: Path
) -> None:
    url = f"sqlite:///{short_path / 'old.db'}"
    engine = create_engine(normalize(url))
    config = Config()
    config.set_main_option("script_location", "record.store:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for table, row in OLD_ROWS.items():
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)  # noqa: S608
    engine.dispose()
    assert CANARY.encode() in all_bytes(url)
    upgrade(url)
    with Store.open(url, keys=KeyFile(key_path)) as store:
        assert camera(store).url == MAIN
        assert CANARY.encode() not in all_bytes(url)
    assert CANARY.encode() not in all_bytes(url)
