"""Occupancy and abandonment of our pacing beside what others do, in simulated days of many kinds.

Every policy lives through the same days: the same seed draws the same callees. Policies with a setting are
tuned first, for each scenario and size, on days of their own: the highest occupancy within the limit wins.
`python -m bench.pacing --short`, a few minutes.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TextIO

from bench.pacing_families import FAMILIES, USUAL, between, chosen
from bench.pacing_table import Day, Row, failures, report, row_of, standings
from pacing.simulator import run_day

SCENARIOS = (
    "R1", "M", "low", "high", "short", "long", "bursty", "double", "half", "drift",
    "leave", "breaks", "errors", "linecap", "carrier", "tiny", "agents-differ", "leads", "quitters", "dry",
    "blended",
)  # fmt: skip
AGENTS, TINY = (5, 15, 50), (3, 4, 5)
SHORT_SCENARIOS, SHORT_AGENTS = ("R1", "double", "errors"), (5, 15)
_TUNING_SEED = 1000
"""First seed of the days for tuning, which no day of the table shares."""


@dataclass(frozen=True, slots=True)
class Job:
    """One day to simulate."""

    scenario: str
    agents: int
    family: str
    setting: float
    seed: int
    hours: float
    tick: float = 0.5


Runner = Callable[[Sequence[Job]], Sequence[Day]]
"""Runs days, perhaps several at once, and answers in their order."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run."""

    scenarios: tuple[str, ...] = SCENARIOS
    agents: tuple[int, ...] = AGENTS
    families: tuple[str, ...] = USUAL
    seeds: int = 10
    hours: float = 8.0
    tuning_seeds: int = 2
    tuning_hours: float = 4.0
    refinements: int = 2
    """Rounds of settings between the best and its neighbours."""
    limit: float = 0.03
    tick: float = 0.5
    """Seconds between two decisions of every policy."""

    def cells(self) -> Iterator[tuple[str, int]]:
        """Scenario and size; the scenario of small groups has its own sizes."""
        for scenario in self.scenarios:
            for agents in TINY if scenario == "tiny" else self.agents:
                yield scenario, agents


def simulated(job: Job) -> Day:
    """One day; in a process of the pool."""
    pacer = FAMILIES[job.family].build(job.setting, job.agents)
    return run_day(job.scenario, job.agents, pacer, job.seed, job.hours, clock=perf_counter, tick=job.tick)


@contextmanager
def pool(jobs: int) -> Iterator[Runner]:
    """Runs days in so many processes."""
    with ProcessPoolExecutor(jobs) as processes:
        yield lambda batch: list(processes.map(simulated, batch))


# --- one scenario at one size -----------------------------------------------------------------------------


def tuned(scenario: str, agents: int, plan: Plan, run: Runner) -> dict[str, float]:
    """The best setting of every family that has one."""
    trials: dict[str, dict[float, tuple[float, float]]] = {
        key: {} for key in plan.families if FAMILIES[key].settings
    }
    asked = [(key, setting) for key in trials for setting in FAMILIES[key].settings]
    for _ in range(1 + plan.refinements):
        for (key, setting), found in zip(asked, _tried(scenario, agents, asked, plan, run), strict=True):
            trials[key][setting] = found
        asked = [(key, s) for key, seen in trials.items() for s in between(chosen(seen, plan.limit), seen)]
    return {key: chosen(seen, plan.limit) for key, seen in trials.items()}


def _tried(
    scenario: str, agents: int, asked: Sequence[tuple[str, float]], plan: Plan, run: Runner
) -> list[tuple[float, float]]:
    """Occupancy and abandonment of each family and setting."""
    seeds = range(_TUNING_SEED, _TUNING_SEED + plan.tuning_seeds)
    days = run(
        [
            Job(scenario, agents, key, s, seed, plan.tuning_hours, plan.tick)
            for key, s in asked
            for seed in seeds
        ]
    )
    rows = (
        row_of(scenario, agents, key, key, s, days[i * len(seeds) : (i + 1) * len(seeds)], plan.limit)
        for i, (key, s) in enumerate(asked)
    )
    return [(row.occupancy.mean, row.abandonment.mean) for row in rows]


def cell(scenario: str, agents: int, plan: Plan, run: Runner) -> list[tuple[Row, Sequence[Day]]]:
    """Every policy, tuned where it can be, with the days it lived through."""
    best = tuned(scenario, agents, plan, run)
    days = run(
        [
            Job(scenario, agents, key, best.get(key, 0.0), seed, plan.hours, plan.tick)
            for key in plan.families
            for seed in range(plan.seeds)
        ]
    )
    found = []
    for i, key in enumerate(plan.families):
        mine = days[i * plan.seeds : (i + 1) * plan.seeds]
        pacer = FAMILIES[key].build(best.get(key, 0.0), agents)
        name = pacer if isinstance(pacer, str) else pacer.name
        found.append((row_of(scenario, agents, key, name, best.get(key), mine, plan.limit), mine))
    return found


def measure(plan: Plan, run: Runner, out: TextIO | None = None) -> list[Row]:
    """All cells; what is found is written to `out` as it comes, a JSON object a line."""
    rows: list[Row] = []
    for scenario, agents in plan.cells():
        started = perf_counter()
        found = cell(scenario, agents, plan, run)
        rows += [row for row, _ in found]
        print(f"{scenario}, {agents} agents: {perf_counter() - started:.0f} s", file=sys.stderr, flush=True)
        if out is not None:
            for row, days in found:
                out.write(json.dumps(row.as_record() | {"seeds": [_day(day) for day in days]}) + "\n")
            out.flush()
    return rows


_KEPT = ("occupancy", "talk", "idle_per_call", "abandonment", "worst_window", "live", "abandoned", "dials")


def _day(day: Day) -> dict[str, object]:
    kept: dict[str, object] = {name: getattr(day, name) for name in _KEPT}
    return kept | {"hourly": [list(hour) for hour in day.hourly]}


# --- command line -----------------------------------------------------------------------------------------


def planned(options: argparse.Namespace) -> Plan:
    """What the command line asks for."""
    short, usual = options.short, Plan()
    return Plan(
        scenarios=options.scenarios or (SHORT_SCENARIOS if short else usual.scenarios),
        agents=options.agents or (SHORT_AGENTS if short else usual.agents),
        families=options.policies or usual.families,
        seeds=options.seeds or (3 if short else usual.seeds),
        hours=options.hours or (4.0 if short else usual.hours),
        tuning_seeds=options.tuning_seeds or (1 if short else usual.tuning_seeds),
        tuning_hours=options.tuning_hours or usual.tuning_hours,
        refinements=1 if short else usual.refinements,
        limit=options.limit,
        tick=options.tick,
    )


def parser() -> argparse.ArgumentParser:
    """The command line."""
    found = argparse.ArgumentParser(prog="bench.pacing", description=__doc__)
    found.add_argument("--short", action="store_true", help="few scenarios, sizes and seeds, half days")
    found.add_argument("--scenarios", type=_names(SCENARIOS), help="such as R1,M,low; default all")
    found.add_argument("--agents", type=_sizes, help="such as 5,15,50")
    found.add_argument("--policies", type=_names(tuple(FAMILIES)), help="of " + ", ".join(FAMILIES))
    found.add_argument("--seeds", type=int, help="days of each policy")
    found.add_argument("--hours", type=float, help="of each day")
    found.add_argument("--tuning-hours", type=float, help="of each day for tuning")
    found.add_argument("--limit", type=float, default=0.03, help="share of abandoned calls")
    found.add_argument("--tick", type=float, default=0.5, help="seconds between two decisions")
    found.add_argument("--tuning-seeds", type=int, help="days for tuning each setting")
    found.add_argument("--jobs", type=int, default=2, help="processes")
    found.add_argument("--gate", type=float, help="fail when ours is below this ratio of the best baseline")
    found.add_argument("--out", type=Path, help="also write JSON lines there")
    return found


def main() -> int:
    """Command line."""
    options = parser().parse_args()
    plan = planned(options)
    with pool(options.jobs) as run:
        if options.out is None:
            rows = measure(plan, run)
        else:
            with options.out.open("w") as out:
                rows = measure(plan, run, out)
    print(report(rows, plan.limit))
    found = standings(rows, plan.limit)
    said = failures(found, plan.limit, options.gate) if options.gate is not None else []
    for line in (*(standing.text() for standing in found), *(f"not kept: {line}" for line in said)):
        print(f"\n{line}")
    return 1 if said else 0


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(part for part in text.split(",") if part)
        if unknown := sorted(set(names) - set(known)):
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
        return names

    return read


def _sizes(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(",") if part)


if __name__ == "__main__":
    sys.exit(main())
