"""A payment is committed, by whatever way: the ringing ends, for the journal tells of it."""

import asyncio

import asyncpg
from prometheus_client import CollectorRegistry

from dialer.ami.fakes import FakeTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.call_progress.fakes import FakeEars
from dialer.engine.engine import Engine, EngineSettings
from dialer.engine.metrics import EngineMetrics
from dialer.engine.news import KINDS
from dialer.engine.turns import order_of
from dialer.store.clock import SystemClock
from dialer.store.fake_bus import MemoryBus, MemoryLease
from dialer.store.journal import PostgresJournal
from dialer.store.postgres import PostgresStore
from dialer.store.tapes import MemoryTapes
from journal.bell import Bell
from tests.conformance.store_worlds import PostgresWorld
from tests.eventually import eventually
from tests.integration.fixtures import Database

IN_TIME = 2.0
"""Seconds between a committed payment and the end of the ringing, as promised."""
SLACK = 3.0
"""For a machine that does other work; without the bell the engine looks once a second."""


async def test_the_ringing_ends_though_nobody_told_the_engine(database: Database) -> None:
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        world, pbx = PostgresWorld(store, pool, 1), FakeTelephony()
        clock = SystemClock()
        journal = PostgresJournal(pool, Bell(database.dsn, "engine"), KINDS)
        engine = Engine(
            telephony=pbx, store=store, bus=MemoryBus(), lease=MemoryLease(), screener=AmdScreener(),
            ears=FakeEars(), clock=clock, settings=EngineSettings(spool="/spool"),
            metrics=EngineMetrics(CollectorRegistry()), tapes=MemoryTapes(), journal=journal,
        )  # fmt: skip
        campaign = await world.campaign()
        await world.lead(campaign, await world.person("Eva", "+34910000001"))
        (placed,) = (await store.place(campaign, 1, now=clock.now(), fence=1)).placed
        pbx.originate(order_of(engine.state, campaign, placed, campaign.trunk))
        async with asyncio.TaskGroup() as tasks:
            running = tasks.create_task(engine.run())
            ringing = tasks.create_task(journal.run())
            await eventually(lambda: engine.state.looked)
            pbx.ring(str(placed.call.id))
            await eventually(lambda: placed.call.id in engine.state.calls)
            await world.pay(placed.call.person_id)
            await eventually(lambda: bool(pbx.orders("hang_up")), within=IN_TIME + SLACK)
            running.cancel()
            ringing.cancel()
        outcome = await pool.fetchval("SELECT outcome FROM attempts WHERE id = $1", placed.call.id)
        assert outcome == "cancelled"
