"""The loops of whoever follows: pages of facts, letters, timers, and the emptying of old days."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg
import structlog

from journal.bell import Bell
from journal.follow import PASSING, Follower, follow, lag, try_again
from journal.keep import empty_old_days
from journal.own import SQL
from journal.position import Rewound
from journal.timers import Work, fire
from journal.waiting import rung_or

if TYPE_CHECKING:
    from collections.abc import Callable

    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

LOOK = 0.05
"""Seconds between two looks for what nobody rings for: half of the lag that is allowed."""
LETTERS_EVERY = 1.0
TIMERS_EVERY = 0.5
LAG_EVERY = 5.0
KEEP_EVERY = 600.0
LATE = 30.0
"""Seconds after which a follower that is behind is an alarm."""
_PAUSE = 1.0
TROUBLE = (*PASSING, asyncpg.PostgresError, Rewound)
"""Ends no worker, whatever it is: it is told, and tried again."""

_log = structlog.get_logger("journal")


@dataclass(slots=True)
class Counts:
    """What one process has done, for its operations port."""

    followed: dict[str, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    lag: dict[str, float] = field(default_factory=dict)
    """Follower → seconds since the oldest fact that waits for it."""
    fired: int = 0
    ok: bool = False
    """Whether the database answered last."""


class Worker:
    """Follows for these followers and does these works; any number of processes may."""

    def __init__(
        self,
        pool: "Pool",
        bell: Bell,
        followers: Sequence[Follower],
        works: Mapping[str, Work],
        now: "Callable[[], datetime]",
        *,
        keep: timedelta = timedelta(days=2),
    ) -> None:
        """Nothing happens before run()."""
        self._pool, self._bell, self._followers, self._works = pool, bell, followers, works
        self._now, self._keep = now, keep
        self.counts = Counts()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            if self._followers:
                tasks.create_task(self._bell.run(), name="journal.bell")
            tasks.create_task(self._restored(), name="journal.restored")
            for one in self._followers:
                tasks.create_task(self._follow(one), name=f"journal.{one.name}")
                tasks.create_task(self._letters(one), name=f"journal.{one.name}.letters")
            if self._works:
                tasks.create_task(self._timers(), name="journal.timers")
            tasks.create_task(self._watch(), name="journal.watch")
            tasks.create_task(self._empty(), name="journal.days")

    async def _restored(self) -> None:
        """Once, at the start."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    kept = await connection.fetchval(SQL["restored"])
            except TROUBLE as error:
                await self._trouble("restored", error)
                continue
            if kept is not None:
                _log.warning("journal.restored", letters=kept)
            return

    async def _follow(self, follower: Follower) -> None:
        rung = self._bell.hear()
        while True:
            await rung_or(rung, LOOK)
            try:
                await self._pages(follower)
            except Rewound:
                await self._restored()
            except TROUBLE as error:
                await self._trouble(follower.name, error)

    async def _pages(self, follower: Follower) -> None:
        counts, more = self.counts, True
        while more:
            async with self._pool.acquire() as connection:
                done = await follow(connection, follower)
            counts.ok, more = True, done.more
            counts.followed[follower.name] = counts.followed.get(follower.name, 0) + done.facts
            counts.failed[follower.name] = counts.failed.get(follower.name, 0) + done.failed

    async def _letters(self, follower: Follower) -> None:
        while True:
            await asyncio.sleep(LETTERS_EVERY)
            try:
                async with self._pool.acquire() as connection:
                    await try_again(connection, follower)
            except TROUBLE as error:
                await self._trouble(f"{follower.name}.letters", error)

    async def _timers(self) -> None:
        while True:
            await asyncio.sleep(TIMERS_EVERY)
            try:
                async with self._pool.acquire() as connection:
                    while await fire(connection, self._works, self._now()):
                        self.counts.fired += 1
            except TROUBLE as error:
                await self._trouble("timers", error)

    async def _watch(self) -> None:
        """How far behind each follower is."""
        while True:
            try:
                async with self._pool.acquire() as connection:
                    for one in self._followers:
                        behind = self.counts.lag[one.name] = await lag(connection, one)
                        await _told(connection, one.name, behind)
            except TROUBLE as error:
                await self._trouble("watch", error)
            await asyncio.sleep(LAG_EVERY)

    async def _empty(self) -> None:
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await empty_old_days(connection, self._keep)
            except TROUBLE as error:
                await self._trouble("days", error)
            await asyncio.sleep(KEEP_EVERY)

    async def _trouble(self, what: str, error: BaseException) -> None:
        """The database is away, or somebody else was in the way: once more."""
        self.counts.ok = False
        _log.warning("journal.waits", what=what, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(_PAUSE)


async def _told(connection: "Connection", follower: str, behind: float) -> None:
    """Who is behind is an alarm while it is so."""
    if behind > LATE:
        await connection.execute(SQL["alarm_late"], follower, f"{behind:.0f} s")
    else:
        await connection.execute(SQL["alarm_late_over"], follower)
