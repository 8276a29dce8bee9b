"""Whether somebody does the jobs that wait."""

import asyncpg

from dialer.doctor.findings import Finding, Speaker
from dialer.doctor.stores import reading, unasked
from dialer.settings import Settings
from dialer.store.sql import queries


async def worker(settings: Settings, speaker: Speaker) -> list[Finding]:
    """A worker is there, or nothing waits for one."""
    try:
        async with reading(settings) as connection:
            row = await connection.fetchrow(queries("dialer.doctor")["jobs_waiting"])
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return [unasked(speaker, "worker", "migrations")]
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return [unasked(speaker, "worker", "database")]
    assert row is not None
    if row["there"]:
        return [speaker.well("worker", "worker", waiting=row["waiting"])]
    if row["waiting"]:
        return [speaker.ill("worker", "worker_away", "cure_worker", waiting=row["waiting"])]
    return [speaker.well("worker", "worker_unneeded")]
