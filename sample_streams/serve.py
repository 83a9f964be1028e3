"""`python -m sample_streams serve`: scenes as looping RTSP cameras, until told to stop."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from sample_streams.rtsp.access import Credentials
from sample_streams.rtsp.clip import ClipUnusable
from sample_streams.scenes import UnknownScene, scene_names
from sample_streams.sendlog import SendLogFile
from sample_streams.server import SampleCamera, SampleServer

PASSWORD_VARIABLE = "SAMPLE_STREAMS_PASSWORD"  # noqa: S105 - the name of the variable
CHECK_S = 0.5
MOST_S = 86_400.0
CAMERA_FORM = "NAME=SCENE[:+SECONDS[~REST]]"


def main(arguments: Sequence[str]) -> int:
    """Play until SIGTERM, SIGINT or, when asked to, the end of the parent process.

    Prints `ready rtsp://127.0.0.1:PORT` once cameras can be opened. Exit status 2 when a scene,
    a clip or the port cannot be used.
    """
    options = _parser().parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _play(options, stop)
    except (UnknownScene, ClipUnusable, ValueError, OSError) as error:
        print(f"sample_streams: {error}", file=sys.stderr)
        return 2
    return 0


def camera(text: str) -> SampleCamera:
    """`NAME=SCENE[:+SECONDS[~REST]]`; instead of a scene, the path of a clip ending in .mp4."""
    name, equals, what = text.partition("=")
    source, plus, times = what.rpartition(":+")
    if not plus:
        source, times = what, "0"
    offset, _, rest = times.partition("~")
    try:
        seconds, rest_s = float(offset), float(rest or 0)
    except ValueError:
        seconds = rest_s = -1.0
    if not equals or not name or not source or not all(0 <= t < MOST_S for t in (seconds, rest_s)):
        raise argparse.ArgumentTypeError(f"{text!r} is not {CAMERA_FORM}")
    return SampleCamera(name, Path(source) if source.endswith(".mp4") else source, seconds, rest_s)


def _play(options: argparse.Namespace, stop: threading.Event) -> None:
    parent = os.getppid()
    cameras = options.camera or [SampleCamera(name, name) for name in scene_names()]
    with ExitStack() as stack:
        log = stack.enter_context(SendLogFile(options.send_log)) if options.send_log else None
        server = SampleServer(
            cameras,
            port=options.port,
            credentials=_credentials(options),
            on_sent=log.write if log else None,
            begin_when_watched=options.begin_when_watched,
        )
        stack.enter_context(server)
        print(f"ready rtsp://127.0.0.1:{server.port}", flush=True)
        while server.running and not stop.wait(CHECK_S):
            if options.die_with_parent and os.getppid() != parent:
                break


def _credentials(options: argparse.Namespace) -> Credentials | None:
    if not options.user:
        return None
    return Credentials(options.user, os.environ.get(PASSWORD_VARIABLE, ""), options.scheme)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sample_streams serve", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free port (the default)")
    parser.add_argument(
        "--camera",
        type=camera,
        action="append",
        metavar=CAMERA_FORM,
        help="a camera, where in the scene it begins, and how long it rests between two rounds; "
        "without any, every scene by its name",
    )
    parser.add_argument("--user", help=f"ask for this user; the password is ${PASSWORD_VARIABLE}")
    parser.add_argument("--scheme", choices=("basic", "digest"), default="digest")
    parser.add_argument(
        "--send-log", type=Path, metavar="FILE", help="write when each frame left, as JSON lines"
    )
    parser.add_argument(
        "--begin-when-watched",
        action="store_true",
        help="each camera's time begins with its first viewer",
    )
    parser.add_argument(
        "--die-with-parent", action="store_true", help="end when the process that started it ends"
    )
    return parser
