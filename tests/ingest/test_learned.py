"""What a connection teaches the next one, on a clock that jumps."""

import pytest

from ingest.learned import (
    FORGIVEN_S,
    MOST,
    WANTED_AGAIN_S,
    WANTED_AT_LATEST_S,
    Learned,
    Reading,
)
from record.cameras import Transport

TCP, UDP = Transport.TCP, Transport.UDP
GATE = "rtsp://camera.test/gate"


class Now:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def test_what_is_wanted_is_tried_first() -> None:
    learned = Learned(Now())
    assert learned.transports(GATE, TCP) == (TCP, UDP)
    assert learned.transports(GATE, UDP) == (UDP, TCP)


def test_what_it_fell_back_to_is_tried_first_for_a_while() -> None:
    now = Now()
    learned = Learned(now)
    learned.fell_back(GATE, TCP)
    assert learned.transports(GATE, UDP) == (TCP, UDP)
    # Whoever wants TCP anyway has nothing to wait for.
    assert learned.transports(GATE, TCP) == (TCP, UDP)
    assert learned.transports(GATE + "-2", UDP) == (UDP, TCP)
    now.s = WANTED_AGAIN_S
    assert learned.transports(GATE, UDP) == (UDP, TCP)


def waits(learned: Learned, now: Now) -> float:
    """Seconds until UDP is tried again."""
    began, at = now.s, now.s
    while learned.transports(GATE, UDP)[0] is TCP:
        now.s = at = at + 1.0
    return at - began


def test_what_fails_again_and_again_is_tried_less_and_less_often() -> None:
    now = Now()
    learned, waited = Learned(now), []
    for _ in range(8):
        learned.fell_back(GATE, TCP)
        waited.append(waits(learned, now))
    assert waited == [60, 120, 240, 480, 960, 1920, WANTED_AT_LATEST_S, WANTED_AT_LATEST_S]


def test_one_that_was_only_slow_once_is_asked_for_what_is_wanted_at_once() -> None:
    now = Now()
    learned = Learned(now)
    learned.fell_back(GATE, TCP, known=False)
    assert waits(learned, now) == 0
    learned.fell_back(GATE, TCP, known=False)
    assert waits(learned, now) == WANTED_AGAIN_S


@pytest.mark.parametrize(("bore_s", "again_s"), [(FORGIVEN_S, 60), (FORGIVEN_S - 1, 240)])
def test_what_has_been_borne_for_long_is_forgiven(bore_s: float, again_s: float) -> None:
    """And not one over which too much is lost after a minute, each time."""
    now = Now()
    learned = Learned(now)
    for _ in range(2):
        learned.fell_back(GATE, TCP)
        waits(learned, now)
    learned.bore(GATE, UDP)
    now.s += bore_s
    learned.fell_back(GATE, TCP)
    assert waits(learned, now) == again_s


def test_a_reading_that_worked_is_tried_first_and_the_others_after_it() -> None:
    learned = Learned(Now())
    assert learned.readings(GATE) == tuple(Reading)
    learned.reading_worked(GATE, Reading.PACKETS)
    first, *others = learned.readings(GATE)
    assert first is Reading.PACKETS
    assert others == [Reading.PIECES, Reading.PIECES_UNSEEN]


def test_it_does_not_learn_without_end() -> None:
    learned = Learned(Now())
    for number in range(2 * MOST):
        learned.reading_worked(f"{GATE}{number}", Reading.PACKETS)
    known = [learned.readings(f"{GATE}{number}")[0] for number in range(2 * MOST)]
    assert known.count(Reading.PACKETS) == MOST
    assert known[-1] is Reading.PACKETS
