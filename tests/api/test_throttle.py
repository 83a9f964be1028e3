"""Token buckets: so many at once, then so many a minute, and never more memory than agreed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.throttle import Throttle, network_of, whole_seconds


def test_so_many_at_once_and_then_one_by_one() -> None:
    throttle = Throttle(at_once=3, per_minute=6)
    assert [throttle.take("lan", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert throttle.take("lan", 0.0) == pytest.approx(10)
    assert throttle.take("lan", 4.0) == pytest.approx(6)
    assert throttle.take("lan", 10.0) == 0.0
    assert throttle.take("minh", 10.0) == 0.0


def test_a_try_that_succeeded_does_not_count() -> None:
    throttle = Throttle(at_once=1, per_minute=1)
    for _ in range(10):
        assert throttle.take("lan", 0.0) == 0.0
        throttle.give_back("lan")
    throttle.give_back("somebody who never tried")
    assert len(throttle) == 1


def test_a_hundred_thousand_names_take_no_more_room_than_agreed() -> None:
    throttle = Throttle(at_once=3, per_minute=6, capacity=1000)
    for number in range(100_000):
        throttle.take(f"name{number}", number / 1000)
    assert len(throttle) == 1000


@given(st.lists(st.floats(0, 100), min_size=1, max_size=200))
def test_never_more_than_the_bucket_and_what_has_dripped_since(pauses: list[float]) -> None:
    throttle = Throttle(at_once=5, per_minute=60)
    now, granted = 0.0, 0
    for pause in pauses:
        now += pause
        granted += throttle.take("lan", now) == 0.0
    assert granted <= 5 + now + 1e-6


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_one_caller_is_an_address_or_a_network_of_64_bits(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(("wait", "seconds"), [(0.01, 1), (1.0, 1), (1.2, 2), (59.9, 60)])
def test_waiting_is_told_in_whole_seconds_and_long_enough(wait: float, seconds: int) -> None:
    assert whole_seconds(wait) == seconds
