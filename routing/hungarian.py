"""The assignment problem, by shortest augmenting paths.

Jonker and Volgenant, "A shortest augmenting path algorithm for dense and sparse linear assignment problems",
Computing 38 (1987); one row after the other, the inner loop over all columns at once.
"""

from typing import Any

import numpy as np

Matrix = "np.ndarray[Any, np.dtype[np.float64]]"


def best_pairs(value: "np.ndarray[Any, np.dtype[np.float64]]") -> list[tuple[int, int]]:
    """Pairs (row, column), each row and column at most once, of the greatest total value, by row.

    `value`: rows × columns, finite. The shorter side is paired completely.
    """
    rows, columns = value.shape
    if rows == 1:
        return [(0, int(np.argmax(value[0])))]
    if rows > columns:
        return sorted((row, column) for column, row in best_pairs(value.T))
    owner = _paired(-value)
    return sorted((int(row), column) for column, row in enumerate(owner) if row >= 0)


def _paired(cost: "np.ndarray[Any, np.dtype[np.float64]]") -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Row of each column, −1 for none, at the least total cost; rows ≤ columns."""
    rows, columns = cost.shape
    row_price, column_price = np.zeros(rows), np.zeros(columns)
    owner = np.full(columns, -1, dtype=np.int64)
    for row in range(rows):
        distance = np.full(columns, np.inf)
        before = np.full(columns, -1, dtype=np.int64)
        done = np.zeros(columns, dtype=np.bool_)
        here, column = row, -1
        while True:
            # Prices follow the path at once, so that distances stay those of the reduced costs.
            reduced = cost[here] - row_price[here] - column_price
            nearer = ~done & (reduced < distance)
            distance[nearer], before[nearer] = reduced[nearer], column
            column_next = int(np.argmin(np.where(done, np.inf, distance)))
            delta = distance[column_next]
            row_price[row] += delta
            row_price[owner[done]] += delta
            column_price[done] -= delta
            distance[~done] -= delta
            done[column_next] = True
            column = column_next
            if owner[column] < 0:
                break
            here = int(owner[column])
        while column >= 0:
            previous = int(before[column])
            owner[column] = row if previous < 0 else owner[previous]
            column = previous
    return owner
