import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from record.errors import Invalid, SchemaOutdated, StoreUnavailable
from record.ids import NodeId
from record.places import EVERYTHING
from record.store import Store, current_revision, upgrade
from record.store.engines import normalize
from record.store.revision import HEAD
from record.store.rows import Base
from tests.conftest import NODE


def test_the_scripts_make_what_the_model_says(store_url: str) -> None:
    engine = create_engine(normalize(store_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "target_metadata": Base.metadata}
        )
        differences = compare_metadata(context, Base.metadata)
    engine.dispose()
    assert differences == []


def test_the_program_needs_the_newest_script() -> None:
    scripts = Path(sys.modules["record.store"].__path__[0]) / "migrations"
    assert ScriptDirectory(str(scripts)).get_current_head() == HEAD


def test_upgrading_twice_is_upgrading_once(store_url: str) -> None:
    upgrade(store_url)
    assert current_revision(store_url) == HEAD


def test_a_store_without_tables_is_refused_with_the_remedy(short_path: Path) -> None:
    url = f"sqlite:///{short_path / 'new.db'}"
    assert current_revision(url) is None
    with pytest.raises(SchemaOutdated) as refused:
        Store.open(url)
    assert (refused.value.found, refused.value.expected) == (None, HEAD)
    assert "wardwatch db upgrade" in str(refused.value)


def test_a_store_of_another_version_is_refused(store_url: str) -> None:
    engine = create_engine(normalize(store_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()
    with pytest.raises(SchemaOutdated) as refused:
        Store.open(store_url)
    assert refused.value.found == "0000"


def test_several_processes_may_upgrade_and_open_at_once(short_path: Path) -> None:
    url = f"sqlite:///{short_path / 'shared.db'}"
    code = "import sys; from record.store import *; upgrade(sys.argv[1]); Store.open(sys.argv[1])"
    started = [
        subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    for process in started:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors.decode()
    assert current_revision(url) == HEAD


def test_a_store_keeps_the_node_that_opened_it_first(store_url: str) -> None:
    with Store.open(store_url) as first:
        assert first.node
    with Store.open(store_url) as again:
        assert again.node == first.node
    with pytest.raises(Invalid) as refused:
        Store.open(store_url, node=NodeId("another"))
    assert refused.value.field == "node"


def test_the_node_may_be_named(store: Store) -> None:
    assert store.node == NODE


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://h/d", "sqlite://", "sqlite:///:memory:", "postgresql:/\\"]
)
def test_what_is_no_address_of_a_store_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        Store.open(url)
    assert refused.value.field == "database_url"


def test_a_database_out_of_reach_is_unavailable(short_path: Path) -> None:
    for url in (
        f"sqlite:///{short_path}/no/such/folder/w.db",
        f"postgresql://postgres@/x?host={short_path}",
    ):
        with pytest.raises(StoreUnavailable):
            Store.open(url)
        with pytest.raises(StoreUnavailable):
            upgrade(url)


def torn(path: Path) -> None:
    """A store whose pages hold rubbish, but for the first."""
    upgrade(f"sqlite:///{path}")
    pages = bytearray(path.read_bytes())
    pages[4096:] = b"U" * (len(pages) - 4096)
    path.write_bytes(pages)


def prose(path: Path) -> None:
    path.write_text("this is no database\n" * 300)


@pytest.mark.parametrize("spoil", [torn, prose])
def test_a_file_that_is_no_database_is_said_to_be_none(
    short_path: Path, spoil: Callable[[Path], None]
) -> None:
    path = short_path / "wardwatch.db"
    spoil(path)
    before = path.read_bytes()
    for act in (Store.open, upgrade, current_revision):
        with pytest.raises(StoreUnavailable) as refused:
            act(f"sqlite:///{path}")
        assert str(refused.value) == (
            "The file of the database holds none, or is damaged: put a back-up in its place"
        )
    assert path.read_bytes() == before


def test_a_store_that_is_damaged_while_it_is_open_says_so(short_path: Path) -> None:
    path = short_path / "wardwatch.db"
    upgrade(f"sqlite:///{path}")
    with Store.open(f"sqlite:///{path}") as store:
        torn(path)
        with pytest.raises(StoreUnavailable, match="damaged"), store.write(EVERYTHING) as writing:
            writing.units.list()


def test_opening_a_store_does_not_load_the_migration_tool(sqlite_url: str) -> None:
    code = "import sys; from record.store import *; Store.open(sys.argv[1]); print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, sqlite_url], check=True, capture_output=True, text=True
    )
    assert not {"alembic", "shapely", "fastapi", "cv2"} & set(done.stdout.split())
