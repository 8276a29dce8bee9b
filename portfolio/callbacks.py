"""Callbacks that were agreed: shown, moved, given to somebody else, withdrawn."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import asyncpg

from journal.append import append
from journal.events import SettingsChanged
from portfolio.audit import record_audit
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

MOST_SHOWN = 500


class UnknownCallback(LookupError):
    """There is no such callback to be made."""


@dataclass(frozen=True, slots=True)
class CallbackAnswer:
    """A callback that is still to be made."""

    id: int
    campaign_id: int
    campaign: str
    person_id: int
    person: str
    zone: str | None
    """Of the person, where it is known."""
    agent_id: int | None
    agent: str
    """Whose it is; empty = anyone's."""
    at: datetime
    open_at: datetime
    """From when on anybody may call."""
    status: str
    made_at: datetime


async def callbacks_of(
    connection: "Connection", campaign_id: int | None, agent_id: int | None
) -> tuple[CallbackAnswer, ...]:
    """Callbacks to be made, the earliest first; None = of all."""
    rows = await connection.fetch(statements()["callbacks_of"], campaign_id, agent_id, MOST_SHOWN)
    return tuple(CallbackAnswer(**row) for row in rows)


async def move_callback(
    connection: "Connection",
    callback_id: int,
    agent_id: int | None,
    at: datetime,
    actor_id: int | None,
) -> None:
    """Another time or another agent, with the same patience as before; raises UnknownCallback."""
    async with connection.transaction():
        row = await _locked(connection, callback_id)
        patience = row["open_at"] - row["at"] if row["agent_id"] is not None else timedelta(minutes=10)
        open_at = at + patience if agent_id is not None else at
        await connection.execute(statements()["callback_move"], callback_id, agent_id, at, open_at)
        await connection.execute(statements()["callback_move_lead"], row["lead_id"], open_at)
        before = {"agent": row["agent_id"], "at": row["at"].isoformat()}
        after = {"agent": agent_id, "at": at.isoformat()}
        subject = f"person:{row['person_id']}"
        await record_audit(connection, actor_id, "callback.move", subject, before=before, after=after)
        await append(connection, SettingsChanged("callbacks"))


async def withdraw_callback(
    connection: "Connection", callback_id: int, reason: str, actor_id: int | None, now: datetime
) -> None:
    """It is not made any more; raises UnknownCallback. The lead stays in its list."""
    async with connection.transaction():
        row = await _locked(connection, callback_id)
        await connection.execute(statements()["callback_withdraw"], callback_id, now)
        await connection.execute(statements()["callback_free_lead"], row["lead_id"])
        subject = f"person:{row['person_id']}"
        before = {"agent": row["agent_id"], "at": row["at"].isoformat()}
        await record_audit(
            connection, actor_id, "callback.withdraw", subject, before=before, reason=reason[:500]
        )
        await append(connection, SettingsChanged("callbacks"))


async def _locked(connection: "Connection", callback_id: int) -> asyncpg.Record:
    row = await connection.fetchrow(statements()["callback_lock"], callback_id)
    if row is None:
        raise UnknownCallback(callback_id)
    return row
