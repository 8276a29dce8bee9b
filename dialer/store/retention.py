"""Pacing decisions are kept for some weeks; then they go, with the models and learners that nobody needs.

The quarantine and the old changes of the rules go with them.
"""

import asyncio
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from dialer.ports import WallClock
from dialer.store.pool import session
from dialer.store.sql import queries
from journal.jobs import Handler, Kind, Outcome

if TYPE_CHECKING:
    from dialer.store.pool import Pool
    from journal.jobs.model import Work

BATCH = 2000
"""Rows of one statement."""
_BREATH = 0.2
"""Seconds between two batches: whoever calls people comes first."""
_MOST_BATCHES = 500
"""Batches of one turn: a million rows, more than a day of a large site brings in."""
FORGET = Kind("forget", every=86_400.0)
"""Done once a day."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Rows that went."""

    decisions: int = 0
    models: int = 0
    learners: int = 0


class PacingRetention:
    """Deletes what is older than the days that decisions are kept. Several may run: each row goes once."""

    def __init__(
        self, pool: "Pool", clock: WallClock, keep_days: int, *, batch: int = BATCH, breath: float = _BREATH
    ) -> None:
        self._pool, self._clock, self._keep = pool, clock, timedelta(days=keep_days)
        self._batch, self._breath = batch, breath

    async def forget(self) -> Forgotten:
        """Delete what is due, a batch at a time; models only once no older decision is left."""
        decisions, all_gone = await self._drained("forget_decisions")
        models = (await self._drained("forget_models"))[0] if all_gone else 0
        await self._once("forget_quarantine")
        await self._once("forget_rule_changes")
        return Forgotten(decisions, models, await self._once("forget_learners"))

    async def _drained(self, name: str) -> tuple[int, bool]:
        """(rows deleted, whether none is left)."""
        total = 0
        for _ in range(_MOST_BATCHES):
            gone = await self._once(name, self._batch)
            total += gone
            if gone < self._batch:
                return total, True
            await asyncio.sleep(self._breath)
        return total, False

    async def _once(self, name: str, *limits: int) -> int:
        # Days are counted by what the machine's clock shows: nobody sets `now` for who only sweeps.
        before = self._clock.wall() - self._keep
        async with session(self._pool) as connection:
            status = await connection.execute(queries()[name], before, *limits)
        return int(status.rpartition(" ")[2])


def forgetting(clock: WallClock, keep_days: int) -> Handler:
    """The job that does it."""

    async def forget(work: "Work") -> Outcome:
        return Outcome(asdict(await PacingRetention(work.pool, clock, keep_days).forget()))

    return forget
