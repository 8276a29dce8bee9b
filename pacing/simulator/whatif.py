"""What would come of a setting: a floor like the live one, drawn from the learned model, lived through a
few times."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pacing.decide import Pace
from pacing.floor import Ages
from pacing.hazards import RING_BINS, RING_STEP
from pacing.learner import Learner
from pacing.model import Model, left_in_ring, survival
from pacing.simulator.day import Simulation
from pacing.simulator.pacers import Cadencia, Known
from pacing.simulator.standing import Standing
from pacing.simulator.world import Draw, World, always

WARM = 300.0
"""Seconds that pass before anything is counted."""
CREDIT = 5.0
"""Abandonments in advance where nobody says how the campaign stands: the forecast is then of the hours to
come, not of the first minutes."""
_STUDENT = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36}
"""Two-sided 95 % of Student's t by number of replications."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A forecast; `_pm` are half widths of 95 % intervals over the replications."""

    abandonment: float
    abandonment_pm: float
    occupancy: float
    occupancy_pm: float
    idle_seconds: float
    """Per connected call."""
    idle_pm: float
    calls_per_minute: float
    lines_p95: float
    live_per_hour: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits that hold beside the pace."""

    limit: float = 0.03
    calls_per_agent: float = math.inf
    lines: int = 1_000_000
    cps: float = math.inf
    standing: Standing | None = None
    """What stands in the campaign's windows: a day that served many may do what a cold one may not.
    None = nobody says."""


def whatif(
    model_record: dict[str, Any] | None,
    pace: Pace,
    *,
    agents: int,
    bounds: Bounds,
    seed: int = 1,
    minutes: float = 30.0,
    replications: int = 4,
) -> Outlook:
    """Forecast of a pace for a floor; without a model, what a new campaign would be expected to be."""
    model = Model.from_record(model_record) if model_record else Learner().model()
    world = replace(world_of(model), lines_per_agent=_lines(bounds, agents), cps=bounds.cps)
    found = [
        _lived(world, model, pace, agents, bounds, seed + i, minutes * 60.0) for i in range(replications)
    ]
    abandonment, occupancy, idle, calls, lines, live = zip(*found, strict=True)
    return Outlook(
        *_estimate(abandonment), *_estimate(occupancy), *_estimate(idle), *map(_mean, (calls, lines, live))
    )


def _lines(bounds: Bounds, agents: int) -> float:
    lines = min(float(bounds.lines), bounds.calls_per_agent * agents)
    return lines / agents


def _lived(
    world: World, model: Model, pace: Pace, agents: int, bounds: Bounds, seed: int, seconds: float
) -> tuple[float, ...]:
    standing = bounds.standing or Standing.of_a_new_day(bounds.limit, CREDIT)
    pacer = Cadencia(pace, standing=standing.bounded(bounds.limit), learner=Known(model), lines=True)
    day = Simulation(world, agents, pacer, seed=seed, tick=1.0)
    day.advance(WARM)
    before = _sums(day)
    day.advance(seconds)
    passed = _sums(day) - before
    live, abandoned, staffed, busy, connected, dials = passed.tolist()
    return (
        abandoned / max(1.0, live),
        busy / max(1e-9, staffed),
        (staffed - busy) / max(1.0, connected),
        dials / seconds * 60.0,
        float(np.percentile(pacer.lines_seen, 95)) if pacer.lines_seen else 0.0,
        live / seconds * 3600.0,
    )


def _sums(day: Simulation) -> Ages:
    counts = day.counts
    busy, staffed = day.worked()
    return np.asarray(
        [counts.live, counts.abandoned + counts.unserved, staffed, busy, counts.connected, counts.dials],
        dtype=np.float64,
    )


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _estimate(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return _mean(values), 0.0
    half = _STUDENT.get(len(values), 2.26) * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return _mean(values), half


# --- a world from a model ----------------------------------------------------------------------------------


def world_of(model: Model) -> World:
    """A world that behaves as the model believes."""
    alive, human, machine = left_in_ring(model.human, model.machine, model.other)
    other = np.maximum(0.0, alive - human - machine - np.append(alive[1:], 0.0))
    people, machines = float(human.sum()), float(machine.sum())
    rest = 0.82 * machines / max(1e-9, 1.0 - people)
    return World(
        "what-if",
        human=always(people),
        machine=rest,
        busy=0.82 - rest,
        unobtainable=0.0,
        ring=drawn_from(human),
        machine_ring=drawn_from(machine),
        failed_ring=drawn_from(other),
        ring_limit=RING_BINS * RING_STEP,
        screening=drawn_from(np.diff(model.screening, prepend=0.0)),
        patience=2.0,
        talk=_times(model.edges, model.talk),
        wrap=_times(model.edges, model.wrap),
    )


def drawn_from(mass: Ages) -> Draw:
    """Durations by a mass over bins of RING_STEP."""
    summed = np.cumsum(mass) / max(1e-12, float(mass.sum()))

    def draw(generator: np.random.Generator, n: int) -> Ages:
        bins = np.searchsorted(summed, generator.random(n))
        return np.asarray((np.minimum(bins, mass.size - 1) + generator.random(n)) * RING_STEP)

    return draw


def _times(edges: Ages, hazard: Ages) -> Draw:
    grid = np.arange(0.0, 4 * 3600.0, 1.0)
    ended = 1.0 - survival(edges, hazard, grid)

    def draw(generator: np.random.Generator, n: int) -> Ages:
        return np.asarray(np.interp(generator.random(n), ended, grid))

    return draw
