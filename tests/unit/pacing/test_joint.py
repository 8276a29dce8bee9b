"""Campaigns that share agents: never more in the union than one strict campaign, skills, weights."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import FixedRatio, Floor, Learner, Limits, Policy, Progressive, Window, guarded
from pacing.guard import cap_room, in_air_at_most, spare, wilson_upper
from pacing.joint import BANK, Party, groups, levelled, order, overlap, seen, thinned, union_floor
from tests.premises import premise
from tests.unit.pacing.floors import windows

MODEL = Learner().model()
GREEDY: list[Policy] = [Progressive(), FixedRatio(1.5), FixedRatio(4.0)]
WARM = (Window("rolling_24h", 0.03, live=1000, abandoned=5),)
COLD = (Window("rolling_24h", 0.03),)


def party(
    ready: Sequence[int],
    *,
    busy: Sequence[int] = (),
    ringing: int = 0,
    waiting: int = 0,
    law: tuple[Window, ...] = WARM,
    dialed: int = 3000,
    live: int = 900,
) -> Party:
    """A campaign whose agents are idle or on a call."""
    floor = Floor(
        ready=np.ones(len(ready)),
        on_call=np.full(len(busy), 60.0),
        wrap_up=np.zeros(0),
        dialing=np.zeros(0),
        ringing=np.linspace(1, 20, ringing),
        screening=np.zeros(0),
        waiting=np.zeros(waiting),
        limits=Limits(lines=500, tokens=50),
        windows=law,
        dialed=dialed,
        live_answers=live,
    )
    return Party(floor, frozenset((*ready, *busy)), tuple(ready), tuple(busy), ())


def placed_in_one_tick(parties: list[Party], policy: Policy) -> list[int]:
    """Each decides in turn and sees what the earlier ones placed."""
    counts = []
    for place, own in enumerate(parties):
        others = [other for index, other in enumerate(parties) if index != place]
        calls = guarded(policy, seen(own, others, MODEL)).calls
        parties[place] = own.placing([1.0] * calls)
        counts.append(calls)
    return counts


CREWS = st.lists(st.sets(st.integers(1, 12), min_size=1, max_size=10), min_size=2, max_size=3)


@given(CREWS, st.data(), st.sampled_from(GREEDY))
def test_never_more_in_the_union_than_one_campaign_with_the_strictest_windows(
    crews: list[set[int]], data: st.DataObject, policy: Policy
) -> None:
    everybody = set(crews[0]).union(*crews)
    parties = [
        party(
            sorted(everybody),
            ringing=data.draw(st.integers(0, 6)),
            law=data.draw(windows()),
            live=data.draw(st.integers(0, 2000)),
        )
        for _ in crews
    ]
    union = union_floor(parties[0], parties[1:])
    assert sum(placed_in_one_tick(parties, policy)) <= cap_room(union, 10_000)


def union_after_one_tick(crews: list[set[int]], laws: list[tuple[Window, ...]], policy: Policy) -> Floor:
    """What is in the air of campaigns that all share somebody with the first."""
    touching = [sorted(crew | {min(crews[0])}) for crew in crews]
    parties = [party(crew, law=law) for crew, law in zip(touching, laws, strict=False)]
    placed_in_one_tick(parties, policy)
    return union_floor(parties[0], parties[1:])


@given(CREWS, st.sampled_from(GREEDY))
def test_what_may_come_of_the_calls_of_the_union_fits_into_the_strictest_window(
    crews: list[set[int]], policy: Policy
) -> None:
    """Also where crews overlap in part."""
    union = union_after_one_tick(crews, [WARM] * 3, policy)
    chance = wilson_upper(union.live_answers, union.dialed)
    if premise(spare(union) > 0):
        few = union.ready.size + math.floor(spare(union)) + 1
        assert union.in_flight <= in_air_at_most(few, chance)


@given(CREWS, st.lists(windows(), min_size=3, max_size=3), st.sampled_from(GREEDY))
def test_without_anything_to_spare_every_call_of_the_union_has_an_agent_of_its_own(
    crews: list[set[int]], laws: list[tuple[Window, ...]], policy: Policy
) -> None:
    union = union_after_one_tick(crews, laws, policy)
    if premise(spare(union) <= 0):
        assert union.in_flight <= union.ready.size


def test_a_campaign_that_shares_nobody_is_decided_alone() -> None:
    own, other = party([1, 2]), party([3, 4], ringing=40)
    assert seen(own, [other], MODEL) is own.floor


def test_agents_without_the_skill_are_not_on_the_floor() -> None:
    """The engine leaves them out of `agents`; what they share is only who can serve both."""
    spanish, catalan = party([1, 2, 3, 4]), party([4])
    assert overlap(spanish.agents, catalan.agents) == 1.0
    assert overlap(catalan.agents, spanish.agents) == 0.25
    assert sum(placed_in_one_tick([party([4], law=COLD), party([1, 2, 3, 4], law=COLD)], Progressive())) == 4


def test_the_crew_of_two_campaigns_is_not_counted_twice() -> None:
    parties = [party([1, 2, 3], law=COLD), party([1, 2, 3], law=COLD)]
    assert placed_in_one_tick(parties, FixedRatio(4.0)) == [3, 0]


def test_who_has_nothing_to_spare_holds_those_who_share_its_agents() -> None:
    alone = placed_in_one_tick([party([1, 2, 3])], FixedRatio(3.0))
    cold = party([1, 2, 3], law=COLD)
    beside = placed_in_one_tick([party([1, 2, 3]), cold], FixedRatio(3.0))
    resting = placed_in_one_tick([party([1, 2, 3]), replace(cold, wants=False)], FixedRatio(3.0))
    assert (alone, sum(beside), resting[0]) == ([9], 3, 9)


def test_answered_persons_of_another_campaign_are_agents_spoken_for() -> None:
    floor = seen(party([1, 2, 3, 4]), [party([1, 2], waiting=2)], MODEL)
    assert (floor.reserved, floor.waiting.size) == (2.0, 0)
    half = seen(party([1, 2]), [party([1, 2, 3, 4], waiting=2)], MODEL)
    assert half.reserved == 1.0


def test_lines_are_not_taken_by_calls_of_others() -> None:
    own = party([1, 2], ringing=1)
    floor = seen(own, [party([1, 2], ringing=7)], MODEL)
    assert floor.ringing.size == 8
    assert floor.limits.lines - floor.in_flight == own.floor.limits.lines - own.floor.in_flight


@given(st.integers(0, 200), st.floats(0.001, 1.0))
def test_thinned_calls_keep_their_expected_number(count: int, share: float) -> None:
    places, weight = thinned(count, share)
    assert len(places) * weight == pytest.approx(count * share, abs=1e-6)
    assert 0 <= weight <= 1.0 + 1e-9
    assert sorted(set(places)) == places
    assert all(0 <= place < count for place in places)


def test_thinned_calls_carry_their_odds_and_how_often_that_campaign_is_answered() -> None:
    own, other = replace(party([1, 2]), answers=0.2), replace(party([1, 2, 3, 4], ringing=4), answers=0.4)
    floor = seen(own, [other], MODEL)
    assert floor.ringing_odds.tolist() == [2.0, 2.0]
    assert floor.rung.size == floor.ringing.size == 2


@given(st.lists(st.sets(st.integers(0, 20), max_size=5), max_size=8))
def test_groups_are_joined_by_shared_agents(crews: list[set[int]]) -> None:
    named = dict(enumerate(crews))
    found = groups(named)
    assert sorted(c for group in found for c in group) == sorted(named)
    for one in found:
        for other in found:
            shared = {a for c in one for a in named[c]} & {a for c in other for a in named[c]}
            assert bool(shared) <= (one == other)


# --- weights --------------------------------------------------------------------------------------


def shared_out(
    weights: dict[int, float], rooms: Sequence[int], wanting: Sequence[set[int]]
) -> dict[int, int]:
    """Calls of each when whoever comes first takes all the room of the tick."""
    served: dict[int, float] = {}
    calls = dict.fromkeys(weights, 0)
    for room, wants in zip(rooms, wanting, strict=True):
        served = levelled(served, weights, wants)
        first = next((campaign for campaign in order(served) if campaign in wants), None)
        if first is not None:
            calls[first] += room
            served[first] += room / weights[first]
    return calls


@given(st.lists(st.integers(0, 5), min_size=400, max_size=400), st.integers(1, 5), st.integers(1, 5))
def test_calls_are_shared_in_proportion_to_weight(rooms: list[int], one: int, two: int) -> None:
    calls = shared_out({1: float(one), 2: float(two)}, rooms, [{1, 2}] * len(rooms))
    # |c₁/w₁ − c₂/w₂| ≤ 5/min(w₁, w₂), in whole numbers: a quotient may miss its own bound by a rounding.
    assert abs(calls[1] * two - calls[2] * one) <= 5 * max(one, two)


def test_who_wanted_nothing_has_saved_nothing_up() -> None:
    wanting = [{1}] * 500 + [{1, 2}] * 100
    calls = shared_out({1: 1.0, 2: 1.0}, [1] * 600, wanting)
    assert calls[2] == pytest.approx(50, abs=1)


def test_who_wants_but_cannot_saves_no_more_than_the_bank() -> None:
    served = levelled({1: 1000.0, 2: 0.0}, {1: 1.0, 2: 2.0}, {1, 2})
    assert served == {1: 1000.0, 2: 1000.0 - BANK / 2}
    assert order(served) == [2, 1]


def test_a_new_campaign_begins_level_with_the_hindmost() -> None:
    assert levelled({1: 20.0, 2: 10.0}, {1: 1.0, 2: 1.0, 3: 1.0}, {1, 2, 3})[3] == 10.0
