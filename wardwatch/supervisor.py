"""Keeps the node's processes alive: starts them, notices their end at once, starts them again.

A crash of one never takes another down. Restarts back off from 0.25 s to 5 s with full jitter
(so that several do not return in step) and are forgiven after a minute of health. A child that is
expected to give signs of life, lines on its standard output, is killed when it falls silent: a
process that hangs is worth no more than one that died.
"""

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import deque
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
ROUND_S = 0.05
FIRST_SIGN_WITHIN_S = 30.0
"""A child that loads a model on a busy machine may take long to give its first sign of life."""
ASLEEP_S = 1.0
"""When a round of our own took so long the machine slept, or was too busy to give anybody a turn:
that others were silent meanwhile says nothing of them."""


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
    orders: Callable[[], Orders] | None = None
    """Sent as the first line of its standard input, which then stays open, and as a further line
    whenever they are others."""
    pass_fds: tuple[int, ...] = ()
    on_line: Callable[[str], None] = lambda _line: None
    """Called with each line of its standard output, on a thread of the child's own."""
    on_end: Callable[[float], None] = lambda _silent_s: None
    """Called when it ended without being asked to, before it is started again, with the seconds
    since its last sign of life; 0 when it died of itself."""
    silent_s: float | None = None
    """Killed when it has given no sign of life for so long; None: it need not."""


@dataclass(slots=True)
class _Running:
    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    heard: float = 0.0
    """When its last sign of life came, by the monotonic clock; also set by the reading thread."""
    told: Orders | None = None
    unsent: bytearray = field(default_factory=bytearray)
    failures: int = 0
    restart_at: float = 0.0

    def start(self, now: float) -> None:
        self.process = _start(self.child)
        self.started = now
        # As if it had been heard later: it has yet to load.
        self.heard = now + max(0.0, FIRST_SIGN_WITHIN_S - (self.child.silent_s or 0.0))
        self.told = None
        self.unsent.clear()
        if self.process.stdout is not None:
            threading.Thread(
                target=self._read, args=(self.process.stdout,), name=self.child.name, daemon=True
            ).start()

    def tell(self) -> None:
        """Send the orders, when they are others than were sent last. Never waits: a child that
        does not read what it is told is for the watchdog to judge."""
        process, orders = self.process, self.child.orders
        if process is None or process.stdin is None or orders is None:
            return
        if (now := orders()) != self.told:
            self.told = now
            self.unsent += now.model_dump_json().encode() + b"\n"
        with contextlib.suppress(BlockingIOError, BrokenPipeError):  # the next round sees the end
            while self.unsent:
                del self.unsent[: os.write(process.stdin.fileno(), self.unsent)]

    def silent_s(self, now: float) -> float:
        return max(0.0, now - self.heard)

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self.heard = time.monotonic()
                self.child.on_line(line.decode(errors="replace").rstrip("\n"))


class Supervisor:
    """Runs `children` until `stop` is set; ends them all, last started first, before it returns."""

    def __init__(self, children: Sequence[Child], stop: threading.Event | None = None) -> None:
        self.stop = stop or threading.Event()
        self.restarts = 0
        self._coming: deque[Child] = deque(children)
        self._running: list[_Running] = []

    def add(self, child: Child) -> None:
        """One more to keep alive. Any thread."""
        self._coming.append(child)

    def run(self) -> None:
        looked = time.monotonic()
        try:
            while not self.stop.is_set():
                while self._coming:
                    self._running.append(_Running(self._coming.popleft()))
                now = time.monotonic()
                if now - looked > ASLEEP_S:
                    for each in self._running:
                        each.heard = max(each.heard, now)
                looked = now
                for each in self._running:
                    self._tend(each, now)
                self.stop.wait(ROUND_S)
        finally:
            self._end_all()

    def _tend(self, each: _Running, now: float) -> None:
        if each.process is None:
            if now >= each.restart_at:
                each.start(now)
                each.tell()
            return
        code = each.process.poll()
        if code is not None:
            self._ended(each, code, now, silent_s=0.0)
            return
        each.tell()
        limit = each.child.silent_s
        if limit is not None and each.silent_s(now) > limit:
            log.error("process_silent", child=each.child.name, silent_s=round(limit, 1))
            each.process.kill()
            self._ended(each, each.process.wait(), now, silent_s=each.silent_s(now))

    def _ended(self, each: _Running, code: int, now: float, silent_s: float) -> None:
        if each.process is not None:
            _close(each.process)
        each.failures = 1 if now - each.started > HEALTHY_AFTER_S else each.failures + 1
        pause = pause_before_restart(each.failures, random.random())  # noqa: S311 - jitter
        log.warning("process_ended", child=each.child.name, code=code, again_in_s=round(pause, 2))
        each.process, each.restart_at = None, now + pause
        self.restarts += 1
        try:
            each.child.on_end(silent_s)
        except Exception:  # one hook must not end the supervisor
            log.exception("end_hook_failed", child=each.child.name)

    def _end_all(self) -> None:
        alive = [each.process for each in reversed(self._running) if each.process is not None]
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
    if process.stdin is not None:
        os.set_blocking(process.stdin.fileno(), False)
    log.debug("process_started", child=child.name, pid=process.pid)
    return process


def _close(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
