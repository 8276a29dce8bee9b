"""Connections to a fresh database, and a follower that writes down what it follows."""

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

import asyncpg
import pytest

from journal.events import Fact
from journal.follow import Follower, follow
from tests.integration.fixtures import Database

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

KIND = "settings.changed"


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["Pool"]:
    """With a table of what was followed, in which nothing may stand twice."""
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=8) as opened:
        await opened.execute("CREATE TABLE followed (fact bigint PRIMARY KEY, what text NOT NULL)")
        yield opened


async def write_down(connection: "Connection", facts: Sequence[Fact]) -> None:
    """What the follower of these tests does."""
    for fact in facts:
        await connection.execute("INSERT INTO followed VALUES ($1, $2)", fact.id, fact.data["what"])


CLERK = Follower("clerk", (KIND,), write_down)


async def say(connection: "Connection | Pool", what: str) -> None:
    """Append a fact of the followed kind."""
    await connection.execute(
        "SELECT journal_append($1, 1, NULL, NULL, jsonb_build_object('what', $2::text))", KIND, what
    )


async def followed(pool: "Pool", *, limit: int = 500) -> list[str]:
    """Follow until nothing more is there; everything followed so far, in its order of facts."""
    async with pool.acquire() as connection:
        while (await follow(connection, CLERK, limit=limit)).more:
            pass
        return [row["what"] for row in await connection.fetch("SELECT what FROM followed ORDER BY ctid")]
