"""Leads held for agents who call by hand, on the store in memory and in Postgres."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from dialer.exceptions import FenceLost
from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign, CampaignStatus, DialMode
from dialer.ports import NOT_HELD, EngineCommit, PreviewResult, Transition
from dialer.store.contact_gate import contact_gate
from dialer.store.fakes import MemoryStore
from dialer.store.postgres import PostgresStore
from tests.conformance.store_worlds import SETTINGS, MemoryWorld, PostgresWorld, World
from tests.integration.fixtures import migrated_database

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""Tuesday, noon in Madrid."""
LATER = NOON + timedelta(seconds=90)
ONE, TWO = "+34910000001", "+34910000002"
CARE = SETTINGS.model_copy(update={"care": True, "mode": DialMode.PREVIEW})
BUSY = CallEvent(CallEventKind.HUNG_UP, cause=17)


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The same empty world in either store."""
    if request.param == "memory":
        yield MemoryWorld(MemoryStore(gate=contact_gate))
        return
    async with (
        migrated_database(request.getfixturevalue("postgres")) as database,
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


async def preview(world: World, campaign: Campaign, *, at: datetime = NOON) -> PreviewResult:
    """The next lead, held for ninety seconds."""
    until = at + timedelta(seconds=90)
    return await world.store.preview(campaign, until=until, now=at, fence=world.fence)


async def one_held(world: World, *numbers: str) -> tuple[Campaign, int, int, list[int]]:
    """A campaign, its agent, and a lead that is held for the agent, with the ids of its numbers."""
    campaign, agent = await world.campaign(), await world.agent()
    await world.lead(campaign, await world.person("Eva Muñoz", *(numbers or (ONE, TWO))))
    found = (await preview(world, campaign)).lead
    assert found is not None
    return campaign, agent.id, found.lead_id, [number.phone_id for number in found.numbers]


async def ends_busy(world: World, call: Call) -> None:
    ended, _ = step(call, BUSY, now=LATER)
    commit = EngineCommit((Transition(call.state, ended, BUSY, LATER),))
    await world.store.commit(commit, fence=world.fence)


async def test_a_lead_is_shown_with_all_its_numbers_and_nothing_is_committed(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva Muñoz", ONE, TWO))
    found = (await preview(world, campaign)).lead
    assert found is not None
    assert (found.lead_id, found.card.name) == (lead, "Eva Muñoz")
    assert [number.masked_number[-3:] for number in found.numbers] == ["001", "002"]
    assert ONE not in repr(found)
    assert [number.rule for number in found.numbers] == ["", ""]
    assert await world.store.open_calls() == ()
    assert await world.lead_row(lead) == ("open", LATER, "preview")


async def test_a_held_lead_is_nobody_elses_until_its_time_is_over(world: World) -> None:
    campaign, _, lead, _ = await one_held(world)
    assert (await preview(world, campaign)).lead is None
    assert (await world.store.place(campaign, 1, now=NOON, fence=world.fence)).placed == ()
    again = (await preview(world, campaign, at=LATER)).lead
    assert again is not None
    assert again.lead_id == lead


async def test_the_call_is_committed_for_the_agent_on_the_chosen_number(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    result = await world.store.place_previewed(campaign, lead, numbers[1], agent, now=NOON, fence=world.fence)
    (placed,) = result.placed
    assert (placed.call.number, placed.call.reserved_for, placed.call.screened) == (TWO, agent, False)
    (opened,) = await world.store.open_calls()
    assert opened.call == placed.call
    assert (await world.lead_row(lead))[0] == "in_call"
    assert await world.ledger(placed.call.person_id) == ["attempt"]


async def test_the_gate_is_asked_again_and_a_refusal_leaves_the_card(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    await world.forbid(ONE)
    result = await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    assert [refusal.rule for refusal in result.refused] == ["no_number"]
    assert await world.lead_row(lead) == ("open", LATER, "preview")
    other = await world.store.place_previewed(campaign, lead, numbers[1], agent, now=NOON, fence=world.fence)
    assert len(other.placed) == 1


async def test_what_the_gate_has_against_it_now_is_said_with_its_end(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    other = await world.campaign("beta")
    await world.lead(other, 1)
    (placed,) = (await world.store.place(other, 1, now=NOON, fence=world.fence)).placed
    await ends_busy(world, placed.call)
    result = await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    tomorrow = NOON + timedelta(hours=24)
    assert [(refusal.rule, refusal.until) for refusal in result.refused] == [("attempts_per_day", tomorrow)]
    assert await world.lead_row(lead) == ("open", LATER, "preview")
    later = await preview(world, campaign, at=LATER)
    assert (later.lead, [refusal.rule for refusal in later.refused]) == (None, ["attempts_per_day"])
    assert await world.lead_row(lead) == ("open", tomorrow, "attempts_per_day")


async def test_a_vulnerable_person_is_called_only_by_a_trained_agent_who_waits(world: World) -> None:
    campaign = await world.campaign()
    eva = await world.person("Eva", ONE, flags=["vulnerable"])
    await world.lead(campaign, eva)
    for asked in (await preview(world, campaign), await world.store.place(campaign, 1, now=LATER, fence=1)):
        assert [refusal.rule for refusal in asked.refused] in (["vulnerable"], [])
    trained = await world.campaign("cuidado", CARE)
    lead = await world.lead(trained, eva)
    shown = (await preview(world, trained)).lead
    assert shown is not None
    assert shown.lead_id == lead


async def test_whom_nobody_may_call_is_passed_over_and_withdrawn(world: World) -> None:
    campaign = await world.campaign()
    silent = await world.lead(campaign, await world.person("Ana", ONE, flags=["lawyer"]), priority=5)
    numberless = await world.lead(campaign, await world.person("Leo"), priority=4)
    lead = await world.lead(campaign, await world.person("Eva", TWO))
    result = await preview(world, campaign)
    assert result.lead is not None
    assert result.lead.lead_id == lead
    assert [refusal.rule for refusal in result.refused] == ["lawyer", "no_number"]
    assert (await world.lead_row(silent))[0] == (await world.lead_row(numberless))[0] == "withdrawn"


async def test_a_returned_lead_is_due_when_it_was_said(world: World) -> None:
    campaign, _, lead, _ = await one_held(world)
    await world.store.return_lead(lead, next_at=NOON, fence=world.fence)
    assert await world.lead_row(lead) == ("open", NOON, "")
    again = await preview(world, campaign)
    assert again.lead is not None


async def test_a_lead_that_is_not_held_is_not_returned(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    await world.store.return_lead(lead, next_at=NOON, fence=world.fence)
    assert (await world.lead_row(lead))[0] == "in_call"


@pytest.mark.parametrize("what", ["stop", "halt", "return"])
async def test_what_is_not_held_any_more_is_not_called(world: World, what: str) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    if what == "stop":
        await world.stop(1)
    elif what == "halt":
        await world.set_status(campaign, CampaignStatus.PAUSED)
    else:
        await world.store.return_lead(lead, next_at=NOON, fence=world.fence)
    result = await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    assert (result.placed, [refusal.rule for refusal in result.refused]) == ((), [NOT_HELD])


async def test_a_person_who_is_in_another_call_is_not_called(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    other = await world.campaign("beta")
    await world.lead(other, 1)
    assert (await world.store.place(other, 1, now=NOON, fence=world.fence)).placed
    result = await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    assert [refusal.rule for refusal in result.refused] == [NOT_HELD]


async def test_an_old_fence_holds_and_calls_nothing(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    await world.take_over()
    with pytest.raises(FenceLost):
        await preview(world, campaign)
    with pytest.raises(FenceLost):
        await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    await world.store.return_lead(lead, next_at=NOON, fence=world.fence)
    assert await world.lead_row(lead) == ("open", LATER, "preview")


async def test_an_unanswered_call_settles_its_lead(world: World) -> None:
    campaign, agent, lead, numbers = await one_held(world)
    result = await world.store.place_previewed(campaign, lead, numbers[0], agent, now=NOON, fence=world.fence)
    await ends_busy(world, result.placed[0].call)
    assert await world.lead_row(lead) == ("open", LATER + timedelta(minutes=15), "")
