"""The tree of commands."""

import typer

from wardwatch import __version__
from wardwatch.cli import measure, read, run, setup

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
    pass


for part in (run, read, setup, measure):
    part.register(app)
