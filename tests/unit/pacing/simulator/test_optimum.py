"""The exact limit against values published for it, and against what must hold of any."""

import pytest

from pacing.simulator.optimum import Twin, best, evaluated, rule_of

FIVE, FIFTEEN = Twin(5, most=40), Twin(15, most=60)


@pytest.mark.parametrize(
    ("twin", "limit", "occupancy", "abandonment", "table"),
    [  # reference pacing.md §4.6, found there by value iteration and a bisection on the price
        (FIVE, 0.01, 0.7220, 0.0038, (0, 1, 2, 5)),
        (FIVE, 0.02, 0.7687, 0.0178, (0, 1, 3, 7, 10, 14)),
        (FIVE, 0.05, 0.7947, 0.0347, (0, 1, 4, 8)),
        (FIFTEEN, 0.01, 0.8358, 0.0100, (0, 1, 3, 7)),
        (FIFTEEN, 0.02, 0.8556, 0.0194, (0, 1, 4, 8)),
        (FIFTEEN, 0.03, 0.8677, 0.0286, (0, 1, 5, 9, 13, 18, 23, 27)),
    ],
)
def test_the_best_single_rule_is_the_published_one(
    twin: Twin, limit: float, occupancy: float, abandonment: float, table: tuple[int, ...]
) -> None:
    found = best(twin, limit)
    assert found.within.occupancy == pytest.approx(occupancy, abs=1e-4)
    assert found.within.abandonment == pytest.approx(abandonment, abs=1e-4)
    assert found.table[: len(table)] == table


@pytest.mark.parametrize(("twin", "mixed"), [(FIVE, 0.789), (FIFTEEN, 0.869)])
def test_the_best_mixture_at_three_in_a_hundred(twin: Twin, mixed: float) -> None:
    assert best(twin, 0.03).occupancy == pytest.approx(mixed, abs=5e-4)


def test_one_call_for_each_idle_agent_abandons_nobody_and_idles_a_ring_over_the_share() -> None:
    rule = rule_of(FIVE, lambda idle, flight: max(0, idle - flight))
    found = evaluated(FIVE, rule)
    assert found.abandonment == pytest.approx(0.0, abs=1e-12)
    assert found.occupancy == pytest.approx(140.0 / (140.0 + 12.0 / 0.18), rel=1e-9)


def test_no_power_rule_passes_the_limit() -> None:
    for ratio in (1.0, 1.6, 2.0, 3.0):
        rule = rule_of(FIVE, lambda idle, flight, r=ratio: max(0, int(r * idle) - flight))  # type: ignore[misc]
        found = evaluated(FIVE, rule)
        assert found.occupancy <= best(FIVE, found.abandonment).occupancy + 1e-6


def test_the_dearer_the_limit_the_less_it_allows() -> None:
    levels = [best(FIVE, limit).occupancy for limit in (0.0, 0.01, 0.03, 0.1)]
    assert levels == sorted(levels)
