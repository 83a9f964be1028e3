"""The judge of the fault campaigns, judged."""

from datetime import UTC, datetime, timedelta

from record.watching import Unwatched
from tests.faults.outages import told_too_often

T0 = datetime(2026, 1, 1, tzinfo=UTC)
S = timedelta(seconds=1)


def test_one_event_an_outage_and_a_correction_only_of_a_long_one() -> None:
    short, long = Unwatched(T0, T0 + 5 * S, "ended"), Unwatched(T0 + 60 * S, T0 + 95 * S, "refused")
    assert told_too_often([short, long], [T0, long.began_at, long.began_at]) == []
    assert told_too_often([short], [T0, T0]) != []
    assert told_too_often([long], [long.began_at] * 3) != []


def test_an_event_without_an_outage_is_a_complaint() -> None:
    assert told_too_often([], [T0]) != []
    assert told_too_often([Unwatched(T0, T0 + S, "ended")], [T0 + S]) != []
