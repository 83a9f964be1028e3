"""Commands that read: the events as they come, the breaches, and how this node is."""

import signal
import sys
import threading
from datetime import datetime
from types import FrameType
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from record.breaches import BreachFilter, BreachState, NamedBreach
from record.envelope import with_position
from record.events import StoredEvent
from record.ids import CameraId, Position, SiteId, UnitId
from record.orders import RuleKind
from record.places import EVERYTHING
from wardwatch.cli.shared import AsJson, Database, DataDir, moment, opened, print_json, refusals
from wardwatch.settings import Settings

MOST_ROWS = 500
LAST_POSITION = 2**63 - 1


def register(app: typer.Typer) -> None:
    events = typer.Typer(help="The event log.", no_args_is_help=True)
    events.command("tail")(events_tail)
    app.add_typer(events, name="events")
    breaches = typer.Typer(help="Breaches.", no_args_is_help=True)
    breaches.command("list")(breaches_list)
    app.add_typer(breaches, name="breaches")
    app.command("doctor")(doctor_command)


def events_tail(
    after: Annotated[
        int | None,
        typer.Option(
            min=0, max=LAST_POSITION, help="Position to begin behind; 0: from the beginning."
        ),
    ] = None,
    follow: Annotated[bool, typer.Option(help="Go on as events come.")] = True,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Print events as they are committed, until Ctrl-C."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    with opened(data_dir, database_url) as store:
        with store.read(EVERYTHING) as record:
            last = record.events.last()
        position = last if after is None else Position(after)
        tail = store.tail(position)
        try:
            while not stop.is_set():
                events = tail.wait(0.5 if follow else 0.0)
                for event in events:
                    _print_event(event, as_json)
                    position = event.position
                sys.stdout.flush()
                if not follow and (not events or position >= last):
                    return
        finally:
            tail.close()


def _print_event(event: StoredEvent, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(with_position(event).decode() + "\n")
        return
    data = orjson.dumps(orjson.loads(event.body)["data"]).decode()
    typer.echo(f"{event.position}  {event.time.isoformat()}  {event.type}  {event.subject}  {data}")


def breaches_list(
    unit: Annotated[str | None, typer.Option(help="Unit, with all below it.")] = None,
    site: Annotated[str | None, typer.Option(help="Site.")] = None,
    camera: Annotated[str | None, typer.Option(help="Camera.")] = None,
    kind: Annotated[RuleKind | None, typer.Option(help="Rule kind.")] = None,
    state: Annotated[list[BreachState] | None, typer.Option(help="State; repeatable.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this moment on.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Until just before this.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST_ROWS, help="Rows at most.")] = 50,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Breaches, newest first."""
    with opened(data_dir, database_url) as store:
        wanted = BreachFilter(
            unit=UnitId(unit) if unit else None,
            site=SiteId(site) if site else None,
            camera=CameraId(camera) if camera else None,
            kind=kind,
            states=frozenset(state or ()),
            since=moment(since, "from") if since else None,
            until=moment(until, "to") if until else None,
        )
        with store.read(EVERYTHING) as record:
            page = record.breaches.list(wanted, limit)
    if as_json:
        print_json({"items": [_row(each) for each in page.items], "next": page.next})
        return
    table = Table("opened", "kind", "site", "camera", "persons", "state", "by", "id")
    for each in page.items:
        breach = each.breach
        table.add_row(
            _local(breach.opened_at),
            breach.kind.value,
            each.site_name,
            each.camera_name or "by hand",
            str(breach.persons),
            breach.state.value,
            each.resolved_by_name or each.acknowledged_by_name or "",
            breach.id,
        )
    Console().print(table)


def _row(each: NamedBreach) -> dict[str, Any]:
    breach = each.breach
    return {
        "id": breach.id,
        "kind": breach.kind.value,
        "priority": breach.priority.value,
        "state": breach.state.value,
        "opened_at": breach.opened_at,
        "closed_at": breach.closed_at,
        "site": breach.site,
        "unit": breach.unit,
        "camera": breach.camera,
        "rule": breach.rule,
        "persons": breach.persons,
        "acknowledged_by": each.acknowledged_by_username,
        "resolved_by": each.resolved_by_username,
    }


def _local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def doctor_command(
    data_dir: DataDir = None, database_url: Database = None, as_json: AsJson = False
) -> None:
    """What is there, what is missing, and what to do about it; exit code 1 when something is."""
    from wardwatch import doctor  # brings the detector with it

    with refusals():
        settings = Settings.load(data_dir=data_dir, database_url=database_url)
    findings = doctor.examine(settings)
    if as_json:
        print_json({"checks": [doctor.as_json(finding) for finding in findings]})
    else:
        table = Table("", "what", "seen", "what to do")
        for finding in findings:
            table.add_row(finding.mark, finding.what, finding.seen, finding.remedy)
        Console().print(table)
    if any(finding.bad for finding in findings):
        raise typer.Exit(1)
