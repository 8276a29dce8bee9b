"""Old changes of the rules go, and nobody who counts them notices."""

import asyncio
import json
from datetime import timedelta

from dialer.store.pool import close_pool, open_pool
from dialer.store.retention import FORGET, PacingRetention, forgetting
from journal.jobs.runner import Pace, Runner
from tests.conformance.store_worlds import PostgresWorld
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.store.test_postgres import NOON, ONE, world
from tests.integration.store.test_verdict_retention import At

__all__ = ["world"]

DAY = timedelta(days=1)
NOTE = (
    "INSERT INTO rule_changes (campaign_id, what, digest, at)"
    " SELECT $1, $2, 'old', $3::timestamptz - n * interval '1 hour' FROM generate_series(0, 49) n"
)
DIGEST = "SELECT digest FROM rule_changes WHERE campaign_id = $1 ORDER BY id DESC LIMIT 1"


async def test_old_changes_are_folded_and_neither_count_nor_fingerprint_changes(
    world: PostgresWorld, database: Database
) -> None:
    """Whoever was refused under the changes of that day is not asked again for it; two sweep at once."""
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    for what, whose in (("rules", campaign.id), ("suppression", None)):
        await world.pool.execute(NOTE, whose, what, NOON - 90 * DAY)
    (before,) = await world.store.campaigns()
    assert before.rules > 100
    digest = await world.pool.fetchval(DIGEST, campaign.id)
    pool = await open_pool(database.dsn, 2)
    sweepers = [PacingRetention(pool, At(), 30) for _ in range(2)]
    await asyncio.gather(*(one.forget() for one in sweepers))
    assert await world.pool.fetchval("SELECT count(*) FROM rule_changes") == 2
    (after,) = await world.store.campaigns()
    assert after.rules == before.rules
    assert await world.pool.fetchval(DIGEST, campaign.id) == digest
    await world.pool.execute("INSERT INTO rule_changes (what) VALUES ('suppression')")
    (woken,) = await world.store.campaigns()
    assert woken.rules == before.rules + 1
    await sweepers[0].forget()
    await close_pool(pool)
    (still,) = await world.store.campaigns()
    assert still.rules == woken.rules


async def test_changes_of_these_days_stay(world: PostgresWorld, database: Database) -> None:
    await world.campaign()
    await world.pool.execute(NOTE, None, "suppression", NOON - 2 * DAY)
    pool = await open_pool(database.dsn, 1)
    await PacingRetention(pool, At(), 30).forget()
    await close_pool(pool)
    assert await world.pool.fetchval("SELECT count(*) FROM rule_changes WHERE what = 'suppression'") == 50


async def test_a_worker_forgets_once_a_day_and_tells_how_much(world: PostgresWorld) -> None:
    await world.campaign()
    await world.pool.execute(NOTE, None, "suppression", NOON - 90 * DAY)
    stop = asyncio.Event()
    runner = Runner(world.pool, {FORGET: forgetting(At(), 30)}, "one", Pace(poll=0.02))
    told = "SELECT result::text FROM jobs WHERE kind = 'forget' AND state = 'done'"
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(runner.run(stop))
        result = await eventually(lambda: world.pool.fetchval(told))
        stop.set()
    assert json.loads(result) == {"decisions": 0, "models": 0, "learners": 0}
    assert await world.pool.fetchval("SELECT count(*) FROM rule_changes WHERE what = 'suppression'") == 1
