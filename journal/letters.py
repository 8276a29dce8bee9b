"""What was set aside: shown, tried anew, or put away by a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.own import SQL

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]


@dataclass(frozen=True, slots=True)
class Letter:
    """A fact that its follower could not follow."""

    id: int
    follower: str
    at: datetime
    kind: str
    person_id: int | None
    campaign_id: int | None
    tries: int
    error: str
    next_at: datetime
    dead_at: datetime | None
    """Since when nobody tries any more; None = it is tried again by itself."""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a follower is."""

    follower: str
    followed: int
    moved_at: datetime
    waiting: int
    """Letters that are tried again."""
    dead: int


async def standings(connection: "Connection") -> tuple[Standing, ...]:
    """Every follower that ever followed, by name."""
    return tuple(Standing(**row) for row in await connection.fetch(SQL["cursors"]))


async def letters(connection: "Connection", limit: int = 200) -> tuple[Letter, ...]:
    """What was set aside, the dead first."""
    rows = await connection.fetch(SQL["letters"], limit)
    return tuple(Letter(**{**row, "data": json.loads(row["data"])}) for row in rows)


async def retry(connection: "Connection", letter_id: int) -> bool:
    """It is tried anew, at once; False when there is no such letter."""
    return await _settled(connection, "letter_again", letter_id)


async def discard(connection: "Connection", letter_id: int) -> bool:
    """Nobody follows it any more; False when there is no such letter. The caller writes who did, and why."""
    return await _settled(connection, "letter_done", letter_id)


async def _settled(connection: "Connection", statement: str, letter_id: int) -> bool:
    async with connection.transaction():
        row = await connection.fetchrow(SQL[statement], letter_id)
        if row is None:
            return False
        await connection.execute(SQL["alarm_dead_over"], row["follower"])
    return True
