"""Work that is due at a time, whoever dies before: done, and gone or due again, in one transaction."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.follow import MOST_TRIES, PASSING, pause_after
from journal.own import SQL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class Due:
    """Work whose time has come."""

    kind: str
    key: str
    """With the kind its name: there is one of a name at most."""
    due_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


Work = Callable[["Connection", Due], Awaitable[datetime | None]]
"""Does it, in the transaction that takes the timer away; returns when it is due again, None = it is done."""


async def set_timer(
    connection: "Connection", kind: str, key: str, due_at: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Due then, whatever was due before under this name; in the transaction of the caller."""
    await connection.execute(SQL["timer_set"], kind, key, due_at, json.dumps(dict(data or {})))


async def unset_timer(connection: "Connection", kind: str, key: str) -> None:
    """Not due any more."""
    await connection.execute(SQL["timer_unset"], kind, key)


async def fire(connection: "Connection", works: Mapping[str, Work], now: datetime) -> bool:
    """Do the work that has been due longest; False when none is, or other processes are at all of it."""
    async with connection.transaction():
        row = await connection.fetchrow(SQL["timer_due"], list(works), now)
        if row is None:
            return False
        due = Due(row["kind"], row["key"], row["due_at"], json.loads(row["data"]))
        try:
            async with connection.transaction():
                await _done(connection, due, await works[due.kind](connection, due))
        except PASSING:
            raise
        except Exception as error:  # noqa: BLE001  # a supervision point: whatever it is, it stops nobody else
            await _failed(connection, due, row["tries"] + 1, error, now)
    return True


async def _done(connection: "Connection", due: Due, again: datetime | None) -> None:
    if again is None:
        await unset_timer(connection, due.kind, due.key)
    else:
        await set_timer(connection, due.kind, due.key, again, due.data)


async def _failed(connection: "Connection", due: Due, tries: int, error: Exception, now: datetime) -> None:
    said = f"{type(error).__name__}: {error}"[:500]
    dead = tries >= MOST_TRIES
    row = (due.kind, due.key, said, now + pause_after(tries), dead)
    await connection.execute(SQL["timer_failed"], *row)
    if dead:
        await connection.execute(SQL["alarm_dead"], f"timer {due.kind}", f"{due.key}: {said}"[:300])
