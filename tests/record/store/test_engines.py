import threading
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from record.errors import RecordError
from record.store.engines import make_engine, normalize, writing


def make_a_table(url: str, start: threading.Barrier, failures: list[Exception]) -> None:
    engine = make_engine(normalize(url))
    start.wait(timeout=10)
    try:
        with writing(engine) as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (a INTEGER)")
    except (SQLAlchemyError, RecordError) as error:
        failures.append(error)
    finally:
        engine.dispose()


def test_whoever_opens_a_new_file_at_the_same_moment_gets_in(short_path: Path) -> None:
    failures: list[Exception] = []
    for turn in range(100):
        start = threading.Barrier(4)
        url = f"sqlite:///{short_path / f'{turn}.db'}"
        threads = [
            threading.Thread(target=make_a_table, args=(url, start, failures)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
    assert failures == []
