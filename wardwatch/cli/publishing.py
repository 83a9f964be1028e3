"""Commands about cameras that publish: who may, and a code that lets a phone do it."""

from typing import Annotated

import typer

from record.ids import CameraId
from record.moments import stamp
from record.places import EVERYTHING
from record.publishing import new_pairing_code, new_publish_token, secret_hash
from wardwatch.cli.shared import AsJson, Database, DataDir, opened, print_json, refusals
from wardwatch.settings import Settings

Named = Annotated[str, typer.Argument(help="Id of the camera; its address is whip:.")]
Address = Annotated[
    str | None,
    typer.Option("--address", help="How publishers reach this node: https://cameras.example."),
]


def camera_token(
    camera: Named,
    revoke: Annotated[bool, typer.Option(help="Let nobody publish any more.")] = False,
    address: Address = None,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make or renew a camera's publish token; prints it, this once. Who publishes with the last
    one ends within half a second."""
    token = new_publish_token()
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        if revoke:
            record.publishing.revoke(CameraId(camera))
        else:
            record.publishing.set_token(CameraId(camera), secret_hash(token))
    where = f"{_origin(address)}/api/v1/cameras/{camera}/whip"
    shown = {"camera": camera, "token": None if revoke else token, "address": where}
    if as_json:
        print_json(shown)
    else:
        typer.echo("token revoked" if revoke else f"token {token}\naddress {where}")


def camera_pair(
    camera: Named,
    address: Address = None,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Make a code that a phone trades for the camera's token: one use, five minutes. Browsers give
    a page the phone's camera over HTTPS only."""
    code = new_pairing_code()
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        pairing = record.publishing.pair(CameraId(camera), secret_hash(code))
    where = f"{_origin(address)}/publish#{code}"
    if as_json:
        expires_at = stamp(pairing.expires_at)
        print_json({"camera": camera, "code": code, "address": where, "expires_at": expires_at})
    else:
        typer.echo(f"code {code}\naddress {where}\nuntil {stamp(pairing.expires_at)}")


def _origin(given: str | None) -> str:
    """Without a trailing slash. Ours speaks no TLS: what stands before it does."""
    if given is not None:
        return given.rstrip("/")
    with refusals():
        settings = Settings.load()
    scheme = "http" if settings.on_loopback else "https"
    return f"{scheme}://{settings.host}:{settings.port}"
