"""The first seconds of screened calls are kept as long as the campaign's rule pack says."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.ports import WallClock
from dialer.store.contact_gate import read_pack
from dialer.store.pool import session
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Pool

log = structlog.get_logger(__name__)

EVERY = timedelta(hours=1)
BATCH = 500
"""Verdicts of one statement."""
WITHOUT_PACK = 30
"""Days where the rule pack cannot be read."""


class VerdictAudioRetention:
    """Deletes files that are kept long enough, and what names them. Several may run: each file goes once."""

    def __init__(self, pool: "Pool", clock: WallClock, folder: Path) -> None:
        self._pool, self._clock, self._folder = pool, clock, folder

    async def run(self) -> None:
        """Once an hour until cancelled; a database that is away is asked again in the next hour."""
        while True:
            try:
                gone = await self.forget()
            except (StoreUnavailable, CommitRefused) as error:
                log.warning("verdicts.retention_failed", error=str(error))
            else:
                if gone:
                    log.info("verdicts.audio_forgotten", files=gone)
            await asyncio.sleep(EVERY.total_seconds())

    async def forget(self) -> int:
        """Delete what is due; the number of verdicts whose audio is gone."""
        async with session(self._pool) as connection:
            rules = await connection.fetch(queries()["verdict_audio_rules"])
        total = 0
        for rule in rules:
            pack = await read_pack(rule["pack"])
            total += await self._of_campaign(rule["id"], pack.verdict_audio_days if pack else WITHOUT_PACK)
        return total

    async def _of_campaign(self, campaign_id: int, days: int) -> int:
        before, total = self._clock.wall() - timedelta(days=days), 0
        while True:
            async with session(self._pool) as connection:
                rows = await connection.fetch(queries()["forget_verdict_audio"], campaign_id, before, BATCH)
            await asyncio.to_thread(self._delete, [row["audio"] for row in rows])
            total += len(rows)
            if len(rows) < BATCH:
                return total

    def _delete(self, places: list[str]) -> None:
        root = self._folder.resolve()
        for place in places:
            path = (root / place).resolve()
            if root not in path.parents:
                log.warning("verdicts.audio_outside", place=place)
                continue
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                log.warning("verdicts.audio_not_deleted", place=place, error=str(error))
