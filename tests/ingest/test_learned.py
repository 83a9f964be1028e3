"""What a connection teaches the next one, on a clock that jumps."""

from ingest.learned import MOST, WANTED_AGAIN_S, Learned, Reading
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


def test_what_it_fell_back_to_is_tried_first_for_an_hour() -> None:
    now = Now()
    learned = Learned(now)
    learned.fell_back(GATE, TCP)
    assert learned.transports(GATE, UDP) == (TCP, UDP)
    # Whoever wants TCP anyway has nothing to wait for.
    assert learned.transports(GATE, TCP) == (TCP, UDP)
    assert learned.transports(GATE + "-2", UDP) == (UDP, TCP)
    now.s = WANTED_AGAIN_S
    assert learned.transports(GATE, UDP) == (UDP, TCP)


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
