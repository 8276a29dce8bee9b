"""How near ours comes to the mathematical limit in the Markov twin of the floor, where the limit is known.

Exactly, for the policy at a price that stands still; and in simulated days, cold, with all that it learns.
`python -m bench.limit --agents 5,15`, minutes; 200 agents take the better part of an hour.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from bench.figures import table
from pacing.simulator import Day, run_day
from pacing.simulator.intervals import estimate
from pacing.simulator.optimum import Point, Twin, best, evaluated
from pacing.simulator.twin import rule_at

LIMIT = 0.03
DIGITS = 0.01
_HEAD = ("agents", "limit at 3 % occ. %", "how", "occupancy %", "abandoned %", "of the limit there %")


def twin_of(agents: int) -> Twin:
    """With room for more calls than the best rule ever has in the air."""
    return Twin(agents, most=35 + int(1.3 * agents))


def at_limit(twin: Twin) -> Point:
    """The policy at the highest price that keeps the limit, by bisection."""
    low, high = 0.001, 0.1
    found = evaluated(twin, rule_at(twin, low))
    for _ in range(8):
        middle = (low + high) / 2
        point = evaluated(twin, rule_at(twin, middle))
        if point.abandonment <= LIMIT:
            low, found = middle, point
        else:
            high = middle
    return found


def lived(agents: int, days: int, hours: float, jobs: int) -> list[Day]:
    """Cold days, without giving calls up: the twin has no such move."""
    one = partial(_one, agents, hours)
    with ProcessPoolExecutor(jobs) as processes:
        return list(processes.map(one, range(days)))


def _one(agents: int, hours: float, seed: int) -> Day:
    return run_day("M", agents, "cadencia-no-cancel", seed, hours)


def rows(agents: int, days: int, hours: float, jobs: int) -> list[tuple[object, ...]]:
    """Both comparisons."""
    twin = twin_of(agents)
    whole = f"{100 * best(twin, LIMIT, DIGITS).occupancy:.2f}"
    exact = at_limit(twin)
    there = best(twin, exact.abandonment, DIGITS).occupancy
    found: list[tuple[object, ...]] = [
        (
            agents,
            whole,
            "exactly",
            *_cells(exact.occupancy, exact.abandonment),
            f"{100 * exact.occupancy / there:.2f}",
        )
    ]
    if days:
        simulated = lived(agents, days, hours, jobs)
        occupancy = estimate([day.occupancy for day in simulated])
        missed = sum(day.abandoned for day in simulated) / max(1, sum(day.live for day in simulated))
        limit = best(twin, missed, DIGITS).occupancy
        share = estimate([100 * day.occupancy / limit for day in simulated]).text(1, 2)
        found.append((agents, whole, f"{days} days", occupancy.text(100, 2), f"{100 * missed:.2f}", share))
    return found


def _cells(occupancy: float, abandonment: float) -> tuple[str, str]:
    return f"{100 * occupancy:.2f}", f"{100 * abandonment:.2f}"


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.limit", description=__doc__)
    parser.add_argument("--agents", default="5,15,50", help="such as 5,15,50,200")
    parser.add_argument("--days", type=int, default=10, help="simulated days; 0 = the exact comparison alone")
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    sizes = [int(part) for part in asked.agents.split(",")]
    print(table(_HEAD, [row for n in sizes for row in rows(n, asked.days, asked.hours, asked.jobs)]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
