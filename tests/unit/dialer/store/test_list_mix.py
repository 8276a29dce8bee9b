"""How many leads each list gives."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.store.list_mix import ListAtWork, in_turn, mixed, rank, shares, tiers
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


def test_higher_lists_come_first() -> None:
    found = [ListAtWork(1), ListAtWork(2, priority=5), ListAtWork(3)]
    assert [[one.id for one in tier] for tier in tiers(found)] == [[2], [1, 3]]


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


def test_lists_take_turns_in_proportion() -> None:
    assert in_turn([(2, "aaaa"), (1, "bb")]) == ["a", "a", "b", "a", "a", "b"]


def test_a_rank_compares_list_callback_and_priority_in_this_order() -> None:
    worst, best = -32_768, 32_767
    ordered = [rank(0, False, worst), rank(0, False, best), rank(0, True, worst), rank(1, False, worst)]
    assert ordered == sorted(set(ordered))
