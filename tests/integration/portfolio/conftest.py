"""A pool on a fresh database, with one campaign."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from portfolio.importer import ImportReport, import_file
from tests.integration.fixtures import Database

CAMPAIGN = (
    "INSERT INTO campaigns (code, name, trunk, caller_id)"
    " VALUES ($1, $1, 'carrier', '+34910000000') RETURNING id"
)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """Connections to the database of this test."""
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=6) as opened:
        yield opened


@pytest.fixture
async def campaign_id(pool: "asyncpg.Pool[asyncpg.Record]") -> int:
    """A campaign."""
    return int(await pool.fetchval(CAMPAIGN, "first"))


async def pieces(content: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    """Content as a stream."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def import_text(
    pool: "asyncpg.Pool[asyncpg.Record]",
    campaign_id: int,
    text: str | bytes,
    *,
    list_name: str = "november",
    dry_run: bool = False,
    actor_id: int | None = None,
    creditor: str = "Acreedor",
    same_rows: frozenset[int] = frozenset(),
    decided: frozenset[str] = frozenset(),
) -> ImportReport:
    """Import what is given."""
    content = text.encode() if isinstance(text, str) else text
    return await import_file(
        pool,
        pieces(content),
        campaign_id=campaign_id,
        list_name=list_name,
        default_region="ES",
        dry_run=dry_run,
        actor_id=actor_id,
        creditor=creditor,
        same_rows=same_rows,
        decided=decided,
    )
