"""Supervision on real processes: what ends is started again, and nothing is left behind."""

import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from record.ids import CameraId
from wardwatch.processes import Orders
from wardwatch.supervisor import LONGEST_PAUSE_S, Child, Supervisor, pause_before_restart

PRINT_PID = "import os, sys, time; print(os.getpid(), flush=True); "
SLEEP = "time.sleep(60)"


class Lines:
    """Collects a child's lines, and waits for the next one."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._more = threading.Condition()

    def __call__(self, line: str) -> None:
        with self._more:
            self.seen.append(line)
            self._more.notify_all()

    def wait_for(self, count: int) -> list[str]:
        with self._more:
            assert self._more.wait_for(lambda: len(self.seen) >= count, timeout=20), self.seen
            return list(self.seen)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 s"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class RunningSupervisor:
    def __init__(self, *children: Child) -> None:
        self.supervisor = Supervisor(children)
        self._thread = threading.Thread(target=self.supervisor.run)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self.supervisor

    def __exit__(self, *_: object) -> None:
        self.supervisor.stop.set()
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()


def test_a_killed_child_is_noticed_and_started_again_and_the_other_lives_on() -> None:
    first, second, ended = Lines(), Lines(), threading.Event()
    with RunningSupervisor(
        Child(
            "first", ("-c", PRINT_PID + SLEEP), on_line=first, on_end=lambda _silent_s: ended.set()
        ),
        Child("second", ("-c", PRINT_PID + SLEEP), on_line=second),
    ) as supervisor:
        killed, kept = int(first.wait_for(1)[0]), int(second.wait_for(1)[0])
        os.kill(killed, signal.SIGKILL)
        again = int(first.wait_for(2)[1])
        assert again != killed
        assert ended.is_set()
        assert supervisor.restarts == 1
        assert is_alive(kept)
        assert second.seen == [str(kept)]
    assert not is_alive(again)
    assert not is_alive(kept)


def test_a_child_that_ignores_sigterm_is_killed() -> None:
    lines = Lines()
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    with RunningSupervisor(Child("stubborn", ("-c", stubborn + PRINT_PID + SLEEP), on_line=lines)):
        pid = int(lines.wait_for(1)[0])
    assert not is_alive(pid)


ALIVE = "import time\nwhile True: print('alive', flush=True); time.sleep(0.1)"


def test_a_child_that_falls_silent_is_killed_and_started_again_and_the_other_lives_on() -> None:
    """Stopped, as a process is that hangs in the kernel: it is alive and does nothing."""
    first, second = Lines(), Lines()
    silences: list[float] = []
    with RunningSupervisor(
        Child("hangs", ("-c", PRINT_PID + "\n" + ALIVE), None, (), first, silences.append, 1.0),
        Child("lives", ("-c", PRINT_PID + "\n" + ALIVE), None, (), second, silent_s=1.0),
    ) as supervisor:
        hung, kept = int(first.wait_for(5)[0]), int(second.wait_for(5)[0])
        os.kill(hung, signal.SIGSTOP)
        stopped = time.monotonic()
        wait_until(lambda: supervisor.restarts == 1)
        assert 0.8 < time.monotonic() - stopped < 3
        assert not is_alive(hung)
        wait_until(lambda: any(line.isdigit() and int(line) != hung for line in first.seen))
        assert is_alive(kept)
        # It is said since when nothing was heard, not since when it was killed.
        assert len(silences) == 1
        assert silences[0] >= 1.0


def test_a_child_that_takes_its_time_to_begin_is_left_alone() -> None:
    lines = Lines()
    slow = "import time; time.sleep(1.5); "
    with RunningSupervisor(
        Child("slow", ("-c", slow + PRINT_PID + "\n" + ALIVE), on_line=lines, silent_s=0.5)
    ) as supervisor:
        lines.wait_for(5)
        assert supervisor.restarts == 0


def test_orders_that_change_are_told_to_the_child_that_runs() -> None:
    lines = Lines()
    now = [Orders(settings={}, worker="worker-1", cameras=(CameraId("a"),))]
    show = "import sys, json\nfor line in sys.stdin: print(json.loads(line)['cameras'], flush=True)"
    with RunningSupervisor(Child("c", ("-c", show), orders=lambda: now[0], on_line=lines)):
        lines.wait_for(1)
        now[0] = now[0].model_copy(update={"cameras": (CameraId("a"), CameraId("b"))})
        assert lines.wait_for(2) == ["['a']", "['a', 'b']"]


def test_a_child_that_reads_nothing_of_what_it_is_told_holds_nobody_up() -> None:
    """Far more than a pipe holds."""
    deaf, lines = Lines(), Lines()
    orders = Orders(settings={}, cameras=tuple(CameraId(f"camera-{n}") for n in range(20_000)))
    with RunningSupervisor(
        Child("deaf", ("-c", PRINT_PID + SLEEP), orders=lambda: orders, on_line=deaf),
        Child("brief", ("-c", PRINT_PID), on_line=lines),
    ):
        deaf.wait_for(1)
        lines.wait_for(3)


def test_a_child_may_be_added_while_others_run() -> None:
    first, second = Lines(), Lines()
    with RunningSupervisor(Child("first", ("-c", PRINT_PID + SLEEP), on_line=first)) as supervisor:
        first.wait_for(1)
        supervisor.add(Child("second", ("-c", PRINT_PID + SLEEP), on_line=second))
        pid = int(second.wait_for(1)[0])
    assert not is_alive(pid)


def test_what_a_child_is_told_later_reaches_it_and_the_end_of_input_ends_it() -> None:
    """By the child's own side of it, as a worker uses it."""
    lines = Lines()
    child = (
        "from wardwatch.processes import receive_orders, stop_event, tell_alive; "
        "first = receive_orders(); print(first.cameras, flush=True); "
        "stop = stop_event(lambda later: print(later.cameras, flush=True)); "
        "tell_alive(lambda: (), stop); stop.wait(60)"
    )
    now = [Orders(settings={}, cameras=(CameraId("a"),))]
    with RunningSupervisor(
        Child("c", ("-c", child), orders=lambda: now[0], on_line=lines, silent_s=5.0)
    ) as supervisor:
        lines.wait_for(1)
        now[0] = now[0].model_copy(update={"cameras": (CameraId("b"),)})
        wait_until(lambda: "('b',)" in lines.seen and "alive" in lines.seen)
        assert lines.seen[0] == "('a',)"
        assert supervisor.restarts == 0


def test_a_hook_that_fails_does_not_end_the_supervisor() -> None:
    lines = Lines()

    def fail(_silent_s: float) -> None:
        raise RuntimeError("hook")

    with RunningSupervisor(Child("brief", ("-c", PRINT_PID), on_line=lines, on_end=fail)):
        lines.wait_for(3)


def test_orders_reach_the_child_and_nothing_of_them_stands_on_its_command_line() -> None:
    lines = Lines()
    orders = Orders(settings={"database_url": "postgresql://u:very-secret@h/d"}, worker="worker-1")
    show = (
        "import sys, json, time; print(json.loads(sys.stdin.readline())['worker'], flush=True); "
        "print(open('/proc/self/cmdline').read().replace(chr(0), ' '), flush=True); time.sleep(60)"
    )
    with RunningSupervisor(Child("worker", ("-c", show), orders=lambda: orders, on_line=lines)):
        worker, command_line = lines.wait_for(2)
    assert worker == "worker-1"
    assert "very-secret" not in command_line


def test_a_child_learns_that_its_supervisor_was_killed() -> None:
    """The child's `stop_event` is set by the end of standard input, even after kill -9."""
    child = (
        "from wardwatch.processes import stop_event; import os; stop = stop_event(); "
        "print(os.getpid(), flush=True); stop.wait(60)"
    )
    supervisor = (
        "import sys; from wardwatch.supervisor import Child, Supervisor; "
        f"Supervisor([Child('c', ('-c', {child!r}), "
        "on_line=lambda line: print('child', line, flush=True))]).run()"
    )
    lines = Lines()
    with RunningSupervisor(Child("supervisor", ("-c", supervisor), on_line=lines)) as outer:
        wait_until(lambda: any(line.startswith("child ") for line in lines.seen))
        grandchild = next(int(line.split()[1]) for line in lines.seen if line[:6] == "child ")
        status = Path(f"/proc/{grandchild}/status").read_text(encoding="utf-8").splitlines()
        parent = next(int(line.split()[1]) for line in status if line.startswith("PPid:"))
        outer.stop.set()
        os.kill(parent, signal.SIGKILL)
        wait_until(lambda: not is_alive(grandchild))


@pytest.mark.parametrize(("failures", "ceiling"), [(1, 0.25), (2, 0.5), (5, 4.0), (50, 5.0)])
def test_pauses_double_up_to_a_ceiling(failures: int, ceiling: float) -> None:
    assert pause_before_restart(failures, 1.0) == ceiling


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_pause_is_never_nothing_and_never_long(failures: int, chance: float) -> None:
    assert 0.1 <= pause_before_restart(failures, chance) <= LONGEST_PAUSE_S
