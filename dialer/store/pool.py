"""Connections to Postgres, and what becomes of its errors."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import asyncpg
import orjson

from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.time_limit import time_limit

if TYPE_CHECKING:
    Connection = asyncpg.pool.PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]

COMMAND_TIMEOUT = 5.0
"""Seconds one statement may take, and one waits for a free connection."""

_SETTINGS = {
    "timezone": "UTC",
    "application_name": "cadencia engine",
    # Our statements reach few rows by an index, whatever their arguments and however empty the tables were at
    # the time of planning: planned once, never by reading a whole table, never compiled.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "jit": "off",
}

_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # shut down, restarting, cancelled
    asyncpg.InsufficientResourcesError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby, for a moment, in a failover
    asyncpg.TransactionRollbackError,  # deadlocks
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
_REFUSED = (
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.exceptions.DataError,
    asyncpg.DataError,
    asyncpg.ProgramLimitExceededError,  # a row or an index entry too large
    asyncpg.PLPGSQLError,  # a trigger's own word
)


class _Connection(asyncpg.Connection):
    """We leave nothing behind in a session, so giving a connection back costs no round trip."""

    def get_reset_query(self) -> str:
        return ""


async def open_pool(dsn: str, size: int) -> "Pool":
    """A pool whose sessions speak UTC, and JSON as Python values; raises StoreUnavailable."""
    with reaching():
        return await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            timeout=COMMAND_TIMEOUT,
            command_timeout=COMMAND_TIMEOUT,
            connection_class=_Connection,
            init=_speak_json,
            server_settings=_SETTINGS,
        )


async def close_pool(pool: "Pool") -> None:
    """Lets running statements end, for a while."""
    try:
        await asyncio.wait_for(pool.close(), COMMAND_TIMEOUT)
    except _AWAY:
        pool.terminate()


@contextmanager
def reaching() -> Iterator[None]:
    """Turns what the driver raises into a verdict: come again, or do not."""
    try:
        yield
    except _REFUSED as error:
        raise CommitRefused(str(error)) from error
    except _AWAY as error:
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error


@asynccontextmanager
async def session(pool: "Pool") -> AsyncIterator["Connection"]:
    """A connection of the pool, outside any transaction."""
    with reaching():
        # Our own timeout instead of the driver's, which makes a task for every acquire.
        async with time_limit(COMMAND_TIMEOUT):
            connection = await pool.acquire()
        try:
            yield connection
        finally:
            await pool.release(connection)


@asynccontextmanager
async def transaction(pool: "Pool") -> AsyncIterator["Connection"]:
    """A connection of the pool, in a transaction that is rolled back by any exception."""
    async with session(pool) as connection, connection.transaction():
        yield connection


async def _speak_json(connection: Any) -> None:
    for kind in ("json", "jsonb"):
        await connection.set_type_codec(
            kind, schema="pg_catalog", encoder=_dump, decoder=orjson.loads, format="text"
        )


def _dump(value: Any) -> str:
    # asyncpg reads uuid columns as a subclass of UUID, which orjson does not know.
    return orjson.dumps(value, default=str).decode()
