"""The first seconds of calls go when the rule pack says so, and nothing else does."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from dialer.model.verdict import VerdictRecord
from dialer.ports import EngineCommit
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from dialer.store.verdict_retention import VerdictAudioRetention
from tests.conformance.store_worlds import PostgresWorld
from tests.conformance.test_store import NOON, place_one
from tests.integration.fixtures import Database

PLACES = ("2026-01-01/old.flac", "2026-01-02/missing.flac", "../outside.flac", "2026-11-20/new.flac")


class At:
    """A clock that was set forward by a year since the sweeper started, and stands."""

    def now(self) -> datetime:
        return NOON - timedelta(days=365)

    def wall(self) -> datetime:
        return NOON

    def shift(self, step: timedelta) -> None:
        raise AssertionError("the sweeper sets no clock")


@pytest.fixture
async def world(database: Database) -> AsyncIterator[PostgresWorld]:
    async with (
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=3) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


async def test_audio_is_deleted_by_the_packs_days(
    world: PostgresWorld, database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "audio"
    for place in PLACES:
        if "missing" not in place:
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"fLaC")
    campaign = await world.campaign()
    for number, place in enumerate(PLACES):
        call, _ = await place_one(world, campaign, f"+3491000030{number}")
        at = NOON if "new" in place else NOON - timedelta(days=31)
        record = VerdictRecord(call.id, "answer", campaign.id, at, "progress", "machine", audio=place)
        await world.store.commit(EngineCommit(verdicts=(record,)), fence=world.fence)
    pool = await open_pool(database.dsn, 2)
    retention = VerdictAudioRetention(pool, At(), folder)
    assert await retention.forget() == 3
    assert [(folder / place).exists() for place in PLACES] == [False, False, True, True]
    assert await retention.forget() == 0
    await close_pool(pool)
    kept = await world.pool.fetch("SELECT audio FROM call_verdicts WHERE audio <> ''")
    assert [row["audio"] for row in kept] == [PLACES[3]]
