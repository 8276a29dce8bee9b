"""Whose turn it is among campaigns that share agents, and who waits for whom."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pacing import Basis, Bound, Decision, Floor, Limits
from pacing.joint import Party
from pacing.turns import OWN_LIMITS, Turns, bounded, dealt


def party(ready: Sequence[int], busy: Sequence[int] = (), ringing: int = 0) -> Party:
    none = np.zeros(0)
    floor = Floor(
        ready=np.ones(len(ready)),
        on_call=np.full(len(busy), 60.0),
        wrap_up=none,
        dialing=none,
        ringing=np.ones(ringing),
        screening=none,
        waiting=none,
        limits=Limits(lines=100, tokens=50),
    )
    return Party(floor, frozenset((*ready, *busy)), tuple(ready), tuple(busy))


def turns(served: dict[int, float], weights: dict[int, float] | None = None, **parties: Party) -> Turns:
    """Campaigns 1, 2, … who want calls; all work with one crew unless it is said otherwise."""
    crews = {number: parties.get(f"c{number}", party([1, 2, 3], [4, 5])) for number in served}
    return Turns(served, weights or dict.fromkeys(served, 1.0), set(served), crews)


def placing(calls: int, held_by: Bound | None = None) -> Decision:
    return Decision(calls, Basis("predictive"), held_by=held_by)


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 9)), min_size=1, max_size=5), st.integers(0, 60))
def test_what_is_dealt_out_lifts_the_hindmost(members: list[tuple[float, int]], room: int) -> None:
    """Nobody gets a call while another who is behind it gets none more."""
    served = {number: level for number, (level, _) in enumerate(members)}
    weights = {number: float(weight) for number, (_, weight) in enumerate(members)}
    calls = dealt(room, served, weights, served)
    assert sum(calls.values()) == room
    after = {number: served[number] + calls[number] / weights[number] for number in served}
    before_the_last = [after[number] - 1.0 / weights[number] for number, got in calls.items() if got]
    assert max(before_the_last, default=0.0) <= min(after.values()) + 1e-9


def test_nobody_is_dealt_nothing() -> None:
    assert dealt(5, {}, {}, ()) == {}


def test_the_room_is_shared_by_weight() -> None:
    found = turns({1: 0.0, 2: 0.0}, {1: 1.0, 2: 3.0})
    assert found.order() == [1, 2]
    assert found.most(1) == math.inf
    assert not found.heard(1, placing(8))
    assert (found.most(1), found.most(2)) == (2, 6)
    assert found.heard(1, placing(2))
    assert found.heard(2, placing(5))


def test_who_is_ahead_waits_while_the_hindmost_finds_no_room() -> None:
    found = turns({1: 10.0, 2: 4.0, 3: 7.0})
    assert found.order() == [2, 3, 1]
    assert found.heard(2, placing(0))
    assert (found.most(3), found.most(1)) == (0, 0)


def test_the_hindmost_takes_all_until_it_is_level() -> None:
    found = turns({1: 10.0, 2: 4.0})
    assert found.heard(2, placing(5))
    assert (found.most(2), found.most(1)) == (5, 0)


@pytest.mark.parametrize("limit", sorted(OWN_LIMITS))
def test_a_limit_of_its_own_holds_nobody_else(limit: Bound) -> None:
    found = turns({1: 10.0, 2: 4.0})
    assert found.heard(2, placing(1, held_by=limit))
    assert found.most(1) == math.inf
    assert found.heard(1, placing(7))


def test_what_the_union_leaves_is_no_limit_of_its_own() -> None:
    found = turns({1: 10.0, 2: 4.0})
    assert found.heard(2, placing(1, held_by=Bound.SHARED))
    assert found.most(1) == 0


def test_who_wants_nothing_holds_nobody() -> None:
    found = turns({1: 10.0, 2: 4.0})
    found.wanting = {1}
    assert found.heard(2, placing(0))
    assert found.most(1) == math.inf


def test_agents_whom_the_hindmost_cannot_use_wait_for_nobody() -> None:
    """Agents 6 and 7 are free and work for the first campaign alone; one of its calls is on its way."""
    found = turns(
        {1: 10.0, 2: 4.0}, c1=party([1, 6, 7], [2, 3, 4, 5], ringing=1), c2=party([1], [2, 3, 4, 5])
    )
    assert found.heard(2, placing(0))
    assert found.most(1) == 1


def test_crews_that_are_mostly_apart_do_not_wait_for_each_other() -> None:
    found = turns({1: 10.0, 2: 4.0}, c1=party([1, 6, 7], [8]), c2=party([1, 2], [3]))
    assert found.heard(2, placing(0))
    assert found.most(1) == math.inf


def test_a_floor_is_bounded_by_the_turn_and_by_the_union() -> None:
    floor = party([1]).floor
    assert bounded(floor, 3).limits.joint == 3
    assert bounded(bounded(floor, 2), math.inf).limits.joint == 2


def test_half_a_crew_in_common_is_not_enough_to_wait_for() -> None:
    half = turns({1: 10.0, 2: 4.0}, c1=party([1, 2], [3, 4]), c2=party([1], [2]))
    assert half.heard(2, placing(0))
    assert half.most(1) == math.inf
    more = turns({1: 10.0, 2: 4.0}, c1=party([1, 2], [3, 4]), c2=party([1, 2], [3]))
    assert more.heard(2, placing(0))
    assert more.most(1) == 0


def test_who_wanted_nothing_takes_no_turn_of_the_hindmost() -> None:
    """All its agents are those of the hindmost, and nothing was dealt out to it."""
    found = turns({1: 10.0, 2: 4.0, 3: 7.0})
    found.wanting = {1, 2}
    assert found.heard(2, placing(4))
    assert found.most(3) == 0


def test_who_was_held_by_a_limit_of_its_own_before_adds_nothing() -> None:
    found = turns({1: 10.0, 2: 4.0, 3: 7.0})
    assert found.heard(2, placing(1, held_by=Bound.LINES))
    assert found.heard(3, placing(0))
    assert found.most(2) == 0
