"""A simulated day keeps its books and does what its world says."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacing import Pace
from pacing.simulator import SCENARIOS, Cadencia, Simulation, World, run_day
from pacing.simulator.day import FREE, IDLE, OFF, RING, TALK, WRAP
from pacing.simulator.measures import measured
from pacing.simulator.world import R1, Shift, always, constant, exponential

HOUR = 3600.0
SMALL = settings(max_examples=15, deadline=None)


class Ratio:
    """So many calls for each idle agent; hears everything and may look at every tick."""

    name = "ratio"

    def __init__(self, ratio: float = 1.0, look: Callable[[Simulation], None] | None = None) -> None:
        self.ratio, self.look, self.ear = ratio, look, self
        self.heard: dict[str, list[float]] = {}

    def ring_over(self, seconds: float, end: str, odds: float = 1.0) -> None:
        self.heard.setdefault(end, []).append(seconds)

    def screening_over(self, seconds: float, human: bool) -> None:
        self.heard.setdefault("screening", []).append(seconds)

    def talk_over(self, seconds: float, agent: int) -> None:
        self.heard.setdefault("talk", []).append(seconds)

    def wrap_over(self, seconds: float, agent: int) -> None:
        self.heard.setdefault("wrap", []).append(seconds)

    def settled(self, abandoned: bool) -> None:
        self.heard.setdefault("abandoned" if abandoned else "kept", []).append(0.0)

    def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
        if self.look is not None:
            self.look(day)
        flight = int((day.call_phase != FREE).sum())
        return max(0, math.floor(self.ratio * len(day.idle)) - flight), ()


def lived(
    world: World = R1, agents: int = 6, hours: float = 1.0, ratio: float = 2.0, seed: int = 1
) -> Simulation:
    return Simulation(world, agents, Ratio(ratio), seed=seed).run(hours * HOUR)


def heard(day: Simulation) -> dict[str, list[float]]:
    pacer = day._pacer
    assert isinstance(pacer, Ratio)
    return pacer.heard


@SMALL
@given(
    st.sampled_from(
        ["R1", "errors", "breaks", "leave", "carrier", "linecap", "quitters", "blended", "leads"]
    ),
    st.integers(1, 12),
    st.floats(0.5, 8.0),
    st.integers(0, 99),
)
def test_nothing_is_lost(name: str, agents: int, ratio: float, seed: int) -> None:
    """Agents' time adds up, every dial is over or in the air, every live answer is settled once."""
    day = lived(SCENARIOS[name], agents, 0.5, ratio, seed)
    counts = day.counts
    assert counts.dials == counts.ended + int((day.call_phase != FREE).sum())
    idle = day.staffed_time - day.talk_time - day.wrap_time
    assert idle >= -1e-6
    assert day.staffed_time <= agents * day.now + 1e-6
    assert len(counts.settled) <= counts.live + counts.screened_out
    assert counts.live == len(heard(day).get("abandoned", [])) + len(heard(day).get("kept", []))
    assert counts.abandoned + counts.unserved == len(heard(day).get("abandoned", []))
    assert set(day.idle) == {int(a) for a in np.nonzero(day.agent_phase == IDLE)[0]}


def test_without_shifts_everybody_works_all_day() -> None:
    day = lived(agents=4, hours=0.5)
    assert day.staffed_time == pytest.approx(4 * 0.5 * HOUR)


def test_the_same_seed_is_the_same_day_and_another_is_another() -> None:
    one, again, other = (run_day("R1", 5, "cadencia", seed, 0.08) for seed in (3, 3, 4))
    assert one == again
    assert one != other


def test_every_pacer_calls_the_same_people() -> None:
    """Common random numbers: the n-th call comes to the same end whatever was done before it."""
    meek, bold = lived(ratio=1.0, hours=0.5), lived(ratio=6.0, hours=0.5)
    first = [meek._fates.of(i) for i in range(200)]
    assert [bold._fates.of(i) for i in range(200)] == first
    assert meek._fates.of(5000) == bold._fates.of(5000)
    assert meek._fates.of(3) == first[3]


@pytest.mark.parametrize(("share", "machine"), [(0.18, 0.12), (0.36, 0.12), (0.06, 0.14)])
def test_persons_answer_as_often_as_the_world_says(share: float, machine: float) -> None:
    day = lived(replace(R1, human=always(share), machine=machine), agents=60, hours=1.0)
    ends = {kind: len(heard(day)[kind]) for kind in ("human", "machine", "other")}
    dials = sum(ends.values())
    noise = 4 * math.sqrt(share * (1 - share) / dials)
    assert ends["human"] / dials == pytest.approx(share, abs=noise)
    # Machines shrink in proportion when more persons answer.
    machines = machine * (1 - share) / 0.82
    assert ends["machine"] / dials == pytest.approx(machines, abs=4 * math.sqrt(machines / dials))
    assert np.mean(heard(day)["human"]) == pytest.approx(12.0, rel=0.08)
    assert max(heard(day)["other"]) <= 25.0


def test_half_the_agents_leave_after_the_call_in_progress() -> None:
    world = replace(R1, shifts=(Shift(0.5), Shift(0.5, 0.0, 0.5 * HOUR)))
    day = Simulation(world, 10, Ratio(2.0), seed=1)
    day.advance(0.5 * HOUR)
    assert (day.agent_phase != OFF).sum() > 5
    day.advance(0.5 * HOUR)
    assert (day.agent_phase != OFF).sum() == 5
    assert 0.75 <= day.close().staffed_time / (10 * HOUR) < 0.79


def test_breaks_are_taken_and_ended() -> None:
    world = replace(R1, shifts=(Shift(1.0, breaks=((600.0, 1200.0),)),))
    at_work = []
    look = lambda day: at_work.append((day.now, int(np.isin(day.agent_phase, (IDLE, TALK, WRAP)).sum())))  # noqa: E731
    Simulation(world, 8, Ratio(2.0, look), seed=2).run(0.5 * HOUR)
    assert {n for t, n in at_work if 1.0 < t < 600} == {8}
    assert next(n for t, n in at_work if t > 1190) < 3
    assert {n for t, n in at_work if t > 1200.5} == {8}


def test_lines_are_never_passed() -> None:
    most = []
    look = lambda day: most.append(int((day.call_phase != FREE).sum() + (day.agent_phase == TALK).sum()))  # noqa: E731
    Simulation(replace(R1, lines_per_agent=1.6), 10, Ratio(8.0, look), seed=1).run(0.5 * HOUR)
    assert max(most) == 16


def test_calls_a_second_are_never_passed() -> None:
    dials: list[int] = []
    look = lambda day: dials.append(day.counts.dials)  # noqa: E731
    Simulation(replace(R1, cps=2.0), 30, Ratio(8.0, look), seed=1).run(0.2 * HOUR)
    a_second = np.asarray(dials[2::2]) - np.asarray(dials[:-2:2])
    assert a_second.max() <= 3
    assert dials[-1] <= 2.0 * 0.2 * HOUR + 2


def test_a_failing_carrier_ends_calls_at_once() -> None:
    day = lived(replace(R1, carrier_fails=((0.0, HOUR, 1.0),)), hours=0.1)
    assert day.counts.answered == 0
    assert set(heard(day)) == {"other"}
    assert max(heard(day)["other"]) == pytest.approx(0.5)


def test_a_list_runs_dry() -> None:
    day = lived(replace(R1, leads=20.0), agents=6)
    assert day.counts.dials == day.counts.ended == 120


def test_inbound_callers_are_served_first() -> None:
    quiet, busy = lived(agents=10), lived(replace(R1, inbound=10.0), agents=10)
    assert busy.talk_time > quiet.talk_time
    assert busy.counts.connected < quiet.counts.connected
    assert busy.inbound < 10


def test_people_who_hang_up_while_waiting_are_not_abandoned() -> None:
    patient = lived(ratio=8.0, agents=10)
    leaving = lived(replace(R1, leaves=3.0), ratio=8.0, agents=10)
    share = [day.counts.abandoned / day.counts.live for day in (patient, leaving)]
    assert share[1] < 0.35 * share[0]


def test_who_hung_up_in_silence_was_served_by_nobody() -> None:
    day = lived(replace(R1, leaves=3.0), ratio=8.0, agents=10)
    counts, whole = day.counts, measured(day)
    assert counts.unserved > counts.abandoned > 0
    assert counts.live == counts.connected + counts.abandoned + counts.unserved
    assert len(heard(day)["abandoned"]) == counts.abandoned + counts.unserved
    assert whole.abandoned == counts.abandoned + counts.unserved == sum(bad for _, bad in counts.settled)
    assert whole.unserved == pytest.approx(counts.unserved / whole.live)


def test_who_is_gone_at_once_dilutes_nothing() -> None:
    """Without screening most hang up within the second in which no dialer could have served them."""
    world = replace(R1, leaves=1.0, patience=2.0, screening=None, machine=0.0)
    counts = lived(world, ratio=8.0, agents=10).counts
    assert counts.early > counts.unserved > 0
    assert counts.live == counts.connected + counts.abandoned + counts.unserved


def test_our_pacing_holds_the_silent_to_the_limit() -> None:
    """Where a third of those who wait a second hang up: few are served by nobody, and it is said."""
    day = measured(Simulation(SCENARIOS["quitters"], 30, Cadencia(Pace()), seed=3, tick=1.0).run(2 * HOUR))
    assert 0 < day.unserved <= day.abandonment <= 0.03


def test_screening_errs_as_often_as_the_world_says() -> None:
    day = lived(replace(R1, false_positives=0.2, false_negatives=0.3), agents=60)
    persons = len(day.counts.settled)
    assert day.counts.screened_out / persons == pytest.approx(0.2, abs=0.03)
    machines = sum(seconds == pytest.approx(5.0) for seconds in heard(day)["talk"])
    assert machines > 0
    assert sum(missed for _, missed in day.counts.settled) >= day.counts.screened_out


def test_agents_differ_by_their_pace() -> None:
    day = Simulation(replace(R1, speeds=0.35), 2000, Ratio(), seed=1)
    assert np.log(day.agent_pace).std() == pytest.approx(0.35, rel=0.06)


def test_leads_of_two_kinds_answer_by_their_odds() -> None:
    day = lived(SCENARIOS["leads"], agents=40)
    share = day.counts.live / day.counts.ended
    assert share == pytest.approx(0.18, abs=0.02)
    assert set(day.odds_ahead(100).tolist()) == {1.667, 0.333}


def test_a_cancelled_call_is_over_and_told_as_such() -> None:
    class Canceller(Ratio):
        def pace(self, day: Simulation) -> tuple[int, tuple[int, ...]]:
            rings = np.nonzero((day.call_phase == RING) & (day.now - day.call_placed >= 5.0))[0]
            return super().pace(day)[0], tuple(int(slot) for slot in rings)

    pacer = Canceller(4.0)
    day = Simulation(R1, 5, pacer, seed=1).run(0.5 * HOUR)
    assert day.counts.cancels == len(pacer.heard["cancelled"]) > 0
    assert max(pacer.heard["human"]) <= 5.5
    assert day.counts.dials == day.counts.ended + int((day.call_phase != FREE).sum())


def test_measures_of_a_day_that_can_be_reckoned_by_hand() -> None:
    """Everybody answers after 10 s, talks 30 s and wraps up 10 s: one call for one agent, 50 s a round."""
    world = World(
        "clockwork",
        human=always(1.0),
        ring=constant(10.0),
        screening=None,
        patience=0.0,
        talk=constant(30.0),
        wrap=constant(10.0),
    )
    day = run_day(world, 3, "cadencia", 1, 0.0)
    assert day.live == 0
    whole = Simulation(world, 3, Ratio(1.0), seed=1).run(HOUR)
    assert (whole.talk_time + whole.wrap_time) / whole.staffed_time == pytest.approx(0.8, abs=0.01)
    assert whole.counts.abandoned == 0
    assert whole.counts.connected == pytest.approx(3 * 72, abs=3)


def test_the_hours_add_up_to_the_day() -> None:
    day = measured(lived(replace(R1, ring=exponential(8.0)), agents=8, hours=1.25))
    assert len(day.hourly) == 2
    assert sum(live for live, _ in day.hourly) == day.live
    assert sum(bad for _, bad in day.hourly) == day.abandoned
    assert day.worst_window >= 0.0


def test_our_pacer_sees_no_more_than_an_engine() -> None:
    """Two days that differ only in what will come are decided alike until it comes."""
    calls: list[list[int]] = []
    for talk in (constant(500.0), constant(900.0)):
        day = Simulation(replace(R1, talk=talk), 6, Cadencia(Pace()), seed=4)
        seen = []
        for _ in range(200):
            day.advance(0.5)
            seen.append(day.counts.dials)
        calls.append(seen)
    assert calls[0] == calls[1]
