"""Who is who: pairs of rows and columns of least total cost. Pure.

Shortest augmenting paths with potentials, O(n² m); the tests hold it against scipy's. It is ours
because scipy would be 100 MB of wheel for one function, and there are dozens of people at most.
"""

import numpy as np
from numpy.typing import NDArray


def assign(cost: NDArray[np.float64], limit: float) -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, rows ascending.

    `cost`: (n, m). Among all ways to pair, the one with the largest sum of (limit - cost); a pair
    that costs `limit` or more is never made.
    """
    gain = np.minimum(np.asarray(cost, np.float64) - limit, 0.0)
    rows = np.flatnonzero(gain.min(axis=1, initial=0.0) < 0)
    columns = np.flatnonzero(gain.min(axis=0, initial=0.0) < 0)
    if not len(rows):
        return []
    core = gain[np.ix_(rows, columns)]
    pairs = _alone(core)
    if pairs is None:
        pairs = _solve(core) if len(rows) <= len(columns) else [(r, c) for c, r in _solve(core.T)]
    return sorted((int(rows[r]), int(columns[c])) for r, c in pairs if core[r, c] < 0)


def _alone(gain: NDArray[np.float64]) -> list[tuple[int, int]] | None:
    """The usual case: nobody has two candidates. None when somebody has."""
    possible = gain < 0
    if (possible.sum(axis=1) > 1).any() or (possible.sum(axis=0) > 1).any():
        return None
    return [(int(row), int(column)) for row, column in np.argwhere(possible)]


def _solve(cost: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Every row with a column, n <= m: Jonker and Volgenant's augmentation (Computing 38, 1987).

    Column 0 of the arrays stands for "none yet"; real columns count from 1.
    """
    n, m = cost.shape
    row_price = np.zeros(n)
    column_price = np.zeros(m + 1)
    row_of = np.full(m + 1, -1)
    for row in range(n):
        row_of[0] = row
        came_from = np.zeros(m + 1, np.intp)
        distance = np.full(m + 1, np.inf)
        done = np.zeros(m + 1, bool)
        column = 0
        while row_of[column] >= 0:
            done[column] = True
            at = row_of[column]
            reduced = cost[at] - row_price[at] - column_price[1:]
            shorter = ~done[1:] & (reduced < distance[1:])
            distance[1:][shorter] = reduced[shorter]
            came_from[1:][shorter] = column
            open_distance = np.where(done, np.inf, distance)
            open_distance[0] = np.inf
            nearest = int(open_distance.argmin())
            step = open_distance[nearest]
            row_price[row_of[done]] += step
            column_price[done] -= step
            distance[~done] -= step
            column = nearest
        while column:
            previous = int(came_from[column])
            row_of[column] = row_of[previous]
            column = previous
    return [(int(row_of[column]), column - 1) for column in range(1, m + 1) if row_of[column] >= 0]
