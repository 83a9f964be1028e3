"""What `wardwatch doctor` looks at. Every check is a plain function that never raises."""

import os
import platform
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import onnxruntime

from detect import DEFAULT_MODEL, ModelUnusable, NanoDet
from ingest import HwDecode, unusable_because
from record.cameras import CameraReason
from record.errors import KeyUnusable, RecordError, SchemaOutdated
from record.evidence_files import KEPT
from record.keyring import KeyFile
from record.places import EVERYTHING
from record.reasons import REMEDIES
from record.store import verify_chain
from wardwatch import compose
from wardwatch.evidence_room import GB, room_lacks
from wardwatch.machine import cpu_flags
from wardwatch.settings import DATABASE, Settings

LITTLE_DISK_BYTES = 2 * 1024**3


class Grade(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


MARKS = {Grade.GOOD: "✓", Grade.NOTE: "!", Grade.BAD: "✗"}


@dataclass(frozen=True, slots=True)
class Checked:
    what: str
    grade: Grade
    seen: str
    remedy: str = ""

    @property
    def bad(self) -> bool:
        return self.grade is Grade.BAD

    @property
    def mark(self) -> str:
        return MARKS[self.grade]


def as_json(checked: Checked) -> dict[str, str]:
    return {name: str(value) for name, value in asdict(checked).items()}


def examine(settings: Settings) -> tuple[Checked, ...]:
    """All checks, in the order in which a newcomer would ask."""
    checks: tuple[Callable[[Settings], Checked], ...] = (
        _python,
        _detector,
        _pages,
        _disk,
        _evidence,
        _record,
        _secrecy,
        _cameras,
        _hardware,
        _key,
        _workers,
    )
    return tuple(check(settings) for check in checks)


def _python(_settings: Settings) -> Checked:
    seen = (
        f"{platform.python_version()}, {os.cpu_count()} cores, {' '.join(cpu_flags()) or 'no AVX2'}"
    )
    good = sys.version_info[:2] >= (3, 11)
    return Checked(
        "Python", Grade.GOOD if good else Grade.BAD, seen, "" if good else "3.11 or newer"
    )


def _detector(settings: Settings) -> Checked:
    path = settings.model or DEFAULT_MODEL
    try:
        model = NanoDet(path)
    except ModelUnusable as error:
        return Checked(
            "Detector",
            Grade.BAD,
            str(error),
            "without it nobody is found and no breach appears: put the file back, or name another "
            "with WARDWATCH_MODEL",
        )
    providers = ", ".join(onnxruntime.get_available_providers())
    return Checked(
        "Detector", Grade.GOOD, f"{path.name}, sha256 {model.model_sha256[:12]}…, {providers}"
    )


def _pages(_settings: Settings) -> Checked:
    if compose.ui_dir() is None:
        return Checked("Pages", Grade.BAD, "not built", "run `make setup`")
    return Checked("Pages", Grade.GOOD, "built")


def _disk(settings: Settings) -> Checked:
    place = settings.data_dir
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    seen = f"{free / 1024**3:.1f} GiB free for {settings.data_dir}"
    if free < LITTLE_DISK_BYTES:
        return Checked("Disk", Grade.BAD, seen, "the record needs room: free 2 GiB or more")
    return Checked("Disk", Grade.GOOD, seen)


def _evidence(settings: Settings) -> Checked:
    """Whether a worker of these settings would keep snapshots and clips."""
    files, bounds = compose.evidence_files(settings), compose.evidence_bounds(settings)
    if not settings.evidence_dir.is_dir():
        return Checked("Evidence", Grade.NOTE, "none yet")
    if (settings.evidence_dir / KEPT).exists():
        try:
            KeyFile(settings.evidence_key).key()
        except KeyUnusable as error:
            remedy = f"put the key back at {settings.evidence_key}: without it no clip opens again"
            return Checked("Evidence", Grade.BAD, f"nothing more is kept: {error}", remedy)
    used = files.used_bytes()
    lacking = room_lacks(bounds, used, files.free_bytes())
    if lacking is not None:
        return Checked(
            "Evidence",
            Grade.BAD,
            f"no room, nothing more is kept: {lacking}",
            REMEDIES[CameraReason.EVIDENCE_FULL].mend,
        )
    seen = f"{used / GB:.1f} GB kept, of {bounds.most_bytes / GB:.1f} GB"
    return Checked("Evidence", Grade.GOOD, seen)


def _record(settings: Settings) -> Checked:
    if settings.database_url is None and not (settings.data_dir / DATABASE).exists():
        return Checked("Record", Grade.NOTE, "none yet", "`wardwatch up` makes it")
    try:
        store = compose.open_store(settings)
    except SchemaOutdated as error:
        return Checked("Record", Grade.BAD, str(error), "run `wardwatch db upgrade`")
    except RecordError as error:
        return Checked("Record", Grade.BAD, str(error), "check WARDWATCH_DATABASE_URL")
    try:
        report = verify_chain(store)
        with store.read(EVERYTHING) as record:
            cameras = len(record.cameras.list())
    finally:
        store.close()
    if not report.ok:
        return Checked(
            "Record",
            Grade.BAD,
            f"the chain breaks at position {report.first_bad_position}: {report.reason}",
            "keep a copy as it is; somebody or something changed it",
        )
    return Checked("Record", Grade.GOOD, f"{report.events} events, chain whole, {cameras} cameras")


def _secrecy(settings: Settings) -> Checked:
    """The database holds who left where and when: it is nobody else's to read."""
    path = settings.data_dir / DATABASE
    if settings.database_url is not None or not path.exists():
        return Checked("Secrecy", Grade.NOTE, "no database file here")
    mode = path.stat().st_mode & 0o077
    if mode and path.parent.stat().st_mode & 0o077:
        return Checked("Secrecy", Grade.BAD, f"others may read {path}", f"chmod 600 {path}")
    return Checked("Secrecy", Grade.GOOD, "only this user reads the database")


def _key(settings: Settings) -> Checked:
    """Whether the addresses of cameras open: without them the cameras are not dialled."""
    path = settings.secrets_key
    if settings.database_url is None and not (settings.data_dir / DATABASE).exists():
        return Checked("Key", Grade.NOTE, "nothing is sealed yet")
    try:
        with compose.open_store(settings) as store:
            report = store.secrets()
            key = KeyFile(path).key() if report.opening or report.closed or path.exists() else None
    except KeyUnusable as error:
        return Checked("Key", Grade.BAD, f"{path}: {error.reason}", _put_back(path))
    except RecordError as error:
        return Checked("Key", Grade.BAD, str(error), "see Record")
    if report.closed:
        names = ", ".join(f"{camera} ({reason})" for camera, reason in report.closed.items())
        return Checked("Key", Grade.BAD, f"addresses that do not open: {names}", _put_back(path))
    if report.plain:
        seen = f"{report.plain} addresses are not sealed yet"
        return Checked("Key", Grade.BAD, seen, "run `wardwatch db upgrade`")
    if key is None:
        return Checked("Key", Grade.NOTE, "none yet, and nothing is sealed")
    return Checked("Key", Grade.GOOD, f"{path}, {key.id}, opens {report.opening} addresses")


def _put_back(path: Path) -> str:
    return (
        f"put the key file back at {path} (mode 600), or run `wardwatch secrets rotate` and enter "
        "the addresses of these cameras again"
    )


def _cameras(settings: Settings) -> Checked:
    """How far the line to an `rtsps://` camera is trusted."""
    if settings.camera_tls == "encrypt":
        return Checked(
            "Cameras",
            Grade.NOTE,
            "lines of rtsps:// cameras are encrypted, their certificates not verified",
            "WARDWATCH_CAMERA_TLS=verify, once your cameras have certificates of a known authority",
        )
    known = settings.camera_ca or "the system's authorities"
    if settings.camera_ca is not None and not settings.camera_ca.is_file():
        return Checked(
            "Cameras", Grade.BAD, f"{known} is missing", "name it in WARDWATCH_CAMERA_CA"
        )
    return Checked("Cameras", Grade.GOOD, f"certificates are verified by {known}")


def _hardware(settings: Settings) -> Checked:
    """What could decode beside the processor, and whether what was asked for does."""
    usable = [kind.value for kind in HwDecode if unusable_because(kind) is None]
    there = f"usable here: {', '.join(usable) or 'none'}"
    wanted = HwDecode(settings.hw_decode)
    if wanted is HwDecode.NONE:
        return Checked("Decoding", Grade.GOOD, f"in software; {there}")
    if (reason := unusable_because(wanted)) is not None:
        return Checked(
            "Decoding",
            Grade.NOTE,
            f"in software, because {reason}; {there}",
            "check the driver, or set WARDWATCH_HW_DECODE=none",
        )
    return Checked("Decoding", Grade.GOOD, f"{wanted.value}; {there}")


def _workers(settings: Settings) -> Checked:
    sockets = sorted(settings.run_dir.glob("worker-*.sock")) if settings.run_dir.is_dir() else []
    answering = [path.stem for path in sockets if _answers(path)]
    if not answering:
        return Checked("Workers", Grade.NOTE, "none is running", "`wardwatch up` starts them")
    return Checked("Workers", Grade.GOOD, ", ".join(answering))


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as worker:
        worker.settimeout(1)
        try:
            worker.connect(str(path))
        except OSError:
            return False
        return True
