"""How many leads each list gives."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.store.list_mix import ListAtWork, in_turn, mixed, on_a_wheel, rank, shares, tiers
from tests.premises import premise

lists = st.lists(
    st.builds(
        ListAtWork,
        id=st.integers(1, 50),
        priority=st.integers(-2, 2),
        weight=st.integers(1, 100),
        room=st.none() | st.integers(0, 30),
    ),
    max_size=6,
    unique_by=lambda one: one.id,
)


@given(lists, st.integers(0, 60))
def test_shares_fill_what_is_wanted_within_every_quota(found: list[ListAtWork], wanted: int) -> None:
    given = shares(found, wanted)
    room = sum(wanted if one.room is None else one.room for one in found)
    assert sum(given.values()) == min(wanted, room)
    assert all(given[one.id] <= one.room for one in found if one.room is not None)


@given(lists.filter(lambda found: all(one.room is None for one in found)), st.integers(1, 60))
def test_shares_are_by_weight(found: list[ListAtWork], wanted: int) -> None:
    total = sum(one.weight for one in found)
    for one in found:
        assert abs(shares(found, wanted)[one.id] - wanted * one.weight / total) < 1


def test_what_cannot_be_divided_goes_to_the_largest_remainder_then_to_the_older_list() -> None:
    assert shares([ListAtWork(1, weight=1), ListAtWork(2, weight=2)], 1) == {1: 0, 2: 1}
    assert shares([ListAtWork(2), ListAtWork(1)], 1) == {2: 0, 1: 1}
    assert shares([ListAtWork(1, weight=3), ListAtWork(2, weight=3), ListAtWork(3, weight=4)], 5) == {
        1: 2,
        2: 1,
        3: 2,
    }


def test_what_a_quota_leaves_over_is_shared_by_weight_among_the_others() -> None:
    found = [ListAtWork(1, weight=6, room=2), ListAtWork(2, weight=1), ListAtWork(3, weight=3)]
    # Ten: six, one, three; of the first only two, and its four go one to three.
    assert shares(found, 10) == {1: 2, 2: 2, 3: 6}


def test_an_empty_quota_and_a_wish_for_nothing() -> None:
    assert shares([ListAtWork(1, room=0)], 4) == {1: 0}
    assert shares([ListAtWork(1), ListAtWork(2, room=3)], 0) == {1: 0, 2: 0}
    assert shares([ListAtWork(1, room=1), ListAtWork(2, room=0)], 4) == {1: 1, 2: 0}
    assert shares([], 4) == {}


def test_higher_lists_come_first_and_equals_by_age() -> None:
    found = [ListAtWork(3), ListAtWork(2, priority=5), ListAtWork(1), ListAtWork(4, priority=-1)]
    assert [[one.id for one in tier] for tier in tiers(found)] == [[2], [1, 3], [4]]


@given(st.integers(0, 20), st.integers(0, 20), st.floats(0, 1), st.integers(0, 30))
def test_fresh_leads_are_mixed_in_at_their_share(fresh: int, again: int, share: float, count: int) -> None:
    new, old = [f"n{i}" for i in range(fresh)], [f"o{i}" for i in range(again)]
    result = mixed(new, old, share, count)
    assert len(result) == min(count, fresh + again) == len(set(result))
    for taken in (new, old):
        mine = [one for one in result if one in taken]
        assert mine == taken[: len(mine)]
    for end in range(1, len(result) + 1):
        begun = sum(one in new for one in result[:end])
        if premise(begun < fresh and end - begun < again):
            assert abs(begun - share * end) <= 1


@pytest.mark.parametrize(
    ("share", "count", "result"),
    [
        (0.0, 3, "ooo"),
        (0.0, 6, "ooooon"),
        (1.0, 3, "nnn"),
        (0.5, 4, "nono"),
        (0.25, 5, "nooon"),
        (0.75, 4, "nnno"),
        (0.5, 0, ""),
        (0.5, 99, "nonononono"),
    ],
)
def test_a_share_begins_with_a_fresh_lead_and_goes_on_evenly(share: float, count: int, result: str) -> None:
    assert "".join(mixed("nnnnn", "ooooo", share, count)) == result


def test_when_one_kind_runs_short_the_other_fills_up() -> None:
    assert mixed("n", "oooo", 0.5, 4) == ["n", "o", "o", "o"]
    assert mixed("nnnn", "o", 0.25, 4) == ["n", "o", "n", "n"]
    assert mixed("", "", 0.5, 4) == []


def test_lists_take_turns_in_proportion() -> None:
    assert in_turn([(2, "aaaa"), (1, "bb")]) == ["a", "a", "b", "a", "a", "b"]
    assert in_turn([(1, "ab"), (1, "cd"), (3, "")]) == ["a", "c", "b", "d"]


weighted = st.lists(st.integers(1, 5), min_size=2, max_size=40).map(
    lambda weights: [ListAtWork(number, weight=weight) for number, weight in enumerate(weights, start=1)]
)


@settings(deadline=None, max_examples=30)
@given(weighted, st.integers(1, 12), st.integers(1, 4), st.integers(0, 10_000))
def test_over_time_each_list_has_its_weight_however_few_are_wanted_at_a_time(
    found: list[ListAtWork], count: int, window: int, before: int
) -> None:
    """As reservations do: more are claimed than called, the first are called, the turn goes on with them."""
    called: Counter[int] = Counter()
    total, turn = sum(one.weight for one in found), before
    claims = 40 * total // count
    for _ in range(claims):
        asked = shares(found, count * window, turn)
        first = on_a_wheel([(asked[one.id], [one.id] * asked[one.id]) for one in found], turn)[:count]
        called.update(first)
        turn += len(first)
    for one in found:
        fair = claims * count * one.weight / total
        assert fair / 2 <= called[one.id] <= fair * 3 / 2


@given(weighted, st.integers(1, 12), st.integers(0, 10_000))
def test_a_turn_changes_who_gets_the_odd_one_and_nothing_else(
    found: list[ListAtWork], wanted: int, turn: int
) -> None:
    total = sum(one.weight for one in found)
    given = shares(found, wanted, turn)
    assert sum(given.values()) == wanted
    assert all(abs(given[one.id] - wanted * one.weight / total) < 1 + 1e-9 for one in found)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), max_size=8), st.integers(0, 10_000))
def test_on_the_wheel_each_queue_keeps_its_order_and_what_is_beyond_a_share_comes_last(
    sizes: list[tuple[int, int]], turn: int
) -> None:
    queues = [(share, [(number, at) for at in range(size)]) for number, (share, size) in enumerate(sizes)]
    merged = on_a_wheel(queues, turn)
    for _, queue in queues:
        assert [one for one in merged if one in queue] == queue
    beyond = [at >= sizes[number][0] for number, at in merged]
    assert beyond == sorted(beyond)


@pytest.mark.parametrize(
    ("turn", "merged"), [(0, "axcdbezF"), (1, "cdxaebFz"), (7, "xcadbezF"), (50, "cadbexFz")]
)
def test_the_wheel_is_read_as_it_was_when_yesterdays_claims_were_made(turn: int, merged: str) -> None:
    """By hand for turn 1: six places, begun at ⌊0.5698 · 6⌋ = 3, so c, the first of the second arc, is at
    (2 + 0 − 3) mod 6 = 5, and 5 golden steps are 3.09: it comes at 0.09, before all others.
    """
    assert "".join(on_a_wheel([(2, "ab"), (3, "cdeF"), (0, "z"), (1, "x")], turn)) == merged


@pytest.mark.parametrize(
    ("turn", "one", "two"), [(1, 1, {1, 2}), (2, 2, {1, 3}), (3, 3, {2, 3}), (4, 3, {2, 3}), (5, 1, {1, 2})]
)
def test_whose_turn_it_is(turn: int, one: int, two: set[int]) -> None:
    """Three equal lists; by hand for turn 1: 0.755 and ⅓ are more than one, so the first has it."""
    lists = [ListAtWork(number) for number in (1, 2, 3)]
    assert [key for key, part in shares(lists, 1, turn).items() if part] == [one]
    assert {key for key, part in shares(lists, 2, turn).items() if part} == two


def test_a_rank_compares_list_callback_and_priority_in_this_order() -> None:
    worst, best = -32_768, 32_767
    ordered = [rank(0, False, worst), rank(0, False, best), rank(0, True, worst), rank(1, False, worst)]
    assert ordered == sorted(set(ordered))
    assert rank(3, True, 7) - rank(3, False, 7) == rank(0, True, 0) - rank(0, False, 0)
