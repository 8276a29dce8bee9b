"""A list whose leads are all refused holds up nobody: if any list has a callable lead, a claim finds one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dialer.model.campaign import Campaign
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from tests.conformance.store_worlds import PostgresWorld
from tests.integration.fixtures import Database, migrated_database
from tests.integration.services import Postgres
from tests.integration.store.test_postgres import NOON
from tests.premises import premise

WHO_MAY = "may"


def by_name(candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime) -> GateVerdict:
    """Permits who is named so."""
    if candidate.name == WHO_MAY:
        return GateVerdict()
    return GateVerdict("attempts_per_day", NOON + timedelta(days=1))


class AList(NamedTuple):
    """A list, and who is on it: the callable ones are those of these places."""

    priority: int
    weight: int
    leads: int
    callable: frozenset[int]


lists = st.lists(
    st.builds(
        AList,
        priority=st.integers(0, 2),
        weight=st.sampled_from([1, 1, 7, 100]),
        leads=st.sampled_from([0, 1, 8, 8, 60, 60]),
        # Mostly somebody among the first eight, or too few draws would have anybody to call.
        callable=st.frozensets(st.integers(0, 7), min_size=1, max_size=1)
        | st.frozensets(st.integers(0, 70), max_size=1),
    ),
    min_size=2,
    max_size=6,
)


async def load(pool: "asyncpg.Pool[asyncpg.Record]", campaign: Campaign, wanted: list[AList]) -> None:
    """These lists in place of all others."""
    await pool.execute("TRUNCATE lists, persons, attempts CASCADE")
    for place, one in enumerate(wanted):
        await pool.execute(
            "WITH i AS (INSERT INTO lists (campaign_id, name, priority, weight) VALUES ($1, $2, $3, $4)"
            "           RETURNING id),"
            " p AS (INSERT INTO persons (name, zone)"
            "       SELECT CASE WHEN n = ANY ($6::int[]) THEN 'may' ELSE 'not' END, 'Europe/Madrid'"
            "       FROM generate_series(0, $5::int - 1) n ORDER BY n RETURNING id),"
            " f AS (INSERT INTO phones (person_id, number)"
            "       SELECT id, '+3491' || lpad(id::text, 7, '0') FROM p)"
            " INSERT INTO leads (list_id, campaign_id, person_id) SELECT i.id, $1, p.id FROM i, p",
            campaign.id,
            f"list {place}",
            one.priority,
            one.weight,
            one.leads,
            list(one.callable),
        )


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    """A world whose gate goes by the name."""
    pool = await open_pool(database.dsn, size=2)
    async with PostgresStore.open(database.dsn, gate=by_name) as store:
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)
    await close_pool(pool)


@pytest.mark.parametrize("priority", [0, 9])
async def test_five_thousand_who_are_refused_do_not_hide_one_on_another_list(
    world: PostgresWorld, priority: int
) -> None:
    campaign = await world.campaign()
    await load(
        world.pool, campaign, [AList(priority, 100, 5000, frozenset()), AList(0, 1, 1, frozenset({0}))]
    )
    found = await world.store.place(campaign, 1, now=NOON, fence=1)
    assert len(found.placed) == 1
    assert len(found.refused) < 500


def test_if_any_list_has_a_callable_lead_a_claim_finds_one(postgres: Postgres) -> None:
    """As far as a claim looks into a list: four hundred leads, however they are spread."""
    runner = asyncio.Runner()
    opened = runner.run(_opened(postgres))
    stack, pool, store, campaign = opened

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(lists, st.integers(1, 3))
    def drawn(wanted: list[AList], count: int) -> None:
        callable_ones = sum(place < one.leads for one in wanted for place in one.callable)
        runner.run(load(pool, campaign, wanted))
        found = runner.run(store.place(campaign, count, now=NOON, fence=1))
        assert len({one.lead_id for one in found.refused}) == len(found.refused)
        if premise(callable_ones > 0):
            assert found.placed
        else:
            placed, rounds = list(found.placed), 0
            while not found.dry and rounds <= sum(one.leads for one in wanted):
                found = runner.run(store.place(campaign, count, now=NOON, fence=1))
                placed, rounds = [*placed, *found.placed], rounds + 1
            assert found.dry
            assert not placed

    try:
        drawn()
    finally:
        runner.run(stack.aclose())
        runner.close()


async def _opened(
    postgres: Postgres,
) -> "tuple[AsyncExitStack, asyncpg.Pool[asyncpg.Record], PostgresStore, Campaign]":
    stack = AsyncExitStack()
    database = await stack.enter_async_context(migrated_database(postgres))
    store = await stack.enter_async_context(PostgresStore.open(database.dsn, gate=by_name))
    pool = await stack.enter_async_context(asyncpg.create_pool(database.dsn, min_size=1, max_size=2))
    await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
    world = PostgresWorld(store, pool, 1)
    return stack, pool, store, await world.campaign()
