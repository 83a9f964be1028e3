"""Commands that measure: `eval` on scenes, `bench` on this machine."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from wardwatch.bench.report import Report
from wardwatch.cli.shared import AsJson, print_json, refusals
from wardwatch.settings import Settings


def register(app: typer.Typer) -> None:
    app.command("eval")(eval_command)
    bench = typer.Typer(
        help="Figures of this machine, with what they must be.", no_args_is_help=True
    )
    bench.command("events")(bench_events)
    bench.command("memory")(bench_memory)
    bench.command("streams")(bench_streams)
    app.add_typer(bench, name="bench")


def eval_command(
    scenes: Annotated[list[Path], typer.Argument(help="Scene files.")],
    as_json: AsJson = False,
) -> None:
    """Run the detection that `up` runs over recorded scenes, and hold it against their truth."""
    from wardwatch import evaluate  # brings the detector with it

    with refusals():
        settings = Settings.load()
        report = evaluate.evaluate(scenes, model=settings.model, looks_per_s=settings.looks_per_s)
    if as_json:
        print_json(report)
    else:
        Console().print(evaluate.table(report))


def bench_events(
    seconds: Annotated[float, typer.Option(min=10, max=600, help="How long to count.")] = 60.0,
    cameras: Annotated[int, typer.Option(min=1, max=16, help="Busy sample cameras.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Capture to subscriber: from a sample camera's send time to the event at an SSE reader."""
    from wardwatch.bench import events

    with refusals():
        report = events.run(seconds, cameras)
    _print(report, as_json)


def bench_memory(
    seconds: Annotated[float, typer.Option(min=10, max=3600, help="How long to look.")] = 60.0,
    cameras: Annotated[int, typer.Option(min=1, max=16, help="Busy sample cameras.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Memory (PSS) of `up` over sample cameras, each process and all together."""
    from wardwatch.bench import memory

    with refusals():
        report = memory.run(seconds, cameras)
    _print(report, as_json)


def bench_streams(
    seconds: Annotated[float, typer.Option(min=5, max=300, help="Each window, and run.")] = 20.0,
    cameras: Annotated[int, typer.Option(min=1, max=16, help="Busy sample cameras.")] = 8,
    as_json: AsJson = False,
) -> None:
    """Live views: first frame, CPU a watched camera and a viewer, and age on a browser's screen."""
    from wardwatch.bench import streams

    with refusals():
        report = streams.run(seconds, cameras)
    _print(report, as_json)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(report.as_json())
        return
    console = Console()
    machine = report.machine
    console.print(f"{report.bench} on {machine.cpu}, {machine.cores} cores, {machine.flags}")
    table = Table("figure", "value", "unit", "must", "aim", "holds")
    for figure in report.figures:
        table.add_row(
            figure.name,
            f"{figure.value:g}",
            figure.unit,
            "" if figure.must is None else f"{figure.must:g}",
            "" if figure.aim is None else f"{figure.aim:g}",
            {True: "✓", False: "✗", None: ""}[figure.holds],
        )
    console.print(table)
    for note in report.notes:
        console.print(note)
