"""Lists at work: what they hold, how they are called, what holds their leads back. Changes act live."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import asyncpg

from portfolio.audit import record_audit
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

Order = Literal["due", "newest", "oldest", "random", "balance", "days_past_due"]
SORTED_AT_ONCE = 5_000
"""Leads that one statement gives a new place: the rows are locked meanwhile."""


class UnknownList(LookupError):
    """There is no such list."""


@dataclass(frozen=True, slots=True)
class ListSettings:
    """How a list is called."""

    status: Literal["active", "paused"]
    priority: int
    weight: int
    order_by: Order
    fresh_share: float | None
    daily_attempts: int | None
    daily_conversations: int | None


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """One list, with its counted leads and what it had today."""

    id: int
    campaign_id: int
    name: str
    settings: ListSettings
    created_at: datetime
    attempts_today: int
    conversations_today: int
    leads: dict[str, int]
    fresh: int
    """Open leads that were never called."""
    resting: int
    """Open leads that are not to be called before a time of their own."""
    resting_until: datetime | None
    """The first of these times."""


async def lists_of(
    connection: "Connection", now: datetime, campaign_id: int | None = None, list_id: int | None = None
) -> tuple[ListAnswer, ...]:
    """Lists of a campaign, the first to be called first."""
    rows = await connection.fetch(statements()["lists_of"], campaign_id, now, list_id)
    return tuple(_answer(row) for row in rows)


async def change_list(
    connection: "Connection", list_id: int, changes: dict[str, Any], actor_id: int | None
) -> ListSettings:
    """Change how a list is called, at once; raises UnknownList. sort_list() puts a new order in force."""
    async with connection.transaction():
        row = await connection.fetchrow(statements()["list_lock"], list_id)
        if row is None:
            raise UnknownList(list_id)
        before = _settings(row)
        after = ListSettings(**{**asdict(before), **changes})
        if after == before:
            return after
        await connection.execute(statements()["list_change"], list_id, *asdict(after).values())
        await record_audit(
            connection, actor_id, "list.change", f"list:{list_id}", before=asdict(before), after=asdict(after)
        )
    return after


async def sort_list(pool: "Pool", list_id: int, order: Order) -> int:
    """Give every lead its place in the list's order, a few at a time; returns how many rounds it took.

    No lead is lost meanwhile: one that has its old place is called by it.
    """
    after, rounds = 0, 0
    while True:
        async with pool.acquire() as connection:
            last = await connection.fetchval(statements()["list_sort"], list_id, order, after, SORTED_AT_ONCE)
        if last is None:
            return rounds
        after, rounds = last, rounds + 1


@dataclass(frozen=True, slots=True)
class HeldBack:
    """How many leads one rule holds back."""

    rule: str
    status: str
    leads: int
    next_at: datetime | None
    """When the first of them is looked at again."""


async def held_back(connection: "Connection", campaign_id: int, now: datetime) -> tuple[HeldBack, ...]:
    """Rules that hold leads of a campaign back, the commonest first."""
    rows = await connection.fetch(statements()["campaign_held"], campaign_id, now)
    return tuple(HeldBack(**row) for row in rows)


def _answer(row: asyncpg.Record) -> ListAnswer:
    return ListAnswer(
        id=row["id"],
        campaign_id=row["campaign_id"],
        name=row["name"],
        settings=_settings(row),
        created_at=row["created_at"],
        attempts_today=row["attempts_today"],
        conversations_today=row["conversations_today"],
        leads=json.loads(row["leads"]),
        fresh=row["fresh"],
        resting=row["resting"],
        resting_until=row["resting_until"],
    )


def _settings(row: asyncpg.Record) -> ListSettings:
    share = row["fresh_share"]
    return ListSettings(
        status=row["status"],
        priority=row["priority"],
        weight=row["weight"],
        order_by=row["order_by"],
        fresh_share=None if share is None else round(share, 3),
        daily_attempts=row["daily_attempts"],
        daily_conversations=row["daily_conversations"],
    )
