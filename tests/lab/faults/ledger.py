"""Questions to the floor's database on one connection that comes back after the database's faults."""

import asyncio
from typing import Any

import asyncpg

LIMIT = 2.0
"""Seconds for an answer; a frozen database gives none."""
AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Ledger:
    """Past any link: the harness sees the database itself."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def ask(self, sql: str, *values: Any) -> list[asyncpg.Record]:
        """Rows; none while the database is away."""
        try:
            async with asyncio.timeout(LIMIT):
                if self._connection is None:
                    self._connection = await asyncpg.connect(self._dsn)
                return await self._connection.fetch(sql, *values)
        except AWAY:
            await self.close()
            return []

    async def close(self) -> None:
        """End the connection, whatever state it is in."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = None
