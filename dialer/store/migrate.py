"""Runs the numbered SQL of migrations/ forward and back; files and version table are as dbmate has them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

import asyncpg

from dialer.exceptions import MigrationFailed, RolesAtWork, SchemaTooNew, StoreUnavailable
from dialer.store.address import unusable
from dialer.store.sql import queries

_LOCK = 0x0CADE0C1A
"""Advisory lock that all who migrate one database take."""
_PATIENCE = 60.0
"""Seconds to wait for a migration that runs."""
_UP, _DOWN = "-- migrate:up", "-- migrate:down"


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file."""

    version: str
    name: str
    up: str
    down: str


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
        for file in wanted:
            await _run(connection, file, file.up, "migration_done")
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

    Changes nothing, and waits for a migration that runs.
    """
    files = read_migrations(folder)
    known = {file.version for file in files}
    applied = await _versions(dsn)
    if strange := sorted(applied - known):
        raise SchemaTooNew(f"the database was migrated by a newer version of Cadencia ({', '.join(strange)})")
    return tuple(file.version for file in files if file.version not in applied)


async def _versions(dsn: str) -> frozenset[str]:
    try:
        connection = await _connected(dsn, command_timeout=_PATIENCE)
        try:
            await connection.fetchval(queries()["migration_over"], _LOCK)
            if not await connection.fetchval(queries()["has_versions"]):
                return frozenset()
            rows = await connection.fetch(queries()["migrations_applied"])
        finally:
            await connection.close(timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    return frozenset(str(row["version"]) for row in rows)


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
    if not (mark and back and up.strip() and down.strip()):
        raise MigrationFailed(f"{file.name} needs `{_UP}` and `{_DOWN}`, each with statements")
    version, _, name = file.name.removesuffix(".sql").partition("_")
    return Migration(version, name, up, down)


@asynccontextmanager
async def _locked(dsn: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection that alone migrates this database, with the table of versions in place."""
    try:
        connection = await _connected(dsn)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error
    try:
        await connection.execute(queries()["migration_lock"], _LOCK)
        await connection.execute(queries()["migration_table"])
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
    """All statements of one part as one simple query, and the note of it, in one transaction."""
    try:
        async with connection.transaction():
            await connection.execute(statements)
            await connection.execute(queries()[note], file.version)
    except asyncpg.PostgresError as error:
        raise MigrationFailed(f"{file.version}_{file.name}: {error}") from error
