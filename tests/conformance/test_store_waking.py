"""Whom a rule holds is asked again when the rule changes, on the store in memory and in Postgres."""

from datetime import timedelta

import pytest

from dialer.model.campaign import Campaign
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_callbacks import agreed, place
from tests.conformance.test_store_preview import NOON, ONE, TWO, ends_busy, preview, world

__all__ = ["world"]

HOUR = timedelta(hours=1)
NIGHT = NOON + 11 * HOUR
MORNING = NOON + 22 * HOUR
SPAIN = SETTINGS.model_copy(update={"rule_pack": "es-collections"})
OPEN = SETTINGS
"""Of the laboratory: at any hour."""


async def in_spain(world: World, campaign: Campaign, *numbers: str) -> int:
    """Somebody there, on the campaign's list."""
    person = await world.person("Eva", *numbers)
    await world.set_country(person, "ES")
    return await world.lead(campaign, person)


async def at_night(world: World, *numbers: str) -> tuple[Campaign, int]:
    """A campaign under the Spanish pack, and a lead that it refused at night."""
    campaign = await world.known(await world.campaign("noche", SPAIN))
    lead = await in_spain(world, campaign, *(numbers or (ONE,)))
    assert await place(world, campaign, at=NIGHT) == []
    assert (await world.lead_row(lead))[2] == "calling_hours"
    return campaign, lead


async def called(world: World, campaign: Campaign, *, at: timedelta = timedelta(minutes=1)) -> list[int]:
    """Leads that the next claim takes in the night, under the rules as they are now."""
    return [one.call.lead_id for one in await place(world, await world.known(campaign), 9, at=NIGHT + at)]


async def test_who_waits_for_the_hours_of_an_old_pack_is_called_under_the_new_one(world: World) -> None:
    campaign, lead = await at_night(world)
    assert await called(world, campaign) == []
    await world.change(campaign, OPEN)
    assert await called(world, campaign) == [lead]


async def test_an_agent_who_calls_by_hand_finds_them_too(world: World) -> None:
    campaign, lead = await at_night(world)
    await world.change(campaign, OPEN)
    shown = (await preview(world, await world.known(campaign), at=NIGHT + HOUR)).lead
    assert shown is not None
    assert shown.lead_id == lead


async def test_whom_the_new_rules_refuse_too_waits_as_they_say(world: World) -> None:
    campaign, lead = await at_night(world)
    before = await world.lead_row(lead)
    await world.change(campaign, SPAIN.model_copy(update={"creditor": "Banco"}))
    assert await called(world, campaign) == []
    assert await world.lead_row(lead) == before


async def test_how_calls_are_paced_is_no_rule(world: World) -> None:
    """The supervisor's knobs turn all day; nobody is asked again for them."""
    campaign, _ = await at_night(world)
    knows = (await world.known(campaign)).rules
    await world.change(campaign, SPAIN.model_copy(update={"boost": 2.0, "max_lines": 7, "weight": 3}))
    assert (await world.known(campaign)).rules == knows
    await world.change(campaign, OPEN)
    assert (await world.known(campaign)).rules == knows + 1
    assert (await world.known(campaign)).rules == knows + 1


async def test_a_verdict_by_rules_that_were_old_already_is_given_again(world: World) -> None:
    """The engine judges by what it read last; when it has read again, it asks again."""
    campaign, lead = await at_night(world)
    fresh = await in_spain(world, campaign, TWO)
    await world.change(campaign, OPEN)
    known = await world.known(campaign)
    assert await place(world, campaign, 9, at=NIGHT + HOUR / 4) == []
    assert (await world.lead_row(fresh))[2] == "calling_hours"
    found = [one.call.lead_id for one in await place(world, known, 9, at=NIGHT + HOUR / 2)]
    assert sorted(found) == [lead, fresh]


async def test_a_retry_waits_as_long_as_it_would_have(world: World) -> None:
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign, at=NIGHT - HOUR / 60)
    await ends_busy(world, placed.call)
    status, due, held_by = await world.lead_row(lead)
    assert (status, held_by) == ("open", "")
    await world.change(campaign, OPEN.model_copy(update={"creditor": "Banco"}))
    assert await place(world, await world.known(campaign), at=due - timedelta(seconds=1)) == []
    assert await world.lead_row(lead) == (status, due, held_by)


async def test_a_retry_that_a_rule_held_once_is_no_longer_the_rules(world: World) -> None:
    campaign, lead = await at_night(world)
    await world.change(campaign, OPEN)
    (placed,) = await place(world, await world.known(campaign), at=NIGHT)
    await ends_busy(world, placed.call)
    _, due, _ = await world.lead_row(lead)
    await world.change(campaign, SPAIN)
    await world.known(campaign)
    await world.change(campaign, OPEN)
    assert await place(world, await world.known(campaign), at=due - timedelta(seconds=1)) == []
    assert (await world.lead_row(lead))[1] == due


@pytest.mark.parametrize("mine", [True, False])
async def test_a_callback_is_not_called_before_its_time(world: World, mine: bool) -> None:
    campaign, _, lead = await agreed(world, mine=mine)
    _, due, _ = await world.lead_row(lead)
    await world.change(campaign, OPEN.model_copy(update={"creditor": "Banco"}))
    known = await world.known(campaign)
    assert await place(world, known, at=due - timedelta(seconds=1)) == []
    assert (await world.lead_row(lead))[1] == due


async def test_who_is_on_an_agents_screen_stays_there(world: World) -> None:
    campaign = await world.known(await world.campaign())
    await world.lead(campaign, await world.person("Eva", ONE))
    assert (await preview(world, campaign)).lead is not None
    await world.change(campaign, OPEN.model_copy(update={"creditor": "Banco"}))
    assert await place(world, await world.known(campaign), at=NOON + timedelta(seconds=1)) == []


async def test_a_number_that_may_be_called_again_brings_its_person_back(world: World) -> None:
    campaign = await world.known(await world.campaign())
    await world.forbid(ONE)
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    other = await world.lead(campaign, await world.person("Leo"))
    assert await place(world, campaign, 9) == []
    assert [(await world.lead_row(one))[0] for one in (lead, other)] == ["withdrawn", "withdrawn"]
    await world.allow(ONE)
    assert await called(world, campaign) == [lead]
    assert (await world.lead_row(other))[::2] == ("withdrawn", "no_number")


async def test_a_stop_that_is_lifted_brings_the_person_back(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva, leo = await world.person("Eva", ONE), await world.person("Leo", TWO)
    lead, other = await world.lead(campaign, eva), await world.lead(campaign, leo)
    await world.stop(eva)
    await world.stop(leo)
    await world.change(campaign, OPEN.model_copy(update={"creditor": "Banco"}))
    assert await called(world, campaign) == []
    await world.unstop(eva)
    assert await called(world, campaign, at=HOUR) == [lead]
    assert (await world.lead_row(other))[::2] == ("withdrawn", "stop")


async def test_nobody_is_lost_when_the_engine_dies_between_the_change_and_its_reload(world: World) -> None:
    """What a lead was judged by stands in its row: the next engine compares."""
    campaign, lead = await at_night(world)
    await world.change(campaign, OPEN)
    await world.known(campaign)
    assert await called(world, campaign) == [lead]
