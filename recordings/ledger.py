"""The archive's side of Postgres: what must be recorded, who works on it, what came of it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from journal.sql import statements

EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""A watermark before every call."""


_SQL = statements("recordings")


@dataclass(frozen=True, slots=True)
class Ended:
    """An ended call and how long ago it ended, in seconds."""

    attempt: UUID
    age: float


@dataclass(frozen=True, slots=True)
class Pending:
    """Calls without a recording, and where the next look may begin."""

    calls: tuple[Ended, ...]
    watermark: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What the database says of the calls in the spool."""

    ended: tuple[Ended, ...]
    unknown: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Facts:
    """One ended call and its recording so far."""

    answered_at: datetime
    seconds: float | None
    """Answer to end; None when no answer was stored."""
    vanished: bool
    """The end was only noticed afterwards."""
    record: bool
    status: str | None
    path: str
    sha256: bytes | None


@dataclass(frozen=True, slots=True)
class Row:
    """What came of a call's recording."""

    status: str
    path: str = ""
    sha256: bytes | None = None
    size: int | None = None
    duration_ms: int | None = None
    peaks: dict[str, Any] | None = None
    detail: str = ""


class Claim:
    """The right to archive one call, held as long as its transaction."""

    def __init__(self, connection: Any, attempt: UUID, facts: Facts) -> None:
        """Made by Ledger.claim only."""
        self._connection = connection
        self._attempt = attempt
        self.facts = facts

    async def write(self, row: Row) -> None:
        """Write the outcome; visible when the claim is left."""
        peaks = orjson.dumps(row.peaks).decode() if row.peaks is not None else None
        values = (row.status, row.path, row.sha256, row.size, row.duration_ms, peaks, row.detail)
        await self._connection.execute(_SQL["write"], self._attempt, *values)

    async def alarm(self, kind: str, detail: str) -> None:
        """Tell the supervisors of this call, once, together with the row."""
        await self._connection.execute(_SQL["alarm"], kind, str(self._attempt), detail)


class Ledger:
    """Reads and writes of the archive over one pool."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        """The pool is the caller's; it needs one connection per worker and one more."""
        self._pool = pool

    async def pending(self, since: datetime, shortest: float, limit: int) -> Pending:
        """Calls placed since then, answered longer than `shortest` seconds, that lack a recording."""
        rows = await self._pool.fetch(_SQL["pending"], since, shortest, limit)
        calls = tuple(Ended(row["id"], max(0.0, row["age"])) for row in rows if row["id"])
        return Pending(calls, since if len(calls) >= limit else rows[0]["watermark"])

    async def known(self, attempts: Sequence[UUID]) -> Found:
        """Sort calls found in the spool into ended and unknown; open ones are left out."""
        rows = await self._pool.fetch(_SQL["known"], list(attempts))
        ended = tuple(Ended(row["id"], max(0.0, row["age"])) for row in rows if row["state"] == "ended")
        return Found(ended, frozenset(row["id"] for row in rows if row["state"] is None))

    @asynccontextmanager
    async def claim(self, attempt: UUID) -> AsyncIterator[Claim | None]:
        """Hold one call until the block is left (then commit); None when another process has it."""
        async with self._pool.acquire() as connection, connection.transaction():
            facts = None
            if await connection.fetchval(_SQL["lock"], str(attempt)):
                facts = await connection.fetchrow(_SQL["facts"], attempt)
            yield Claim(connection, attempt, _facts(facts)) if facts else None

    async def alarm(self, kind: str, subject: str, detail: str) -> bool:
        """Tell the supervisors once; whether it was news."""
        return await self._pool.fetchval(_SQL["alarm"], kind, subject, detail) is not None


def _facts(row: Any) -> Facts:
    """A row of the `facts` statement."""
    return Facts(
        answered_at=row["answered_at"],
        seconds=row["seconds"],
        vanished=row["vanished"],
        record=row["record"],
        status=row["status"],
        path=row["path"] or "",
        sha256=row["sha256"],
    )
