"""A real web server on a free port over a real database, with the bus in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from agent_ws.fakes import FakeBusClient
from consoles.passwords import Passwords
from consoles.serve import listen, serve
from consoles.web_deps import WebDeps
from dialer.settings import Settings
from dialer.store.clock import SystemClock
from dialer.store.pool import close_pool, open_pool
from tests.integration.consoles.desk import PASSWORD, WEBHOOK_SECRETS, Desk, fill
from tests.integration.fixtures import Database


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    """A server with users, a campaign, a person, calls and recordings."""
    listener = listen("127.0.0.1", 0)
    stop = asyncio.Event()
    settings = Settings(
        _env_file=None,
        web_port=0,
        recordings_archive=tmp_path / "archive",
        webhook_secrets=SecretStr(" ".join(WEBHOOK_SECRETS)),
    )
    pool = await open_pool(database.dsn, 6)
    bus = FakeBusClient()
    # Weak on purpose: the strength of argon2 is not what these tests are about.
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    deps = WebDeps(settings=settings, pool=pool, bus=bus, clock=SystemClock(), passwords=passwords)
    known = await fill(pool, settings.recordings_archive, passwords.hash_now(PASSWORD))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(serve(deps, stop=stop, listener=listener))
        yield Desk(f"127.0.0.1:{listener.getsockname()[1]}", bus, pool, settings, known)
        stop.set()
    await close_pool(pool)
