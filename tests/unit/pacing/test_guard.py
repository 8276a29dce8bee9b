"""The hard cap: what may be abandoned at worst, by the exact laws and in every possible course."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Basis, Bound, Decision, FixedRatio, Floor, Limits, Progressive, Window
from pacing.guard import RISK, Relief, cap_room, guarded, in_air_at_most, spare, wilson_upper
from tests.premises import premise
from tests.unit.pacing.worlds import PROPERTY, open_floor, roomy_floors, watched_floors

GREEDY = FixedRatio(50.0)
OPEN_BUDGET = (Window("day", 0.03, live=2000, abandoned=0),)


def answers(calls: int, chance: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """P(X = 0 … calls) of a binomial, term by term."""
    law = [math.comb(calls, k) * chance**k * (1.0 - chance) ** (calls - k) for k in range(calls + 1)]
    return np.asarray(law, dtype=np.float64)


def at_least(few: int, calls: int, chance: float, freed: Sequence[float] = ()) -> float:
    """P(X − R ≥ few), R the agents who become free, each by a chance of their own; summed exactly."""
    balance = answers(calls, chance)  # of X − R, from −len(freed) on
    for share in freed:
        balance = np.convolve(balance, (share, 1.0 - share))
    return float(balance[max(0, few + len(freed)) :].sum())


def chernoff(few: int, calls: int, chance: float) -> float:
    """exp(−n KL(few/n ‖ chance)): the least that Chernoff's bound comes to, where few/n > chance."""
    share = few / calls
    if share <= chance:
        return 1.0
    rest = (1 - share) * math.log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return math.exp(-calls * (share * math.log(share / chance) + rest))


@given(st.integers(1, 40), st.floats(0.02, 0.98), st.sampled_from([1e-2, RISK, 1e-6]))
def test_so_many_calls_are_answered_by_few_enough(few: int, chance: float, risk: float) -> None:
    calls = in_air_at_most(few, chance, risk=risk)
    assert calls >= few - 1
    if premise(calls < 900):  # the sum is exact, and slow
        assert at_least(few, calls, chance) <= risk


@given(st.integers(2, 60), st.floats(0.02, 0.9))
def test_it_is_the_most_that_the_bound_allows(few: int, chance: float) -> None:
    """By the closed form of the bound: 3 % more, or two, would pass it, and what is given does not."""
    calls = in_air_at_most(few, chance)
    if premise(calls >= few):
        assert chernoff(few, calls, chance) <= RISK * (1 + 1e-9)
    more = max(calls + 2, math.ceil(1.03 * calls))
    assert chernoff(few, more, chance) > RISK


@given(
    st.integers(1, 12),
    st.floats(0.05, 0.6),
    st.lists(st.floats(0.0, 1.0), max_size=12),
    st.sampled_from([0.01, RISK]),
)
def test_agents_who_may_come_free_are_counted_with_the_chance_that_they_do_not(
    few: int, chance: float, freed: list[float], risk: float
) -> None:
    calls = in_air_at_most(few, chance, Relief(sum(freed)), risk)
    assert calls >= in_air_at_most(few, chance, risk=risk)
    if premise(few - 1 < calls < 900):
        assert at_least(few, calls, chance, freed) <= risk


def test_relief_and_its_doubt() -> None:
    """Thirty agents come free on average, some ten of them at the least: for thirty calls more."""
    here = in_air_at_most(4, 0.3)
    assert in_air_at_most(4, 0.3, Relief(30.0)) >= here + 30
    sure = [in_air_at_most(4, 0.3, Relief(30.0, doubt)) for doubt in (0.0, 1.0, 9.0, 100.0)]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > sure[2] > sure[3] >= here
    # By hand, the minimum over θ of n·ln(1 + 0.3(e^θ − 1)) + 30(e^−θ − 1) + 9θ²/2 − 4θ = ln RISK.
    slopes = np.linspace(0.01, 5.0, 50_000)
    log_free = 30.0 * np.expm1(-slopes) + 4.5 * slopes**2 - 4 * slopes
    fits = [
        n for n in range(200) if (n * np.log1p(0.3 * np.expm1(slopes)) + log_free).min() <= math.log(RISK)
    ]
    assert max(fits) - 1 <= sure[2] <= max(fits)


def test_when_everybody_answers_only_what_is_certain_is_left() -> None:
    assert [in_air_at_most(few, 1.0) for few in (1, 2, 7)] == [0, 1, 6]
    assert in_air_at_most(1, 0.5) == 0
    assert in_air_at_most(1, RISK / 3) >= 1


@given(st.integers(1, 30), st.floats(0.01, 0.9), st.floats(0, 20))
def test_more_agents_carry_more_calls_and_surer_answers_fewer(few: int, chance: float, mean: float) -> None:
    here = in_air_at_most(few, chance, Relief(mean))
    assert in_air_at_most(few + 1, chance, Relief(mean)) >= here + 1
    assert in_air_at_most(few, min(1.0, chance * 1.1), Relief(mean)) <= here
    assert in_air_at_most(few, chance, Relief(mean), risk=RISK / 10) <= here


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


def passed_by(window: Window, served: int, nobody: int) -> bool:
    """Whether so many more who are served, and who are not, take the window above its limit."""
    bad = window.abandoned + window.screened_out + window.unserved + nobody
    whole = window.live + window.screened_out + served + nobody
    return bad - window.credit > window.limit * whole + 1e-9


def passed(floor: Floor, answered: int) -> bool:
    """Whether a window is passed when so many of the unanswered answer at once, and no agent comes free."""
    needing = int(floor.screening.size + floor.waiting.size) + answered
    agents = math.floor(floor.ready.size - floor.reserved + 1e-9)
    served = max(0, min(needing, agents))
    return any(passed_by(window, served, needing - served) for window in floor.windows)


def chance_of_passing(floor: Floor, more: int) -> float:
    """Of a window, when so many calls are added: over every possible number of answers, exactly."""
    calls = int(floor.dialing.size + floor.ringing.size) + more
    law = answers(calls, highest_share(floor.live_answers, floor.dialed))
    return float(sum(law[n] for n in range(calls + 1) if passed(floor, n)))


@PROPERTY
@given(floors_near_the_cap(), st.integers(40, 90))
def test_what_is_added_passes_no_window_but_by_the_risk(floor: Floor, most: int) -> None:
    """Everybody in the air at once, by other sums than the guard's own."""
    own = max(0, int(floor.ready.size) - floor.in_flight)
    room = cap_room(floor, most)
    assert min(own, most) <= room <= most
    if premise(room > own):
        assert chance_of_passing(floor, room) <= RISK


@PROPERTY
@given(floors_near_the_cap(), st.integers(40, 90))
def test_what_cannot_pass_a_window_is_always_added(floor: Floor, most: int) -> None:
    """The hard part: calls that pass none though every single one is answered at once."""
    unanswered = int(floor.dialing.size + floor.ringing.size)
    certain = max((n for n in range(most) if not passed(floor, unanswered + n)), default=0)
    # Those who are served meanwhile make the windows wider: by one person for 33 of them, at most ten here.
    assert cap_room(floor, most) >= min(most, certain - 1)


@PROPERTY
@given(roomy_floors(), st.floats(6.0, 30.0))
def test_no_window_is_passed_but_by_the_risk_whatever_is_asked_for(floor: Floor, ratio: float) -> None:
    """Without agents who come free meanwhile."""
    found = guarded(FixedRatio(ratio), floor)
    own = max(0, int(floor.ready.size) - floor.in_flight)
    if premise(found.capped and found.calls > own):
        assert chance_of_passing(floor, found.calls) <= RISK


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
def test_relief_never_narrows_the_room(floor: Floor, most: int, mean: float, spread: float) -> None:
    here = cap_room(floor, most, Relief(mean, spread))
    assert 0 <= here <= most
    assert cap_room(floor, most, Relief(mean + 1.0, spread)) >= here


def test_each_bound_names_itself() -> None:
    floor = open_floor(ready=3, on_call=7, windows=OPEN_BUDGET, dialed=5000, live_answers=900)
    bounds = {
        Bound.LINES: replace(floor, limits=Limits(lines=8, tokens=100)),
        Bound.PER_SECOND: replace(floor, limits=Limits(lines=1000, tokens=2)),
        Bound.PER_AGENT: replace(floor, limits=Limits(lines=1000, tokens=100, calls_per_agent=0.9)),
        Bound.SHARED: replace(floor, limits=Limits(lines=1000, tokens=100, joint=1.0)),
        Bound.LEADS: replace(floor, limits=Limits(lines=1000, tokens=100, leads=False)),
        Bound.CAP: replace(floor, windows=(Window("day", 0.03, live=10, abandoned=5),)),
    }
    for name, bounded in bounds.items():
        found = guarded(GREEDY, bounded)
        assert found.held_by is name
        assert (found.calls == 0) is (name is Bound.LEADS)
        assert found.capped is (name is Bound.CAP)


def test_what_a_policy_does_not_ask_for_is_not_added() -> None:
    floor = open_floor(ready=3, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    assert guarded(Progressive(), floor).calls == 3
    assert guarded(Progressive(), floor).held_by is None


def test_one_call_is_already_evidence() -> None:
    assert wilson_upper(0, 1) == pytest.approx(1.645**2 / (1 + 1.645**2))
    assert wilson_upper(3, 2) == wilson_upper(2, 2) == 1.0


def test_agents_who_are_spoken_for_carry_no_call() -> None:
    floor = replace(open_floor(ready=5, windows=(SPENT,)), reserved=2.0)
    assert cap_room(floor, 10) == 3


def test_less_than_one_abandonment_to_spare_carries_nobody_who_might_answer() -> None:
    """But of twelve calls for ten agents all but never eleven are answered at once."""
    half = Window("day", 0.03, live=50, abandoned=1)
    few = open_floor(ready=2, windows=(half,), dialed=1000, live_answers=200)
    assert 0 < spare(few) < 1
    assert cap_room(few, 50) == 2
    assert cap_room(replace(few, ready=np.zeros(10)), 50) > 11
    assert cap_room(replace(few, windows=(Window("day", 0.03, live=100, abandoned=3),)), 50) == 2


def test_what_is_left_of_a_limit_of_whole_persons_is_rounded_to_the_whole() -> None:
    """(0.25 · 100 − 22) / 0.75 = 4 by hand: ready agents and four more, though all of them answered."""
    floor = open_floor(ready=3, windows=(Window("day", 0.25, live=100, abandoned=22),), dialed=0)
    assert cap_room(floor, 50) == 7
    assert cap_room(replace(floor, windows=(Window("day", 0.03, live=100, abandoned=2),)), 50) == 4
    tenths = Window("day", 0.03, live=97)  # 3 by hand, 2.9999… by the machine
    assert tenths.spare() < 3
    assert cap_room(replace(floor, windows=(tenths,)), 50) == 6


def test_people_who_wait_beyond_the_agents_are_lost_already() -> None:
    floor = open_floor(ready=2, windows=(Window("day", 0.25, live=100, abandoned=22),), dialed=0)
    crowded = replace(floor, waiting=np.zeros(3), screening=np.zeros(2))
    assert cap_room(crowded, 50) == 1  # four to spare, three of them spoken for
    assert cap_room(replace(crowded, waiting=np.zeros(4)), 50) == 0
    assert cap_room(replace(crowded, waiting=np.zeros(9)), 50) == 0
    assert cap_room(replace(crowded, dialing=np.zeros(1)), 50) == 0
    assert cap_room(replace(crowded, ringing=np.zeros(1)), 50) == 0


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


def test_agents_who_are_not_known_for_sure_carry_fewer_calls() -> None:
    floor = open_floor(
        ready=1, windows=(Window("day", 0.03, live=100, abandoned=1),), dialed=300, live_answers=90
    )
    assert cap_room(floor, 90, Relief(30.0, 16.0)) < cap_room(floor, 90, Relief(30.0, 0.0)) < 90


def test_agents_who_come_free_carry_calls() -> None:
    floor = open_floor(
        ready=1, windows=(Window("day", 0.03, live=100, abandoned=1),), dialed=300, live_answers=90
    )
    assert cap_room(floor, 50, Relief(4.0)) >= cap_room(floor, 50)  # all four may well be late
    assert cap_room(floor, 50, Relief(40.0)) > cap_room(floor, 50) + 20


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


@PROPERTY
@given(
    roomy_floors() | roomy_floors() | watched_floors(),
    st.integers(20, 120) | st.integers(0, 5),
    st.floats(0, 6),
    st.floats(0, 3),
)
def test_the_room_is_what_the_bound_leaves_of_the_calls_in_the_air(
    floor: Floor, most: int, mean: float, doubt: float
) -> None:
    agents = math.floor(len(floor.ready) - floor.reserved + 1e-9)
    certain, others = len(floor.screening) + len(floor.waiting), len(floor.dialing) + len(floor.ringing)
    own = min(most, max(0, agents - certain - others))
    left = min([window.spare() for window in floor.windows], default=0.0)
    room = own
    if left > 0 and agents - certain + math.floor(left + 1e-9) >= 0:
        few = agents - certain + math.floor(left + 1e-9) + 1
        chance = wilson_upper(floor.live_answers, floor.dialed)
        room = max(own, min(most, in_air_at_most(few, chance, Relief(mean, doubt)) - others))
    if premise(room > own or left <= 0):
        assert room >= own
    assert cap_room(floor, most, Relief(mean, doubt)) == room


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
        return Decision(int(floor.ready.size), Basis("mine"), capped=True)


def test_whether_the_cap_held_is_the_guards_word_alone() -> None:
    floor = open_floor(ready=3, windows=OPEN_BUDGET, dialed=100, live_answers=10)
    assert guarded(Boastful(), floor) == Decision(3, Basis("mine"), capped=False)


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


def test_with_nothing_at_all_to_spare_not_even_luck_is_counted_on() -> None:
    """Of twelve calls for eleven agents all but never twelve are answered; a limit of nobody means nobody."""
    floor = open_floor(ready=11, windows=(Window("day", 0.0, live=500),), dialed=1000, live_answers=100)
    assert cap_room(floor, 50) == 11
    assert cap_room(replace(floor, windows=(Window("day", 0.03, live=500, abandoned=15),)), 50) == 11
    assert cap_room(replace(floor, windows=(Window("day", 0.03, live=500, abandoned=14),)), 50) > 12


def test_without_a_ready_agent_those_who_come_free_carry_calls() -> None:
    half = Window("day", 0.03, live=50, abandoned=1)
    floor = open_floor(on_call=80, windows=(half,), dialed=1000, live_answers=200)
    assert cap_room(floor, 50, Relief(40.0)) > 10
    assert cap_room(floor, 50) == 0
