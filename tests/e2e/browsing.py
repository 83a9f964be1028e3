"""A script of the browser, played to its end."""

import subprocess
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from wardwatch.node import Node

HERE = Path(__file__).parent


def played(
    node: Node,
    script: str,
    *words: str | Path,
    limit_s: float,
    at_kill: Callable[[str], None] | None = None,
) -> list[str]:
    """What it said, line by line; fails with all that it said when it fails or takes too long.

    The scripts end themselves before that, with what they were at; `limit_s` is for a Node that
    hangs. At a line `kill WHAT` it waits until `at_kill` has done so.
    """
    lines: list[str] = []
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as errors,
        subprocess.Popen(
            [node.executable, script, *words],
            cwd=HERE,
            env=node.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        end = threading.Timer(limit_s, process.kill)
        end.start()
        try:
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                if word == "kill" and at_kill is not None:
                    at_kill(rest)
                    print("killed", file=process.stdin, flush=True)
                else:
                    lines.append(line.strip())
            process.wait()
        finally:
            end.cancel()
            process.kill()
        errors.seek(0)
        assert process.returncode == 0, "\n".join([*lines, errors.read()])
    return lines
