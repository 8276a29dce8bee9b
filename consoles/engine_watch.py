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

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class EngineWatch:
    """What is to be told of the engine, once it was told."""

    silent_since: datetime | None = None
    told: bool | None = None
    """Whether its silence is an alarm already; None = nothing told since our start."""

    def look(self, up: bool, now: datetime) -> Literal["silent", "back", ""]:
        """What is to be told now; until `heed` says that it was, it is said again."""
        if up:
            self.silent_since = None
            return "" if self.told is False else "back"
        self.silent_since = self.silent_since or now
        return "silent" if not self.told and now - self.silent_since >= PATIENCE else ""

    def heed(self, told: Literal["silent", "back"]) -> None:
        """It was told."""
        self.told = told == "silent"


async def watch_engine(web: Web) -> None:
    """Until cancelled; several web processes raise one alarm."""
    watch = EngineWatch()
    while True:
        news = watch.look(web.hub.engine_up, web.now())
        if news and await _told(web, news):
            watch.heed(news)
        await asyncio.sleep(EVERY)


async def _told(web: Web, news: Literal["silent", "back"]) -> bool:
    try:
        async with web.deps.pool.acquire(timeout=DATABASE_WAIT) as database:
            await database.execute(SQL[f"engine_{news}"], web.now())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        _log.warning("engine_alarm_failed", error=repr(error))
        return False
    return True
