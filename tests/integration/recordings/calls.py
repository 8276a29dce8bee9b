"""Ended calls in a database, as the engine leaves them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

_CAMPAIGN = """INSERT INTO campaigns (code, name, trunk, caller_id, settings)
    VALUES ($1, 'Test', 'trunk', '+34910000000', $2::text::jsonb) RETURNING id"""
_LEAD = """WITH p AS (INSERT INTO persons (name) VALUES ('Ana') RETURNING id),
    n AS (INSERT INTO phones (person_id, number) SELECT id, '+34910000001' FROM p RETURNING id, person_id),
    l AS (INSERT INTO lists (campaign_id, name) VALUES ($1, $2) RETURNING id)
    INSERT INTO leads (list_id, campaign_id, person_id) SELECT l.id, $1, n.person_id FROM l, n
    RETURNING id, person_id, (SELECT id FROM n) AS phone_id"""
_ATTEMPT = """INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, limits,
        screened, placed_at, answered_at, ended_at, outcome)
    VALUES ($1, $2, $3, $4, $5, '+34910000001', $6, '{}', false, $7, $8, $9, $10)"""
_EVENT = """INSERT INTO attempt_events (attempt_id, version, at, event, from_state, to_state)
    VALUES ($1, 2, now(), $2, 'connected', 'ended')"""


@dataclass(frozen=True, slots=True)
class Books:
    """Writes calls and reads what the archive made of them."""

    pool: asyncpg.Pool

    async def ended(
        self,
        *,
        seconds: float | None = 3.0,
        ago: float = 3600.0,
        record: bool = True,
        event: str = "hung_up",
        open_call: bool = False,
    ) -> UUID:
        """A call answered for so long (None: never) that ended so long ago."""
        attempt, ended = uuid4(), datetime.now(UTC) - timedelta(seconds=ago)
        campaign = await self.pool.fetchval(
            _CAMPAIGN, f"c-{attempt}", orjson.dumps({"record": record}).decode()
        )
        lead = await self.pool.fetchrow(_LEAD, campaign, str(attempt))
        assert lead is not None
        answered = None if seconds is None else ended - timedelta(seconds=seconds)
        state, end, outcome = ("connected", None, None) if open_call else ("ended", ended, "conversation")
        placed = (answered or ended) - timedelta(seconds=5)
        ids = (attempt, campaign, lead["id"], lead["person_id"], lead["phone_id"])
        await self.pool.execute(_ATTEMPT, *ids, state, placed, answered, end, outcome)
        if not open_call:
            await self.pool.execute(_EVENT, attempt, event)
        return attempt

    async def recording(self, attempt: UUID) -> Any:
        """The row of a call's recording, None without."""
        return await self.pool.fetchrow("SELECT * FROM recordings WHERE attempt_id = $1", attempt)

    async def recordings(self) -> int:
        """How many rows there are."""
        return int(await self.pool.fetchval("SELECT count(*) FROM recordings"))

    async def alarms(self, kind: str) -> list[str]:
        """Subjects of the alarms of a kind."""
        return [
            row["subject"]
            for row in await self.pool.fetch("SELECT subject FROM alarms WHERE kind = $1", kind)
        ]

    async def answered_on(self, attempt: UUID) -> str:
        """The date folder of a call."""
        at = await self.pool.fetchval("SELECT answered_at FROM attempts WHERE id = $1", attempt)
        return f"{at.astimezone(UTC):%Y/%m/%d}"
