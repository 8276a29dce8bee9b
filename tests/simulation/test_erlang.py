"""Erlang's loss formula, which holds for every law of the talk: an external check of the simulator."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from pacing.baselines import ErlangOpen
from pacing.baselines.erlang import erlang_b
from pacing.simulator import SCENARIOS, run_day
from pacing.simulator.world import Draw, constant, exponential, lognormal, mixed

MARKOV = SCENARIOS["M"]
MEAN = 140.0
LAWS: dict[str, Draw] = {
    "exponential": exponential(MEAN),
    "log-normal": lognormal(MEAN, 1.0),
    "bursty": mixed(lognormal(MEAN * 170 / 114, 0.8), lognormal(MEAN * 10 / 114, 0.5), 0.35),
}
HOURS, TICK = 60.0, 2.0


def poisson(seed: int) -> Callable[[float], int]:
    generator = np.random.default_rng(seed)
    return lambda mean: int(generator.poisson(mean))


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize(("agents", "load", "lost", "occupancy"), [(5, 1.875, 0.0300, 0.3638)])
def test_open_loop_dialling_loses_what_erlang_says(
    law: str, agents: int, load: float, lost: float, occupancy: float
) -> None:
    assert erlang_b(agents, load) == pytest.approx(lost, abs=1e-4)
    assert load * (1 - erlang_b(agents, load)) / agents == pytest.approx(occupancy, abs=1e-4)
    world = replace(MARKOV, talk=LAWS[law], wrap=constant(0.0))
    pacer = ErlangOpen(0.03, answer_share=0.18, handle_time=MEAN, load=load, draw=poisson(1))
    day = run_day(world, agents, pacer, 1, HOURS, tick=TICK)
    # Losses come in bursts: a busy floor loses several. Twice the binomial error, four of them.
    assert day.abandonment == pytest.approx(lost, abs=8 * math.sqrt(lost * (1 - lost) / day.live))
    # Offered calls are a Poisson number, and their times differ: the work that comes has this error.
    error = occupancy * math.sqrt(2.0 / day.live)
    assert day.occupancy == pytest.approx(occupancy, abs=4 * 1.3 * error)
