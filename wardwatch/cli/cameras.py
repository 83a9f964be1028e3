"""Commands about cameras: add one, look at one, look for those that are there."""

import getpass
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from record.cameras import Camera, CameraUrl, Transport
from record.clock import SystemClock
from record.drawing import check_camera
from record.errors import Invalid
from record.ids import CameraId, SiteId, new_id
from record.messages import PROBE_S
from record.moments import stamp
from record.places import EVERYTHING
from wardwatch.cli.shared import (
    AsJson,
    Database,
    DataDir,
    added,
    moment,
    opened,
    print_json,
    refusals,
)
from wardwatch.settings import Settings


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
            help="Its sub-stream, for the detector; at the same host and port it needs no "
            "password; - asks."
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


def camera_probe(
    url: Annotated[
        str, typer.Argument(help="rtsp://user:password@host/path; - asks for it unseen.")
    ],
    sub_url: Annotated[str, typer.Option(help="Its sub-stream; - asks.")] = "",
    transport: Annotated[Transport, typer.Option(help="How its media travel.")] = Transport.TCP,
    person_height: Annotated[
        float | None,
        typer.Option(
            min=0.001, max=1, help="Of a person at the far line, as a fraction of the picture."
        ),
    ] = None,
    snapshot: Annotated[
        Path | None, typer.Option(help="JPEG to write: unreadable where people are.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at a camera for a few seconds and say what is to be mended; needs no database. Exit
    code 1 when it cannot be watched."""
    from wardwatch import compose
    from wardwatch.cli.probe_shown import show
    from wardwatch.probing import Wanted

    with refusals():
        main = CameraUrl.parse(asked_for(url, "address"))
        if main.address == "whip:":
            raise Invalid("url", "of a camera that publishes to us: there is nothing to dial")
        sub = asked_for(sub_url, "address of the sub-stream")
        wanted = Wanted(
            main,
            CameraUrl.parse(sub, where="sub_url").beside(main) if sub else None,
            transport,
            person_height,
        )
        settings = Settings.load()
        if sys.stderr.isatty():
            typer.echo(f"looking at it, for {PROBE_S:.0f} s at most ...", err=True)
        probed = compose.build_probing(settings, SystemClock()).look(wanted, threading.Event())
        if snapshot is not None and probed.jpeg is not None:
            snapshot.write_bytes(probed.jpeg)
    if as_json:
        print_json(probed.report.model_dump(mode="json"))
    else:
        show(probed.report, transport)
    if probed.report.verdict.grade == "unusable":
        raise typer.Exit(1)


def camera_unwatched(
    camera: Annotated[str, typer.Argument(help="Id of the camera.")],
    since: Annotated[
        str | None, typer.Option("--from", help="From this moment on; a day before --to.")
    ] = None,
    until: Annotated[str | None, typer.Option("--to", help="Until just before this; now.")] = None,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Say when a camera was not watched, and why; node stops included."""
    with refusals(), opened(data_dir, database_url) as store:
        now = SystemClock().now()
        end = now if until is None else moment(until, "to")
        begin = end - timedelta(days=1) if since is None else moment(since, "from")
        if begin >= end:
            raise Invalid("to", "is after --from")
        with store.read(EVERYTHING) as record:
            found = record.watching.of_camera(CameraId(camera), begin, end, now)
    if as_json:
        intervals = [
            {
                "from": stamp(one.began_at),
                "to": None if one.ended_at is None else stamp(one.ended_at),
                "reason": one.reason,
            }
            for one in found.intervals
        ]
        print_json({"camera": camera, "share_watched": found.share, "intervals": intervals})
        return
    for one in found.intervals:
        ended = "now" if one.ended_at is None else stamp(one.ended_at)
        typer.echo(f"{stamp(one.began_at)}  {ended}  {one.reason}")
    share = "unknown" if found.share is None else f"{100 * found.share:.3f} %"
    typer.echo(f"watched {share}")


def camera_discover(
    interface: Annotated[
        str | None, typer.Option(help="Name of a network interface, or an address of this machine.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Call for ONVIF cameras in this network, and list those that answer."""
    from wardwatch import compose_probe
    from wardwatch.cli.probe_shown import show_devices

    with refusals():
        found = compose_probe.discoverer(Settings.load(), SystemClock())(interface)
    if as_json:
        print_json({"items": [one.model_dump(mode="json") for one in found]})
    else:
        show_devices(found)
