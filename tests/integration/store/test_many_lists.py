"""An agency that loads a list a day: each list is asked, and each has its weight over time."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest

from dialer.model.campaign import Campaign
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.store.test_postgres import NOON, world

__all__ = ["world"]

LISTS = 30


async def loaded(world: PostgresWorld, campaign: Campaign, weights: Sequence[int], leads: int) -> list[int]:
    """A list for each weight, the oldest first, each with so many people; returns their ids."""
    made = []
    for day, weight in enumerate(weights):
        one = await world.pool.fetchval(
            "INSERT INTO lists (campaign_id, name, weight) VALUES ($1, $2, $3) RETURNING id",
            campaign.id,
            f"day {day}",
            weight,
        )
        await world.pool.execute(
            "WITH made AS (INSERT INTO persons (name, zone) SELECT 'P', 'Europe/Madrid'"
            " FROM generate_series(1, $3) RETURNING id),"
            " rung AS (INSERT INTO phones (person_id, number)"
            "          SELECT id, '+3491' || lpad(id::text, 7, '0') FROM made)"
            " INSERT INTO leads (list_id, campaign_id, person_id) SELECT $1, $2, id FROM made",
            one,
            campaign.id,
            leads,
        )
        made.append(one)
    return made


async def called(world: PostgresWorld, campaign: Campaign, claims: int, count: int) -> Counter[int]:
    """List → calls of it, after so many claims."""
    for second in range(claims):
        await world.store.place(campaign, count, now=NOON + timedelta(seconds=second), fence=1)
    rows = await world.pool.fetch("SELECT l.list_id FROM attempts a JOIN leads l ON l.id = a.lead_id")
    return Counter(row["list_id"] for row in rows)


@pytest.mark.parametrize("count", [1, 3])
async def test_with_few_agents_every_list_is_called(world: PostgresWorld, count: int) -> None:
    campaign = await world.campaign()
    lists = await loaded(world, campaign, [1] * LISTS, 6)
    calls = await called(world, campaign, 3 * LISTS // count, count)
    assert sorted(calls) == lists


async def test_weights_are_kept_over_a_day(world: PostgresWorld) -> None:
    campaign = await world.campaign()
    heavy, light, medium = await loaded(world, campaign, [6, 1, 3], 80)
    calls = await called(world, campaign, 50, 2)
    assert abs(calls[heavy] - 60) <= 6
    assert abs(calls[light] - 10) <= 3
    assert abs(calls[medium] - 30) <= 5


@pytest.mark.parametrize("place", [0, LISTS // 2, LISTS - 1])
async def test_one_callable_lead_is_found_at_the_first_claim(world: PostgresWorld, place: int) -> None:
    """Whichever list has it, and however few are wanted."""
    campaign = await world.campaign()
    lists = await loaded(world, campaign, [1 + day % 7 for day in range(LISTS)], 1)
    await world.pool.execute("UPDATE leads SET status = 'done' WHERE list_id <> $1", lists[place])
    assert await called(world, campaign, 1, 1) == {lists[place]: 1}
