"""Fixtures that bring real servers: one of each per test session, a fresh database per test."""

import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
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
    """The session's PostgreSQL, or the one that is lent to it."""
    running = os.environ.get(services.RUNNING_POSTGRES)
    if running:
        yield services.running_postgres(workshop, int(running))
        return
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
    async with fresh_database(postgres, "template1") as database:
        yield database


@pytest.fixture
async def database(postgres: services.Postgres) -> AsyncIterator[Database]:
    """A database with all migrations."""
    async with migrated_database(postgres) as database:
        yield database


@asynccontextmanager
async def migrated_database(postgres: services.Postgres) -> AsyncIterator[Database]:
    """A copy of a template that was migrated once."""
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", TEMPLATE) is None:
            await admin.execute(f"CREATE DATABASE {TEMPLATE}")
            await migrate(postgres.dsn(TEMPLATE))
    finally:
        await admin.close()
    async with fresh_database(postgres, TEMPLATE) as database:
        yield database


@asynccontextmanager
async def fresh_database(postgres: services.Postgres, template: str) -> AsyncIterator[Database]:
    """A copy of a template, dropped at the end."""
    name = f"t_{uuid4().hex}"
    await _administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield Database(name, postgres.dsn(name), postgres)
    finally:
        await _administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(postgres: services.Postgres, statement: str) -> None:
    admin = await asyncpg.connect(postgres.dsn("postgres"))
    try:
        await admin.execute(statement)
    finally:
        await admin.close()
