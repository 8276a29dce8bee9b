"""The course of a simulated day: what a plot shows, beside what the day came to."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pacing.floor import Ages
from pacing.simulator.day import FREE, IDLE, Pacer, Simulation
from pacing.simulator.measures import Day, measured
from pacing.simulator.world import World

LOOK = 15.0
"""Seconds between two looks at the floor."""
SPAN = 600.0
"""Seconds that one point of the course stands for, about."""
_FEWEST = 12
"""Points of a short day."""


@dataclass(frozen=True, slots=True)
class Course:
    """One day by its spans; NaN where nobody was at work or nobody had answered."""

    ends: Ages
    """End of each span, seconds since the start of the day, shape (n,)."""
    occupancy: Ages
    """(talk + wrap-up) / time at work within the span, 0–1."""
    abandonment: Ages
    """Of all live answers since the start, 0–1."""
    in_flight: Ages
    """Mean calls that ring, are screened or wait."""
    idle: Ages
    """Mean agents who are ready and idle."""
    day: Day


def lived(
    world: World, agents: int, pacer: Pacer, *, seed: int, seconds: float, tick: float, span: float = SPAN
) -> Course:
    """Live one day and note its course, in equal spans of about this length; shorter ones in a short day."""
    day = Simulation(world, agents, pacer, seed=seed, tick=tick)
    ticks = max(1, round(seconds / tick))
    spans = min(ticks, max(_FEWEST, round(seconds / span)))
    bounds = np.linspace(0, ticks, spans + 1).round().astype(int).tolist()
    rows = [_span(day, last - first, tick) for first, last in pairwise(bounds)]
    occupancy, abandonment, in_flight, idle = (np.asarray(column) for column in zip(*rows, strict=True))
    ends = np.asarray(bounds[1:]) * tick
    return Course(ends, occupancy, abandonment, in_flight, idle, measured(day.close()))


def _span(day: Simulation, ticks: int, tick: float) -> tuple[float, float, float, float]:
    """(occupancy, abandonment so far, mean calls in flight, mean idle agents)."""
    before, flights, idles = day.worked(), [], []
    look = max(1, round(LOOK / tick))
    for first in range(0, ticks, look):
        day.advance(min(look, ticks - first) * tick)
        flights.append(int((day.call_phase != FREE).sum()))
        idles.append(int((day.agent_phase == IDLE).sum()))
    busy, staffed = (after - earlier for after, earlier in zip(day.worked(), before, strict=True))
    settled = day.counts.settled
    lost = sum(abandoned for _, abandoned in settled)
    return (
        busy / staffed if staffed > 1.0 else math.nan,
        lost / len(settled) if settled else math.nan,
        float(np.mean(flights)),
        float(np.mean(idles)),
    )
