"""Old days are emptied when everybody has passed them, and never before."""

from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from journal.keep import empty_old_days
from tests.integration.journal.conftest import followed, say

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

TWO_DAYS = timedelta(days=2)


async def age(pool: "Pool", days: int) -> None:
    """What stands there was written so many days ago."""
    await pool.execute(
        "UPDATE journal SET at = at - $1::int * interval '1 day',"
        " slot = ((slot - $1::int % 8 + 8) % 8)::smallint",
        days,
    )


async def facts(pool: "Pool") -> int:
    """How many the journal holds."""
    return int(await pool.fetchval("SELECT count(*) FROM journal"))


async def test_an_old_day_goes_when_it_was_followed(pool: "Pool") -> None:
    await followed(pool)
    await say(pool, "old")
    await age(pool, 3)
    async with pool.acquire() as connection:
        assert await empty_old_days(connection, TWO_DAYS) == 0
        await followed(pool)
        assert await empty_old_days(connection, TWO_DAYS) == 1
    assert await facts(pool) == 0


async def test_a_young_day_stays(pool: "Pool") -> None:
    await followed(pool)
    await say(pool, "today")
    await followed(pool)
    async with pool.acquire() as connection:
        assert await empty_old_days(connection, TWO_DAYS) == 0
        await age(pool, 1)
        assert await empty_old_days(connection, TWO_DAYS) == 0
    assert await facts(pool) == 1


async def test_who_reads_a_day_is_waited_for_a_moment_only(pool: "Pool") -> None:
    await followed(pool)
    await say(pool, "old")
    await followed(pool)
    await age(pool, 3)
    async with pool.acquire() as reader, pool.acquire() as connection:
        async with reader.transaction():
            await reader.fetch("SELECT * FROM journal")
            assert await empty_old_days(connection, TWO_DAYS) == 0
        assert await empty_old_days(connection, TWO_DAYS) == 1
