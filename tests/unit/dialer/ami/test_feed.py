"""The bounded queue."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dialer.ami.feed import BATCH, Feed
from dialer.ami.stats import LinkStats
from dialer.model.facts import ChannelHungUp, ChannelRinging, LinkDown, LinkUp, TelephonyFact
from tests.premises import premise

UP = LinkUp("start")


async def all_of(feed: Feed) -> list[object]:
    """Everything that waits."""
    taken: list[object] = []
    while feed.waiting:
        taken += await feed.take()
    return taken


@given(st.lists(st.integers(0, 5), max_size=50))
async def test_first_in_first_out(causes: list[int]) -> None:
    feed = Feed(100, LinkStats())
    facts: list[TelephonyFact] = [ChannelHungUp("a", cause) for cause in causes]
    for fact in facts:
        feed.put(fact)
    assert await all_of(feed) == facts


async def test_batches_are_bounded() -> None:
    feed = Feed(10_000, LinkStats())
    for cause in range(BATCH + 1):
        feed.put(ChannelHungUp("a", cause))
    assert [len(await feed.take()), len(await feed.take())] == [BATCH, 1]


async def test_overflow_with_a_link_asks_for_reconciliation() -> None:
    stats = LinkStats()
    feed = Feed(3, stats)
    feed.put(UP)
    for cause in range(4):
        feed.put(ChannelHungUp("a", cause))
    assert await all_of(feed) == [LinkDown("too many facts waited: reconcile"), UP, ChannelHungUp("a", 3)]
    assert (stats.overflows, stats.lost_facts) == (1, 4)


async def test_overflow_without_a_link_does_not_claim_one() -> None:
    feed = Feed(3, LinkStats())
    feed.put(UP)
    feed.put(LinkDown("lost"))
    for cause in range(2):
        feed.put(ChannelHungUp("a", cause))
    assert await all_of(feed) == [LinkDown("too many facts waited: reconcile")]


FACTS = st.sampled_from([UP, LinkDown("lost"), ChannelHungUp("a", 16), ChannelRinging("a")])


@given(facts=st.lists(FACTS, max_size=20))
async def test_nothing_is_lost_while_there_is_room(facts: list[TelephonyFact]) -> None:
    feed = Feed(20, LinkStats())
    for fact in facts:
        feed.put(fact)
    assert await all_of(feed) == facts


@given(capacity=st.integers(3, 12), facts=st.lists(FACTS, min_size=13, max_size=60))
async def test_nothing_is_lost_without_a_link_down_after_it(
    capacity: int, facts: list[TelephonyFact]
) -> None:
    """Who reads too late gets a LinkDown in place of the facts that were lost, and the state of the link."""
    feed = Feed(capacity, LinkStats())
    for fact in facts:
        feed.put(fact)
    taken = await all_of(feed)
    assert taken[0] == LinkDown("too many facts waited: reconcile")
    if premise(true := _links(facts)):
        assert type(_links(taken)[-1]) is type(true[-1])


def _links(facts: Sequence[object]) -> list[LinkUp | LinkDown]:
    return [fact for fact in facts if isinstance(fact, LinkUp | LinkDown)]
