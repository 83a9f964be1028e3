"""The tree of commands."""

import os
import sys

import structlog
import typer
from typer.exceptions import TyperException

from wardwatch import __version__
from wardwatch.cli import keys, measure, read, run, setup

app = typer.Typer(
    name="wardwatch",
    help="Watches isolation areas through the cameras they already have, and keeps the record.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wardwatch {__version__}")
        raise typer.Exit


@app.callback()
def root(
    _version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version and stop."
    ),
) -> None:
    # Databases, sockets and logs hold secrets: nobody but this user reads what we write.
    os.umask(0o077)


for part in (run, read, setup, measure, keys):
    part.register(app)


def main() -> None:
    """Run a command; what is wrong with its words is said in one line, with exit code 2."""
    # Until a process sets up its own log: never on standard output, which is for answers.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    try:
        sys.exit(app(standalone_mode=False))
    except TyperException as error:
        typer.echo(f"error: {error.format_message()}", err=True)
        sys.exit(2)
    except typer.Abort:
        sys.exit(130)
