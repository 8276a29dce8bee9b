"""The hard cap: what overflows, by the exact law and by drawing it."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Decision, FixedRatio, Floor, Limits, Progressive, Window, guarded
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


def highest_share(answered: int, calls: int, z: float = 1.645) -> float:
    """The largest share p that lies z standard deviations √(p(1 − p)/n) above what was seen."""
    low, high = answered / calls, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        near = middle - answered / calls <= z * math.sqrt(middle * (1 - middle) / calls)
        low, high = (middle, high) if near else (low, middle)
    return low


def left_alone(floor: Floor, more: int) -> float:
    """Expected persons without an agent with so many calls more, term by term."""
    agents = int(floor.ready.size)
    answered = int(floor.screening.size + floor.waiting.size)
    calls = int(floor.dialing.size + floor.ringing.size) + more
    chance = highest_share(floor.live_answers, floor.dialed)
    return max(0, answered - agents) + binomial_overflow(calls, chance, max(0, agents - answered))


def test_the_highest_share_is_wilson_s() -> None:
    """Newcombe 1998: 81 of 263 has the upper limit 0.3662 (95 %, two-sided). The guard's is one-sided."""
    assert highest_share(81, 263, z=1.96) == pytest.approx(0.3662, abs=1e-4)
    for answered, calls in ((0, 1), (0, 40), (3, 10), (81, 263), (900, 3000)):
        assert wilson_upper(answered, calls) == pytest.approx(highest_share(answered, calls), abs=1e-9)


@st.composite
def floors_near_the_cap(draw: st.DrawFn) -> Floor:
    """Some agents are ready, some calls in the air; something can be spared, but not much."""
    live = draw(st.integers(60, 400))
    floor = open_floor(
        ready=draw(st.integers(1, 9)),
        ringing=draw(st.integers(0, 4)),
        windows=(Window("day", 0.03, live=live, abandoned=draw(st.integers(0, live // 60))),),
        live_answers=live,
        dialed=live * draw(st.integers(2, 6)),
    )
    answered = draw(st.integers(0, 2))
    return replace(floor, waiting=np.ones(answered // 2), screening=np.ones(answered - answered // 2))


@PROPERTY
@given(floors_near_the_cap(), st.integers(40, 90))
def test_the_room_is_the_largest_number_of_calls_whose_overflow_can_be_spared(
    floor: Floor, most: int
) -> None:
    """By other sums than the guard's own: one call more would cost more than there is."""
    (window,) = floor.windows
    left = (0.03 * window.live - window.abandoned) / 0.97
    agents = int(floor.ready.size) - floor.in_flight
    room = cap_room(floor, most)
    assert room >= min(most, max(0, agents))
    if premise(max(0, agents) < room):
        assert left_alone(floor, room) <= left + 1e-9
    if premise(room < most and left > 0):
        assert left_alone(floor, room + 1) > left - 1e-9


@PROPERTY
@given(roomy_floors(), st.floats(6.0, 30.0))
def test_no_window_can_be_passed_in_expectation(floor: Floor, ratio: float) -> None:
    """Every call in the air answered by a person as often as the bound allows: what overflows fits in."""
    found = guarded(FixedRatio(ratio), floor)
    own = max(0, int(floor.ready.size) - floor.in_flight)
    if premise(found.capped and found.calls > own):
        expected = left_alone(floor, found.calls)
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
        assert found.held_by == name
        assert (found.calls == 0) is (name == "no leads")
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
    assert overflow(2, 1.0, 1.5) == 0.5
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


def test_what_fits_to_the_last_person_is_placed() -> None:
    """Nobody was dialled yet, so everybody may answer: two to spare are two calls beyond the agents."""
    floor = open_floor(ready=3, windows=(Window("day", 0.5, live=4, abandoned=1),))
    assert spare(floor) == 2.0
    assert cap_room(floor, 50) == 3 + 2
    assert cap_room(floor, 4) == 4
    assert cap_room(floor, 2) == 2


def test_agents_of_whom_one_is_not_sure_carry_fewer_calls() -> None:
    floor = open_floor(
        ready=1, windows=(Window("day", 0.03, live=100, abandoned=1),), dialed=300, live_answers=90
    )
    assert cap_room(floor, 50, Relief(4.0, 4.0)) < cap_room(floor, 50, Relief(4.0, 0.0))


def test_agents_who_come_free_carry_calls() -> None:
    floor = open_floor(
        ready=1, windows=(Window("day", 0.03, live=100, abandoned=1),), dialed=300, live_answers=90
    )
    assert cap_room(floor, 50, Relief(4.0, 0.0)) >= cap_room(floor, 50) + 4


@given(st.floats(0, 500), st.floats(0.5, 2000))
def test_the_bound_is_the_share_from_which_what_was_seen_lies_164_deviations_below(
    successes: float, trials: float
) -> None:
    """(p − s/n)² = z²·p(1 − p)/n, the larger root; Wilson 1927."""
    share, bound = min(1.0, successes / trials), wilson_upper(successes, trials)
    assert bound >= share - 1e-12
    assert (bound - share) ** 2 == pytest.approx(1.645**2 * bound * (1 - bound) / trials, rel=1e-6, abs=1e-12)


def test_without_trials_everybody_may_answer() -> None:
    assert wilson_upper(0, 0) == wilson_upper(0, -1) == wilson_upper(5, 0) == 1.0
    assert wilson_upper(0, 0.5) < 1.0


def normal_overflow(mean: float, variance: float, agents: float) -> float:
    """E[(X − agents)⁺] of a normal X, summed in small steps."""
    sd = math.sqrt(variance)
    x = np.linspace(agents, max(agents, mean) + 12 * sd, 400_001)
    density = np.exp(-(((x - mean) / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))
    return float(np.trapezoid((x - agents) * density, x))


@pytest.mark.parametrize("calls", [199, 200])
def test_up_to_two_hundred_calls_the_sum_is_exact(calls: int) -> None:
    assert overflow(calls, 0.2, 44.5) == pytest.approx(binomial_overflow(calls, 0.2, 44.5), rel=1e-9)


@pytest.mark.parametrize(
    ("calls", "chance", "agents", "spread"),
    [
        (201, 0.2, 44.5, 0.0),
        (201, 0.2, 35.0, 0.0),
        (900, 0.5, 460.0, 9.0),
        (10, 0.3, 4.0, 0.25),
        (3, 0.5, 3, 0.5),
    ],
)
def test_beyond_and_with_uncertain_agents_the_normal_law_stands_for_it(
    calls: int, chance: float, agents: float, spread: float
) -> None:
    expected = normal_overflow(calls * chance, calls * chance * (1 - chance) + spread, agents)
    assert overflow(calls, chance, agents, spread) == pytest.approx(expected, rel=1e-6)


def test_nobody_who_answers_and_everybody_who_does() -> None:
    assert overflow(50, 0.0, 3) == overflow(50, 0.0, 0, spread=2.0) == 0.0
    assert overflow(50, 1.0, 3) == 47.0
    assert overflow(300, 1.0, 400) == 0.0


@PROPERTY
@given(
    roomy_floors() | roomy_floors() | watched_floors(),
    st.integers(20, 120) | st.integers(0, 5),
    st.floats(0, 6),
    st.floats(0, 3),
)
def test_the_room_is_the_last_number_that_fits_when_one_after_the_other_is_tried(
    floor: Floor, most: int, mean: float, spread: float
) -> None:
    agents = len(floor.ready) - floor.reserved
    certain = len(floor.screening) + len(floor.waiting)
    others = len(floor.dialing) + len(floor.ringing)
    room = min(most, max(0, math.floor(agents + 1e-9) - certain - others))
    own, spares = room, [window.spare() for window in floor.windows]
    left = (min(spares) if spares else 0.0) - max(0.0, certain - agents - mean)
    chance, free = wilson_upper(floor.live_answers, floor.dialed), max(0.0, agents + mean - certain)
    while left > 0 and room < most and overflow(others + room + 1, chance, free, spread) <= left:
        room += 1
    if premise(room > own):
        assert overflow(others + room, chance, free, spread) <= left
    assert cap_room(floor, most, Relief(mean, spread)) == room


def test_an_agent_less_by_a_rounding_error_is_an_agent() -> None:
    floor = replace(open_floor(ready=3, windows=(SPENT,)), reserved=1 + 1e-12)
    assert cap_room(floor, 10) == 2
    limits = Limits(lines=10_000, tokens=10_000, calls_per_agent=4.35)
    rare = open_floor(ready=1, on_call=99, windows=OPEN_BUDGET, dialed=9000, live_answers=1)
    assert math.floor(4.35 * 100) == 434  # by the machine; by hand it is 435
    assert guarded(FixedRatio(1000.0), replace(rare, limits=limits)).calls == 435 - 99


def test_no_bound_takes_calls_back() -> None:
    """More in the air than the lines or the agents carry: none is added, and none is asked to end."""
    busy = open_floor(ready=3, on_call=9, ringing=4, windows=OPEN_BUDGET, dialed=5000, live_answers=900)
    for limits in (
        Limits(lines=5, tokens=100),
        Limits(lines=100, tokens=-3),
        Limits(lines=100, tokens=100, calls_per_agent=0.5),
        Limits(lines=100, tokens=100, joint=-2.0),
    ):
        assert guarded(GREEDY, replace(busy, limits=limits)).calls == 0


def test_lines_and_agents_are_counted_with_every_call_in_the_air() -> None:
    floor = open_floor(ready=10, on_call=5, ringing=2, windows=OPEN_BUDGET, dialed=5000, live_answers=300)
    for limits in (Limits(lines=12, tokens=100), Limits(lines=100, tokens=100, calls_per_agent=0.8)):
        found = guarded(GREEDY, replace(floor, limits=limits))
        assert found.calls == 12 - 5 - 2  # of fifteen agents 0.8 calls each: twelve again
        assert not found.capped


@dataclass(frozen=True)
class Boastful:
    """A policy that says itself that the cap held it."""

    def decide(self, floor: Floor) -> Decision:
        return Decision(int(floor.ready.size), "mine", capped=True)


def test_whether_the_cap_held_is_the_guards_word_alone() -> None:
    floor = open_floor(ready=3, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    assert guarded(Boastful(), floor) == Decision(3, "mine", capped=False)


def test_relief_is_asked_only_when_there_is_something_to_hold_back() -> None:
    """It costs a look at every agent."""
    asked: list[int] = []

    def relief() -> Relief:
        asked.append(1)
        return Relief()

    floor = open_floor(ready=0, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    nothing = Progressive().decide(floor)
    assert nothing.calls == 0
    assert guarded(Progressive(), floor, relief) == nothing
    assert not asked
    guarded(Progressive(), open_floor(ready=1, windows=OPEN_BUDGET), relief)
    assert asked


def test_what_was_asked_for_and_fits_is_left_as_it_was() -> None:
    """Also where a bound is just as wide."""
    floor = open_floor(ready=3, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    for limits in (
        Limits(lines=3, tokens=100),
        Limits(lines=100, tokens=3),
        Limits(lines=9, tokens=9, joint=3.0),
    ):
        held = replace(floor, limits=limits)
        asked = Progressive().decide(held)
        assert guarded(Progressive(), held) == replace(asked, capped=False)
    spent = replace(floor, windows=(SPENT,))
    assert guarded(Progressive(), spent) == replace(Progressive().decide(spent), capped=False)
