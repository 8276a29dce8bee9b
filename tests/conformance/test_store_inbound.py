"""Calls that come in, on the store in memory and in Postgres."""

from datetime import timedelta
from uuid import UUID, uuid4

from dialer.model.call import Call, CallEvent, CallEventKind, CallState, Direction
from dialer.model.campaign import Campaign
from dialer.model.outcomes import Outcome
from dialer.ports import TakenIn
from tests.conformance.store_worlds import World
from tests.conformance.test_store_callbacks import ends, place, says, talked
from tests.conformance.test_store_preview import NOON, ONE, TWO, world

__all__ = ["world"]

MINUTE = timedelta(minutes=1)


async def calls_in(world: World, number: str, *campaigns: Campaign, call_id: UUID | None = None) -> TakenIn:
    return await world.store.take_in(call_id or uuid4(), number, campaigns, now=NOON, fence=world.fence)


async def waits(world: World, taken: TakenIn) -> Call:
    """The greeting is over."""
    return await ends(world, taken.call, CallEvent(CallEventKind.HUMAN), at=NOON)


async def test_who_calls_back_is_known_by_the_number(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    person = await world.person("Eva", ONE, TWO)
    lead = await world.lead(campaign, person)
    (placed,) = await place(world, campaign)
    await talked(world, placed, agent.id)
    taken = await calls_in(world, TWO, campaign)
    assert (taken.call.person_id, taken.call.lead_id, taken.call.number) == (person, lead, TWO)
    assert (taken.call.state, taken.call.direction) == (CallState.SCREENING, Direction.INBOUND)
    assert (taken.card.name, taken.card.last_agent) == ("Eva", agent.id)


async def test_the_campaign_that_calls_the_person_takes_the_call(world: World) -> None:
    first, second = await world.campaign("alfa"), await world.campaign("beta")
    person = await world.person("Eva", ONE)
    await world.lead(second, person)
    taken = await calls_in(world, ONE, first, second)
    assert taken.call.campaign_id == second.id


async def test_a_call_is_taken_in_once(world: World) -> None:
    """Asked again after a lost answer."""
    campaign = await world.campaign()
    first = await calls_in(world, ONE, campaign)
    again = await calls_in(world, ONE, campaign, call_id=first.call.id)
    assert again.call == first.call
    assert [opened.call for opened in await world.store.open_calls()] == [first.call]


async def test_a_stranger_is_the_same_stranger_the_next_time(world: World) -> None:
    campaign = await world.campaign()
    first, second = await calls_in(world, ONE, campaign), await calls_in(world, ONE, campaign)
    assert first.call.person_id == second.call.person_id
    assert (first.card.name, first.card.debts, first.callable) == ("Sin identificar", (), False)


async def test_who_withholds_the_number_is_nobody_else(world: World) -> None:
    campaign = await world.campaign()
    first, second = await calls_in(world, "", campaign), await calls_in(world, "", campaign)
    assert first.call.person_id != second.call.person_id
    assert (first.call.number, first.call.phone_id, first.callable) == ("", None, False)


async def test_somebody_we_ring_may_call_us_meanwhile(world: World) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    (ringing,) = await place(world, campaign)
    taken = await calls_in(world, ONE, campaign)
    assert {opened.call.id for opened in await world.store.open_calls()} == {ringing.call.id, taken.call.id}


async def test_nobody_is_called_who_is_on_the_line_already(world: World) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    await calls_in(world, ONE, campaign)
    assert await place(world, campaign) == []


async def test_nobody_is_called_who_has_two_calls_at_once(world: World) -> None:
    campaign, other = await world.campaign("alfa"), await world.campaign("beta")
    eva = await world.person("Eva", ONE)
    await world.lead(campaign, eva)
    lead = await world.lead(other, eva)
    (ringing,) = await place(world, campaign)
    await calls_in(world, ONE, campaign)
    await calls_in(world, ONE, campaign)
    assert ringing.call.person_id == eva
    assert await place(world, other) == []
    assert (await world.lead_row(lead))[0] == "open"


async def test_who_gives_up_is_called_as_planned(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    before = await world.lead_row(lead)
    call = await waits(world, await calls_in(world, ONE, campaign))
    gone = await ends(world, call, CallEvent(CallEventKind.HUNG_UP, cause=16), at=NOON + MINUTE)
    assert gone.outcome is Outcome.GAVE_UP
    assert await world.lead_row(lead) == before


async def test_a_call_of_ours_that_gave_way_is_made_later_all_the_same(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (ringing,) = await place(world, campaign)
    call = await waits(world, await calls_in(world, ONE, campaign))
    await ends(world, ringing.call, CallEvent(CallEventKind.CANCELLED), at=NOON + MINUTE)
    await ends(world, call, CallEvent(CallEventKind.HUNG_UP, cause=16), at=NOON + MINUTE)
    status, due, _ = await world.lead_row(lead)
    assert status == "open"
    assert due > NOON + MINUTE


async def test_a_conversation_counts_for_the_person_but_not_as_a_call_of_ours(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    person = await world.person("Eva", ONE)
    lead = await world.lead(campaign, person)
    call = await waits(world, await calls_in(world, ONE, campaign))
    call = await ends(world, call, CallEvent(CallEventKind.BRIDGED, agent_id=agent.id), at=NOON)
    call = await ends(world, call, CallEvent(CallEventKind.HUNG_UP, cause=16), at=NOON + MINUTE)
    await says(world, call, agent.id, "cannot_pay")
    assert await world.ledger(person) == ["conversation"]
    assert (await world.lead_row(lead))[0] == "done"
    assert await world.store.counts(campaign.id, since=NOON - MINUTE, until=NOON + 5 * MINUTE) == ()
    assert await world.store.past_calls(campaign.id, limit=10) == ()


async def test_who_is_called_back_keeps_the_place(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    taken = await calls_in(world, ONE, campaign)
    assert taken.callable
    call = await waits(world, taken)
    at = NOON + MINUTE
    gone = await ends(world, call, CallEvent(CallEventKind.CALLBACK_TAKEN), at=at)
    assert gone.outcome is Outcome.CALLBACK_TAKEN
    (due,) = await world.store.callbacks_due(until=at)
    assert (due.agent_id, due.campaign_id, due.lead_id, due.place_since) == (None, campaign.id, lead, NOON)
    result = await world.store.preview(
        campaign, until=at + MINUTE, now=at, fence=world.fence, callback_of=agent.id, place=lead
    )
    assert result.lead is not None
    assert result.lead.lead_id == lead
    assert await world.store.callbacks_due(until=at) == ()


async def test_a_place_is_the_dialers_when_no_agent_came_free_for_so_long(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    call = await waits(world, await calls_in(world, ONE, campaign))
    await ends(world, call, CallEvent(CallEventKind.CALLBACK_TAKEN), at=NOON)
    assert await place(world, campaign) == []
    late = NOON + timedelta(seconds=call.limits.queue)
    (placed,) = await place(world, campaign, at=late)
    assert placed.call.lead_id == lead
    assert await world.store.callbacks_due(until=late) == ()


async def test_who_asked_for_no_more_calls_keeps_no_place(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    person = await world.person("Eva", ONE)
    lead = await world.lead(campaign, person)
    call = await waits(world, await calls_in(world, ONE, campaign))
    await ends(world, call, CallEvent(CallEventKind.CALLBACK_TAKEN), at=NOON)
    await world.stop(person)
    assert await world.store.callbacks_due(until=NOON) == ()
    late = await world.store.preview(
        campaign, until=NOON + MINUTE, now=NOON, fence=world.fence, callback_of=agent.id, place=lead
    )
    assert late.lead is None
