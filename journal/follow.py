"""A follower: what it does and how far it has come are committed together, so each fact is followed once."""

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.events import Fact
from journal.own import SQL
from journal.position import Position, fact_of, read

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

PAGE = 500
"""Facts that are followed in one transaction."""
MOST_TRIES = 5
FIRST_PAUSE = timedelta(seconds=1)
"""Before the second try; each further one waits four times as long."""
Handle = Callable[["Connection", Sequence[Fact]], Awaitable[None]]
PASSING = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TransactionRollbackError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
"""The database's trouble, not the fact's: the same facts are followed again."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Somebody whom these kinds of facts concern."""

    name: str
    kinds: tuple[str, ...]
    handle: Handle
    """Follows a page, or one fact of it, in the transaction that moves the cursor, and reads the truth: the
    order may be another. What it raises is the facts' fault; PASSING is the database's."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of one turn."""

    facts: int = 0
    oldest: datetime | None = None
    """When the first of them was committed, or a little before."""
    failed: int = 0
    more: bool = False
    """Whether more is known to wait."""
    busy: bool = False
    """Whether another process is at it."""


async def follow(connection: "Connection", follower: Follower, *, limit: int = PAGE) -> Followed:
    """Follow the next facts in one transaction."""
    async with connection.transaction():
        taken = await _take(connection, follower)
        if taken is None:
            return Followed(busy=True)
        position, still = taken
        facts, then = await read(connection, position, follower.kinds, limit)
        failed = await _all(connection, follower, facts)
        if facts or position.upto is not None or still:
            after = then.after or (None, None)
            row = (then.done, then.upto, *after, len(facts), list(follower.kinds))
            await connection.execute(SQL["cursor_move"], follower.name, *row)
    return Followed(len(facts), facts[0].at if facts else None, failed, then.upto is not None)


async def _take(connection: "Connection", follower: Follower) -> tuple[Position, bool] | None:
    """Where it stands, held until the transaction ends; None while another process holds it.

    And whether it is to be written though nothing came.
    """
    asked = (follower.name, list(follower.kinds))
    row = await connection.fetchrow(SQL["cursor_take"], *asked)
    if row is None:
        await connection.execute(SQL["cursor_make"], *asked)
        row = await connection.fetchrow(SQL["cursor_take"], *asked)
    if row is None:
        return None
    # Before a cursor that stands still piles up what others follow, and no day can be emptied.
    return _position(row), row["still"] or row["other"]


def _position(row: asyncpg.Record) -> Position:
    after = None if row["after_id"] is None else (row["after_txid"], row["after_id"])
    return Position(row["done"], row["upto"], after)


async def lag(connection: "Connection", follower: Follower) -> float:
    """Seconds since the first fact that it has yet to follow was written; 0 = none waits."""
    row = await connection.fetchrow(SQL["cursor_see"], follower.name)
    if row is None:
        return 0.0
    facts, _ = await read(connection, _position(row), follower.kinds, 1)
    return (await connection.fetchval(SQL["now"]) - facts[0].at).total_seconds() if facts else 0.0


async def _all(connection: "Connection", follower: Follower, facts: Sequence[Fact]) -> int:
    """Follow them together; where that fails each by itself, and those that fail are set aside."""
    if not facts or await _error_of(connection, follower, facts) is None:
        return 0
    failed = 0
    for fact in facts:
        error = await _error_of(connection, follower, (fact,))
        if error is not None:
            failed += 1
            await _set_aside(connection, follower.name, fact, error)
    return failed


async def _error_of(connection: "Connection", follower: Follower, facts: Sequence[Fact]) -> str | None:
    """What went wrong, and then nothing of it was done; None = nothing did."""
    try:
        async with connection.transaction():
            await follower.handle(connection, facts)
    except PASSING:
        raise
    except Exception as error:  # noqa: BLE001  # a supervision point: whatever it is, it stops nobody else
        return f"{type(error).__name__}: {error}"[:500]
    return None


async def _set_aside(connection: "Connection", name: str, fact: Fact, error: str) -> None:
    keys = (fact.person_id, fact.campaign_id, json.dumps(dict(fact.data)))
    row = (name, fact.id, fact.at, fact.kind, fact.version, *keys, error, FIRST_PAUSE)
    await connection.execute(SQL["letter_put"], *row)


async def try_again(connection: "Connection", follower: Follower) -> int:
    """Follow what was set aside and is due; how much of it was followed."""
    async with connection.transaction():
        rows = await connection.fetch(SQL["letters_due"], follower.name)
        return sum([await _again(connection, follower, row) for row in rows])


async def _again(connection: "Connection", follower: Follower, row: Any) -> bool:
    error = await _error_of(connection, follower, (fact_of(row),))
    if error is None:
        await connection.execute(SQL["letter_done"], row["letter_id"])
        return True
    tries = row["tries"] + 1
    dead = tries >= MOST_TRIES
    told = (row["letter_id"], error, pause_after(tries), dead)
    await connection.execute(SQL["letter_failed"], *told)
    if dead:
        await connection.execute(SQL["alarm_dead"], follower.name, f"{row['kind']}: {error}"[:300])
    return False


def pause_after(tries: int) -> timedelta:
    """How long is waited after so many tries, at least one."""
    return FIRST_PAUSE * float(4 ** (tries - 1))
