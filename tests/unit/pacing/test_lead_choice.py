"""Which leads go together: the sum that is wanted, the likely ones first, nobody lost, no rank jumped."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pacing.lead_choice import GENERATION, fit_together, launch_order
from tests.premises import premise

CHANCES = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=60).map(np.asarray)
MANY_CHANCES = st.lists(st.floats(0.01, 0.99), min_size=20, max_size=60).map(np.asarray)


def test_leads_are_taken_until_the_sum_comes_nearest() -> None:
    chances = np.array([0.3, 0.06, 0.3, 0.06, 0.3])
    assert fit_together(chances, 0.9, 10).tolist() == [0, 2, 4]
    assert fit_together(chances, 0.7, 10).tolist() == [0, 2]
    assert fit_together(chances, None, 4).tolist() == [0, 2, 4, 1]
    assert fit_together(chances, 0.01, 4).tolist() == [0]


@given(MANY_CHANCES, st.floats(0.5, 4), st.integers(20, 60))
def test_the_sum_misses_by_half_a_call_at_most(chances: np.ndarray, wanted: float, most: int) -> None:
    chosen = fit_together(chances, wanted, most)
    total = chances[chosen].sum()
    assert 1 <= chosen.size <= most
    assert len(set(chosen.tolist())) == chosen.size
    if premise(chosen.size > 1 and (chosen.size < min(most, chances.size) or total > wanted)):
        assert abs(total - wanted) <= 0.5


@given(CHANCES, st.data())
def test_a_higher_rank_is_never_jumped(chances: np.ndarray, data: st.DataObject) -> None:
    size = chances.size
    ranks = np.asarray(data.draw(st.lists(st.integers(0, 3), min_size=size, max_size=size)))
    members = np.asarray(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    order = launch_order(chances, ranks, members)
    assert sorted(order.tolist()) == list(range(size))
    assert (np.diff(ranks[order]) <= 0).all()


def test_equal_chances_keep_the_order_of_the_queue() -> None:
    assert fit_together(np.full(5, 0.2), None, 5).tolist() == [0, 1, 2, 3, 4]


def test_an_unlikely_lead_is_overtaken_by_its_generation_only() -> None:
    """However many likely leads follow: endless ones, one call at a time."""
    chances = {0: 0.01}
    members: set[int] = set()
    queue, calls = list(range(200)), 0
    while 0 in queue:
        window = queue[: GENERATION + 30]
        if not members.intersection(window):
            members = set(window[:GENERATION])
        current = np.array([lead in members for lead in window])
        given_chances = np.array([chances.get(lead, 0.3) for lead in window])
        (chosen,) = fit_together(given_chances, None, 1, current=current)
        queue.remove(window[chosen])
        queue.append(1000 + calls)
        calls += 1
    assert calls == GENERATION


@settings(max_examples=25)
@given(st.integers(0, 119), st.lists(st.floats(0.01, 0.99), min_size=120, max_size=120))
def test_a_lead_waits_for_as_many_generations_as_stand_before_it(place: int, chances: list[float]) -> None:
    waiting, members, calls = list(range(120)), set[int](), 0
    while place in waiting:
        if not members.intersection(waiting):
            members = set(waiting[:GENERATION])
        current = np.array([lead in members for lead in waiting])
        (chosen,) = fit_together(np.array([chances[lead] for lead in waiting]), None, 1, current=current)
        waiting.pop(chosen)
        calls += 1
    assert calls <= GENERATION * math.ceil((place + 1) / GENERATION)
