"""Writes the engine's turns: again while the database is away, in parts where it refuses something."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from dialer.engine.inputs import PutBackIn
from dialer.engine.metrics import EngineMetrics
from dialer.engine.quarantine import Refused, sift, units, withheld
from dialer.engine.state import Turn
from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.ports import EngineCommit, LiveStore

RETRY_FIRST, RETRY_LAST = 0.05, 2.0

log = structlog.get_logger("engine")

T = TypeVar("T")


class Writer:
    """One commit for each turn. Nothing of a turn is done before this returns."""

    def __init__(self, store: LiveStore, metrics: EngineMetrics) -> None:
        self._store, self._metrics = store, metrics

    async def write(self, turn: Turn, fence: int) -> PutBackIn | None:
        """Write the turn; what is refused of it is set aside, and returned for the floor to take back."""
        commit = turn.commit()
        if commit.empty:
            return None

        async def write(part: EngineCommit) -> None:
            await self._patiently(lambda: self._timed(part, fence))

        try:
            await write(commit)
        except CommitRefused as error:
            log.error("commit.refused", error=type(error.__cause__ or error).__name__)
            return await self._set_aside(turn, await sift(units(commit), write), fence)
        return None

    async def _set_aside(self, turn: Turn, refused: list[Refused], fence: int) -> PutBackIn | None:
        if not refused:
            return None
        self._metrics.quarantined.inc(len(refused))
        records = tuple(one.record() for one in refused)
        await self._patiently(lambda: self._store.set_aside(records, at=turn.now, fence=fence))
        calls = frozenset(one.unit.call_id for one in refused if one.unit.call_id is not None)
        stored = await self._patiently(lambda: self._store.shown_calls(list(calls))) if calls else ()
        turn.effects[:] = withheld(turn.effects, calls)
        turn.deferred[:] = [item for item in turn.deferred if item.call_id not in calls]
        said = [made for one in refused for made in one.unit.part.dispositions]
        return PutBackIn(tuple(calls), stored, tuple((made.agent_id, "agent.dispose") for made in said))

    async def _timed(self, part: EngineCommit, fence: int) -> None:
        with self._metrics.commit.time():
            await self._store.commit(part, fence=fence)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """While the database is away nothing goes out and inputs wait."""
        pause = RETRY_FIRST
        while True:
            try:
                return await ask()
            except StoreUnavailable as error:
                self._metrics.commit_retries.inc()
                log.warning("store.unavailable", error=str(error), again_in=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY_LAST)
