"""No day over the limit, and what a step does, in short form; `make bench-days` has the long one."""

import math
from dataclasses import replace

import pytest

from bench.days import simulated_days
from pacing.simulator import run_day
from pacing.simulator.world import HOUR, R1, Curve

LIMIT = 0.03


def test_no_short_day_of_fifteen_agents_passes_the_limit() -> None:
    """Twenty cold days of three quarters of an hour: 200 answers each: 6 may be abandoned, not 7."""
    days = simulated_days(agents=15, days=20, hours=0.75, tick=1.0)
    assert [day.abandonment for day in days if day.abandonment > LIMIT] == []
    assert sum(day.abandoned for day in days) > 0


@pytest.mark.parametrize("seed", [1])
def test_a_doubling_of_the_answers_costs_little_in_the_hour_after(seed: int) -> None:
    """Fifty agents; the share of persons doubles after an hour: 4 % in the next one, and what chance adds."""
    world = replace(R1, human=Curve(((0.0, 0.18), (HOUR, 0.36))))
    day = run_day(world, 50, "cadencia", seed, 2.0, tick=1.0)
    live, abandoned = day.hourly[1]
    assert live > 800
    assert abandoned / live <= 0.04 + 1.645 * math.sqrt(0.04 * 0.96 / live)
    assert day.abandonment <= LIMIT + 1.645 * math.sqrt(LIMIT * (1 - LIMIT) / day.live)
