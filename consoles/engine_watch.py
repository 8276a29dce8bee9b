"""The web process outlives the engine: its silence is an alarm, and its return ends the alarm."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import asyncpg
import structlog

from consoles.sql import SQL
from consoles.web_deps import DATABASE_WAIT, Web

PATIENCE = timedelta(seconds=9)
"""After the hub took the engine for dead (6 s of silence): a restart takes no longer."""
EVERY = 1.0
"""Seconds between two looks."""
News = Literal["silent", "still", "back"]
"""still: another process, which hears the engine, may have ended the alarm of one that does not."""
_TOLD_BY: dict[News, str] = {"silent": "engine_silent", "still": "engine_still", "back": "engine_back"}

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class EngineWatch:
    """What is to be told of the engine, once it was told."""

    silent_since: datetime | None = None
    told: bool | None = None
    """Whether its silence is an alarm already; None = nothing told since our start."""
    told_at: datetime | None = None

    def look(self, up: bool, now: datetime) -> News | Literal[""]:
        """What is to be told now; until `heed` says that it was, it is said again."""
        if up:
            self.silent_since = None
            return "" if self.told is False else "back"
        self.silent_since = self.silent_since or now
        if now - self.silent_since < PATIENCE:
            return ""
        if not self.told:
            return "silent"
        return "still" if self.told_at is None or now - self.told_at >= PATIENCE else ""

    def heed(self, told: News, now: datetime) -> None:
        """It was told."""
        self.told, self.told_at = told != "back", now


async def watch_engine(web: Web) -> None:
    """Until cancelled; several web processes raise one alarm, which lasts while one of them hears nothing."""
    watch = EngineWatch()
    while True:
        news = watch.look(web.hub.engine_up, web.now())
        if news and await _told(web, news):
            watch.heed(news, web.now())
        await asyncio.sleep(EVERY)


async def _told(web: Web, news: News) -> bool:
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            await database.execute(SQL[_TOLD_BY[news]], web.now())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _log.warning("engine_alarm_failed", error=repr(error))
        return False
    return True
