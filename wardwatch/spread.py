"""Which worker has which camera: evenly, and a camera stays where it is unless it must move. Pure.

A camera that moves is dialled anew, so that its site is unwatched for a second: hence the
assignment before is part of the question, and none is computed from the list of cameras alone.
"""

from collections.abc import Sequence

from record.ids import CameraId

CAMERAS_A_WORKER = 16
MOST_WORKERS = 2
"""One process reads up to 16 cameras (its threads are as fast as many processes and take a quarter
of the memory); above that two share them, so that a crash leaves half watched."""

Spread = tuple[tuple[CameraId, ...], ...]
"""For each worker its cameras, longest there first."""


def worker_count(cameras: int, running: int = 1) -> int:
    """How many workers, when `running` are: never fewer, or cameras would move to save a process
    that was needed yesterday."""
    return max(running, 1 if cameras <= CAMERAS_A_WORKER else MOST_WORKERS)


def spread(cameras: Sequence[CameraId], workers: int, before: Spread = ()) -> Spread:
    """`cameras` in the installer's order over `workers`, none having two more than another.

    `before`: where they are now; workers there are now are never taken away.
    """
    wanted = set(cameras)
    shares = [[camera for camera in share if camera in wanted] for share in before]
    shares += [[] for _ in range(workers - len(shares))]
    placed = {camera for share in shares for camera in share}
    for camera in cameras:
        if camera not in placed:
            min(shares, key=len).append(camera)
    # New cameras went where there were fewest; what is still uneven was so by what went away, or
    # because a worker is new. Those there for the shortest time move.
    while len(fullest := max(shares, key=len)) - len(emptiest := min(shares, key=len)) > 1:
        emptiest.append(fullest.pop())
    return tuple(tuple(share) for share in shares)
