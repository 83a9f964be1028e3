"""Bringing a database to the version this program needs: Alembic, driven from here.

No alembic.ini: the scripts are found beside this module, in a checkout as in an installed wheel.
"""

from sqlalchemy import Connection

from record.store.engines import answering, is_sqlite, make_engine, normalize, writing
from record.store.revision import revision_of

_UPGRADES = 5061724
"""Key of PostgreSQL's advisory lock for this; any number nobody else uses."""


def upgrade(url: str) -> None:
    """Make or migrate the tables at `url`; nothing to do when they are up to date.

    Raises `Invalid` for a URL that is none, `StoreUnavailable`. Two processes that upgrade at once
    take turns.
    """
    engine = make_engine(normalize(url))
    try:
        with answering(), writing(engine) as connection:
            if not is_sqlite(engine):  # where BEGIN IMMEDIATE has made the other wait already
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADES})")
            _run_scripts(connection)
    finally:
        engine.dispose()


def current_revision(url: str) -> str | None:
    """What the database at `url` stands at; None: nothing was made there yet.

    Raises `Invalid`, `StoreUnavailable`.
    """
    engine = make_engine(normalize(url))
    try:
        with answering(), engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def _run_scripts(connection: Connection) -> None:
    # Here and not above: 8 MB and 0.2 s that no API and no worker needs.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "record.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
