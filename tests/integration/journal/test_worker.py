"""The loops of a worker: facts, letters and timers are seen to, unasked, and after every loss."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg

from journal.bell import Bell
from journal.timers import Due, set_timer
from journal.worker import Worker
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.journal.conftest import CLERK, say

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]


async def note(connection: "Connection", due: Due) -> datetime | None:
    """The work of this worker."""
    await connection.execute("INSERT INTO followed VALUES (-1, $1)", due.key)
    return None


@asynccontextmanager
async def working(pool: "Pool", database: Database) -> AsyncIterator[Worker]:
    """A worker at work, which has begun to follow."""
    bell = Bell(database.dsn, "test")
    worker = Worker(pool, bell, [CLERK], {"note": note}, lambda: datetime.now(UTC))
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(worker.run())
        await eventually(lambda: pool.fetchval("SELECT count(*) FROM journal_cursors"))
        yield worker
        running.cancel()


async def known(pool: "Pool") -> set[str]:
    """What was followed, or done."""
    return {row["what"] for row in await pool.fetch("SELECT what FROM followed")}


async def test_what_is_said_is_followed_and_what_is_due_is_done(pool: "Pool", database: Database) -> None:
    async with working(pool, database) as worker:
        await say(pool, "said")
        await set_timer_of(pool, "lunch")

        async def both() -> bool:
            return await known(pool) == {"said", "lunch"}

        await eventually(both)
        await eventually(lambda: worker.counts.followed.get(CLERK.name) == 1)


async def set_timer_of(pool: "Pool", key: str) -> None:
    """It is due already."""
    async with pool.acquire() as connection:
        await set_timer(connection, "note", key, datetime.now(UTC) - timedelta(seconds=1))


async def test_lost_connections_are_made_again_and_nothing_is_lost(pool: "Pool", database: Database) -> None:
    ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    ours = f"{ended} AND datname = current_database() AND application_name <> 'killer'"
    killer = await asyncpg.connect(database.dsn, server_settings={"application_name": "killer"})
    async with working(pool, database):
        for what in ("one", "two", "three"):
            await killer.execute(ours)
            await say(killer, what)

            async def told(what: str = what) -> bool:
                return bool(await killer.fetchval("SELECT count(*) FROM followed WHERE what = $1", what))

            await eventually(told)
    await killer.close()


async def test_a_letter_that_is_due_is_followed_by_itself(pool: "Pool", database: Database) -> None:
    async with working(pool, database):
        await pool.execute(
            "INSERT INTO journal_letters (follower, fact_id, at, kind, version, data, error, next_at)"
            " VALUES ($1, 7, now(), 'settings.changed', 1, '{\"what\": \"again\"}', 'x', now())",
            CLERK.name,
        )

        async def there() -> bool:
            return await known(pool) == {"again"}

        await eventually(there)
        assert await pool.fetchval("SELECT count(*) FROM journal_letters") == 0
