"""An alarm that repeats is one line with a count, whoever raises it and however many at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from consoles.sql import SQL
from dialer.store.migrate import migrate, rollback
from recordings.ledger import Ledger
from tests.integration.fixtures import Database

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AT_ONCE = 8


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    async with asyncpg.create_pool(database.dsn, min_size=AT_ONCE, max_size=AT_ONCE) as pool:
        yield pool


async def lines(pool: "asyncpg.Pool[asyncpg.Record]") -> list[tuple[str, str, int]]:
    """(kind, subject, count) of what nobody has acknowledged."""
    rows = await pool.fetch(
        "SELECT kind, subject, count FROM alarms WHERE acknowledged_at IS NULL ORDER BY kind, subject"
    )
    return [tuple(row) for row in rows]


LOOKS = {
    "complaint_alarm": (NOON, "complaint_due", "1234 5674", "2026-12-02"),
    "share_alarm": (NOON, "inbound_share_low", "spring day", "80.0%", NOON - DAY),
    "engine_silent": (NOON,),
}


@pytest.mark.parametrize("name", LOOKS)
async def test_two_web_processes_that_look_at_once_raise_one(
    pool: "asyncpg.Pool[asyncpg.Record]", name: str
) -> None:
    """Eight of them, thrice, each in a transaction of its own that is open while the others ask."""
    together = asyncio.Barrier(AT_ONCE)

    async def look() -> None:
        async with pool.acquire() as database, database.transaction():
            await database.fetchval("SELECT 1")
            await together.wait()
            await database.execute(SQL[name], *LOOKS[name])

    for _ in range(3):
        async with asyncio.TaskGroup() as all_of_them:
            for _ in range(AT_ONCE):
                all_of_them.create_task(look())
    assert [count for _, _, count in await lines(pool)] == [1]


async def test_two_archivers_that_find_one_file_raise_one(pool: "asyncpg.Pool[asyncpg.Record]") -> None:
    said = ("recording_orphan", "a.wav", "no call of this name")
    assert sum(await asyncio.gather(*(Ledger(pool).alarm(*said) for _ in range(AT_ONCE)))) == 1
    assert await lines(pool) == [("recording_orphan", "a.wav", 1)]


RAISE = "SELECT raise_alarm($1, $2, $3, $4)"


async def test_what_is_raised_by_many_at_once_is_one_line_that_counts_them(
    pool: "asyncpg.Pool[asyncpg.Record]",
) -> None:
    said = ("trunk_open", "carrier")
    await asyncio.gather(
        *(pool.execute(RAISE, *said, f"SIP 503: {n}", NOON + n * HOUR) for n in range(AT_ONCE))
    )
    assert await lines(pool) == [(*said, AT_ONCE)]
    assert await pool.fetchval("SELECT last_at FROM alarms") == NOON + (AT_ONCE - 1) * HOUR


async def test_one_that_flaps_stays_one_line_and_after_a_day_of_rest_it_is_a_new_one(
    pool: "asyncpg.Pool[asyncpg.Record]",
) -> None:
    said = ("trunk_open", "carrier", "SIP 503: 5 of 5")
    for hour in range(3):
        await pool.execute(RAISE, *said, NOON + hour * HOUR)
        await pool.execute("UPDATE alarms SET ended_at = $1", NOON + hour * HOUR + HOUR / 2)
    assert await lines(pool) == [(*said[:2], 3)]
    await pool.execute(RAISE, *said, NOON + 2 * HOUR + HOUR)
    row = await pool.fetchrow("SELECT at, last_at, ended_at, count FROM alarms")
    assert row is not None
    assert tuple(row) == (NOON, NOON + 3 * HOUR, None, 4)
    await pool.execute("UPDATE alarms SET ended_at = $1", NOON + 4 * HOUR)
    await pool.execute(RAISE, *said, NOON + 3 * DAY)
    assert await lines(pool) == [(*said[:2], 1)]
    assert await pool.fetchval("SELECT count(*) FROM alarms") == 2


async def test_alarms_of_before_become_one_line_each(empty_database: Database) -> None:
    dsn = empty_database.dsn
    done = await migrate(dsn)
    await rollback(dsn, len([version for version in done if version >= "0025"]))
    database = await asyncpg.connect(dsn)
    await database.execute(
        "INSERT INTO alarms (at, kind, subject, detail)"
        " SELECT $1::timestamptz + n * interval '1 hour', 'trunk_open', 'carrier', n::text"
        " FROM generate_series(0, 4) n",
        NOON,
    )
    await database.execute("UPDATE alarms SET acknowledged_at = $1 WHERE detail = '0'", NOON)
    await migrate(dsn)
    rows = await database.fetch("SELECT at, last_at, detail, count FROM alarms ORDER BY id")
    await database.close()
    assert [tuple(row) for row in rows] == [
        (NOON, NOON, "0", 1), (NOON + HOUR, NOON + 4 * HOUR, "4", 4),
    ]  # fmt: skip
