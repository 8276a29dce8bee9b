"""Work that is due is done once, though workers die or are many."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg

from journal.follow import MOST_TRIES
from journal.timers import Due, fire, set_timer, unset_timer

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def note(connection: "Connection", due: Due) -> datetime | None:
    """The work of these tests."""
    await connection.execute("INSERT INTO followed VALUES ($1, $2)", int(due.key), due.data.get("what", ""))
    return None


async def done(pool: "Pool") -> list[int]:
    """What was done."""
    return [row["fact"] for row in await pool.fetch("SELECT fact FROM followed ORDER BY fact")]


async def test_nothing_is_done_before_its_time_and_then_once(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        await set_timer(connection, "note", "1", NOON, {"what": "lunch"})
        assert not await fire(connection, {"note": note}, NOON - MINUTE)
        assert await fire(connection, {"note": note}, NOON + MINUTE)
        assert not await fire(connection, {"note": note}, NOON + MINUTE)
        assert await connection.fetchval("SELECT what FROM followed") == "lunch"


async def test_what_was_moved_or_unset_is_due_no_more(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        await set_timer(connection, "note", "1", NOON)
        await set_timer(connection, "note", "1", NOON + MINUTE)
        await set_timer(connection, "note", "2", NOON)
        await unset_timer(connection, "note", "2")
        assert not await fire(connection, {"note": note}, NOON)
        assert await fire(connection, {"note": note}, NOON + MINUTE)
    assert await done(pool) == [1]


async def test_many_workers_do_each_work_once(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        for n in range(40):
            await set_timer(connection, "note", str(n), NOON)

    async def worker() -> None:
        async with pool.acquire() as connection:
            while await fire(connection, {"note": note}, NOON):
                pass

    await asyncio.gather(*(worker() for _ in range(4)))
    assert await done(pool) == list(range(40))


async def test_work_says_when_it_is_due_again(pool: "Pool") -> None:
    async def daily(connection: "Connection", due: Due) -> datetime | None:
        return due.due_at + timedelta(days=1)

    async with pool.acquire() as connection:
        await set_timer(connection, "daily", "", NOON)
        assert await fire(connection, {"daily": daily}, NOON)
        assert not await fire(connection, {"daily": daily}, NOON + MINUTE)
        assert await fire(connection, {"daily": daily}, NOON + timedelta(days=1))


async def test_work_that_fails_stops_nobody_and_is_dead_after_five_times(pool: "Pool") -> None:
    async def broken(connection: "Connection", due: Due) -> datetime | None:
        await note(connection, due)
        raise ValueError("no paper")

    async with pool.acquire() as connection:
        await set_timer(connection, "broken", "1", NOON)
        await set_timer(connection, "note", "2", NOON + MINUTE)
        works = {"broken": broken, "note": note}
        for hour in range(MOST_TRIES):
            assert await fire(connection, works, NOON + timedelta(hours=hour))
        while await fire(connection, works, NOON + timedelta(days=1)):
            pass
        row = await connection.fetchrow("SELECT tries, error, dead_at FROM timers")
        assert row is not None
        assert (row["tries"], row["error"]) == (MOST_TRIES, "ValueError: no paper")
        assert row["dead_at"] is not None
        assert await connection.fetchval("SELECT subject FROM alarms") == "timer broken"
    assert await done(pool) == [2]
