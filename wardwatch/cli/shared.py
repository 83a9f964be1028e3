"""What every command shares: settings, an open store, refusals in one line, JSON on request."""

import contextlib
import sys
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import orjson
import typer

from record.errors import Invalid, RecordError
from record.store import Store
from wardwatch import compose
from wardwatch.settings import DATABASE, Settings

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of this node's database and sockets.")
]
Database = Annotated[
    str | None,
    typer.Option("--database-url", help="postgresql://… or sqlite:////…; wins over --data-dir."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def refuse(error: Exception) -> NoReturn:
    """One clear line, and exit code 2: nothing was done."""
    typer.echo(f"error: {error}", err=True)
    raise typer.Exit(2) from error


@contextlib.contextmanager
def refusals() -> Generator[None, None, None]:
    """Turn what the record or the system refuses into one line and exit code 2."""
    try:
        yield
    except RecordError as error:
        refuse(error)
    except OSError as error:
        refuse(Invalid(str(error.filename or "system"), error.strerror or str(error)))


@contextlib.contextmanager
def opened(data_dir: Path | None, database: str | None) -> Generator[Store, None, None]:
    """The store of these options; refusals inside end the command."""
    with refusals():
        settings = Settings.load(data_dir=data_dir, database_url=database)
        if settings.database_url is None and not (settings.data_dir / DATABASE).is_file():
            hint = "`wardwatch db upgrade` makes one"
            raise Invalid("data_dir", f"{settings.data_dir} holds no record yet: {hint}")
        store = compose.open_store(settings)
        try:
            yield store
        finally:
            store.close()


def print_json(value: Any) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode() + "\n")


def moment(text: str, field: str) -> datetime:
    """An RFC 3339 time with its offset, in UTC; raises `Invalid`."""
    try:
        value = datetime.fromisoformat(text)
        if value.tzinfo is None:
            raise Invalid(field, f"{text!r} has no offset; write 2026-11-24T13:30:00+07:00")
        return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Invalid(field, f"{text!r} is no time such as 2026-11-24T13:30:00+07:00") from None


def added(what: str, value: str, as_json: bool) -> None:
    """The answer of a command that made one thing."""
    if as_json:
        print_json({what: value})
    else:
        typer.echo(f"{what} {value}")
