"""`cadencia quarantine` on a real database: looked at, settled, taken out."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import asyncpg
import pytest

from dialer.ports import SetAside
from dialer.store.postgres import PostgresStore
from tests.integration.cli.test_commands import cadencia
from tests.integration.fixtures import Database
from tests.integration.recordings.calls import Books


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    """The same database, looked at."""
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool:
        yield pool


async def aside(database: Database, *records: tuple[str, str]) -> None:
    """The engine sets records of these kinds and subjects aside."""
    payload = json.dumps({"notes": "Muñoz"})
    async with PostgresStore.open(database.dsn, size=1) as store:
        fence = await store.take_fence()
        refused = [SetAside(*one, payload, "violates a check") for one in records]
        await store.set_aside(refused, at=datetime.now(UTC), fence=fence)


async def open_alarms(pool: asyncpg.Pool) -> list[str]:
    """Their subjects."""
    rows = await pool.fetch("SELECT subject FROM alarms WHERE acknowledged_at IS NULL ORDER BY id")
    return [row["subject"] for row in rows]


async def test_what_is_in_quarantine_is_listed_newest_first_and_shown_whole(database: Database) -> None:
    await aside(database, ("dispositions", "7"), ("pacing", ""))
    code, lines = await cadencia(database.dsn, "quarantine", "list")
    assert code == 0
    assert [line.split()[3:] for line in lines] == [
        ["pacing", "violates", "a", "check"],
        ["dispositions", "7", "violates", "a", "check"],
    ]
    assert len((await cadencia(database.dsn, "quarantine", "list", "--limit", "1"))[1]) == 1
    code, lines = await cadencia(database.dsn, "quarantine", "show", "1")
    assert code == 0
    assert [line for line in lines if line.startswith(("kind", "subject", "error", "attempt"))] == [
        "kind     dispositions",
        "subject  7",
        "error    violates a check",
        "attempt  -",
    ]
    assert '  "notes": "Muñoz"' in lines


async def test_a_record_that_is_settled_goes_and_its_alarm_with_the_last_of_its_kind(
    database: Database, pool: asyncpg.Pool
) -> None:
    await aside(database, ("dispositions", "7"), ("dispositions", "7"), ("marks", "7"))
    code, lines = await cadencia(database.dsn, "quarantine", "release", "1")
    assert (code, lines[-1]) == (0, "cadencia: 1 is released")
    assert '  "notes": "Muñoz"' in lines
    assert await open_alarms(pool) == ["dispositions 7", "marks 7"]
    assert (await cadencia(database.dsn, "quarantine", "release", "2"))[0] == 0
    assert await open_alarms(pool) == ["marks 7"]
    gone = (1, ["cadencia: there is no record 2 in quarantine"])
    assert await cadencia(database.dsn, "quarantine", "release", "2") == gone
    assert await cadencia(database.dsn, "quarantine", "show", "2") == gone


async def test_a_step_of_an_open_call_stays_until_its_attempt_has_ended(
    database: Database, pool: asyncpg.Pool
) -> None:
    books = Books(pool)
    over, on = await books.ended(), await books.ended(open_call=True)
    await aside(database, ("transition", str(on)), ("transition", str(over)))
    code, lines = await cadencia(database.dsn, "quarantine", "release", "1")
    assert (code, "attempt  still open" in lines) == (1, True)
    assert lines[-1].startswith("cadencia: not released: its attempt is open")
    assert (await cadencia(database.dsn, "quarantine", "release", "2"))[0] == 0
    assert await open_alarms(pool) == [f"transition {on}"]
