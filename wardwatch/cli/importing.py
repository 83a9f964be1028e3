"""`wardwatch site import`: a table of cameras, with a report row by row."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from record.clock import SystemClock
from record.messages import ProbeReport
from wardwatch.cli.shared import AsJson, Database, DataDir, opened, print_json, refusals
from wardwatch.import_table import Refused, Row, read_table
from wardwatch.settings import Settings
from wardwatch.site_import import Imported, write_table

AT_ONCE = 4
"""Probes: each reads two streams, and a site's line is thin."""


def site_import(
    file: Annotated[Path, typer.Argument(help="CSV with a line of headings; UTF-8.")],
    all_or_nothing: Annotated[
        bool, typer.Option("--all-or-nothing", help="Write nothing if one row is refused.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")
    ] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Look at each camera too, four at a time.")
    ] = False,
    data_dir: DataDir = None,
    database_url: Database = None,
    as_json: AsJson = False,
) -> None:
    """Add hundreds of cameras from a table, and the sites that it names. Exit code 0: all went in;
    1: some rows were refused; 2: nothing was written."""
    with refusals():
        rows = read_table(file.read_bytes())
    verdicts = _probed(rows) if probe else {}
    with opened(data_dir, database_url) as store:
        done = write_table(store, rows, all_or_nothing=all_or_nothing, dry_run=dry_run)
    if as_json:
        print_json(_as_json(done, verdicts, dry_run=dry_run))
    else:
        _show(done, verdicts, dry_run=dry_run)
    if done.refused:
        raise typer.Exit(2 if all_or_nothing or not done.written else 1)


def _probed(rows: Sequence[Row | Refused]) -> Mapping[int, ProbeReport]:
    """By row; cameras that publish to us are not dialled."""
    from wardwatch import compose
    from wardwatch.probing import Wanted

    with refusals():
        probing = compose.build_probing(Settings.load(), SystemClock())

    def look(row: Row) -> ProbeReport:
        camera = row.camera
        return probing.look(Wanted(camera.url, camera.sub_url, camera.transport)).report

    dialled = [row for row in rows if isinstance(row, Row) and not row.camera.publishes]
    with ThreadPoolExecutor(AT_ONCE, "probe") as pool:
        looked = pool.map(look, dialled)
        return {row.number: seen for row, seen in zip(dialled, looked, strict=True)}


def _as_json(
    done: Imported, verdicts: Mapping[int, ProbeReport], *, dry_run: bool
) -> dict[str, Any]:
    return {
        "written": done.written,
        "dry_run": dry_run,
        "added": len(done.outcomes) - done.refused,
        "refused": done.refused,
        "rows": [
            {
                "row": one.number,
                "site": one.site,
                "camera": one.camera,
                "id": one.id if done.written else None,
                "ok": not one.refused,
                "made_site": one.made_site,
                "column": one.column or None,
                "reason": one.reason or None,
                "verdict": _verdict(verdicts.get(one.number)),
            }
            for one in done.outcomes
        ],
    }


def _verdict(report: ProbeReport | None) -> dict[str, Any] | None:
    return None if report is None else report.verdict.model_dump()


def _show(done: Imported, verdicts: Mapping[int, ProbeReport], *, dry_run: bool) -> None:
    table = Table("row", "site", "camera", "result", *(["probe"] if verdicts else []))
    for one in done.outcomes:
        result = f"refused: {one.column}: {one.reason}" if one.refused else "ok"
        result += ", with its site" if one.made_site else ""
        report = verdicts.get(one.number)
        seen = [report.verdict.sentence if report else ""] if verdicts else []
        table.add_row(str(one.number), one.site, one.camera, result, *seen)
    Console().print(table)
    good = len(done.outcomes) - done.refused
    if dry_run:
        typer.echo(f"{good} would be added, {done.refused} refused; nothing was written")
    elif done.written:
        typer.echo(f"{good} added, {done.refused} refused")
    else:
        typer.echo(f"nothing was written: {done.refused} refused")
