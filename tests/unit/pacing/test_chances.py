"""The law of sums of yes-or-no chances, against one built term by term."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pacing.chances import EXACT, Doubt, Matrix, Shortage

INSTANTS = 3
SURE = Doubt()
REFINED = 0.012
"""Largest error of the normal law with its corrections, in chance, where it takes over."""


def chances(least: int, most: int) -> st.SearchStrategy[Matrix]:
    return st.integers(least, most).flatmap(
        lambda n: arrays(np.float64, (n, INSTANTS), elements=st.floats(0.0, 1.0, width=32))
    )


def term_by_term(rows: Matrix, many: int) -> Matrix:
    """P(at least `many`) at each instant, by convolution."""
    found = []
    for instant in range(rows.shape[1]):
        law = np.ones(1)
        for chance in rows[:, instant]:
            law = np.convolve(law, [1.0 - chance, chance])
        found.append(law[max(0, many) :].sum())
    return np.asarray(found)


def refined(busy: Matrix, needs: Matrix, many: int, most: int, doubt: Doubt = SURE) -> Shortage:
    """The law that stands for many chances: it is taken when more calls may join than exact ones allow."""
    return Shortage(busy, needs, many, most + EXACT + 1, doubt)


@given(chances(0, 12), chances(0, 12), st.integers(0, 26), chances(1, 8))
def test_few_chances_are_exact(busy: Matrix, needs: Matrix, many: int, more: Matrix) -> None:
    found = Shortage(busy, needs, many, more.shape[0], SURE).with_more(more)
    for joined in range(more.shape[0] + 1):
        rows = np.concatenate((busy, needs, more[:joined]))
        assert found[joined] == pytest.approx(term_by_term(rows, many), abs=1e-9)


@given(chances(1, 10), chances(1, 10), st.integers(0, 20), chances(2, 8), st.booleans())
def test_calls_that_join_count_as_if_they_had_been_there(
    busy: Matrix, needs: Matrix, many: int, more: Matrix, exact: bool
) -> None:
    build = Shortage if exact else refined
    joined = build(busy, needs, many, 8, SURE).with_more(more)
    anew = build(busy, np.concatenate((needs, more)), many, 8, SURE).with_more(more[:0])
    assert joined[-1] == pytest.approx(anew[0], abs=1e-9)


@given(chances(0, 10), st.integers(1, 10), chances(1, 8))
def test_who_joins_never_makes_a_shortage_less_likely(busy: Matrix, many: int, more: Matrix) -> None:
    tail = Shortage(busy, busy[:0], many, 8, SURE)
    assert (np.diff(tail.with_more(more), axis=0) >= -1e-9).all()


@pytest.mark.parametrize("terms", [30, 45, 60, 80])
def test_the_refined_normal_law_is_near_the_exact_one(terms: int) -> None:
    draw = np.random.default_rng(terms)
    worst = 0.0
    for _ in range(12):
        rows = draw.beta(0.7, 2.0, (terms, INSTANTS))
        middle = round(float(rows.sum(axis=0).mean()))
        for many in range(max(1, middle - 4), middle + 10, 2):
            near = refined(rows[: terms // 2], rows[terms // 2 :], many, 1).with_more(rows[:0])[0]
            worst = max(worst, float(np.abs(near - term_by_term(rows, many)).max()))
    assert worst < REFINED


@pytest.mark.parametrize("doubt", [Doubt(frees=0.2), Doubt(needs=0.4), Doubt(0.2, 0.4)])
def test_doubt_widens_the_law_on_both_sides_of_its_middle(doubt: Doubt) -> None:
    rows = np.full((60, 1), 0.3)
    for many, wider in ((10, False), (26, True)):
        sure = Shortage(rows[:20], rows[20:], many, 1, SURE).with_more(rows[:0])[0, 0]
        unsure = Shortage(rows[:20], rows[20:], many, 1, doubt).with_more(rows[:0])[0, 0]
        assert bool(unsure > sure) is wider


def test_nobody_needed_is_always_met_and_more_than_everybody_never() -> None:
    rows = np.full((5, 1), 0.5)
    assert Shortage(rows, rows, 0, 1, SURE).with_more(rows[:0])[0, 0] == pytest.approx(1.0)
    assert Shortage(rows, rows, 11, 1, SURE).with_more(rows[:0])[0, 0] == pytest.approx(0.0, abs=1e-12)
