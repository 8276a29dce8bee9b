"""The database of a role: one of our version, and a pool for those that are not the engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from dialer.exceptions import MigrationRuns, StoreUnavailable
from dialer.settings import Settings
from dialer.store.migrate import unfit
from dialer.store.pool import close_pool
from dialer.store.streams import BackOff

_log = structlog.get_logger("cadencia")

_LOOK_AT_SCHEMA = 2.0
"""Seconds between two looks at a database that has not been migrated yet."""


async def schema_fits(settings: Settings) -> None:
    """Wait, for as long as it takes, until the database is there and migrated to our version.

    One line for each change of state. Raises SchemaTooNew when it is past our version, SettingUnusable.
    """
    said, pause = "", BackOff()
    while True:
        try:
            missing = ", ".join(await unfit(settings.database_url.get_secret_value()))
        except StoreUnavailable as error:
            if said != (said := _cure_of(error)):
                _log.warning("database.away", error=str(error), cure=f"{said}; we wait")
            await pause.wait()
            continue
        pause.reset()
        if not missing:
            break
        if said != (said := missing):
            _log.warning("schema.behind", missing=missing, cure="cadencia migrate; we wait")
        await asyncio.sleep(_LOOK_AT_SCHEMA)
    if said:
        _log.info("database.ready")


def _cure_of(error: StoreUnavailable) -> str:
    """What is to be done, by what Postgres said."""
    if isinstance(error, MigrationRuns):
        return "wait until the migration has ended"
    if isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError):
        return "PostgreSQL refuses user or password of CADENCIA_DATABASE_URL: correct them"
    if isinstance(error.__cause__, asyncpg.InvalidCatalogNameError):
        return "create the database that CADENCIA_DATABASE_URL names, or name another, then cadencia migrate"
    return "start PostgreSQL"


@asynccontextmanager
async def plain_pool(settings: Settings, role: str) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    """A pool that shows under the role's name, closed at the end."""
    pool = await asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=1,
        max_size=settings.database_pool,
        command_timeout=60,
        server_settings={"timezone": "UTC", "application_name": f"cadencia {role}"},
    )
    try:
        yield pool
    finally:
        await close_pool(pool)
