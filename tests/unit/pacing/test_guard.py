"""The hard cap: what overflows, by the exact law and by drawing it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import FixedRatio, Floor, Limits, Progressive, Window, guarded
from pacing.guard import HELD, Relief, cap_room, overflow, spare, wilson_upper
from tests.premises import premise
from tests.unit.pacing.worlds import PROPERTY, open_floor, roomy_floors, watched_floors

GREEDY = FixedRatio(50.0)
OPEN_BUDGET = (Window("day", 0.03, live=2000, abandoned=0),)


def binomial_overflow(calls: int, chance: float, agents: float) -> float:
    """E[(X − agents)⁺], term by term."""
    law = [math.comb(calls, k) * chance**k * (1 - chance) ** (calls - k) for k in range(calls + 1)]
    return sum(max(0.0, k - agents) * mass for k, mass in enumerate(law))


@given(st.integers(0, 120), st.floats(0.001, 0.999), st.floats(0, 60))
def test_few_calls_overflow_as_the_binomial_law_says(calls: int, chance: float, agents: float) -> None:
    expected = binomial_overflow(calls, chance, agents) if calls > agents else 0.0
    assert overflow(calls, chance, agents) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("calls", "chance", "agents"), [(300, 0.2, 65), (800, 0.1, 80), (250, 0.5, 120)])
def test_many_calls_overflow_as_drawn(calls: int, chance: float, agents: int) -> None:
    drawn = np.random.default_rng(1).binomial(calls, chance, 200_000)
    seen = np.maximum(drawn - agents, 0)
    noise = 4 * float(seen.std()) / math.sqrt(seen.size)
    assert overflow(calls, chance, agents) == pytest.approx(float(seen.mean()), abs=noise + 0.02)


def test_agents_who_may_become_free_are_counted_with_their_doubt() -> None:
    draw = np.random.default_rng(2)
    answers = draw.binomial(40, 0.3, 200_000)
    freed = draw.binomial(20, 0.5, answers.size)
    seen = float(np.maximum(answers - (3 + freed), 0).mean())
    assert overflow(40, 0.3, 3 + 10.0, spread=20 * 0.25) == pytest.approx(seen, abs=0.05)


@given(st.integers(1, 300), st.floats(0.01, 0.9), st.floats(0, 40))
def test_more_calls_overflow_more_and_more_agents_less(calls: int, chance: float, agents: float) -> None:
    here = overflow(calls, chance, agents, spread=1.0)
    assert overflow(calls + 1, chance, agents, spread=1.0) >= here - 1e-9
    assert overflow(calls, chance, agents + 1, spread=1.0) <= here + 1e-9


@given(st.integers(1, 2000), st.data())
def test_the_bound_on_the_share_is_above_it_and_tightens(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    bound = wilson_upper(successes, trials)
    assert successes / trials <= bound + 1e-12 <= 1.0 + 1e-12
    assert wilson_upper(100 * successes, 100 * trials) <= bound + 1e-12


SPENT = Window("day", 0.03, live=100, abandoned=4)


@PROPERTY
@given(roomy_floors(), st.floats(1.5, 30.0))
def test_no_window_can_be_passed_in_expectation(floor: Floor, ratio: float) -> None:
    """Every call in the air answered by a person as often as the bound allows: what overflows fits in."""
    placed = guarded(FixedRatio(ratio), floor).calls
    agents = floor.ready.size - floor.reserved
    own = max(0, math.floor(agents + 1e-9) - floor.in_flight)
    if premise(placed > own):
        answered = floor.screening.size + floor.waiting.size
        chance = wilson_upper(floor.live_answers, floor.dialed)
        unanswered = floor.dialing.size + floor.ringing.size + placed
        expected = max(0.0, answered - agents) + overflow(unanswered, chance, max(0.0, agents - answered))
        for window in floor.windows:
            worst = (window.abandoned + window.screened_out + expected) / max(
                1e-12, window.live + window.screened_out + expected
            )
            assert worst <= window.limit + (window.credit + 1e-9) / max(1.0, window.live)


@PROPERTY
@given(watched_floors(), st.floats(1.0, 30.0))
def test_without_a_spare_every_call_has_an_agent_of_its_own(floor: Floor, ratio: float) -> None:
    spent = replace(floor, windows=(*floor.windows, Window("day", 0.03, live=100, abandoned=4)))
    calls = guarded(FixedRatio(ratio), spent).calls
    assert calls <= max(0, math.floor(spent.ready.size - spent.reserved + 1e-9) - spent.in_flight)


@PROPERTY
@given(watched_floors())
def test_without_a_window_there_is_nothing_to_spend(floor: Floor) -> None:
    bare = replace(floor, windows=())
    assert spare(bare) == 0.0
    assert guarded(GREEDY, bare).calls <= guarded(Progressive(), bare).calls


@PROPERTY
@given(watched_floors(), st.integers(0, 200), st.floats(0, 10), st.floats(0, 4))
def test_relief_never_narrows_the_room_but_by_its_doubt(
    floor: Floor, most: int, mean: float, spread: float
) -> None:
    here = cap_room(floor, most, Relief(mean, spread))
    assert 0 <= here <= most
    assert cap_room(floor, most, Relief(mean + 1.0, spread)) >= here


def test_each_bound_names_itself_in_the_reason() -> None:
    floor = open_floor(ready=3, on_call=7, windows=OPEN_BUDGET, dialed=5000, live_answers=900)
    bounds = {
        "line limit": replace(floor, limits=Limits(lines=8, tokens=100)),
        "calls per second": replace(floor, limits=Limits(lines=1000, tokens=2)),
        "calls per agent": replace(floor, limits=Limits(lines=1000, tokens=100, calls_per_agent=0.9)),
        "shared agents": replace(floor, limits=Limits(lines=1000, tokens=100, joint=1.0)),
        "no leads": replace(floor, limits=Limits(lines=1000, tokens=100, leads=False)),
        "abandonment cap": replace(floor, windows=(Window("day", 0.03, live=10, abandoned=5),)),
    }
    for name, bounded in bounds.items():
        found = guarded(GREEDY, bounded)
        assert found.reason.endswith(f"{HELD}{found.calls} by {name}")
        assert found.capped is (name == "abandonment cap")


def test_what_a_policy_does_not_ask_for_is_not_added() -> None:
    floor = open_floor(ready=3, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    assert guarded(Progressive(), floor).calls == 3
    assert HELD not in guarded(Progressive(), floor).reason


def test_one_call_is_already_evidence() -> None:
    assert wilson_upper(0, 1) == pytest.approx(1.645**2 / (1 + 1.645**2))
    assert wilson_upper(3, 2) == wilson_upper(2, 2) == 1.0


def test_when_everybody_answers_the_overflow_is_certain() -> None:
    assert overflow(5, 1.0, 3) == 2.0
    assert overflow(3, 1.0, 3) == 0.0


def test_agents_who_are_themselves_uncertain_can_be_missed_by_few_calls() -> None:
    assert overflow(3, 0.5, 3, spread=0.5) > 0


def test_agents_who_are_spoken_for_carry_no_call() -> None:
    floor = replace(open_floor(ready=5, windows=(SPENT,)), reserved=2.0)
    assert cap_room(floor, 10) == 3


def test_less_than_one_abandonment_to_spare_is_spent_already() -> None:
    """Half a person to spare carries calls beyond the agents, as many as are answered that seldom."""
    half = Window("day", 0.03, live=50, abandoned=1)
    floor = open_floor(ready=3, windows=(half,), dialed=1000, live_answers=200)
    assert 0 < spare(floor) < 1
    assert cap_room(floor, 50) > 3


def test_people_for_whom_there_are_agents_cost_nothing() -> None:
    calm = open_floor(
        ready=6, windows=(Window("day", 0.03, live=100, abandoned=2),), dialed=300, live_answers=60
    )
    with_person = replace(calm, waiting=np.zeros(1))
    assert cap_room(with_person, 50) >= cap_room(replace(calm, ready=np.zeros(5)), 50) > 5


def test_agents_who_come_free_carry_calls() -> None:
    floor = open_floor(
        ready=1, windows=(Window("day", 0.03, live=100, abandoned=1),), dialed=300, live_answers=90
    )
    assert cap_room(floor, 50, Relief(4.0, 0.0)) >= cap_room(floor, 50) + 4
