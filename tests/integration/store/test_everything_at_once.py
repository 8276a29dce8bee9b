"""Workers, campaigns, agents who call by hand, payments, stops and care, all at once on one database."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from dialer.model.campaign import Campaign
from dialer.ports import Placed
from dialer.store.postgres import PostgresStore
from portfolio.care import set_flag
from portfolio.payments import PaymentEvent, apply_payment
from portfolio.persons import stop_person
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.fixtures import Database
from tests.integration.store.test_postgres import NOON, drain, refused

PEOPLE = 60
UNTIL = NOON + timedelta(seconds=90)
SEEN = "SELECT count(*) FROM attempts WHERE person_id = $1"


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """An empty world with a fence, and connections for as many as act at once."""
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=8) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


async def indebted(world: PostgresWorld, campaigns: list[Campaign]) -> list[int]:
    """People with a debt each, in the list of every campaign."""
    everybody = [await world.person(f"P{number}", f"+34910{number:06}") for number in range(PEOPLE)]
    for person in everybody:
        await world.pool.execute(
            "INSERT INTO debts (person_id, creditor, reference, currency, balance_minor)"
            " VALUES ($1, 'Banco Uno', $2, 'EUR', 10000)",
            person,
            f"R{person}",
        )
        for campaign in campaigns:
            await world.lead(campaign, person)
    return everybody


async def by_hand(world: PostgresWorld, campaign: Campaign, agent: int) -> list[Placed]:
    """An agent who looks at one card after the other and calls each."""
    called: list[Placed] = []
    while (shown := await world.store.preview(campaign, until=UNTIL, now=NOON, fence=1)).lead is not None:
        lead, number = shown.lead.lead_id, shown.lead.numbers[0].phone_id
        placed = (await world.store.place_previewed(campaign, lead, number, agent, now=NOON, fence=1)).placed
        called += placed
        for one in placed:
            await world.store.commit(refused(one.call), fence=1)
        if not placed:
            await world.store.return_lead(lead, next_at=UNTIL, fence=1)
    return called


async def befalls(world: PostgresWorld, person: int, what: str) -> int:
    """A payment, a stop or a dispute comes in; how many attempts there were when it was committed."""
    async with world.pool.acquire() as connection, connection.transaction():
        match what:
            case "payment":
                reference, event_id = f"R{person}", f"evt-{person}"
                event = PaymentEvent(
                    event_id, "payment.received", reference, None, None, 10000, "EUR", settles=True
                )
                await apply_payment(connection, event, NOON)
            case "stop":
                await stop_person(connection, person, "asked for it", None, NOON)
            case _:
                await set_flag(connection, person, "dispute", True, "says so", None)
        return int(await connection.fetchval(SEEN, person))


@pytest.mark.parametrize("seed", range(4))
async def test_nobody_is_called_twice_and_nobody_after_what_forbids_it(
    world: PostgresWorld, seed: int
) -> None:
    chance = random.Random(seed)
    campaigns = [await world.campaign(code) for code in ("alfa", "beta", "gamma")]
    agents = [(await world.agent(login)).id for login in ("ana", "luis")]
    everybody = await indebted(world, campaigns)
    struck = {person: chance.choice(("payment", "stop", "dispute")) for person in everybody[::2]}
    events = list(struck.items())
    chance.shuffle(events)

    async def news(part: slice) -> dict[int, int]:
        return {person: await befalls(world, person, what) for person, what in events[part]}

    before = await news(slice(5))
    machines = (drain(world, campaign) for campaign in campaigns * 2)
    hands = (by_hand(world, campaign, agent) for campaign, agent in zip(campaigns, agents, strict=False))
    meanwhile, workers = await asyncio.gather(news(slice(5, 25)), asyncio.gather(*machines, *hands))
    before |= meanwhile | await news(slice(25, None))

    calls = Counter(placed.call.person_id for worker in workers for placed in worker)
    assert set(calls.values()) == {1}
    assert set(everybody) - set(struck) <= set(calls)
    assert {person: calls[person] for person in struck} == before
    assert await world.store.open_calls() == ()
    left = await world.pool.fetch(
        "SELECT DISTINCT status FROM leads WHERE person_id = ANY ($1)", list(struck)
    )
    assert "in_call" not in {row["status"] for row in left}
