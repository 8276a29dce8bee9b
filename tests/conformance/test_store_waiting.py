"""A claim that finds nobody says what the leads wait for; one behind many refused finds who may be called."""

from datetime import timedelta

from dialer.model.campaign import Campaign
from dialer.model.holds import Hold, HoldCode
from dialer.ports import PlaceResult, Waiting
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_callbacks import ends
from tests.conformance.test_store_preview import BUSY, NOON, ONE, world
from tests.conformance.test_store_waking import in_spain

__all__ = ["world"]

NIGHT = NOON + timedelta(weeks=52 * 20, hours=11)
"""Of a Tuesday far off: what rests then rests by every clock."""
SPAIN = SETTINGS.model_copy(update={"rule_pack": "es-collections"})
MORNING = NIGHT + timedelta(hours=10)


async def asked(world: World, campaign: Campaign, count: int = 1) -> PlaceResult:
    """One order at night."""
    return await world.store.place(campaign, count, now=NIGHT, fence=world.fence)


async def test_at_night_the_leads_wait_for_the_hours_and_for_nothing_else(world: World) -> None:
    made = await world.campaign("noche", SPAIN)
    campaign = made.model_copy(update={"caller_registered": True})
    for number in range(3):
        await in_spain(world, campaign, f"+3491000010{number}")
    found = await asked(world, campaign)
    assert (found.dry, found.waiting) == (True, Waiting("calling_hours", 3, 3, MORNING, only_hours=True))
    assert found.waiting is not None
    assert found.waiting.hold() == Hold(HoldCode.OUTSIDE_HOURS, "calling_hours", MORNING, 3, 3)


async def test_the_rule_that_holds_most_is_named_with_the_next_instant(world: World) -> None:
    campaign, other = await world.campaign(), await world.campaign("beta")
    people = [await world.person("P", f"+3491000010{number}") for number in range(3)]
    for person in people[:2]:
        await world.lead(campaign, person)
        await world.lead(other, person)
    for placed in (await asked(world, campaign, 2)).placed:
        await ends(world, placed.call, BUSY, at=NIGHT)
    retry = await world.lead(other, people[2], priority=9)
    (placed,) = (await asked(world, other)).placed
    await ends(world, placed.call, BUSY, at=NIGHT)
    _, due, _ = await world.lead_row(retry)
    waiting = (await asked(world, other)).waiting
    assert waiting == Waiting("attempts_per_day", 2, 3, due)
    assert waiting.hold() == Hold(HoldCode.WAITS, "attempts_per_day", due, 2, 3)


async def test_where_no_lead_rests_there_is_nothing_to_wait_for(world: World) -> None:
    campaign = await world.campaign()
    found = await asked(world, campaign)
    assert (found.dry, found.waiting) == (True, None)


async def test_who_may_be_called_is_found_behind_many_who_may_not(world: World) -> None:
    campaign = await world.campaign()
    for number in range(60):
        await world.lead(campaign, await world.person("P", f"+3491000{number:04}", flags=["dispute"]))
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    found = await asked(world, campaign)
    assert [one.call.lead_id for one in found.placed] == [lead]
    assert len(found.refused) == 60


async def test_who_rests_is_counted_by_the_second_in_which_the_rest_ends(world: World) -> None:
    campaign = await world.campaign()
    for number in range(3):
        await world.lead(campaign, await world.person("P", f"+3491000010{number}"))
    placed = (await asked(world, campaign, 2)).placed
    for seconds, one in zip((1, 62), placed, strict=True):
        await ends(world, one.call, BUSY, at=NIGHT + timedelta(seconds=seconds))
    left = await world.store.leads_left(campaign.id, NIGHT)
    (first, _), (second, _) = left.wakes
    assert (left.open, left.resting, [leads for _, leads in left.wakes]) == (3, 2, [1, 1])
    assert second - first == timedelta(seconds=61)
    assert left.resting_at(NIGHT) == (2, first)
    assert left.resting_at(first) == (1, second)
    assert left.resting_at(second) == (0, None)
