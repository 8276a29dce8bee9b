"""A database for jobs."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import asyncpg
import pytest

from tests.integration.fixtures import Database

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Db = PoolConnectionProxy[asyncpg.Record]


@pytest.fixture
async def pool(database: Database) -> "AsyncIterator[Pool]":
    """Connections to an empty database."""
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=8) as opened:
        yield opened


@pytest.fixture
async def db(pool: "Pool") -> "AsyncIterator[Db]":
    """One of them."""
    async with pool.acquire() as connection:
        yield connection
