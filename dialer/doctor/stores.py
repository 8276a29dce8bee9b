"""Postgres and Redis: reachable, of the right version, in step with our clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from dialer.doctor.findings import Finding, Speaker, describe
from dialer.exceptions import MigrationFailed
from dialer.settings import Settings
from dialer.store.migrate import pending, read_migrations
from dialer.store.sql import queries
from dialer.time_limit import time_limit

PATIENCE = 4.0
"""Seconds a server may take to answer."""
DRIFT = 1.0
"""Seconds our clock may be away from the database's."""
_STREAMS_SINCE = (5, 0)


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """One connection for one check."""
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(), timeout=PATIENCE, command_timeout=PATIENCE
    )
    try:
        yield connection
    finally:
        await connection.close(timeout=PATIENCE)


async def database(settings: Settings, speaker: Speaker) -> list[Finding]:
    """Reachable, migrated, and its clock is ours."""
    sql = queries("dialer.doctor")
    try:
        async with _connected(settings) as connection:
            version = await connection.fetchval(sql["version"])
            before = datetime.now(UTC)
            theirs = await connection.fetchval(sql["clock"])
            ours = before + (datetime.now(UTC) - before) / 2
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        missing = [unasked(speaker, name, "database") for name in ("migrations", "clock")]
        return [speaker.ill("database", "database_down", "cure_database", error=describe(error)), *missing]
    drift = abs((ours - theirs).total_seconds())
    clock = Finding("clock", drift < DRIFT, speaker.say("clock", drift=drift))
    if not clock.ok:
        clock = speaker.ill("clock", "clock", "cure_clock", drift=drift)
    return [
        speaker.well("database", "database", version=version),
        await _migrations(settings, speaker),
        clock,
    ]


async def _migrations(settings: Settings, speaker: Speaker) -> Finding:
    """Whether the schema is that of this version."""
    try:
        async with time_limit(PATIENCE):
            missing = await pending(settings.database_url.get_secret_value())
    # Somebody else may hold the lock of the migrations, or this account may not look.
    except (TimeoutError, asyncpg.PostgresError) as error:
        return speaker.ill("migrations", "database_down", "cure_database", error=describe(error))
    except MigrationFailed as error:
        values = {"error": describe(error)}
        return speaker.ill("migrations", "strange_migrations", "cure_strange_migrations", **values)
    if missing:
        return speaker.ill("migrations", "not_migrated", "cure_not_migrated", missing=", ".join(missing))
    return speaker.well("migrations", "migrated", count=len(read_migrations()))


@dataclass(frozen=True, slots=True)
class Unasked:
    """Something could not be asked."""

    first: str
    """The check that says why."""


async def trunks(settings: Settings) -> list[str] | Unasked:
    """Trunks that campaigns use."""
    try:
        async with _connected(settings) as connection:
            rows = await connection.fetch(queries("dialer.doctor")["trunks"])
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return Unasked("migrations")
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return Unasked("database")
    return [str(row["trunk"]) for row in rows]


async def redis(settings: Settings, speaker: Speaker) -> list[Finding]:
    """Reachable, and new enough for streams."""
    try:
        found = await _server_info(settings)
    except (OSError, ValueError, RedisError) as error:
        return [speaker.ill("redis", "redis_down", "cure_redis", error=describe(error))]
    valkey = found.get("server_name") == "valkey"
    product, key = ("Valkey", "valkey_version") if valkey else ("Redis", "redis_version")
    version = str(found.get(key, "?"))
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _STREAMS_SINCE:
        return [speaker.ill("redis", "redis_old", "cure_redis", product=product, version=version)]
    return [speaker.well("redis", "redis", product=product, version=version)]


async def _server_info(settings: Settings) -> dict[str, object]:
    """What the server says of itself."""
    address = settings.redis_url.get_secret_value()
    async with Redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        found: dict[str, object] = await client.info("server")
    return found


def unasked(speaker: Speaker, name: str, first: str) -> Finding:
    """A check that could not be made because another failed."""
    return speaker.ill(name, "not_asked", "cure_not_asked", first=first)
