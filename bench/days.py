"""How many days pass the limit when each of them is judged: ours under a law that knows no month.

`python -m bench.days --days 100`; an hour of a processor for days of 8 hours and 15 agents.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from pacing.simulator import Day, run_day
from pacing.simulator.intervals import estimate

LIMIT = 0.03


@dataclass(frozen=True, slots=True)
class Summary:
    """Days taken together."""

    days: int
    over: int
    """Days above the limit."""
    worst: float
    """Highest abandonment of a day."""
    text: str


def simulated_days(
    *,
    agents: int,
    days: int,
    hours: float = 8.0,
    tick: float = 0.5,
    scenario: str = "R1",
    pacer: str = "cadencia-day",
    jobs: int = 1,
) -> list[Day]:
    """So many days, each cold, each by a seed of its own."""
    one = partial(_one, scenario, agents, pacer, hours, tick)
    if jobs == 1:
        return [one(seed) for seed in range(days)]
    with ProcessPoolExecutor(jobs) as processes:
        return list(processes.map(one, range(days)))


def _one(scenario: str, agents: int, pacer: str, hours: float, tick: float, seed: int) -> Day:
    return run_day(scenario, agents, pacer, seed, hours, tick=tick)


def summary(days: list[Day]) -> Summary:
    """What the days came to."""
    over = sum(day.abandonment > LIMIT for day in days)
    worst = max(day.abandonment for day in days)
    occupancy = estimate([day.occupancy for day in days]).text(100, 2)
    abandonment = estimate([day.abandonment for day in days]).text(100, 2)
    text = (
        f"{over} of {len(days)} days over {LIMIT:.2%}, worst {worst:.2%};"
        f" occupancy {occupancy} %, abandoned {abandonment} %"
    )
    return Summary(len(days), over, worst, text)


def main() -> int:
    """Command line: one line for each size; fails when a day is over."""
    parser = argparse.ArgumentParser(prog="bench.days", description=__doc__)
    parser.add_argument("--agents", default="15,50", help="such as 15,50")
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--tick", type=float, default=0.5)
    parser.add_argument("--scenario", default="R1")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    over = 0
    for agents in (int(part) for part in asked.agents.split(",")):
        found = summary(
            simulated_days(
                agents=agents,
                days=asked.days,
                hours=asked.hours,
                tick=asked.tick,
                scenario=asked.scenario,
                jobs=asked.jobs,
            )
        )
        print(f"{asked.scenario}, {agents} agents: {found.text}", flush=True)
        over += found.over
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
