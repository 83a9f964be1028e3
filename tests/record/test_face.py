import subprocess
import sys
from types import ModuleType

import pytest

import record
import record.store


@pytest.mark.parametrize("room", [record, record.store])
def test_the_face_lists_what_it_holds(room: ModuleType) -> None:
    names: list[str] = room.__all__
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(room, name) is not None


def test_the_words_of_the_record_weigh_nothing() -> None:
    """Importing them opens nothing and loads neither database nor arrays."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys, record; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    heavy = {"sqlalchemy", "numpy", "shapely", "pydantic", "argon2", "psycopg", "sqlite3"}
    assert not heavy & set(done.stdout.split())
