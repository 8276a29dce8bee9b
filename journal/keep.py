"""The days of the journal that everybody has passed are emptied."""

from datetime import timedelta
from typing import TYPE_CHECKING

import asyncpg

from journal.own import SQL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

SLOTS = 8
"""Days of the ring."""
_WRITTEN = (0, 1)
"""Days from now whose slot is written, or will be before we look again."""


async def empty_old_days(connection: "Connection", keep: timedelta) -> int:
    """Empty the slots whose facts are all older than `keep` and passed by every follower; how many."""
    now = await connection.fetchval(SQL["now"])
    days = [now + timedelta(days=n) for n in _WRITTEN]
    written = {await connection.fetchval(SQL["slot_of"], day) for day in days}
    done = 0
    for slot in range(SLOTS):
        if slot not in written and await connection.fetchval(SQL["slot_filled"], slot):
            done += await _empty(connection, slot, now - keep)
    return done


async def _empty(connection: "Connection", slot: int, before: object) -> bool:
    """Whether it was emptied; not while somebody holds the table, or has yet to follow."""
    try:
        async with connection.transaction():
            # Nobody writes there; who reads it is done in a moment, and comes before us.
            await connection.execute(SQL["patience"])
            if await connection.fetchval(SQL["slot_open"], slot, before):
                return False
            await connection.execute(SQL["slot_empty"].replace("journal_0", f"journal_{slot:d}"))
    except asyncpg.LockNotAvailableError:
        return False
    return True
