"""Simulated days, several at a time in processes of their own."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol

from dialer.cli.floor_file import FloorFile
from pacing.simulator.course import Course, lived
from pacing.simulator.day import TICK
from pacing.simulator.policies import Named

PROCESSES = 2


class Livable(Protocol):
    """A day that can be sent to another process and lived there."""

    def lived(self, seed: int) -> Course:
        """One such day; the same seed draws the same fates under any policy."""
        ...


@dataclass(frozen=True, slots=True)
class FloorDay:
    """A day of a described floor under a policy."""

    floor: FloorFile
    agents: int
    hours: float
    policy: Named

    def lived(self, seed: int) -> Course:
        """One such day."""
        world = self.floor.world(self.agents)
        pacer = self.policy.pacer(
            self.floor.usual_pace(),
            self.agents,
            limit=world.limit,
            credit=self.floor.credit,
            odds=len(world.odds) > 1,
        )
        return lived(world, self.agents, pacer, seed=seed, seconds=self.hours * 3600.0, tick=TICK)


def live(
    days: Sequence[Livable],
    seeds: Iterable[int],
    told: Callable[[int, int], None],
    processes: int = PROCESSES,
) -> list[list[Course]]:
    """Each day lived once with each seed, in this order; `told` hears (done, of all)."""
    wanted = [(place, seed) for seed in seeds for place in range(len(days))]
    found: dict[tuple[int, int], Course] = {}
    # Spawned, not forked: the command may have an event loop's threads behind it.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        running = {pool.submit(days[place].lived, seed): (place, seed) for place, seed in wanted}
        for future in as_completed(running):
            found[running[future]] = future.result()
            told(len(found), len(wanted))
    return [[found[key] for key in wanted if key[0] == place] for place in range(len(days))]
