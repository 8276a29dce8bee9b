"""How fast facts are followed: four writers with fsync, in transactions as turns make them, and how late.

`python -m bench.journal [--seconds 20] [--rates 200,1000,3000,10000]`. A follower that writes a row for each
fact (its effect and its cursor in one transaction), and beside it the place in memory of an engine.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import asyncpg

from bench.figures import spread, table
from bench.floor import laboratory
from bench.portfolio import database
from bench.sql import statements
from bench.waiting import until
from journal.bell import Bell
from journal.events import Fact
from journal.follow import Follower
from journal.position import present, read
from journal.waiting import rung_or
from journal.worker import Worker

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

WRITERS = 4
TURN = 0.05
"""Seconds between two transactions of a writer: an engine commits 20 turns a second."""
KIND = "settings.changed"
TAIL_PATIENCE = 0.05

Row = tuple[str, str, str]


@dataclass(slots=True)
class Seen:
    """Lags in seconds, as each fact was followed."""

    lags: list[float] = field(default_factory=list)

    def add(self, facts: Sequence[Fact]) -> None:
        """These were followed now."""
        now = datetime.now(UTC)
        self.lags += [(now - fact.at).total_seconds() for fact in facts]


async def write(pool: "Pool", rate: float, until: float) -> int:
    """One writer: a transaction each turn, as many facts in it as the rate wants; how many were committed."""
    done, loop = 0, asyncio.get_running_loop()
    due = loop.time()
    async with pool.acquire() as connection:
        while loop.time() < until:
            await connection.execute(statements()["journal_turn"], int(rate * TURN), KIND)
            done += int(rate * TURN)
            due += TURN
            await asyncio.sleep(max(0.0, due - loop.time()))
    return done


async def tail(pool: "Pool", seen: Seen) -> None:
    """Follow as the engine does, until cancelled."""
    rung = asyncio.Event()
    async with pool.acquire() as connection:
        position = await present(connection)
        while True:
            if position.upto is None:
                await rung_or(rung, TAIL_PATIENCE)
            facts, position = await read(connection, position, [KIND], 1000)
            seen.add(facts)


@asynccontextmanager
async def following(dsn: str, seen: Seen) -> AsyncIterator[Worker]:
    """A worker whose follower writes one row for each fact."""

    async def note(connection: "Connection", facts: Sequence[Fact]) -> None:
        await connection.execute(statements()["journal_note"], [fact.id for fact in facts])
        seen.add(facts)

    async with (
        asyncpg.create_pool(dsn, min_size=2, max_size=6) as pool,
        asyncio.TaskGroup() as tasks,
    ):
        await pool.execute(statements()["journal_followed"])
        worker = Worker(
            pool, Bell(dsn, "bench"), [Follower("bench", (KIND,), note)], {}, lambda: datetime.now(UTC)
        )
        running = tasks.create_task(worker.run())
        await asyncio.sleep(1.0)  # it begins at the present
        yield worker
        running.cancel()


async def measured(dsn: str, rate: float, seconds: float) -> list[Row]:
    """The rows of one rate."""
    followed, seen = Seen(), Seen()
    async with asyncpg.create_pool(dsn, min_size=WRITERS + 1, max_size=WRITERS + 1) as pool:
        async with following(dsn, followed) as worker, asyncio.TaskGroup() as tasks:
            tailing = tasks.create_task(tail(pool, seen))
            loop = asyncio.get_running_loop()
            began = loop.time()
            writers = [
                tasks.create_task(write(pool, rate / WRITERS, began + seconds)) for _ in range(WRITERS)
            ]
            written = sum([await one for one in writers])
            took = loop.time() - began

            async def caught_up() -> bool:
                return worker.counts.followed.get("bench", 0) >= written

            await until(caught_up, 60.0)
            caught = loop.time() - began
            tailing.cancel()
    what = f"{written / took:,.0f} facts/s written"
    return [
        (f"{what}: lag of a follower, p50 / p99 / worst", _three(followed), "≤ 0.1 s at p99"),
        (f"{what}: lag of an engine's place, p50 / p99 / worst", _three(seen), "≤ 0.1 s at p99"),
        (
            f"{what}: followed in all",
            f"{len(followed.lags):,} of {written:,}, {written / caught:,.0f}/s",
            "–",
        ),
    ]


def _three(seen: Seen) -> str:
    if not seen.lags:
        return "nothing"
    lags = spread(seen.lags)
    return f"{lags.p50:.3f} / {lags.p99:.3f} / {lags.worst:.3f} s"


async def all_rates(rates: list[float], seconds: float) -> list[Row]:
    """One after the other, each on a database of its own."""
    rows: list[Row] = []
    async with laboratory(bots=0, legs=0) as lab:
        for rate in rates:
            async with database(lab.dsn, f"bench_journal_{rate:.0f}") as dsn:
                rows += await measured(dsn, rate, seconds)
    return rows


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of writing at each rate")
    parser.add_argument("--rates", default="200,1000,3000,10000", help="facts a second, of all writers")
    options = parser.parse_args()
    rates = [float(rate) for rate in options.rates.split(",")]
    print(table(("what", "measured", "aim"), asyncio.run(all_rates(rates, options.seconds))))


if __name__ == "__main__":
    main()
