"""The schema changes while people work: nobody waits for long, nothing is half made or made twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from dialer.exceptions import MigrationFailed
from dialer.store.migrate import migrate, read_migrations, rollback
from tests.eventually import eventually
from tests.integration.fixtures import Database

HEAD = tuple(file.version for file in read_migrations())
PATIENCE = "5s"
"""How long a statement of those who work waits for a table before it fails, and with it the test."""
PEOPLE = 5_000
CAMPAIGN = """
    INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('alfa', 'alfa', 't', '+34910000000');
    INSERT INTO lists (campaign_id, name) VALUES (1, 'l');
    INSERT INTO engine_fence (name, fence) VALUES ('engine', 1);
"""
LEADS = """
    WITH p AS (INSERT INTO persons (name) SELECT 'P' || n FROM generate_series(1, $1::int) n RETURNING id),
    f AS (INSERT INTO phones (person_id, number) SELECT id, '+346' || lpad(id::text, 8, '0') FROM p)
    INSERT INTO leads (list_id, campaign_id, person_id) SELECT 1, 1, id FROM p
"""
DIAL = """
    WITH next AS (
        SELECT l.id, l.person_id, f.id AS phone_id, f.number
        FROM leads l JOIN phones f ON f.person_id = l.person_id
        WHERE l.campaign_id = 1 AND l.status = 'open' AND NOT EXISTS (
            SELECT 1 FROM attempts a WHERE a.person_id = l.person_id)
        ORDER BY l.id LIMIT 1 FOR UPDATE OF l SKIP LOCKED
    ), taken AS (UPDATE leads SET status = 'in_call' FROM next WHERE leads.id = next.id)
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, placed_at)
    SELECT gen_random_uuid(), 1, id, person_id, phone_id, number, '{}', false, now() FROM next
"""


def write(folder: Path, name: str, up: str, after: str = "", down: str = "SELECT 1;") -> None:
    """A numbered file."""
    middle = f"-- migrate:after\n{after}\n" if after else ""
    folder.joinpath(f"{name}.sql").write_text(f"-- migrate:up\n{up}\n{middle}-- migrate:down\n{down}\n")


@asynccontextmanager
async def dialling(dsn: str) -> AsyncIterator[list[int]]:
    """A campaign is dialled all the while; how many calls were placed. A statement that waits long fails."""
    placed = [0]

    async def dial() -> None:
        connection = await asyncpg.connect(dsn, server_settings={"lock_timeout": PATIENCE})
        try:
            while True:
                # As the engine: who is chosen to give way comes again.
                with suppress(asyncpg.DeadlockDetectedError):
                    said = await connection.execute(DIAL)
                    placed[0] += said == "INSERT 0 1"
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as tasks:
        working = [tasks.create_task(dial()) for _ in range(2)]
        yield placed
        for one in working:
            one.cancel()


async def test_from_0010_to_the_head_while_a_campaign_dials(empty_database: Database) -> None:
    dsn = empty_database.dsn
    await migrate(dsn, target="0010")
    connection = await asyncpg.connect(dsn)
    await connection.execute(CAMPAIGN)
    await connection.execute(LEADS, PEOPLE)
    async with dialling(dsn) as placed:
        await eventually(lambda: placed[0] > 20)
        before = placed[0]
        await migrate(dsn)
        during = placed[0]
        await connection.execute(LEADS, 200)  # should all have been called meanwhile
        await eventually(lambda: placed[0] > during + 20)
    assert during > before  # the premise: it dialled meanwhile
    calls = await connection.fetchval("SELECT count(*) FROM attempts")
    assert placed[0] <= calls <= placed[0] + 2  # two may have been told to end before they had counted theirs
    counted = "SELECT coalesce(sum(leads), 0) FROM lead_counts WHERE status = 'in_call'"
    assert await connection.fetchval(counted) == calls
    await connection.close()


async def test_a_table_that_somebody_holds_is_asked_for_again_and_nobody_waits_behind(
    empty_database: Database, tmp_path: Path
) -> None:
    dsn = empty_database.dsn
    write(tmp_path, "0001_a", "CREATE TABLE a (n int);")
    await migrate(dsn, folder=tmp_path)
    write(tmp_path, "0002_b", "ALTER TABLE a ADD COLUMN m int;")
    holder, worker = await asyncpg.connect(dsn), await asyncpg.connect(dsn)
    await worker.execute("SET lock_timeout = '5s'")
    held = holder.transaction()
    await held.start()
    await holder.execute("INSERT INTO a VALUES (1)")
    async with asyncio.TaskGroup() as tasks:
        migrating = tasks.create_task(migrate(dsn, folder=tmp_path))
        waits = "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'a'::regclass AND NOT granted"
        await eventually(lambda: asks(worker, waits))
        await worker.execute("INSERT INTO a VALUES (2)")  # behind it: it comes before its next try
        assert not migrating.done()
        await held.commit()
    assert migrating.result() == ("0002",)
    await holder.close()
    await worker.close()


async def asks(connection: "asyncpg.Connection[asyncpg.Record]", sql: str) -> bool:
    """Whether it is so now."""
    return bool(await connection.fetchval(sql))


async def test_an_index_is_made_beside_writers_and_rows_change_in_batches(
    empty_database: Database, tmp_path: Path
) -> None:
    after = (
        "-- step: index_n\nCREATE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);\n"
        "-- batch: fill\nUPDATE a SET m = 1 WHERE n IN (SELECT n FROM a WHERE m IS NULL LIMIT 40);\n"
    )
    up = "CREATE TABLE a (n int, m int); INSERT INTO a SELECT generate_series(1, 100);"
    write(tmp_path, "0001_a", up, after, "DROP TABLE a;")
    assert await migrate(empty_database.dsn, folder=tmp_path) == ("0001",)
    connection = await asyncpg.connect(empty_database.dsn)
    assert await connection.fetchval("SELECT count(*) FROM a WHERE m = 1") == 100
    assert await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass")
    await rollback(empty_database.dsn, folder=tmp_path)
    assert await connection.fetchval("SELECT count(*) FROM schema_steps") == 0
    await connection.close()


async def test_who_died_in_a_step_goes_on_from_there(empty_database: Database, tmp_path: Path) -> None:
    """And an index that is there, but broken, is made anew."""
    dsn = empty_database.dsn
    index = "-- step: once\nCREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS a_n ON a (n);\n"
    write(tmp_path, "0001_a", "CREATE TABLE a (n int); INSERT INTO a VALUES (1), (1);", index)
    with pytest.raises(MigrationFailed, match=r"0001_a, step once: .*unique"):
        await migrate(dsn, folder=tmp_path)
    connection = await asyncpg.connect(dsn)
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'a_n'::regclass"
    assert await connection.fetchval(valid) is False  # the premise
    await connection.execute("DELETE FROM a WHERE ctid = (SELECT max(ctid) FROM a)")
    assert await migrate(dsn, folder=tmp_path) == ()
    assert await connection.fetchval(valid) is True
    await connection.close()
