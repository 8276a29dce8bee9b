"""Who was withdrawn comes back when that reason is gone, on the store in memory and in Postgres."""

from datetime import datetime, timedelta

import pytest

from dialer.model.campaign import Campaign
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_callbacks import ends, place, says, talked
from tests.conformance.test_store_numbers import VACANT
from tests.conformance.test_store_preview import CARE, NOON, ONE, TWO, ends_busy, preview, world
from tests.conformance.test_store_waking import at_night, called

__all__ = ["world"]

HOUR = timedelta(hours=1)
DAY = 25 * HOUR


async def found(world: World, campaign: Campaign, *, at: datetime = NOON + HOUR) -> list[int]:
    """Leads that the next claim calls."""
    return [one.call.lead_id for one in await place(world, await world.known(campaign), 9, at=at)]


async def shown(world: World, campaign: Campaign, *, at: datetime = NOON + HOUR) -> int | None:
    """The lead that the next card of an agent who calls by hand is about."""
    lead = (await preview(world, await world.known(campaign), at=at)).lead
    return None if lead is None else lead.lead_id


# --- care


@pytest.mark.parametrize("flag", ["vulnerable", "dispute"])
async def test_a_care_campaign_gets_back_whom_it_had_to_leave(world: World, flag: str) -> None:
    """Everybody in it needs care: that bars nobody there."""
    campaign = await world.known(await world.campaign("cuidado", CARE))
    lead = await world.lead(campaign, await world.person("Eva", ONE, flags=(flag,)))
    await world.forbid(ONE)
    assert await shown(world, campaign, at=NOON) is None
    assert (await world.lead_row(lead))[0] == "withdrawn"
    await world.allow(ONE)
    assert await shown(world, campaign) == lead


async def test_who_needs_care_does_not_come_back_to_a_campaign_without(world: World) -> None:
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE, flags=("vulnerable",)))
    await world.forbid(ONE)
    assert await found(world, campaign, at=NOON) == []
    row = await world.lead_row(lead)
    await world.allow(ONE)
    assert await found(world, campaign) == []
    assert row[::2] == ("withdrawn", "no_number")
    assert await world.lead_row(lead) == row


async def test_a_dispute_that_is_resolved_brings_the_person_back(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva, leo = await world.person("Eva", ONE), await world.person("Leo", TWO)
    lead, other = await world.lead(campaign, eva), await world.lead(campaign, leo)
    for person in (eva, leo):
        await world.flag(person, "dispute")
    assert await found(world, campaign, at=NOON) == []
    assert (await world.lead_row(lead))[::2] == ("withdrawn", "care")
    await world.unflag(eva, "dispute")
    assert await found(world, campaign) == [lead]
    assert (await world.lead_row(other))[::2] == ("withdrawn", "care")


async def test_one_of_two_reasons_for_care_is_left(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.flag(eva, "dispute")
    await world.flag(eva, "vulnerable")
    await world.unflag(eva, "dispute")
    assert await found(world, campaign) == []
    await world.unflag(eva, "vulnerable")
    assert await found(world, campaign, at=NOON + 2 * HOUR) == [lead]


# --- stops


async def test_a_stop_that_is_lifted_brings_no_retry_forward(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    (placed,) = await place(world, campaign)
    await ends_busy(world, placed.call)
    _, due, _ = await world.lead_row(lead)
    assert due > NOON
    await world.stop(eva)
    await world.unstop(eva)
    assert await found(world, campaign, at=due - timedelta(seconds=1)) == []
    assert await world.lead_row(lead) == ("open", due, "")
    assert await found(world, campaign, at=NOON + DAY) == [lead]


async def test_nor_does_a_dispute_that_is_resolved(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    await world.lead(campaign, eva)
    (placed,) = await place(world, campaign)
    await ends_busy(world, placed.call)
    _, due, _ = await world.lead_row(placed.call.lead_id)
    await world.flag(eva, "dispute")
    await world.unflag(eva, "dispute")
    assert await found(world, campaign, at=due - timedelta(seconds=1)) == []
    assert (await world.lead_row(placed.call.lead_id))[1] == due
    assert await found(world, campaign, at=NOON + DAY) == [placed.call.lead_id]


async def test_the_date_of_a_rule_is_no_plan_that_a_stop_could_keep(world: World) -> None:
    """Refused at night by the old pack; the new one calls at any hour."""
    campaign, lead = await at_night(world)
    await world.stop(1)
    await world.change(campaign, SETTINGS)
    await world.unstop(1)
    assert await called(world, campaign) == [lead]


# --- numbers


async def test_a_new_number_brings_back_who_was_withdrawn_for_want_of_one(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva, leo = await world.person("Eva"), await world.person("Leo")
    lead, other = await world.lead(campaign, eva), await world.lead(campaign, leo)
    assert await found(world, campaign, at=NOON) == []
    assert (await world.lead_row(lead))[::2] == ("withdrawn", "no_number")
    await world.add_number(eva, ONE)
    assert await found(world, campaign) == [lead]
    assert (await world.lead_row(other))[::2] == ("withdrawn", "no_number")


async def test_a_new_number_brings_back_whose_last_one_died(world: World) -> None:
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign)
    await ends(world, placed.call, VACANT, at=NOON + HOUR / 60)
    assert await world.phones(placed.call.person_id) == ["dead"]
    assert (await world.lead_row(lead))[0] == "done"
    await world.add_number(placed.call.person_id, TWO)
    assert await found(world, campaign, at=NOON + DAY) == [lead]


async def test_a_new_number_brings_back_whose_number_was_somebody_elses(world: World) -> None:
    campaign, agent = await world.known(await world.campaign()), await world.agent()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    (placed,) = await place(world, campaign)
    await says(world, await talked(world, placed, agent.id), agent.id, "wrong_number")
    assert (await world.lead_row(lead))[0] == "done"
    await world.add_number(placed.call.person_id, TWO)
    assert (await world.lead_row(lead))[0] == "open"


async def test_a_new_number_reopens_nobody_who_is_done_with_or_said_stop(world: World) -> None:
    campaign, agent = await world.known(await world.campaign()), await world.agent()
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.lead(campaign, await world.person("Leo", TWO))
    eva, leo = await place(world, campaign, 2)
    await says(world, await talked(world, eva, agent.id), agent.id, "promise")
    await ends(world, leo.call, VACANT, at=NOON + HOUR / 60)
    await world.stop(leo.call.person_id)
    before = [await world.lead_row(one.call.lead_id) for one in (eva, leo)]
    assert [status for status, _, _ in before] == ["done", "done"]
    for one in (eva, leo):
        await world.add_number(one.call.person_id, "+34910000009")
    assert [await world.lead_row(one.call.lead_id) for one in (eva, leo)] == before
    assert await found(world, campaign, at=NOON + DAY) == []


async def test_who_waits_for_a_number_that_rests_is_called_on_a_new_one(world: World) -> None:
    campaign = await world.known(await world.campaign())
    eva = await world.person("Eva", ONE)
    lead = await world.lead(campaign, eva)
    await world.suppress(ONE, NOON + 30 * DAY)
    assert await found(world, campaign, at=NOON) == []
    await world.add_number(eva, TWO)
    (placed,) = await place(world, await world.known(campaign), at=NOON + HOUR)
    assert (placed.call.lead_id, placed.call.number) == (lead, TWO)


async def test_a_list_that_ends_earlier_frees_its_numbers(world: World) -> None:
    campaign = await world.known(await world.campaign())
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await world.suppress(ONE, NOON + 30 * DAY)
    assert await found(world, campaign, at=NOON) == []
    await world.move_end(ONE, NOON + 31 * DAY)
    assert (await world.known(campaign)).rules == campaign.rules
    await world.move_end(ONE, NOON + HOUR / 2)
    assert await found(world, campaign) == [lead]
