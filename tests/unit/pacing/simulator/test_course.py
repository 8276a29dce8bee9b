"""The course of a day adds up to the day."""

import numpy as np
import pytest

from pacing import Pace
from pacing.simulator import SCENARIOS, Simulation
from pacing.simulator.course import lived
from pacing.simulator.measures import measured
from pacing.simulator.pacers import Cadencia


def test_looking_at_a_day_changes_nothing_of_it() -> None:
    pace = Pace("progressive")
    seen = lived(SCENARIOS["R1"], 5, Cadencia(pace), seed=2, seconds=1500.0, tick=1.0)
    unseen = measured(Simulation(SCENARIOS["R1"], 5, Cadencia(pace), seed=2, tick=1.0).run(1500.0))
    assert seen.day == unseen
    assert seen.ends.tolist() == [600.0, 1200.0, 1500.0]
    weights = np.diff(seen.ends, prepend=0.0) / 1500.0
    assert float(seen.occupancy @ weights) == pytest.approx(seen.day.occupancy)
    assert seen.abandonment[-1] == pytest.approx(seen.day.abandonment)
    assert float(seen.idle.max()) <= 5.0
