"""No callback is saved as agreed that the contact gate would refuse: asked before the engine hears of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import asyncpg
import structlog

from agent_ws.messages import CallbackRefused
from dialer.exceptions import CadenciaError
from dialer.model.commands import Dispose
from dialer.model.values import CALLBACK_HORIZON
from dialer.ports import WallClock
from dialer.time_limit import time_limit
from portfolio.contact_rules import Foreseen
from portfolio.foreseen import Wish, foresee_after_call

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

PATIENCE = 2.0
"""Seconds that saving a disposition waits for the answer; the engine's gate stays the last word. No longer:
the wrap-up runs on, and what the page asks next waits as well."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CallbackCheck:
    """Looks at each disposition with an agreed time; made for the hub."""

    pool: "Pool"
    clock: WallClock
    patience: float = PATIENCE

    async def __call__(self, agent_id: int, said: Dispose) -> CallbackRefused | None:
        """Why it must not be promised; None = it may, or nobody can tell now."""
        now = self.clock.wall()
        if said.callback_at is None or not now < said.callback_at <= now + CALLBACK_HORIZON:
            return None  # the engine says what is wrong with it
        wish = Wish(said.callback_at, own=said.callback_mine)
        try:
            # The pool's own limit bounds how long it then waits for a database that hangs to let go.
            async with time_limit(self.patience), self.pool.acquire(timeout=self.patience) as database:
                found = await foresee_after_call(database, said.call_id, agent_id, wish, now)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, CadenciaError) as error:
            _log.warning("callback_not_foreseen", user_id=agent_id, error=repr(error))
            return None
        if found is None or found.permitted:
            return None
        return CallbackRefused(rule=found.rule, first_at=within_horizon(found, now))


def within_horizon(found: Foreseen, now: datetime) -> datetime | None:
    """The first instant, where it is near enough to be agreed at all."""
    first = found.first_at
    return first if first is not None and first <= now + CALLBACK_HORIZON else None
