"""Fixtures that bring real servers: one of each per test session, a fresh database per test."""

import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from dialer.store.migrate import migrate
from tests.integration import services

TEMPLATE = "cadencia_template"


@dataclass(frozen=True, slots=True)
class Database:
    """A database of one test."""

    name: str
    dsn: str
    server: services.Postgres


@pytest.fixture(scope="session")
def workshop() -> Iterator[Path]:
    """A folder for the servers of this session."""
    home = services.workshop()
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(workshop: Path) -> Iterator[services.Postgres]:
    """The session's PostgreSQL."""
    server = services.postgres(workshop)
    yield server
    server.stop()


@pytest.fixture
def valkey(workshop: Path) -> Iterator[services.Valkey]:
    """An empty Valkey (it starts in a tenth of a second, so every test has its own)."""
    home = workshop / uuid4().hex
    home.mkdir()
    server = services.valkey(home)
    yield server
    server.thaw()
    server.stop(signal.SIGKILL)


@pytest.fixture
async def empty_database(postgres: services.Postgres) -> AsyncIterator[Database]:
    """A database without any table."""
    async for database in _database(postgres, "template1"):
        yield database


@pytest.fixture
async def database(postgres: services.Postgres) -> AsyncIterator[Database]:
    """A database with all migrations, copied from a template."""
    await _template(postgres)
    async for database in _database(postgres, TEMPLATE):
        yield database


async def _template(postgres: services.Postgres) -> None:
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE) is None:
            await admin.execute(f"CREATE DATABASE {TEMPLATE}")
            await migrate(postgres.dsn(TEMPLATE))
    finally:
        await admin.close()


async def _database(postgres: services.Postgres, template: str) -> AsyncIterator[Database]:
    name = f"t_{uuid4().hex}"
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    finally:
        await admin.close()
    yield Database(name, postgres.dsn(name), postgres)
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()
