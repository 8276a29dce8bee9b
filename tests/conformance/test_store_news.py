"""What was learnt of people with open calls is found in the books, whoever was to tell of it and did not."""

import pytest

from dialer.model.call import CallEvent, CallEventKind
from tests.conformance.store_worlds import World
from tests.conformance.test_store import ONE, conversation, place_one, run, world

__all__ = ["world"]


async def test_nothing_is_news_of_somebody_who_was_only_called(world: World) -> None:
    call, _ = await place_one(world, await world.campaign())
    await run(world, call, *conversation((await world.agent()).id)[:-1])
    assert await world.store.live_news({}) == ()


async def test_a_payment_is_news_until_it_was_told(world: World) -> None:
    call, _ = await place_one(world, await world.campaign())
    await world.pay(call.person_id)
    (news,) = await world.store.live_news({})
    assert news.person_id == call.person_id
    assert [debt["balance_minor"] for debt in news.debts] == [9_000]
    assert await world.store.live_news({call.id: news.news}) == ()
    await world.flag(call.person_id, "vulnerable")
    (later,) = await world.store.live_news({call.id: news.news})
    assert (later.news > news.news, later.flags) == (True, ("vulnerable",))


async def test_what_was_known_at_the_reservation_is_no_news(world: World) -> None:
    campaign = await world.campaign()
    first, _ = await place_one(world, campaign)
    await world.pay(first.person_id)
    await run(world, first, CallEvent(CallEventKind.CANCELLED, reason="paid"))
    assert await world.store.live_news({}) == ()


async def test_a_number_suppressed_while_it_rings_is_news(world: World) -> None:
    call, _ = await place_one(world, await world.campaign())
    await world.suppress(ONE)
    assert [news.person_id for news in await world.store.live_news({})] == [call.person_id]
    await run(world, call, *conversation((await world.agent()).id)[:-1])
    assert await world.store.live_news({}) == ()


@pytest.mark.parametrize("flag", ["disputed", "vulnerable"])
async def test_a_flag_is_news_whoever_raises_it(world: World, flag: str) -> None:
    call, _ = await place_one(world, await world.campaign())
    await world.flag(call.person_id, flag)
    assert [news.flags for news in await world.store.live_news({})] == [(flag,)]
