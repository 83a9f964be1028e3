"""Commands about cameras: add one, look at one, look for those that are there."""

import getpass
from pathlib import Path
from typing import Annotated

import typer

from record.cameras import Camera, CameraUrl, Transport
from record.drawing import check_camera
from record.ids import CameraId, SiteId, new_id
from record.places import EVERYTHING
from wardwatch.cli.shared import AsJson, Database, DataDir, added, opened, refusals


def camera_add(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    url: Annotated[
        str,
        typer.Argument(
            help="rtsp://user:password@host/path; whip: for one that publishes to us; - asks."
        ),
    ],
    site: Annotated[str, typer.Option(help="Id of its site.")],
    short_name: Annotated[str, typer.Option(help="Up to 14 characters, for the wall.")] = "",
    sub_url: Annotated[
        str,
        typer.Option(
            help="Its sub-stream, for the detector; at the same host it needs no password; - asks."
        ),
    ] = "",
    transport: Annotated[
        Transport, typer.Option(help="How its media travel; udp falls back to tcp.")
    ] = Transport.TCP,
    main_evidence: Annotated[
        bool,
        typer.Option("--main-evidence", help="Cut clips from the main stream, read beside."),
    ] = False,
    scene: Annotated[
        Path | None, typer.Option(help="JSON file with its lines, areas, rules and masks.")
    ] = None,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add a camera; prints its id. With `-` an address is asked for and not shown."""
    from wardwatch.scenes import Drawing, read_drawing

    with refusals():
        main = CameraUrl.parse(asked_for(url, "address"))
        sub = asked_for(sub_url, "address of the sub-stream")
        drawing = read_drawing(scene) if scene else Drawing()
        camera = check_camera(
            Camera(
                id=CameraId(new_id()),
                site=SiteId(site),
                name=name,
                url=main,
                short_name=short_name,
                sub_url=CameraUrl.parse(sub, where="sub_url").beside(main) if sub else None,
                transport=transport,
                main_evidence=main_evidence,
                lines=drawing.lines,
                areas=drawing.areas,
                rules=drawing.rules,
                masks=drawing.masks,
            )
        )
    with opened(data_dir, database_url) as store, store.write(EVERYTHING) as record:
        record.cameras.add(camera)
    added("camera", camera.id, as_json)


def asked_for(address: str, prompt: str) -> str:
    """`address`, or what is typed unseen when it is `-`: a command line is read by others."""
    return getpass.getpass(f"{prompt}: ") if address == "-" else address
