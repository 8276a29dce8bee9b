"""The course of a day adds up to the day."""

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
    assert seen.ends.tolist() == [125.0 * point for point in range(1, 13)]
    assert float(seen.occupancy.mean()) == pytest.approx(seen.day.occupancy)
    assert seen.abandonment[-1] == pytest.approx(seen.day.abandonment)
    assert float(seen.idle.max()) <= 5.0


@pytest.mark.parametrize("seconds", [0.2, 3.3, 444.24])
def test_a_day_of_no_whole_number_of_ticks_ends(seconds: float) -> None:
    seen = lived(SCENARIOS["R1"], 2, Cadencia(Pace("progressive")), seed=1, seconds=seconds, tick=0.5)
    assert seen.ends[-1] == pytest.approx(seconds, abs=0.5)
