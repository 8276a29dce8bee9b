"""A real web server on a free port over a real database, with the bus in memory."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from agent_ws.fakes import FakeBusClient
from consoles.passwords import Passwords
from consoles.serve import listen, serve
from consoles.web_deps import WebDeps
from dialer.settings import Settings
from dialer.store.clock import SystemClock
from tests.integration.consoles.desk import PASSWORD, Desk, fill
from tests.integration.fixtures import Database


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Made once: argon2 is slow on purpose."""
    return Passwords().hash_now(PASSWORD)


@pytest.fixture
async def desk(database: Database, tmp_path: Path, password_hash: str) -> AsyncIterator[Desk]:
    """A server with users, a campaign, a person, calls and recordings."""
    listener = listen("127.0.0.1", 0)
    stop = asyncio.Event()
    settings = Settings(_env_file=None, web_port=0, recordings_archive=tmp_path / "archive")
    async with asyncpg.create_pool(database.dsn, min_size=2, max_size=6) as pool:
        bus = FakeBusClient()
        deps = WebDeps(settings=settings, pool=pool, bus=bus, clock=SystemClock())
        known = await fill(pool, settings.recordings_archive, password_hash)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(deps, stop=stop, listener=listener))
            yield Desk(f"127.0.0.1:{listener.getsockname()[1]}", bus, pool, settings, known)
            stop.set()
