"""Progressive dialling has a closed form: an external check of the whole loop of a day."""

import numpy as np
import pytest

from pacing.baselines import Progressive
from pacing.simulator import SCENARIOS, run_day

R1, TICK = SCENARIOS["R1"], 0.5
GRID = np.random.default_rng(0)
DRAWS = 400_000


def seconds_per_call() -> tuple[float, float]:
    """Means of the ring of any call, and of the screening of those answered times their share."""
    assert R1.screening is not None
    human, machine = R1.human.at(0.0), R1.machine
    failed = R1.busy + R1.unobtainable
    ring = (
        human * R1.ring(GRID, DRAWS).mean()
        + machine * R1.machine_ring(GRID, DRAWS).mean()
        + failed * R1.failed_ring(GRID, DRAWS).mean()
        + (1 - human - machine - failed) * R1.ring_limit
    )
    return float(ring), float((human + machine) * R1.screening(GRID, DRAWS).mean())


@pytest.mark.parametrize(("agents", "hours"), [(5, 80.0), (15, 27.0)])
def test_idle_seconds_per_call_are_the_closed_form(agents: int, hours: float) -> None:
    ring, screening = seconds_per_call()
    expected = (ring + screening + TICK / 2) / R1.human.at(0.0)
    # Reference pacing.md §4.6 has (18.83 + .64 + .25) / .18 in its own draws.
    assert expected == pytest.approx(109.6, rel=0.02)
    day = run_day(R1, agents, Progressive(), 3, hours, tick=TICK)
    assert day.abandonment == 0.0
    assert day.idle_per_call == pytest.approx(expected, rel=0.02)
