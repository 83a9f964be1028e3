"""Commands about the key that seals what the database must not hold open."""

import typer

from record.errors import KeyUnusable
from record.sealing import SealingKey
from wardwatch.cli.shared import AsJson, Database, DataDir, opened, print_json, refusals
from wardwatch.settings import Settings


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The key that seals camera addresses.", no_args_is_help=True)
    group.command("rotate")(secrets_rotate)
    app.add_typer(group, name="secrets")


def secrets_rotate(
    data_dir: DataDir = None, database_url: Database = None, as_json: AsJson = False
) -> None:
    """Make a new key and seal every camera's address with it; the former key opens nothing more.

    Also after the key was lost: what no longer opens is listed, and its address entered again.
    Running processes take the new key up by themselves.
    """
    with refusals():
        settings = Settings.load(data_dir=data_dir, database_url=database_url)
        path = settings.secrets_key
    with opened(data_dir, database_url) as store:
        # Both keys stand in the file until everything is sealed with the new one: whoever is killed
        # in between, or reads meanwhile, finds the one that opens.
        key = _renewed(settings)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key.save(path)
        report = store.reseal(key)
        SealingKey(key.secret).save(path)
    if as_json:
        print_json({"key": key.id, "sealed": report.opening, "closed": dict(report.closed)})
        return
    typer.echo(f"key {key.id}  sealed {report.opening}")
    for camera, reason in report.closed.items():
        typer.echo(f"camera {camera}: {reason}; enter its address again", err=True)


def _renewed(settings: Settings) -> SealingKey:
    """Raises `KeyUnusable` for a file that is there and is no key, or others may read."""
    try:
        return SealingKey.load(settings.secrets_key).renewed()
    except KeyUnusable:
        if settings.secrets_key.exists():
            raise
        return SealingKey.new()
