"""What of a migration runs under live roles, outside its transaction: indexes beside writers, batches.

A file has, between `-- migrate:after` and `-- migrate:down`, steps that begin with a line of their own:
`-- step: name` runs once, as CREATE INDEX CONCURRENTLY must; `-- batch: name` is repeated until it touches
nothing, each time in a transaction of its own. A step may be run again: whoever migrates may have died in it.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from dialer.store.sql import queries

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]

LOCK_WAIT = "300ms"
"""How long a migration waits for a table: all who want it after us wait behind us. Less than the second after
which Postgres looks for deadlocks, so that mostly it is we who give way."""
LOCK_TRIES = 120
"""How often it is tried; between two tries those who wait have their turn."""
LOCK_PAUSE = 0.5
_NO_LIMIT = "0"
_STEP = re.compile(r"^-- (step|batch): (\w+)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One statement that runs outside a transaction."""

    name: str
    statement: str
    batch: bool = False
    """Whether it is repeated until it touches nothing."""


def steps_of(text: str) -> tuple[Step, ...]:
    """The steps of a file's part; raises ValueError where a statement has no name, or a name no statement."""
    before, *parts = _STEP.split(text)
    if any(line.strip() and not line.startswith("--") for line in before.splitlines()):
        raise ValueError("statements before the first `-- step: name`")
    found = tuple(
        Step(name, statement.strip(), kind == "batch")
        for kind, name, statement in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    )
    if len({step.name for step in found}) != len(found) or not all(step.statement for step in found):
        raise ValueError("each step has a name of its own and a statement")
    return found


async def patiently(connection: "Connection", attempt: Callable[[], Awaitable[None]]) -> None:
    """Try until the tables can be had without keeping anybody waiting; raises LockNotAvailableError."""
    for _ in range(LOCK_TRIES - 1):
        try:
            return await attempt()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(LOCK_PAUSE)
    return await attempt()


async def run_step(connection: "Connection", version: str, step: Step) -> None:
    """Run a step that was not run yet, and note it."""
    if await connection.fetchval(queries()["step_is_done"], version, step.name):
        return
    await _drop_half_made(connection, step)

    async def once() -> None:
        while _touched(await connection.execute(step.statement)) and step.batch:
            pass

    # Who waits beside writers keeps nobody waiting; rows that somebody holds are had at the next try.
    await connection.execute(queries()["migration_patience"], LOCK_WAIT if step.batch else _NO_LIMIT)
    await patiently(connection, once)
    await connection.execute(queries()["step_done"], version, step.name)


async def _drop_half_made(connection: "Connection", step: Step) -> None:
    """An index whose making was broken off is of no use, and IF NOT EXISTS would take it for made."""
    for row in await connection.fetch(queries()["invalid_indexes"]):
        if re.search(rf"\b{re.escape(row['name'])}\b", step.statement):
            await connection.execute(queries()["drop_index"].format(name=row["quoted"]))


def _touched(said: str) -> int:
    """Rows of a command, from 'UPDATE 12'; 0 of one that counts none."""
    last = said.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0
