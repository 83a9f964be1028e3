"""Bringing a database to the version this program needs: Alembic, driven from here.

No alembic.ini: the scripts are found beside this module, in a checkout as in an installed wheel.
"""

from alembic import command
from alembic.config import Config

from record.store.engines import answering, make_engine, normalize, writing
from record.store.revision import revision_of


def upgrade(url: str) -> None:
    """Make or migrate the tables at `url`; nothing to do when they are up to date.

    Raises `Invalid` for a URL that is none, `StoreUnavailable`. Two processes that upgrade at once
    take turns.
    """
    engine = make_engine(normalize(url))
    try:
        with answering(), writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5061724)")
            config = Config()
            config.set_main_option("script_location", "record.store:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def current_revision(url: str) -> str | None:
    """What the database at `url` stands at; None: nothing was made there yet."""
    engine = make_engine(normalize(url))
    try:
        with answering(), engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()
