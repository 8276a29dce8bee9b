"""The engine's own work: CPU of one turn every 250 ms, on floors of several sizes, with nothing behind it.

The real turn and what it would have the store write, no Asterisk, no network, a store that is there at once;
predictive mode everywhere. A turn takes everything that a quarter of a second has brought.
`python -m bench.tick --turns 10000`; `--profile 40` shows where the time goes; `--floors 100x1000:shared`.
"""

import argparse
import cProfile
import gc
import pstats
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import process_time

from bench.figures import Spread, spread, table
from bench.processes import load
from bench.tick_world import TICK, World
from dialer.engine.turns import take_turn

LIMIT = 25.0
"""Milliseconds of CPU that a turn may take, at p99: a tenth of the tick."""
TURNS, WARM = 600, 600
"""Turns that are measured, and before them those in which a floor fills up."""
HEAD = (
    "campaigns", "agents", "calls", "agents are", "turns", "p50 ms", "p95 ms", "p99 ms", "worst ms",
    "p99 / limit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """A floor to measure."""

    campaigns: int
    agents: int
    shared: bool = False
    """Whether every agent works every campaign."""

    @classmethod
    def read(cls, text: str) -> "Size":
        """`100x1000` or `100x1000:shared`."""
        size, _, kind = text.partition(":")
        campaigns, _, agents = size.partition("x")
        return cls(int(campaigns), int(agents), kind == "shared")


SIZES = (
    Size(1, 80),
    Size(40, 500),
    Size(40, 500, shared=True),
    Size(100, 1000),
    Size(100, 1000, shared=True),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured of one floor."""

    size: Size
    calls: float
    """Alive, on average."""
    cpu: Spread
    """Milliseconds of a turn."""


def measured(size: Size, turns: int, warm: int, profile: cProfile.Profile | None = None) -> Found:
    """Let a floor fill up, then take the CPU of so many turns; the collector's work is the turn's."""
    world = World(size.campaigns, size.agents, shared=size.shared)
    for _ in range(warm):
        _turn(world)
    gc.collect()
    spent, calls = [], 0
    for _ in range(turns):
        spent.append(_turn(world, profile) * 1000)
        calls += len(world.state.calls)
    return Found(size, calls / turns, spread(spent))


def _turn(world: World, profile: cProfile.Profile | None = None) -> float:
    """CPU seconds of one turn and its commit; garbage of the world's is collected at its cost, too."""
    inputs = world.inputs()
    gc.enable()
    if profile is not None:
        profile.enable()
    begun = process_time()
    turn = take_turn(world.state, inputs, now=world.now, pacing_every=TICK)
    turn.commit()
    spent = process_time() - begun
    if profile is not None:
        profile.disable()
    gc.disable()
    world.answer(turn)
    return spent


def row_of(found: Found) -> tuple[object, ...]:
    """One line of the table."""
    size, cpu = found.size, found.cpu
    kind = "shared by all" if size.shared else "its own"
    ratio = f"{cpu.p99 / LIMIT:.2f}"
    about = (size.campaigns, size.agents, round(found.calls), kind)
    return (*about, cpu.count, cpu.p50, cpu.p95, cpu.p99, cpu.worst, ratio)


def report(found: Iterable[Found]) -> str:
    """The table, and what it is held against."""
    rows = table(HEAD, [row_of(one) for one in found])
    return (
        f"{rows}\n\nmilliseconds of CPU a turn, one each 250 ms; limit {LIMIT:.0f} ms at p99; load {load()}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.tick", description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS, help="turns that are measured of each floor")
    parser.add_argument("--warm", type=int, default=WARM, help="turns before, in which the floor fills up")
    parser.add_argument("--floors", type=Size.read, nargs="+", default=SIZES, help="such as 40x500:shared")
    parser.add_argument("--profile", type=int, default=0, metavar="N", help="show the N costliest functions")
    asked = parser.parse_args(arguments)
    found = []
    for size in asked.floors:
        profile = cProfile.Profile() if asked.profile else None
        found.append(measured(size, asked.turns, asked.warm, profile))
        print(table(HEAD, [row_of(found[-1])]).splitlines()[-1], file=sys.stderr, flush=True)
        if profile is not None:
            pstats.Stats(profile).sort_stats("tottime").print_stats(asked.profile)
    print(report(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
