"""A database of its own for each test, and an archive process beside it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from recordings.archiver import ArchiveConfig, ArchiveMetrics, run
from recordings.finisher import Listener, nobody
from recordings.waiting import Patience
from tests.integration.fixtures import Database
from tests.integration.recordings.calls import Books

QUICK = Patience(after_end=0.0, settled=0.05, quiet=0.3, deadline=0.6)

Archive = Callable[..., AbstractAsyncContextManager[ArchiveMetrics]]


@pytest.fixture
def dsn(database: Database) -> str:
    """Address of the migrated database of this test."""
    return database.dsn


@pytest.fixture
async def pool(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections to the migrated database of this test."""
    async with asyncpg.create_pool(dsn, min_size=1, max_size=6) as opened:
        yield opened


@pytest.fixture
def books(pool: asyncpg.Pool) -> Books:
    """Calls and recordings in it."""
    return Books(pool)


@pytest.fixture
def config(tmp_path: Path) -> ArchiveConfig:
    """An impatient archive."""
    folders = (tmp_path / "spool", tmp_path / "archive")
    for folder in folders:
        folder.mkdir()
    return ArchiveConfig(*folders, workers=1, patience=QUICK, poll=0.2, sweep=0.2)


@pytest.fixture
def archiving(config: ArchiveConfig, pool: asyncpg.Pool) -> Archive:
    """`async with archiving() as metrics:` runs an archive process meanwhile."""

    @asynccontextmanager
    async def running(after: Listener = nobody, own: ArchiveConfig = config) -> AsyncIterator[ArchiveMetrics]:
        stop, metrics = asyncio.Event(), ArchiveMetrics()
        async with asyncio.TaskGroup() as group:
            group.create_task(run(own, pool, stop, metrics=metrics, after=after))
            try:
                yield metrics
            finally:
                stop.set()

    return running
