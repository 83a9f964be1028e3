"""That PyAV asks the clock that guards can move; test_rtsp.py shows what that is good for."""

import socket
import threading
import time

import av
import av.container.core as pyav
import av.error
import pytest

from ingest.deadline import Guard, current_guard, guard_pyav


@pytest.fixture
def silent() -> "socket.socket":
    return socket.create_server(("127.0.0.1", 0))


def dial(listening: socket.socket) -> float:
    """Seconds until FFmpeg gives up on a server that says nothing; PyAV itself would wait 20 s."""
    began = time.monotonic()
    with pytest.raises(av.error.FFmpegError):
        av.open(f"rtsp://127.0.0.1:{listening.getsockname()[1]}/", "r", timeout=(20, 20))
    return time.monotonic() - began


def test_a_deadline_ends_a_call_inside_ffmpeg(silent: socket.socket) -> None:
    guard_pyav()
    guard = Guard()
    with silent, guard.limit(0.3):
        took_s = dial(silent)
        assert guard.expired
    assert 0.25 < took_s < 0.8


def test_a_stop_ends_a_call_inside_ffmpeg(silent: socket.socket) -> None:
    guard_pyav()
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    with silent, Guard(stop).bound():
        timer.start()
        took_s = dial(silent)
    timer.join()
    assert 0.25 < took_s < 0.8


def test_a_stop_before_the_call_ends_it_at_once(silent: socket.socket) -> None:
    guard_pyav()
    stop = threading.Event()
    stop.set()
    with silent, Guard(stop).bound():
        assert dial(silent) < 0.3


def test_threads_without_a_guard_are_left_alone() -> None:
    guard_pyav()
    guard_pyav()
    seen = []
    with Guard().limit(0.0):
        thread = threading.Thread(target=lambda: seen.append(current_guard()))
        thread.start()
        thread.join()
    assert seen == [None]
    assert current_guard() is None


def test_guards_nest() -> None:
    outer, inner = Guard(), Guard()
    with outer.bound():
        with inner.limit(1):
            assert current_guard() is inner
        assert current_guard() is outer


def test_a_clock_that_has_leapt_never_runs_back() -> None:
    """PyAV looks at the clock once more when it closes, whatever guard there is by then."""
    guard_pyav()
    readings = []
    guard = Guard()
    with guard.limit(0.0):
        readings += [guard.now(), guard.now()]
    with guard.limit(60.0):
        readings += [guard.now()]
    readings.append(pyav.time.monotonic())  # type: ignore[attr-defined]
    with Guard().bound():
        readings.append(pyav.time.monotonic())  # type: ignore[attr-defined]
    assert readings == sorted(readings)
