"""A seeded floor to try pacing on: discrete events, common random numbers, every policy in the same days."""

from collections.abc import Callable

from pacing.baselines.view import Pacer as CountingPacer
from pacing.decide import Pace
from pacing.simulator.day import TICK, Pacer, Simulation
from pacing.simulator.measures import Day, measured
from pacing.simulator.pacers import Cadencia, Counting, OracleA, OracleB
from pacing.simulator.standing import Standing
from pacing.simulator.whatif import Bounds, Outlook, whatif
from pacing.simulator.world import SCENARIOS, World

__all__ = [
    "SCENARIOS",
    "Bounds",
    "Cadencia",
    "Day",
    "Outlook",
    "Pace",
    "Simulation",
    "Standing",
    "World",
    "run_day",
    "whatif",
]

LONG_WINDOW = 10.0
"""Abandonments that a law which judges 30 days lets come before the answers that pay for them."""
_UNGUARDED = 1e9


def named(name: str, world: World) -> Pacer:
    """Our pacers and the oracles, by the names of the benchmark."""
    odds = len(world.odds) > 1
    limit = world.limit
    match name:
        case "cadencia":
            return Cadencia(Pace(target=0.983 * limit), limit=limit, credit=LONG_WINDOW, odds=odds)
        case "cadencia-no-cancel":
            return Cadencia(Pace(target=0.983 * limit, cancel=False), limit=limit, credit=LONG_WINDOW)
        case "cadencia-day":
            return Cadencia(Pace(target=limit), limit=limit, odds=odds)
        case "cadencia-1%":
            return Cadencia(Pace(target=0.0098), limit=limit, credit=LONG_WINDOW, odds=odds)
        case "oracle-a":
            return OracleA(Pace(target=0.983 * limit), limit=limit, credit=_UNGUARDED)
        case "oracle-b":
            return OracleB(Pace(target=0.983 * limit), limit=limit, credit=_UNGUARDED)
        case _:
            raise KeyError(f"no pacer is called {name}")


def run_day(
    scenario: str | World,
    agents: int,
    pacer: str | CountingPacer,
    seed: int,
    hours: float,
    clock: Callable[[], float] | None = None,
    tick: float = TICK,
) -> Day:
    """One day of a scenario under a pacer: an object that counts, or one of ours by name."""
    world = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
    ours: Pacer = named(pacer, world) if isinstance(pacer, str) else Counting(pacer)
    day = Simulation(world, agents, ours, seed=seed, clock=clock, tick=tick)
    return measured(day.run(hours * 3600.0))
