"""Cameras over workers: even, and nobody moves who need not."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from record.ids import CameraId
from wardwatch.spread import CAMERAS_A_WORKER, Spread, spread, worker_count

names = st.lists(st.integers(0, 60).map(lambda n: CameraId(f"c{n}")), unique=True, max_size=40)


def where(shares: Spread) -> dict[CameraId, int]:
    return {camera: index for index, share in enumerate(shares) for camera in share}


def moved(before: Spread, after: Spread) -> int:
    old, new = where(before), where(after)
    return sum(old[camera] != new[camera] for camera in old.keys() & new.keys())


@given(names, st.integers(1, 4))
def test_every_camera_has_one_worker_and_none_has_two_more_than_another(
    cameras: Sequence[CameraId], workers: int
) -> None:
    shares = spread(cameras, workers)
    assert len(shares) == workers
    assert sorted(camera for share in shares for camera in share) == sorted(cameras)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@given(names, names, st.integers(1, 4), st.integers(0, 2))
def test_no_more_move_than_must(
    first: Sequence[CameraId], then: Sequence[CameraId], workers: int, more: int
) -> None:
    before = spread(first, workers)
    after = spread(then, workers + more, before)
    assert max(map(len, after)) - min(map(len, after)) <= 1
    # Whoever stays where it is fits below the ceiling, and few enough workers are at it.
    kept = [len(set(share) & set(then)) for share in before]
    low, at_ceiling = divmod(len(then), workers + more)
    surplus = sorted((count - low for count in kept), reverse=True)
    must = sum(max(0, over - (rank < at_ceiling)) for rank, over in enumerate(surplus))
    assert moved(before, after) == must


@given(names.filter(bool), st.integers(1, 4))
def test_a_camera_that_is_added_moves_no_other(cameras: Sequence[CameraId], workers: int) -> None:
    before = spread(cameras[:-1], workers)
    assert moved(before, spread(cameras, workers, before)) == 0


def test_the_seventeenth_camera_brings_a_second_worker_and_half_of_them_move() -> None:
    cameras = [CameraId(f"c{n:02}") for n in range(CAMERAS_A_WORKER + 1)]
    assert worker_count(CAMERAS_A_WORKER) == 1
    assert worker_count(len(cameras)) == 2
    before = spread(cameras[:-1], 1)
    after = spread(cameras, 2, before)
    assert [len(share) for share in after] == [9, 8]
    assert moved(before, after) == 7  # and the new one goes to the new worker


def test_a_worker_that_is_there_stays() -> None:
    assert worker_count(1, running=2) == 2
