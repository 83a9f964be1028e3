"""What a browser told is held against what was sent."""

import json
import os
import threading
import time

import pytest

from wardwatch.bench.streams import Window, _cost_figures, _threads_s, glass


def lines(*told: tuple[int | None, float]) -> list[str]:
    shown = [json.dumps({"number": number, "at": at}) for number, at in told]
    return [json.dumps({"opened_ms": 155}), *shown]


def test_a_number_is_as_old_as_its_last_sending() -> None:
    sent = {7: [100.0, 160.0], 8: [100.1, 160.1]}
    seen = glass(lines((7, 160.08), (7, 160.11), (8, 160.3), (None, 160.4), (9, 160.5)), sent)
    assert seen.latencies_ms == pytest.approx([80.0, 200.0])
    assert (seen.opened_ms, seen.frames) == (155, 5)


def test_what_was_seen_before_it_was_sent_counts_for_nothing() -> None:
    assert glass(lines((7, 99.0)), {7: [100.0]}).latencies_ms == ()


def test_a_viewer_is_told_apart_from_the_camera() -> None:
    idle, each = Window(300.0, 0.0, 40.0), Window(660.0, 200.0, 48.0)
    one, many = Window(330.0, 28.0, 40.0), Window(520.0, 123.0, 40.0)
    opened = [[100.0] * 7 + [most] for most in (900.0, 200.0, 300.0)]
    figures = {
        figure.name: figure.value
        for figure in _cost_figures((idle, idle), [each] * 3, one, many, opened)
    }
    assert figures["first frame after the POST, max"] == 300.0
    assert figures["CPU per second and viewer"] == pytest.approx(5.0)
    assert figures["CPU per second and watched camera"] == pytest.approx(25.0 - 5.0)
    assert figures["CPU per second more, of a camera watched by one"] == pytest.approx(45.0)
    assert figures["looks per second more, of a camera watched by one"] == pytest.approx(1.0)


def test_the_cpu_of_a_thread_is_told_by_itself() -> None:
    """One that works, beside one that does not."""
    tasks: dict[str, int] = {}
    done = threading.Event()

    def work(name: str, seconds: float) -> None:
        tasks[name] = threading.get_native_id()
        until = time.thread_time() + seconds
        while time.thread_time() < until:
            pass
        done.wait(10)

    threads = [threading.Thread(target=work, args=one) for one in (("busy", 0.1), ("idle", 0.0))]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    spent = _threads_s(os.getpid())
    done.set()
    for thread in threads:
        thread.join()
    assert spent[tasks["busy"]] == pytest.approx(0.1, abs=0.05)
    assert spent[tasks["idle"]] < 0.02
