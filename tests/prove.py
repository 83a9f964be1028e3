"""`make prove`: the full counts of kills, faults and soaks, the scenes and the benches.

Writes what it saw, with the machine's flags, under docs/proofs/. Nothing in those files is
written by hand. Exit code 1 when a test failed or a figure misses what it must be.
`python -m tests.prove events append kills` names the parts to run.
"""

import json
import subprocess
import sys
import traceback
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from detect import DEFAULT_MODEL, NanoDet
from record.keyring import KeyFile
from record.store import Store, upgrade, verify_chain
from record.store.measuring import measure_append
from tests.blur_budget import frames_of, measure_all, truth_of
from tests.blur_decoded import figures as decoded_figures
from tests.blur_decoded import watch
from tests.servers import postgres
from wardwatch import __version__
from wardwatch.bench.report import Figure
from wardwatch.machine import this_machine

ROOT = Path(__file__).parents[1]
PROOFS = ROOT / "docs" / "proofs"
FOOTAGE = ROOT.parent / "shared" / "footage"
MUST_F1 = 0.95
FIGURE_COLUMNS = ("figure", "value", "must", "aim", "")
APPENDS = {"SQLite": (4000.0, 6000.0), "PostgreSQL": (2000.0, 4000.0)}
SCENE_COLUMNS = (
    "scene", "truth", "found", "matched", "precision", "recall", "F1", "timing median s",
    "occupancy MAE", "exact share", "CPU s per video s",
)  # fmt: skip


def command(*words: str) -> dict[str, Any]:
    """What a `wardwatch … --json` command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "wardwatch", *words, "--json"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def tests(report: Path, places: Sequence[str]) -> tuple[bool, list[str]]:
    """Run the tests marked `prove` in `places`; whether all passed, and a row for each."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-m", "prove", "-q", f"--junitxml={report}", *places],
        cwd=ROOT,
        check=False,
    )
    rows = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own file
        bad = case.find("failure") is not None or case.find("error") is not None
        seen = ", ".join(f"{one.get('name')} {one.get('value')}" for one in case.iter("property"))
        name = f"{case.get('classname')}::{case.get('name')}"
        verdict = "failed" if bad else "passed"
        rows.append(f"| `{name}` | {verdict} | {float(case.get('time', 0)):.0f} s | {seen} |")
    return done.returncode == 0, rows


def scenes() -> list[str]:
    ours = sorted(str(path) for path in (ROOT / "sample_streams" / "scenes").glob("*.scene.json"))
    theirs = sorted(str(path) for path in FOOTAGE.glob("*.scene.json"))
    return ours + theirs


def scene_rows(report: dict[str, Any]) -> list[str]:
    rows = []
    for scene in [*report["scenes"], report["total"] | {"scene": "**total**"}]:
        events, occupancy, speed = scene["events"], scene["occupancy"], scene["speed"]
        figures = [
            *(events[name] for name in ("truth", "found", "matched")),
            *(_short(events[name]) for name in ("precision", "recall", "f1")),
            _short(events["timing_error_s"]["median"]),
            _short(occupancy["mae"]),
            _short(occupancy["exact_share"]),
            _short(speed["cpu_per_video_s"]),
        ]
        rows.append(f"| {Path(scene['scene']).name} | {' | '.join(map(str, figures))} |")
    return rows


def fields(figure: dict[str, Any]) -> dict[str, Any]:
    """A figure's own fields; the rest follows from them."""
    return {name: value for name, value in figure.items() if name not in {"ratio", "holds"}}


def appends() -> Iterator[Figure]:
    """Events a second in batches of 100, with chain and projections, the disk waited for."""
    with TemporaryDirectory(prefix="ww") as folder, postgres(durable=True) as server:
        urls = {"SQLite": f"sqlite:///{folder}/wardwatch.db", "PostgreSQL": server.url()}
        for name, url in urls.items():
            must, aim = APPENDS[name]
            upgrade(url)
            with Store.open(url, keys=KeyFile(Path(folder) / "secrets.key")) as store:
                rate = measure_append(store)
                whole = verify_chain(store).ok
            yield Figure(f"{name}, appended", rate.per_s, "events/s", must, aim, better="higher")
            yield Figure(f"{name}, slowest batch", rate.slowest_ms, "ms")
            yield Figure(f"{name}, chain whole", float(whole), "", must=1.0, better="higher")


def figure_rows(figures: Sequence[Figure]) -> list[str]:
    return [
        f"| {one.name} | {_short(one.value)} {one.unit} | {_short(one.must)} "
        f"| {_short(one.aim)} | {_verdict(one.holds)} |"
        for one in figures
    ]


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"


def _verdict(holds: bool | None) -> str:
    return {True: "holds", False: "**misses**", None: ""}[holds]


def write(name: str, title: str, seen_on: str, columns: Sequence[str], rows: Sequence[str]) -> None:
    PROOFS.mkdir(parents=True, exist_ok=True)
    head = f"| {' | '.join(columns)} |"
    lines = [f"# {title}", "", seen_on, "", head, "|---" * len(columns) + "|", *rows]
    (PROOFS / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(parts: Sequence[str]) -> int:
    """Run `parts`, all of them when none is named; 0 when everything held."""
    machine = this_machine()
    seen_on = (
        f"wardwatch {__version__}, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine.cpu}, "
        f"{machine.cores} cores, {machine.flags}. Written by `make prove`."
    )
    held = [_proved(part, seen_on) for part in parts or PARTS]
    return 0 if all(held) else 1


def _proved(part: str, seen_on: str) -> bool:
    """Whether a part held; one that breaks off does not, and the others still run."""
    try:
        return PARTS[part](seen_on)
    except Exception:  # noqa: BLE001 - the other parts still run, and this one counts as missed
        traceback.print_exc()
        return False


def prove_events(seen_on: str) -> bool:
    figures = [Figure(**fields(one)) for one in command("bench", "events")["figures"]]
    rows = figure_rows(figures)
    write("bench-events.md", "Capture to subscriber", seen_on, FIGURE_COLUMNS, rows)
    return all(one.holds is not False for one in figures)


def prove_memory(seen_on: str) -> bool:
    figures = [Figure(**fields(one)) for one in command("bench", "memory")["figures"]]
    rows = figure_rows(figures)
    write("bench-memory.md", "What `up` holds over eight cameras", seen_on, FIGURE_COLUMNS, rows)
    return all(one.holds is not False for one in figures)


def prove_streams(seen_on: str) -> bool:
    """What could not be measured, for want of a browser, is not proved."""
    told = command("bench", "streams")
    figures = [Figure(**fields(one)) for one in told["figures"]]
    missing: list[str] = told.get("notes", [])
    rows = figure_rows(figures) + [f"| {note} | | | | **misses** |" for note in missing]
    write("bench-streams.md", "Live views", seen_on, FIGURE_COLUMNS, rows)
    return not missing and all(one.holds is not False for one in figures)


def prove_append(seen_on: str) -> bool:
    figures = list(appends())
    write("append.md", "Appending", seen_on, FIGURE_COLUMNS, figure_rows(figures))
    return all(one.holds is not False for one in figures)


def prove_scenes(seen_on: str) -> bool:
    evaluated = command("eval", *scenes())
    write("eval.md", "Scenes", seen_on, SCENE_COLUMNS, scene_rows(evaluated))
    return (evaluated["total"]["events"]["f1"] or 0.0) >= MUST_F1


def prove_tests(seen_on: str, name: str, title: str, places: Sequence[str]) -> bool:
    PROOFS.mkdir(parents=True, exist_ok=True)
    report = PROOFS / "tests.xml"
    passed, rows = tests(report, places)
    report.unlink(missing_ok=True)
    write(name, title, seen_on, ("test", "", "took", "seen"), rows)
    return passed


def decoded(scene: str) -> list[Figure]:
    """What a viewer of a live view of that sample scene has."""
    video = ROOT / "sample_streams" / "scenes" / f"{scene}.mp4"
    truth = truth_of(video.with_name(f"{scene}.truth.jsonl.gz"))
    return decoded_figures(watch(frames_of(video), truth, NanoDet()))


def prove_blur(seen_on: str) -> bool:
    stronger = NanoDet(DEFAULT_MODEL.with_name("nanodet-g-person.onnx"), (384, 640))
    figures = measure_all([Path(one) for one in scenes()], NanoDet(), stronger)
    figures += decoded("gate")
    write("blur.md", "Nobody readable", seen_on, FIGURE_COLUMNS, figure_rows(figures))
    return all(one.holds is not False for one in figures)


TESTS = {
    "kills": ("Kills, resumes and soaks", ("tests/api", "tests/record", "tests/wardwatch")),
    "tamper": ("Tampering, told and not told", ("tests/detect",)),
    "faults": ("Faults and broken streams", ("tests/faults", "tests/fuzz")),
}
"""Part → its title and where its tests are. Together: every test marked `prove`."""

PARTS: dict[str, Callable[[str], bool]] = {
    "events": prove_events,
    "memory": prove_memory,
    "streams": prove_streams,
    "append": prove_append,
    "scenes": prove_scenes,
    "blur": prove_blur,
    **{
        part: partial(prove_tests, name=f"{part}.md", title=title, places=places)
        for part, (title, places) in TESTS.items()
    },
}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
