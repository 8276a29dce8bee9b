"""Does a day end above its limit, whatever is set meanwhile? Hostile days, each by a seed of its own.

Size, laws, staff, answers in bursts, mode, calls per agent and boost are drawn. Each day is judged by itself,
without credit, once its last call has landed; by the campaign's own count, the unserved and screening's
mistakes included. `python -m bench.cap_days --days 100`: `make cap-days`.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bench.figures import table
from pacing.guard import wilson_upper
from pacing.simulator import SCENARIOS, Cadencia, Pace, Simulation, World
from pacing.simulator.pacers import audited
from pacing.simulator.world import HOUR, Curve, Shift

LIMIT = 0.03
LANDING = 60.0
"""Seconds after the last decision until every call in the air has come to its end."""
_POWER = 12.0
"""Most calls for each ready agent that can be set."""
_BOOST = (0.25, 4.0)
_MODES = ("predictive", "power", "progressive")
KINDS = ("power 12", "power 12, bursts", "changes", "changes, bursts", "predictive", "predictive, bursts")
_WORLDS = ("R1", "low", "high", "short", "bursty", "double", "leave", "errors", "quitters", "agents-differ")


@dataclass(frozen=True, slots=True)
class Ended:
    """How one day ended."""

    kind: str
    world: str
    agents: int
    share: float
    """Served by nobody, of all who answered: 0–1."""
    over: float
    """Persons served by nobody beyond what the limit allows; below 0 = to spare."""
    occupancy: float
    live: int
    held: float
    """Share of the minutes in which the day so far was above the limit."""


class Hostile(Cadencia):
    """Ours, while somebody sets mode, calls per agent and boost again and again."""

    def __init__(self, generator: np.random.Generator, *, changing: bool, mode: str) -> None:
        super().__init__(Pace(mode=mode, target=LIMIT, calls_per_agent=_POWER), limit=LIMIT)
        self._draws, self._changing, self._next = generator, changing, 0.0
        self._looks = [0, 0]
        self._landing = False

    def land(self) -> None:
        """Place nothing more."""
        self._landing = True

    @property
    def above(self) -> float:
        """Share of the looks, one a minute, at which the day so far was above the limit."""
        return self._looks[1] / max(1, self._looks[0])

    def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
        """One decision, after what is set now."""
        if self._landing:
            return 0, ()
        if self._changing and day.now >= self._next:
            self._next = day.now + float(self._draws.exponential(240.0))
            self.pace_ = self._set()
        if day.now >= 60.0 * self._looks[0]:
            lost, answered = counted(day)
            self._looks[0] += 1
            self._looks[1] += lost > LIMIT * answered
        return super().pace(day)

    def _set(self) -> Pace:
        draws = self._draws
        return replace(
            self.pace_,
            mode=_MODES[int(draws.choice(3, p=(0.4, 0.5, 0.1)))],
            calls_per_agent=float(draws.choice((_POWER, draws.uniform(1.0, _POWER)))),
            boost=float(np.exp(draws.uniform(*np.log(_BOOST)))),
            target=float(draws.uniform(0.5, 1.0) * LIMIT),
            cancel=bool(draws.random() < 0.7),
        )


def counted(day: Simulation) -> tuple[float, float]:
    """(served by nobody, answered) as the campaign counts them."""
    counts = day.counts
    taken = counts.machines * audited(day.world)
    return counts.abandoned + counts.unserved + taken, counts.live + taken


def bursts(generator: np.random.Generator, hours: float) -> Curve:
    """One in ten answers, and one in two for 10 to 40 s, by turns."""
    points: list[tuple[float, float]] = []
    now = 0.0
    while now < hours * HOUR:
        points.append((now, 0.5 if len(points) % 2 else 0.1))
        now += float(generator.uniform(10.0, 40.0))
    return Curve(tuple(points))


def drawn(kind: str, seed: int, hours: float) -> tuple[World, int, Hostile]:
    """World, agents and who sets what of a day."""
    generator = np.random.default_rng([seed, 9])
    world = SCENARIOS[str(generator.choice(_WORLDS))]
    if world.name == "leave":
        world = replace(
            world, shifts=(Shift(0.5), Shift(0.5, 0.0, float(generator.uniform(0.2, 1.0)) * hours * HOUR))
        )
    if kind.endswith("bursts"):
        # What audits find is one share a day in the simulator, whereas bursts would move it.
        world = replace(world, human=bursts(generator, hours), false_positives=0.0)
    if generator.random() < 0.2:
        world = replace(world, inbound=2.0)
    agents = int(generator.choice((5, 8, 15, 30)))
    mode = kind.split()[0].rstrip(",")
    return (
        world,
        agents,
        Hostile(generator, changing=mode == "changes", mode="predictive" if mode == "changes" else mode),
    )


def one_day(kind: str, hours: float, tick: float, seed: int) -> Ended:
    """A day, lived until its last call has landed."""
    world, agents, pacer = drawn(kind, seed, hours)
    # Nobody knows when the end comes.
    seconds = hours * HOUR * float(np.random.default_rng([seed, 10]).uniform(0.5, 1.0))
    day = Simulation(world, agents, pacer, seed=seed, tick=tick)
    day.advance(seconds)
    occupancy = np.divide(*day.worked())
    pacer.land()
    day.advance(LANDING)
    lost, answered = counted(day)
    return Ended(
        kind,
        world.name,
        agents,
        lost / max(1.0, answered),
        lost - LIMIT * answered,
        float(occupancy),
        int(answered),
        pacer.above,
    )


def lived(
    kinds: Sequence[str], days: int, hours: float, tick: float, jobs: int, first: int = 0
) -> list[Ended]:
    """So many days of all kinds in turn."""
    asked = [(kinds[seed % len(kinds)], seed) for seed in range(first, first + days)]
    if jobs == 1:
        return [one_day(kind, hours, tick, seed) for kind, seed in asked]
    with ProcessPoolExecutor(jobs) as processes:
        return list(processes.map(partial(_asked, hours, tick), asked))


def _asked(hours: float, tick: float, day: tuple[str, int]) -> Ended:
    return one_day(day[0], hours, tick, day[1])


HEAD = (
    "kind of day",
    "days",
    "over",
    "worst %",
    "persons over at most",
    "abandoned %",
    "occupancy %",
    "minutes above %",
    "chance of over ≤ (95 %)",
)


def row(kind: str, days: Sequence[Ended]) -> tuple[object, ...]:
    """One kind of day."""
    over = sum(day.over > 1e-9 for day in days)
    return (
        kind, len(days), over,
        f"{100 * max(day.share for day in days):.2f}",
        f"{max(day.over for day in days):.2f}",
        f"{100 * np.mean([day.share for day in days]):.2f}",
        f"{100 * np.mean([day.occupancy for day in days]):.1f}",
        f"{100 * np.mean([day.held for day in days]):.2f}",
        f"{wilson_upper(over, len(days)):.4f}",
    )  # fmt: skip


def main() -> int:
    """Command line; fails when a day ended above its limit."""
    parser = argparse.ArgumentParser(prog="bench.cap_days", description=__doc__)
    parser.add_argument("--days", type=int, default=100)
    parser.add_argument(
        "--hours", type=float, default=3.0, help="of the longest day; each ends in its second half"
    )
    parser.add_argument("--tick", type=float, default=1.0)
    parser.add_argument("--kinds", default=";".join(KINDS))
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    kinds = asked.kinds.split(";")
    found = lived(kinds, asked.days, asked.hours, asked.tick, asked.jobs, asked.first)
    rows = [row(kind, [day for day in found if day.kind == kind]) for kind in kinds]
    print(table(HEAD, [*rows, row("all", found)]))
    for day in found:
        if day.over > 1e-9:
            where = f"{day.kind}, {day.world}, {day.agents} agents"
            print(f"{where}: {day.share:.2%} of {day.live}, {day.over:.2f} persons too many")
    return 1 if any(day.over > 1e-9 for day in found) else 0


if __name__ == "__main__":
    sys.exit(main())
