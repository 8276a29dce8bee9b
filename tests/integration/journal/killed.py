"""Programs that are killed in the middle: one writes by the product's own functions, one follows."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg

from consoles.sql import SQL
from journal.events import EVENTS, Fact
from journal.follow import Follower, follow
from portfolio.care import set_flag
from portfolio.payments import PaymentEvent, apply_payment
from portfolio.persons import stop_person

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

KINDS = tuple(sorted({event.KIND[0] for event in EVENTS}))
FLOOR = Follower("floor", KINDS, lambda connection, facts: _note(connection, facts))
PERSON, CAMPAIGN, AGENT = 1, 1, 1
CALL = UUID("2f1c4f0e-0000-4000-8000-000000000001")
NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


async def _note(connection: "Connection", facts: Sequence[Fact]) -> None:
    rows = [(fact.id, fact.kind) for fact in facts]
    await connection.executemany("INSERT INTO followed VALUES ($1, $2)", rows)


# --- what is written, each by the room that owns it ---------------------------------------------


async def payment(connection: "Connection") -> None:
    event = PaymentEvent("evt-1", "payment.received", "D-1", None, None, 100, "EUR")
    await apply_payment(connection, event, NOW)


async def stop(connection: "Connection") -> None:
    await stop_person(connection, PERSON, "asked", None, NOW)


async def flag(connection: "Connection") -> None:
    await set_flag(connection, PERSON, "dispute", True, "said so", None)


async def setting(connection: "Connection") -> None:
    # The page sends the version that it has seen, and is refused when that is not the present one.
    if await connection.fetchval("SELECT settings_version FROM campaigns WHERE id = $1", CAMPAIGN) == 1:
        await connection.execute(SQL["update_campaign"], CAMPAIGN, "paused", "{}", 2)


async def disposition(connection: "Connection") -> None:
    await connection.execute(
        "INSERT INTO call_dispositions (attempt_id, agent_id, at, code) VALUES ($1, $2, $3, 'cannot_pay')"
        " ON CONFLICT DO NOTHING",
        CALL, AGENT, NOW,
    )  # fmt: skip


async def recording(connection: "Connection") -> None:
    await connection.execute(
        "INSERT INTO recordings (attempt_id, status) VALUES ($1, 'missing') ON CONFLICT DO NOTHING", CALL
    )


PATHS: dict[str, Callable[["Connection"], Awaitable[None]]] = {
    one.__name__: one for one in (payment, stop, flag, setting, disposition, recording)
}


# --- programs -----------------------------------------------------------------------------------


def write(dsn: str, path: str, instant: str, victim: int) -> None:
    """Write once; at this instant the victim (0 = this program) is killed."""
    asyncio.run(_write(dsn, path, instant, victim))


async def _write(dsn: str, path: str, instant: str, victim: int) -> None:
    connection = await asyncpg.connect(dsn)
    transaction = connection.transaction()
    await transaction.start()
    _dies(instant == "before it is written", victim)
    await PATHS[path](connection)
    _dies(instant == "before the commit", victim)
    await transaction.commit()
    _dies(instant == "after the commit", victim)
    await connection.close()


def read(dsn: str, instant: str, victim: int) -> None:
    """Follow what is there; at this instant the victim (0 = this program) is killed."""
    asyncio.run(_read(dsn, instant, victim))


async def _read(dsn: str, instant: str, victim: int) -> None:
    async def noted(connection: "Connection", facts: Sequence[Fact]) -> None:
        _dies(instant == "before it is followed", victim)
        await _note(connection, facts)
        _dies(instant == "before the cursor is moved", victim)

    connection = await asyncpg.connect(dsn)
    done = await follow(connection, Follower(FLOOR.name, FLOOR.kinds, noted))
    _dies(done.facts > 0 and instant == "after it was followed", victim)
    await connection.close()


def _dies(now: bool, victim: int) -> None:
    if now:
        os.kill(victim or os.getpid(), signal.SIGKILL)


WRITING = ("before it is written", "before the commit", "after the commit")
FOLLOWING = ("before it is followed", "before the cursor is moved", "after it was followed")
