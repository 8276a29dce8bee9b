"""The leads of a campaign are counted as they change; nobody waits for a count."""

from collections.abc import Awaitable, Callable

import pytest

from tests.conformance.store_worlds import PostgresWorld
from tests.integration.store.test_postgres import NOON, world

__all__ = ["world"]


async def counted(world: PostgresWorld) -> tuple[dict[tuple[int, str], int], dict[tuple[int, str], int]]:
    """Campaign and status → leads: as they are kept, and as they are."""
    sums = "SELECT campaign_id, status, sum(leads)::int AS n FROM lead_counts GROUP BY 1, 2"
    kept = f"{sums} HAVING sum(leads) <> 0"
    real = "SELECT campaign_id, status, count(*)::int AS n FROM leads GROUP BY 1, 2"
    rows = [await world.pool.fetch(query) for query in (kept, real)]
    first, second = ({(row["campaign_id"], row["status"]): row["n"] for row in part} for part in rows)
    return first, second


async def claimed(world: PostgresWorld) -> None:
    for campaign in await world.store.campaigns():
        assert (await world.store.place(campaign, 2, now=NOON, fence=world.fence)).placed


async def withdrawn(world: PostgresWorld) -> None:
    await world.pool.execute("UPDATE leads SET status = 'withdrawn', held_by = 'stop' WHERE id % 2 = 0")


async def put_off(world: PostgresWorld) -> None:
    await world.pool.execute("UPDATE leads SET next_at = now() + interval '1 hour'")


async def entered_again(world: PostgresWorld) -> None:
    await world.pool.execute(
        "INSERT INTO leads (list_id, campaign_id, person_id)"
        " SELECT list_id, campaign_id, person_id FROM leads"
        " ON CONFLICT (list_id, person_id) DO UPDATE SET status = 'done' WHERE leads.id % 3 = 0"
    )


async def list_gone(world: PostgresWorld) -> None:
    await world.pool.execute("DELETE FROM lists WHERE campaign_id = (SELECT min(campaign_id) FROM lists)")


async def emptied(world: PostgresWorld) -> None:
    await world.pool.execute("TRUNCATE leads CASCADE")


@pytest.mark.parametrize("change", [claimed, withdrawn, put_off, entered_again, list_gone, emptied])
async def test_counts_follow(
    world: PostgresWorld, change: Callable[[PostgresWorld], Awaitable[None]]
) -> None:
    for code in ("alfa", "beta"):
        campaign = await world.campaign(code)
        for number in range(6):
            await world.lead(campaign, await world.person("P", f"+3491{campaign.id:03}{number:04}"))
    before = await counted(world)
    assert before[0] == before[1] != {}
    await change(world)
    kept, real = await counted(world)
    assert kept == real


async def test_a_claim_does_not_wait_for_an_import_that_is_not_committed(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", "+34910000001"))
    late = await world.person("Ana", "+34910000002")
    async with world.pool.acquire() as importing, importing.transaction():
        await importing.execute(
            "INSERT INTO leads (list_id, campaign_id, person_id) SELECT list_id, campaign_id, $1 FROM leads",
            late,
        )
        result = await world.store.place(campaign, 5, now=NOON, fence=world.fence)
        assert len(result.placed) == 1
    kept, real = await counted(world)
    assert kept == real == {(campaign.id, "open"): 1, (campaign.id, "in_call"): 1}


async def test_what_was_taken_back_was_never_counted(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", "+34910000001"))
    async with world.pool.acquire() as connection:
        undone = connection.transaction()
        await undone.start()
        await connection.execute("UPDATE leads SET status = 'done'")
        await undone.rollback()
    kept, real = await counted(world)
    assert kept == real == {(campaign.id, "open"): 1}
