"""What a probe found, for a person at a terminal."""

import textwrap
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.table import Table

from record.cameras import Transport
from record.messages import FoundDevice, ProbedPeople, ProbedStream, ProbeReport
from wardwatch.probe_verdict import codec_name


def show(report: ProbeReport, wanted: Transport = Transport.TCP) -> None:
    """A row for each thing that is known, a column for each stream, and the verdict last: that is
    where a terminal leaves the eye. `wanted`: what it was to be carried by."""
    streams = [report.main, *([report.sub] if report.sub else [])]
    table = Table("", *(f"{stream.stream} stream" for stream in streams))
    for label, values in _rows(streams, wanted):
        if any(values):
            table.add_row(label, *values)
    console = Console()
    console.print(table)
    for line in (*_beside(report), "", report.verdict.sentence, *_also(report)):
        _say(line, console)


def _say(line: str, console: Console) -> None:
    """Whole words on each line of a screen; one line where a program reads."""
    for part in textwrap.wrap(line, console.width) if line and console.is_terminal else [line]:
        typer.echo(part)


def _also(report: ProbeReport) -> list[str]:
    """What else is not as it should be, once the first thing is mended."""
    return [f"And: {one.sentence}" for one in report.matters if one.word != report.verdict.word]


def _rows(streams: Sequence[ProbedStream], wanted: Transport) -> list[tuple[str, list[str]]]:
    return [
        ("state", [stream.reason.value if stream.reason else "ok" for stream in streams]),
        ("detail", [stream.detail or "" for stream in streams]),
        ("sign-in", [_told(stream.sign_in) for stream in streams]),
        ("line", ["encrypted" if stream.encrypted else "not encrypted" for stream in streams]),
        ("carried by", [_carried(stream, wanted) for stream in streams]),
        ("picture", [_picture(stream) for stream in streams]),
        ("pictures a second", [_figure(stream.frames_per_s) for stream in streams]),
        ("keyframe every", [_figure(stream.keyframe_s, " s") for stream in streams]),
        ("bit rate", [_figure(stream.kbit_per_s, " kbit/s") for stream in streams]),
        ("first picture after", [_figure(stream.first_picture_s, " s") for stream in streams]),
        ("lost or broken", [_share(stream.loss) for stream in streams]),
        ("clock", [_clock(stream) for stream in streams]),
        ("sound", [_sound(stream) for stream in streams]),
    ]


def _beside(report: ProbeReport) -> list[str]:
    lines = []
    if report.maker:
        lines.append(f"maker: {report.maker}")
    device = report.device
    if device is not None:
        lines.append(f"ONVIF: {device.manufacturer} {device.model}, firmware {device.firmware}")
        lines += [f"  main stream {device.main}"] if device.main else []
        lines += [f"  sub-stream  {device.sub}"] if device.sub else []
    people = report.people
    if people is not None:
        lines.append(
            f"people: {_whose(people)} has {people.px:.0f} px, {people.px_per_m:.0f} px/m "
            f"(IEC 62676-4: {people.iec}), {people.detector_px:.0f} rows for the detector, which "
            f"{_FINDS[people.reach]}"
        )
    return lines


_FINDS = {
    "sure": "finds them",
    "sometimes": "misses them at times",
    "never": "does not find them",
}
"""What the detector does with people of that size."""


def _whose(people: ProbedPeople) -> str:
    if people.stated:
        return "a person as tall as stated"
    return "the one seen" if people.seen == 1 else f"the smallest of {people.seen} seen"


def show_devices(found: Sequence[FoundDevice]) -> None:
    table = Table("address", "name", "hardware", "ONVIF service")
    for one in found:
        table.add_row(one.address, one.name, one.hardware, one.service)
    Console().print(table)


def _picture(stream: ProbedStream) -> str:
    size = f"{stream.width}x{stream.height}" if stream.width else ""
    return " ".join(part for part in (codec_name(stream.codec), size) if part)


def _carried(stream: ProbedStream, wanted: Transport) -> str:
    if stream.transport is None or stream.transport == wanted or stream.encrypted:
        return stream.transport or ""
    return f"{stream.transport}, for {wanted} did not work"


def _figure(value: float | None, unit: str = "") -> str:
    return "" if value is None else f"{value:g}{unit}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _told(value: str) -> str:
    return "" if value == "unknown" else value


def _clock(stream: ProbedStream) -> str:
    if stream.clock_ahead_s is None:
        return _told(stream.clock)
    return f"{abs(stream.clock_ahead_s):g} s {'fast' if stream.clock_ahead_s > 0 else 'slow'}"


def _sound(stream: ProbedStream) -> str:
    return stream.audio or ("none" if stream.tracks_known else "")
