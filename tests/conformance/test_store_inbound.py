"""Calls that come in, on the store in memory and in Postgres."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from dialer.model.call import Call, CallEvent, CallEventKind, CallState, Direction
from dialer.model.campaign import Campaign
from dialer.model.leads import FORESEEN
from dialer.model.outcomes import Outcome
from dialer.ports import TakenIn
from portfolio.complaints import is_sound
from tests.conformance.store_worlds import SETTINGS, World, counts_of
from tests.conformance.test_store_callbacks import ends, place, says, talked
from tests.conformance.test_store_preview import CARE, NOON, ONE, TWO, world

__all__ = ["world"]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ABROAD = "+442079460123"


async def calls_in(
    world: World, number: str, *campaigns: Campaign, call_id: UUID | None = None, at: datetime = NOON
) -> TakenIn:
    return await world.store.take_in(call_id or uuid4(), number, campaigns, now=at, fence=world.fence)


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


async def test_every_call_that_comes_in_has_a_case_number_of_its_own(world: World) -> None:
    """Also of strangers; an engine that takes the call over knows it, and a call of ours has none."""
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    taken = [await calls_in(world, number, campaign) for number in (ONE, "+34611222333", "")]
    given = [one.call.case_number for one in taken]
    assert all(map(is_sound, given))
    assert len(set(given)) == 3
    again = await calls_in(world, ONE, campaign, call_id=taken[0].call.id)
    assert again.call.case_number == given[0]
    assert {opened.call.case_number for opened in await world.store.open_calls()} == set(given)
    waiting = await waits(world, taken[0])
    assert waiting.case_number == given[0]


async def test_a_stranger_is_the_same_stranger_the_next_time(world: World) -> None:
    campaign = await world.campaign()
    first, second = await calls_in(world, ONE, campaign), await calls_in(world, ONE, campaign)
    assert first.call.person_id == second.call.person_id
    assert (first.card.name, first.card.debts, first.call_back_until) == ("Sin identificar", (), None)


async def test_who_withholds_the_number_is_nobody_else(world: World) -> None:
    campaign = await world.campaign()
    first, second = await calls_in(world, "", campaign), await calls_in(world, "", campaign)
    assert first.call.person_id != second.call.person_id
    assert (first.call.number, first.call.phone_id, first.call_back_until) == ("", None, None)


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
    assert await counts_of(world.store, campaign.id, since=NOON - MINUTE, until=NOON + 5 * MINUTE) == ()
    assert await world.store.past_calls(campaign.id, limit=10) == ()


async def test_who_is_called_back_keeps_the_place(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    taken = await calls_in(world, ONE, campaign)
    assert taken.call_back_until == NOON + FORESEEN
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


async def test_nobody_is_promised_a_call_that_the_rules_will_refuse(world: World) -> None:
    """Who calls because we rang: the cap of this pack counts that call, also for one that was asked for."""
    campaign, agent = await world.campaign(), await world.agent()
    person = await world.person("Eva", ONE)
    lead = await world.lead(campaign, person)
    (placed,) = await place(world, campaign)
    await ends(world, placed.call, CallEvent(CallEventKind.HUNG_UP, cause=19), at=NOON)
    taken = await calls_in(world, ONE, campaign)
    assert (taken.call.lead_id, taken.call_back_until) == (lead, None)
    call = await waits(world, taken)
    await ends(world, call, CallEvent(CallEventKind.CALLBACK_TAKEN), at=NOON)
    refused = await world.store.preview(
        campaign, until=NOON + MINUTE, now=NOON, fence=world.fence, callback_of=agent.id, place=lead
    )
    assert (refused.lead, [one.rule for one in refused.refused]) == (None, ["attempts_per_day"])


@pytest.mark.parametrize("pack", ["es-collections", "default-strict"])
async def test_who_was_left_alone_is_promised_no_call_that_only_an_agent_could_make(
    world: World, pack: str
) -> None:
    """After `inbound_wait` the place is the dialer's, and 72 hours of its silence would drop it."""
    settings = SETTINGS.model_copy(update={"rule_pack": pack})
    made = await world.campaign("sola", settings)
    campaign = made.model_copy(update={"caller_registered": True})
    person = await world.person("Eva", ONE)
    await world.set_country(person, "ES")
    await world.lead(campaign, person)
    lab = await world.campaign("otra")
    await world.lead(lab, person)
    (placed,) = await place(world, lab)
    call = placed.call
    for kind in (CallEventKind.ANSWERED, CallEventKind.HUMAN, CallEventKind.DEADLINE):
        call = await ends(world, call, CallEvent(kind), at=NOON + MINUTE)
    assert await world.ledger(person) == ["attempt", "abandoned"]
    assert (await calls_in(world, ONE, campaign, at=NOON + HOUR)).call_back_until is None


async def test_where_agents_call_by_hand_one_of_them_makes_the_call(world: World) -> None:
    """The dialer takes no place there: who was left alone, or needs care, is called by somebody who waits."""
    settings = CARE.model_copy(update={"rule_pack": "es-collections"})
    campaign = (await world.campaign("cuidado", settings)).model_copy(update={"caller_registered": True})
    person = await world.person("Eva", ONE, flags=("vulnerable",))
    await world.set_country(person, "ES")
    await world.lead(campaign, person)
    assert (await calls_in(world, ONE, campaign)).call_back_until == NOON + FORESEEN


async def test_a_promise_goes_no_further_than_the_hours(world: World) -> None:
    """It shuts at 21:00 in Madrid, an hour sooner in UTC; the last look before it is that at 20:55."""
    campaign = await world.campaign(settings=SETTINGS.model_copy(update={"rule_pack": "uk-collections"}))
    person = await world.person("Eva", ABROAD)
    await world.set_country(person, "ES")
    await world.lead(campaign, person)
    evening = NOON.replace(hour=19, minute=15)
    taken = await calls_in(world, ABROAD, campaign, at=evening)
    assert taken.call_back_until == evening.replace(minute=55)
    assert (await calls_in(world, ABROAD, campaign, at=NOON)).call_back_until == NOON + FORESEEN
    assert (await calls_in(world, ABROAD, campaign, at=evening.replace(hour=22))).call_back_until is None


async def test_who_asked_for_no_more_calls_is_promised_none(world: World) -> None:
    campaign = await world.campaign()
    person = await world.person("Eva", ONE)
    await world.lead(campaign, person)
    await world.stop(person)
    assert (await calls_in(world, ONE, campaign)).call_back_until is None


async def test_a_number_on_the_list_is_promised_no_call(world: World) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE, TWO))
    await world.forbid(ONE)
    assert (await calls_in(world, ONE, campaign)).call_back_until is None
    assert (await calls_in(world, TWO, campaign)).call_back_until == NOON + FORESEEN


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
