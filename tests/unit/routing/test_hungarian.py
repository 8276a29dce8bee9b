"""The best pairs are the best there are."""

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from routing.hungarian import best_pairs

shapes = st.tuples(st.integers(1, 5), st.integers(1, 5))
values = shapes.flatmap(lambda shape: arrays(np.float64, shape, elements=st.integers(-9, 9).map(float)))


def best_by_trying(value: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> float:
    """Every way to pair the shorter side."""
    if value.shape[0] > value.shape[1]:
        value = value.T
    ways = permutations(range(value.shape[1]), value.shape[0])
    return max(sum(float(value[row, column]) for row, column in enumerate(way)) for way in ways)


@given(values)
def test_no_other_pairing_is_worth_more(value: "np.ndarray[tuple[int, int], np.dtype[np.float64]]") -> None:
    pairs = best_pairs(value)
    assert len(pairs) == min(value.shape)
    assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == len(pairs)
    assert sum(float(value[pair]) for pair in pairs) == best_by_trying(value)


def test_a_floor_of_a_real_size() -> None:
    value = np.random.default_rng(1).random((40, 300))
    pairs = best_pairs(value)
    assert len(pairs) == 40
    assert sum(float(value[pair]) for pair in pairs) > 39.5
