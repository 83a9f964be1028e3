"""Keeps the node's processes alive: starts them, notices their end at once, starts them again.

A crash of one never takes another down. Restarts back off from 0.25 s to 5 s with full jitter
(so that several do not return in step) and are forgiven after a minute of health.
"""

import contextlib
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import IO

import structlog

from wardwatch.processes import Orders

log = structlog.get_logger()

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
HEALTHY_AFTER_S = 60.0
STOP_WITHIN_S = 5.0


def pause_before_restart(failures: int, chance: float) -> float:
    """Seconds to wait after the `failures`-th end in a row; `chance` in 0..1 is the jitter."""
    doublings = min(max(0, failures - 1), 16)  # far past the ceiling, far below overflow
    ceiling: float = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0**doublings)
    return ceiling * (0.5 + 0.5 * chance)


@dataclass(frozen=True, slots=True)
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str]
    """Arguments after the Python interpreter."""
    orders: Orders | None = None
    """Sent as the first line of its standard input, which then stays open."""
    pass_fds: tuple[int, ...] = ()
    on_line: Callable[[str], None] = lambda _line: None
    """Called with each line of its standard output, on a thread of the child's own."""
    on_end: Callable[[], None] = lambda: None
    """Called when it ended without being asked to, before it is started again."""


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    restart_at: float = 0.0


@dataclass(slots=True)
class Supervisor:
    """Runs `children` until `stop` is set; ends them all, last started first, before it returns."""

    children: Sequence[Child]
    stop: threading.Event = field(default_factory=threading.Event)
    restarts: int = 0

    def run(self) -> None:
        running = [_Running(child) for child in self.children]
        try:
            while not self.stop.is_set():
                for each in running:
                    self._tend(each)
                self.stop.wait(0.05)
        finally:
            self._end_all(running)

    def _tend(self, each: _Running) -> None:
        now = time.monotonic()
        if each.process is None:
            if now >= each.restart_at:
                each.process = _start(each.child)
                each.started = now
            return
        code = each.process.poll()
        if code is None:
            return
        _close(each.process)
        each.failures = 1 if now - each.started > HEALTHY_AFTER_S else each.failures + 1
        pause = pause_before_restart(each.failures, random.random())  # noqa: S311 - jitter
        log.warning("process_ended", child=each.child.name, code=code, again_in_s=round(pause, 2))
        each.process, each.restart_at = None, now + pause
        self.restarts += 1
        try:
            each.child.on_end()
        except Exception:  # one hook must not end the supervisor
            log.exception("end_hook_failed", child=each.child.name)

    def _end_all(self, running: list[_Running]) -> None:
        alive = [each.process for each in reversed(running) if each.process is not None]
        for process in alive:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _close(process)


def _start(child: Child) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, *child.command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=child.pass_fds,
        # A group of its own: Ctrl-C in a terminal reaches the supervisor, which ends its children
        # in order.
        start_new_session=True,
    )
    log.debug("process_started", child=child.name, pid=process.pid)
    if child.orders is not None and process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):  # it died already; the next round sees that
            process.stdin.write(child.orders.model_dump_json().encode() + b"\n")
            process.stdin.flush()
    if process.stdout is not None:
        threading.Thread(
            target=_read_lines, args=(process.stdout, child.on_line), name=child.name, daemon=True
        ).start()
    return process


def _read_lines(stream: IO[bytes], on_line: Callable[[str], None]) -> None:
    with stream:
        for line in stream:
            on_line(line.decode(errors="replace").rstrip("\n"))


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
