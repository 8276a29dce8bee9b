"""A real web server on a free port over a real database, with the bus in memory."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from agent_ws.fakes import FakeBusClient
from consoles.passwords import Passwords
from consoles.serve import listen, serve
from consoles.web_deps import Doctor, WebDeps
from dialer.settings import Settings
from dialer.store.clock import SystemClock
from dialer.store.pool import close_pool, open_pool
from journal.jobs.runner import Pace, Runner
from portfolio.importer.job import IMPORT, run_import
from tests.integration.consoles.desk import PASSWORD, WEBHOOK_SECRETS, Desk, Serve, fill
from tests.integration.fixtures import Database


@pytest.fixture
def serving(database: Database, tmp_path: Path) -> Serve:
    """Starts a server with users, a campaign, a person, calls and recordings, with settings of one's own."""

    @asynccontextmanager
    async def start(
        passwords: Passwords | None = None,
        *,
        watches: bool = True,
        doctor: Doctor | None = None,
        **own: Any,
    ) -> AsyncIterator[Desk]:
        listener = listen("127.0.0.1", 0)
        stop = asyncio.Event()
        values: dict[str, Any] = {
            "web_port": 0,
            "recordings_archive": tmp_path / "archive",
            "progress_audio": tmp_path / "progress",
            "webhook_secrets": SecretStr(" ".join(WEBHOOK_SECRETS)),
        }
        settings = Settings(_env_file=None, **(values | own))
        pool = await open_pool(database.dsn, 6)
        bus = FakeBusClient()
        # Weak on purpose: the strength of argon2 is not what these tests are about.
        passwords = passwords or Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        deps = WebDeps(
            settings=settings,
            pool=pool,
            bus=bus,
            clock=SystemClock(),
            passwords=passwords,
            watches=watches,
            doctor=doctor,
        )
        known = await fill(pool, settings.recordings_archive, passwords.hash_now(PASSWORD))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(serve(deps, stop=stop, listener=listener))
            yield Desk(f"127.0.0.1:{listener.getsockname()[1]}", bus, pool, settings, known)
            stop.set()
        await close_pool(pool)

    return start


@pytest.fixture
async def worker(desk: Desk) -> AsyncIterator[Runner]:
    """A worker on the same database."""
    stop = asyncio.Event()
    runner = Runner(desk.pool, {IMPORT: run_import}, "desk", Pace(dead_after=2.0, poll=0.02, first_pause=0.0))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(runner.run(stop))
        yield runner
        stop.set()


@pytest.fixture
async def desk(serving: Serve) -> AsyncIterator[Desk]:
    """A server with everything as it is by default, but that no alarm comes by itself."""
    async with serving(watches=False) as desk:
        yield desk
