"""Runs the numbered SQL of migrations/ forward and back; files and version table are as dbmate has them."""

import asyncio
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import asyncpg

from dialer.exceptions import MigrationFailed, MigrationRuns, RolesAtWork, SchemaTooNew, StoreUnavailable
from dialer.store.address import unusable
from dialer.store.migration_steps import LOCK_WAIT, Step, patiently, run_step, steps_of
from dialer.store.sql import queries
from dialer.time_limit import time_limit

_LOCK = 0x0CADE0C1A
"""Advisory lock that all who migrate one database take."""
_PATIENCE = 60.0
"""Seconds to wait for a migration that runs."""
_AGAIN = 0.1
"""Seconds between two questions for the lock."""
_UP, _AFTER, _DOWN = "-- migrate:up", "-- migrate:after", "-- migrate:down"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    version: str
    name: str
    up: str
    down: str
    after: tuple[Step, ...] = ()
    """What runs under live roles once the rest is committed."""


def read_migrations(folder: Traversable | None = None) -> tuple[Migration, ...]:
    """All migrations of a folder, ours unless told otherwise, in their order."""
    source = folder or resources.files("migrations")
    files = sorted((f for f in source.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    found = tuple(_read(file) for file in files)
    versions = [migration.version for migration in found]
    if len(set(versions)) != len(versions):
        raise MigrationFailed("two migrations have the same number")
    return found


async def migrate(
    dsn: str, *, target: str | None = None, folder: Traversable | None = None
) -> tuple[str, ...]:
    """Bring the database forward (to `target`, else to the newest); returns the versions that were run."""
    files = read_migrations(folder)
    if target is not None and target not in {file.version for file in files}:
        raise MigrationFailed(f"there is no migration {target}")
    async with _locked(dsn) as connection:
        applied = await _applied(connection, files)
        wanted = [f for f in files if f.version not in applied and (target is None or f.version <= target)]
        for file in files:
            if file in wanted:
                await _run(connection, file, file.up, "migration_done")
            # Also of a file that was run before: whoever ran it may have died in a step.
            if file in wanted or file.version in applied:
                await _steps(connection, file)
    return tuple(file.version for file in wanted)


async def rollback(
    dsn: str, steps: int = 1, *, folder: Traversable | None = None, force: bool = False
) -> tuple[str, ...]:
    """Take back the newest migrations; returns the versions that were taken back.

    Raises RolesAtWork while engine, web or archive are connected, unless forced: they would not survive it.
    """
    files = read_migrations(folder)
    async with _locked(dsn) as connection:
        if not force:
            await _nobody_works(connection)
        applied = await _applied(connection, files)
        newest = [file for file in reversed(files) if file.version in applied][:steps]
        for file in newest:
            await _run(connection, file, file.down, "migration_undone")
    return tuple(file.version for file in newest)


async def pending(dsn: str, *, folder: Traversable | None = None) -> tuple[str, ...]:
    """Versions that are not in the database yet."""
    files = read_migrations(folder)
    async with _locked(dsn) as connection:
        applied = await _applied(connection, files)
    return tuple(file.version for file in files if file.version not in applied)


async def unfit(dsn: str, *, folder: Traversable | None = None) -> tuple[str, ...]:
    """Versions that this program needs and the database has not. Raises SchemaTooNew when it has others.

    Changes nothing. While versions are missing it waits for a migration that runs: raises MigrationRuns when
    that takes long. What a migration does beside those who work, once all is committed, keeps nobody.
    """
    files = read_migrations(folder)
    known = {file.version for file in files}
    applied = await _versions(dsn, known)
    if strange := sorted(applied - known):
        raise SchemaTooNew(f"the database was migrated by a newer version of Cadencia ({', '.join(strange)})")
    return tuple(file.version for file in files if file.version not in applied)


async def _versions(dsn: str, wanted: Set[str]) -> frozenset[str]:
    try:
        connection = await _connected(dsn, command_timeout=_PATIENCE)
        try:
            found = await _noted(connection)
            if wanted - found:
                await _over(connection)
                found = await _noted(connection)
        finally:
            await connection.close(timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    return found


async def _noted(connection: "asyncpg.Connection[asyncpg.Record]") -> frozenset[str]:
    if not await connection.fetchval(queries()["has_versions"]):
        return frozenset()
    rows = await connection.fetch(queries()["migrations_applied"])
    return frozenset(str(row["version"]) for row in rows)


async def _over(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    try:
        async with time_limit(_PATIENCE):
            await _asked("migration_over", connection)
    except TimeoutError as error:
        raise MigrationRuns("somebody migrates the database") from error


async def _connected(dsn: str, command_timeout: float | None = None) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(dsn, timeout=10, command_timeout=command_timeout)
    except ValueError as error:
        raise unusable(error) from None


async def _nobody_works(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    roles = await connection.fetch(queries()["roles_at_work"])
    if roles:
        told = ", ".join(f"{row['role'].removeprefix('cadencia ')} ({row['count']})" for row in roles)
        raise RolesAtWork(f"connected now: {told}; end them first, or use --force")


def _read(file: Traversable) -> Migration:
    text = file.read_text("utf-8")
    _, mark, rest = text.partition(_UP)
    up, back, down = rest.partition(_DOWN)
    up, _, after = up.partition(_AFTER)
    if not (mark and back and up.strip() and down.strip()):
        raise MigrationFailed(f"{file.name} needs `{_UP}` and `{_DOWN}`, each with statements")
    version, _, name = file.name.removesuffix(".sql").partition("_")
    try:
        return Migration(version, name, up, down, steps_of(after))
    except ValueError as error:
        raise MigrationFailed(f"{file.name}: {error}") from error


async def _asked(lock: str, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Wait until the lock of migrations is ours."""
    while not await connection.fetchval(queries()[lock], _LOCK):  # noqa: ASYNC110  # told by no event of ours
        await asyncio.sleep(_AGAIN)


@asynccontextmanager
async def _locked(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that alone migrates this database, with the table of versions in place."""
    try:
        connection = await _connected(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    try:
        await _asked("migration_lock", connection)
        await connection.execute(queries()["migration_table"])
        await connection.execute(queries()["step_table"])
        yield connection
    finally:
        await connection.close(timeout=5)


async def _applied(
    connection: "asyncpg.Connection[asyncpg.Record]", files: Sequence[Migration]
) -> frozenset[str]:
    rows = await connection.fetch(queries()["migrations_applied"])
    applied = frozenset(str(row["version"]) for row in rows)
    strange = applied - {file.version for file in files}
    if strange:
        raise MigrationFailed(
            f"the database has migrations that this version does not know: {sorted(strange)}"
        )
    return applied


async def _run(
    connection: "asyncpg.Connection[asyncpg.Record]", file: Migration, statements: str, note: str
) -> None:
    """All statements of one part as one simple query, and the note of it, in one transaction.

    While it waits for a table, who works waits behind it: LOCK_WAIT at a time.
    """

    async def whole() -> None:
        async with connection.transaction():
            await connection.execute(statements)
            await connection.execute(queries()[note], file.version)
            if statements == file.down:
                await connection.execute(queries()["steps_undone"], file.version)

    try:
        await connection.execute(queries()["migration_patience"], LOCK_WAIT)
        await patiently(connection, whole)
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"{file.version}_{file.name}: {error}") from error


async def _steps(connection: "asyncpg.Connection[asyncpg.Record]", file: Migration) -> None:
    """What runs under live roles, each step once."""
    for step in file.after:
        try:
            await run_step(connection, file.version, step)
        except asyncpg.PostgresError as error:
            raise MigrationFailed(f"{file.version}_{file.name}, step {step.name}: {error}") from error
