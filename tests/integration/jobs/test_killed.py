"""Worker processes that die in the middle of an import: in the end everything is as if nobody had died."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from journal.jobs import enqueue, keep
from portfolio.importer import import_file
from portfolio.importer.job import IMPORT, ImportOrder
from tests.eventually import eventually
from tests.integration.fixtures import Database, migrated_database
from tests.integration.services import Postgres

ROWS = 17_000
"""Three pieces, each a transaction."""
CAMPAIGN = """
    INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('spring', 'Primavera', 'lab', '+34910000000')
    RETURNING id"""
KNOWN = "SELECT count(*) FROM persons"
STATE = "SELECT state FROM jobs WHERE kind = 'import'"
TAKEN = """
    SELECT count(*) FROM jobs
    WHERE kind = 'import' AND state = 'running' AND split_part(worker, ':', 2) = $1"""
BOOKS = (
    "SELECT external_id, name, creditor, language, zone FROM persons ORDER BY 1, 2",
    """SELECT p.external_id, f.number, f.position FROM phones f
       JOIN persons p ON p.id = f.person_id ORDER BY 1, 2""",
    """SELECT p.external_id, d.creditor, d.reference, d.balance_minor FROM debts d
       JOIN persons p ON p.id = d.person_id ORDER BY 1, 3""",
    """SELECT i.name, p.external_id, l.status, l.priority FROM leads l JOIN lists i ON i.id = l.list_id
       JOIN persons p ON p.id = l.person_id ORDER BY 1, 2""",
    "SELECT status, sum(leads) FROM lead_counts GROUP BY 1 HAVING sum(leads) > 0 ORDER BY 1",
)
"""Everything that an import writes but its numbers and times."""


def rows() -> bytes:
    """Good rows and bad ones, and some that are about a person of an earlier row."""
    lines = ["external_id;name;phone;balance;currency;reference"]
    for n in range(ROWS):
        number = f"6{10_000_000 + n:08d}" if n % 97 else "12"
        lines.append(f"C-{n - n % 5 if n % 11 == 0 else n};Ana {n % 7} Pérez;{number};{n}.50;EUR;R{n}")
    return "\n".join(lines).encode()


async def sent() -> AsyncIterator[bytes]:
    yield rows()


@dataclass(frozen=True, slots=True)
class House:
    """A database with a campaign, and the workers that are started on it."""

    folder: Path
    dsn: str
    pool: "asyncpg.Pool[asyncpg.Record]"

    @asynccontextmanager
    async def worker(self, name: str) -> AsyncIterator[asyncio.subprocess.Process]:
        """`cadencia run --role worker`; killed at the end if it still runs."""
        env = os.environ | {"CADENCIA_DATABASE_URL": self.dsn, "CADENCIA_JOBS_DEAD_AFTER": "1"}
        with (self.folder / name).open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "dialer", "run", "--role", "worker", env=env, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def books(self) -> list[list[tuple[Any, ...]]]:
        return [[tuple(row) for row in await self.pool.fetch(book)] for book in BOOKS]

    async def comes_to(self, process: asyncio.subprocess.Process, known: int) -> None:
        """Wait until this worker has the job, and so many persons are in."""

        async def there() -> bool:
            taken = await self.pool.fetchval(TAKEN, str(process.pid))
            return taken == 1 and bool(await self.pool.fetchval(KNOWN) >= known)

        await eventually(there, within=120)

    async def state_is(self, state: str) -> None:
        async def is_so() -> bool:
            return bool(await self.pool.fetchval(STATE) == state)

        await eventually(is_so, within=120)


@asynccontextmanager
async def house(database: Database, folder: Path) -> AsyncIterator[House]:
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=4) as pool:
        await pool.fetchval(CAMPAIGN)
        yield House(folder, database.dsn, pool)


async def test_an_import_whose_workers_are_killed_again_and_again_ends_as_one_that_was_left_alone(
    postgres: Postgres, database: Database, tmp_path: Path
) -> None:
    async with migrated_database(postgres) as other, house(other, tmp_path) as undisturbed:
        await import_file(
            undisturbed.pool,
            sent(),
            campaign_id=1,
            list_name="noviembre",
            default_region="ES",
            creditor="Banco",
        )
        expected = await undisturbed.books()
    async with house(database, tmp_path) as ours:
        order = ImportOrder(
            1, "nov.csv", len(rows()), list_name="noviembre", default_region="ES", creditor="Banco"
        )
        async with ours.pool.acquire() as connection, connection.transaction():
            job_id = await enqueue(connection, IMPORT, order.as_args(), subject=order.subject)
            await keep(connection, job_id, "upload", sent())
        for turn, known in enumerate((0, 1, ROWS // 2), start=1):
            async with ours.worker(f"killed-{turn}") as process:
                await ours.comes_to(process, known)
                process.kill()
                await process.wait()
        async with ours.worker("ended") as process:
            await ours.comes_to(process, 0)
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0
            assert await ours.pool.fetchval(STATE) == "queued"
        assert await ours.pool.fetchval("SELECT tries FROM jobs WHERE kind = 'import'") < IMPORT.most_tries
        async with ours.worker("last"):
            await ours.state_is("done")
        assert await ours.books() == expected
        assert await ours.pool.fetchval("SELECT count(*) FROM imports") == 1
        told = "SELECT array[result ->> 'rows', progress ->> 'rows'] FROM jobs WHERE kind = 'import'"
        assert await ours.pool.fetchval(told) == [str(ROWS), str(ROWS)]
