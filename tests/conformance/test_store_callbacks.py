"""Callbacks, retry rules, rotation and care, on the store in memory and in Postgres."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign, CampaignSettings, DialMode
from dialer.ports import CallbackDue, DispositionMade, EngineCommit, Placed, Transition
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_preview import BUSY, NOON, ONE, TWO, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
NEXT_DAY = NOON + 25 * HOUR
THREE = "+34910000003"


async def place(world: World, campaign: Campaign, count: int = 1, *, at: datetime = NOON) -> list[Placed]:
    """Calls of the dialer."""
    return list((await world.store.place(campaign, count, now=at, fence=world.fence)).placed)


async def ends(world: World, call: Call, event: CallEvent, *, at: datetime) -> Call:
    """One step of a call."""
    moved, _ = step(call, event, now=at)
    await world.store.commit(EngineCommit((Transition(call.state, moved, event, at),)), fence=world.fence)
    return moved


async def talked(world: World, placed: Placed, agent: int, *, at: datetime = NOON) -> Call:
    """The call reaches a person, is joined, and is over a minute later."""
    call = placed.call
    for event in (
        CallEvent(CallEventKind.ANSWERED),
        CallEvent(CallEventKind.HUMAN),
        CallEvent(CallEventKind.BRIDGED, agent_id=agent),
        CallEvent(CallEventKind.HUNG_UP, cause=16),
    ):
        call = await ends(world, call, event, at=at + timedelta(minutes=1))
    return call


async def says(
    world: World, call: Call, agent: int, code: str, *, back: datetime | None = None, mine: bool = False
) -> None:
    """What the agent says of a call, two minutes after noon of the day of the call."""
    at = call.placed_at + timedelta(minutes=2)
    made = DispositionMade(call.id, agent, at, code, callback_at=back, callback_mine=mine)
    await world.store.commit(EngineCommit(dispositions=(made,)), fence=world.fence)


async def agreed(world: World, *, mine: bool, campaign: Campaign | None = None) -> tuple[Campaign, int, int]:
    """Eva asked to be called back on the next day; returns the campaign, the agent and her lead."""
    campaign, agent = campaign or await world.campaign(), await world.agent()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign)
    await says(world, await talked(world, placed, agent.id), agent.id, "callback", back=NEXT_DAY, mine=mine)
    return campaign, agent.id, lead


async def test_a_due_callback_comes_before_fresh_leads(world: World) -> None:
    campaign, _, lead = await agreed(world, mine=False)
    assert await world.lead_row(lead) == ("open", NEXT_DAY, "")
    fresh = await world.lead(campaign, await world.person("Ana", TWO), priority=9)
    assert [p.call.lead_id for p in await place(world, campaign, 1, at=NEXT_DAY - HOUR)] == [fresh]
    await world.lead(campaign, await world.person("Leo", THREE), priority=9)
    assert [p.call.lead_id for p in await place(world, campaign, 1, at=NEXT_DAY)] == [lead]


async def test_an_agents_own_callback_waits_for_the_agent_and_then_is_anybodys(world: World) -> None:
    campaign, agent, lead = await agreed(world, mine=True)
    assert await world.store.callbacks_due(until=NEXT_DAY - HOUR) == ()
    assert await world.store.callbacks_due(until=NEXT_DAY) == (CallbackDue(agent, campaign.id, NEXT_DAY),)
    assert await place(world, campaign, at=NEXT_DAY) == []
    grace = timedelta(minutes=campaign.settings.callback_grace)
    assert [p.call.lead_id for p in await place(world, campaign, at=NEXT_DAY + grace)] == [lead]
    assert await world.store.callbacks_due(until=NEXT_DAY + HOUR) == ()


async def test_the_agent_is_shown_their_own_callback_and_nobody_elses(world: World) -> None:
    campaign, agent, lead = await agreed(world, mine=True)
    other = await world.agent("leo")
    seek: dict[str, Any] = {"until": NEXT_DAY + HOUR, "now": NEXT_DAY, "fence": world.fence}
    nobody = await world.store.preview(campaign, callback_of=other.id, **seek)
    assert nobody.lead is None
    shown = (await world.store.preview(campaign, callback_of=agent, **seek)).lead
    assert shown is not None
    assert shown.lead_id == lead
    phone = shown.numbers[0].phone_id
    called = await world.store.place_previewed(campaign, lead, phone, agent, now=NEXT_DAY, fence=world.fence)
    assert len(called.placed) == 1
    assert await world.store.callbacks_due(until=NEXT_DAY + HOUR) == ()


async def test_who_says_stop_is_not_called_back(world: World) -> None:
    campaign, agent, lead = await agreed(world, mine=True)
    other = await world.campaign("beta")
    await world.lead(other, 1)
    (placed,) = await place(world, other, at=NEXT_DAY - HOUR)
    await says(world, await talked(world, placed, agent, at=NEXT_DAY - HOUR), agent, "paid")
    assert (await world.lead_row(lead))[0] == "withdrawn"
    assert await world.store.callbacks_due(until=NEXT_DAY + HOUR) == ()
    assert await place(world, campaign, at=NEXT_DAY + HOUR) == []


async def test_a_callback_was_asked_for_so_the_silence_after_a_conversation_does_not_hold(
    world: World,
) -> None:
    strict = SETTINGS.model_copy(update={"rule_pack": "es-collections"})
    campaign = await world.campaign("estricta", strict)
    await agreed_in_spain(world, campaign)
    evening = NOON + 5 * HOUR
    assert len(await place(world, campaign, at=evening)) == 1


async def agreed_in_spain(world: World, campaign: Campaign) -> None:
    """Somebody of whom the country is known, who asked for a call this evening."""
    agent = await world.agent()
    eva = await world.person("Eva", ONE)
    await world.set_country(eva, "ES")
    await world.lead(campaign, eva)
    (placed,) = await place(world, campaign)
    back = NOON + 5 * HOUR
    await says(world, await talked(world, placed, agent.id), agent.id, "callback", back=back)


async def test_the_campaigns_own_rest_after_an_outcome(world: World) -> None:
    rules = {"busy": {"minutes": 90, "most": 2}}
    campaign = await world.campaign(settings=retrying(rules))
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign)
    await ends(world, placed.call, BUSY, at=NOON)
    assert await world.lead_row(lead) == ("open", NOON + 1.5 * HOUR, "")
    (placed,) = await place(world, campaign, at=NEXT_DAY)
    await ends(world, placed.call, BUSY, at=NEXT_DAY)
    assert (await world.lead_row(lead))[0::2] == ("done", "attempts")


async def test_a_lead_is_done_after_so_many_calls(world: World) -> None:
    campaign = await world.campaign(settings=SETTINGS.model_copy(update={"max_attempts": 1}))
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign)
    await ends(world, placed.call, BUSY, at=NOON)
    assert (await world.lead_row(lead))[0::2] == ("done", "attempts")


def retrying(rules: dict[str, dict[str, int]]) -> CampaignSettings:
    """Settings with these rules for outcomes."""
    return CampaignSettings.model_validate(SETTINGS.model_dump() | {"retry": rules})


async def test_a_persons_numbers_take_turns(world: World) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE, TWO))
    numbers = []
    for day in range(3):
        at = NOON + day * 25 * HOUR
        (placed,) = await place(world, campaign, at=at)
        numbers.append(placed.call.number)
        await ends(world, placed.call, BUSY, at=at)
    assert numbers == [ONE, TWO, ONE]


async def test_without_rotation_the_first_number_is_called_again(world: World) -> None:
    campaign = await world.campaign(settings=SETTINGS.model_copy(update={"rotate_numbers": False}))
    await world.lead(campaign, await world.person("Eva", ONE, TWO))
    for day in range(2):
        at = NOON + day * 25 * HOUR
        (placed,) = await place(world, campaign, at=at)
        assert placed.call.number == ONE
        await ends(world, placed.call, BUSY, at=at)


async def test_a_dispute_leaves_the_dialer_at_once_and_waits_for_a_trained_agent(world: World) -> None:
    care = SETTINGS.model_copy(update={"care": True, "mode": DialMode.PREVIEW})
    trained = await world.campaign("cuidado", care)
    campaign, beta, agent = await world.campaign(), await world.campaign("beta"), await world.agent()
    eva = await world.person("Eva", ONE)
    here, there = await world.lead(campaign, eva), await world.lead(beta, eva)
    (placed,) = await place(world, campaign)
    await says(world, await talked(world, placed, agent.id), agent.id, "dispute")
    assert [(await world.lead_row(lead))[0::2] for lead in (here, there)] == [("withdrawn", "care")] * 2
    later = NOON + 25 * HOUR
    found = await world.store.preview(trained, until=later + HOUR, now=later, fence=world.fence)
    assert found.lead is not None
    assert (found.lead.card.person_id, found.lead.card.flags) == (eva, ("dispute",))


async def test_whoever_has_paid_leaves_the_list_when_the_call_ends(world: World) -> None:
    campaign = await world.campaign()
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    (placed,) = await place(world, campaign)
    await world.flag(eva, "paid")
    assert await world.store.stopped([eva]) == frozenset({eva})
    await ends(world, placed.call, CallEvent(CallEventKind.CANCELLED, reason="paid"), at=NOON)
    assert (await world.lead_row(lead))[0::2] == ("withdrawn", "paid")


# --- a call that was none keeps no callback


NEVER_SENT = CallEvent(CallEventKind.CANCELLED, reason="every trunk rests", unsent=True)
CONGESTED = CallEvent(CallEventKind.HUNG_UP, cause=34, reason="SIP 503")
QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize("end", [CONGESTED, NEVER_SENT])
async def test_a_callback_that_the_network_or_we_broke_is_still_owed(world: World, end: CallEvent) -> None:
    """Soon, and before fresh leads."""
    campaign, _, lead = await agreed(world, mine=False)
    (placed,) = await place(world, campaign, at=NEXT_DAY)
    await ends(world, placed.call, end, at=NEXT_DAY)
    assert await world.lead_row(lead) == ("open", NEXT_DAY + QUARTER, "")
    await world.lead(campaign, await world.person("Leo", THREE), priority=9)
    assert [p.call.lead_id for p in await place(world, campaign, at=NEXT_DAY + QUARTER)] == [lead]


async def test_a_callback_of_an_agent_that_was_broken_stays_theirs(world: World) -> None:
    campaign, agent, lead = await agreed(world, mine=True)
    grace = timedelta(minutes=campaign.settings.callback_grace)
    (placed,) = await place(world, campaign, at=NEXT_DAY + grace)
    await ends(world, placed.call, CONGESTED, at=NEXT_DAY + grace)
    again = NEXT_DAY + grace + QUARTER
    assert await world.store.callbacks_due(until=again - timedelta(seconds=1)) == ()
    assert await world.store.callbacks_due(until=again) == (CallbackDue(agent, campaign.id, again),)
    assert await place(world, campaign, at=again) == []
    assert [p.call.lead_id for p in await place(world, campaign, at=again + grace)] == [lead]


async def test_a_callback_that_was_broken_outlives_the_last_try(world: World) -> None:
    once = SETTINGS.model_copy(update={"max_attempts": 1})
    campaign, _, lead = await agreed(world, mine=False, campaign=await world.campaign(settings=once))
    (placed,) = await place(world, campaign, at=NEXT_DAY)
    await ends(world, placed.call, CONGESTED, at=NEXT_DAY)
    assert await world.lead_row(lead) == ("open", NEXT_DAY + QUARTER, "")


async def test_a_callback_that_rang_was_kept(world: World) -> None:
    campaign, _, lead = await agreed(world, mine=True)
    grace = timedelta(minutes=campaign.settings.callback_grace)
    (placed,) = await place(world, campaign, at=NEXT_DAY + grace)
    await ends(world, placed.call, CallEvent(CallEventKind.HUNG_UP, cause=17), at=NEXT_DAY + grace)
    assert await world.store.callbacks_due(until=NEXT_DAY + timedelta(days=2)) == ()
    assert (await world.lead_row(lead))[0] == "open"


async def test_who_was_stopped_meanwhile_is_owed_nothing(world: World) -> None:
    campaign, _, lead = await agreed(world, mine=True)
    grace = timedelta(minutes=campaign.settings.callback_grace)
    (placed,) = await place(world, campaign, at=NEXT_DAY + grace)
    await world.stop(placed.call.person_id)
    await ends(world, placed.call, NEVER_SENT, at=NEXT_DAY + grace)
    assert (await world.lead_row(lead))[0] == "withdrawn"
    assert await world.store.callbacks_due(until=NEXT_DAY + timedelta(days=2)) == ()
