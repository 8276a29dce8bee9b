"""Postgres and Redis: reachable, of the right version, in step with our clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from dialer.doctor.findings import Finding, Speaker, describe
from dialer.exceptions import SchemaTooNew, StoreUnavailable
from dialer.settings import Settings
from dialer.store.migrate import read_migrations, unfit
from dialer.store.sql import queries
from dialer.time_limit import time_limit

PATIENCE = 4.0
"""Seconds a server may take to answer."""
DRIFT = 1.0
"""Seconds our clock may be away from the database's."""
_STREAMS_SINCE = (5, 0)


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """One connection for one check, in a transaction in which nothing can be written."""
    connection = await asyncpg.connect(
        settings.database_url.get_secret_value(), timeout=PATIENCE, command_timeout=PATIENCE
    )
    try:
        async with connection.transaction(readonly=True):
            yield connection
    finally:
        await connection.close(timeout=PATIENCE)


async def database(settings: Settings, speaker: Speaker) -> list[Finding]:
    """Reachable, migrated, and its clock is ours."""
    sql = queries("dialer.doctor")
    try:
        async with reading(settings) as connection:
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
    """Whether the schema is that of this version. Looks, and makes nothing."""
    try:
        async with time_limit(PATIENCE):
            missing = await unfit(settings.database_url.get_secret_value())
    # Somebody else may hold the lock of the migrations, or this account may not look.
    except (TimeoutError, StoreUnavailable, asyncpg.PostgresError) as error:
        return speaker.ill("migrations", "database_down", "cure_database", error=describe(error))
    except SchemaTooNew as error:
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
    return [
        speaker.well("redis", "redis", product=product, version=version),
        await _closed(settings, speaker),
    ]


async def _closed(settings: Settings, speaker: Speaker) -> Finding:
    """Whether strangers can reach it: it carries orders to the engine, and what agents see."""
    try:
        where = await _open_at(settings)
    except (OSError, ValueError, RedisError) as error:
        return speaker.ill("redis_closed", "redis_down", "cure_redis", error=describe(error))
    if where is None:
        return speaker.well("redis_closed", "redis_closed")
    return speaker.ill("redis_closed", "redis_open", "cure_redis_open", where=where)


async def _open_at(settings: Settings) -> str | None:
    """Where it obeys whoever comes without a password; None = nowhere, or on this machine only."""
    address = urlsplit(settings.redis_url.get_secret_value())
    stranger = address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()
    async with Redis.from_url(stranger, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        try:
            await client.ping()
        except (AuthenticationError, ResponseError):
            return None
        if address.hostname and not _loopback(address.hostname):
            return address.hostname
        try:
            found = await client.config_get("bind", "protected-mode")
        except ResponseError:
            return None  # whoever forbids that has looked at it
    if found.get("protected-mode") == "no":
        return f"{found.get('bind') or '*'} (protected-mode no)"
    return None


def _loopback(address: str) -> bool:
    plain = address.removeprefix("-")
    try:
        return ip_address(plain).is_loopback
    except ValueError:
        return plain == "localhost"


async def _server_info(settings: Settings) -> dict[str, object]:
    """What the server says of itself."""
    address = settings.redis_url.get_secret_value()
    async with Redis.from_url(address, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
        found: dict[str, object] = await client.info("server")
    return found


def unasked(speaker: Speaker, name: str, first: str) -> Finding:
    """A check that could not be made because another failed."""
    return speaker.ill(name, "not_asked", "cure_not_asked", first=first)
