"""Intervals of means."""

import math

import pytest

from pacing.simulator.intervals import Estimate, estimate, student_quantile, student_share


@pytest.mark.parametrize(
    ("freedom", "t"),
    [
        (1, 12.7062),
        (2, 4.3027),
        (3, 3.1824),
        (4, 2.7764),
        (9, 2.2622),
        (10, 2.2281),
        (29, 2.0452),
        (30, 2.0423),
        (120, 1.9799),
    ],
)
def test_students_quantiles_are_those_of_the_tables(freedom: int, t: float) -> None:
    assert student_quantile(freedom) == pytest.approx(t, abs=5e-5)
    assert student_share(t, freedom) == pytest.approx(0.95, abs=1e-5)


def test_another_share() -> None:
    assert student_quantile(9, 0.99) == pytest.approx(3.2498, abs=5e-5)


def test_the_interval_of_a_mean() -> None:
    """Variance 2.5, five values: 2.7764 · √(2.5/5)."""
    found = estimate([1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.mean, found.half) == pytest.approx((3.0, 1.96324), abs=1e-4)


def test_one_value_has_no_interval_and_none_no_mean() -> None:
    one, none = estimate([0.5]), estimate([])
    assert one.mean == 0.5
    assert math.isnan(one.half)
    assert math.isnan(none.mean)


def test_how_it_is_written() -> None:
    assert Estimate(0.9285, 0.0014).text(100) == "92.8 ± 0.1"
    assert Estimate(0.02964, 0.0011).text(100, 2) == "2.96 ± 0.11"
    assert estimate([0.5]).text(100) == "50.0"
    assert estimate([]).text() == "–"
