"""The consoles as a company runs them: all real but the engine, which is scripted."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import soundfile as sf
from argon2 import PasswordHasher
from pydantic import SecretStr

from consoles.pages import STATIC
from consoles.passwords import Passwords
from consoles.serve import listen, serve
from consoles.web_deps import WebDeps
from dialer.doctor import Finding, examine_within
from dialer.settings import Settings
from dialer.store.bus import RedisBus, RedisBusClient
from dialer.store.clock import SystemClock
from dialer.store.pool import close_pool, open_pool
from journal.jobs.runner import Pace, Runner
from portfolio.importer.job import IMPORT, run_import
from tests.browser.scripted import Forecasts, ScriptedEngine
from tests.integration.consoles.desk import PASSWORD, Known, fill

SECONDS = 10
"""Length of the recording."""


@dataclass(slots=True)
class Site:
    """Where things are, and the switch of the web server."""

    settings: Settings
    pool: "asyncpg.Pool[asyncpg.Record]"
    engine: ScriptedEngine
    known: Known
    passwords: Passwords
    redis_url: str
    dsn: str
    forecasts: Forecasts = field(default_factory=Forecasts)
    _port: int = 0
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _server: "asyncio.Task[None] | None" = None

    @property
    def url(self) -> str:
        """Address of the consoles."""
        return f"http://127.0.0.1:{self._port}"

    def up(self, tasks: asyncio.TaskGroup) -> None:
        """Start the web server; again on the same port after down()."""
        listener = _listener(self._port)
        self._port = listener.getsockname()[1]
        self._stop = asyncio.Event()
        self._server = tasks.create_task(self._serve(listener))

    async def _serve(self, listener: socket.socket) -> None:
        bus = RedisBusClient(self.redis_url)
        deps = WebDeps(
            settings=self.settings,
            pool=self.pool,
            bus=bus,
            clock=SystemClock(),
            passwords=self.passwords,
            ask=self.forecasts.outlook,
            doctor=self._doctor,
        )
        await serve(deps, stop=self._stop, listener=listener)
        await bus.close()

    async def _doctor(self, settings: Settings, locale: str) -> list[Finding]:
        """The real one, told where this site's stores are."""
        urls = {"database_url": SecretStr(self.dsn), "redis_url": SecretStr(self.redis_url)}
        return await examine_within(settings.model_copy(update=urls), locale)

    async def down(self) -> None:
        """Stop the web server."""
        self._stop.set()
        if self._server is not None:
            await self._server

    async def value(self, sql: str, *values: Any) -> Any:
        """One value of the database."""
        async with self.pool.acquire() as database:
            return await database.fetchval(sql, *values)

    async def told(self, kind: str) -> int:
        """How many facts of this kind the journal tells the engine since the house was filled."""
        count = "SELECT count(*) FROM journal WHERE kind = $1 AND id > $2"
        return int(await self.value(count, kind, self.known.facts))

    async def one(self, count: str) -> bool:
        """Whether there is exactly one of what is counted."""
        return bool(await self.value(count) == 1)


def _listener(port: int) -> socket.socket:
    return listen("127.0.0.1", port)


@asynccontextmanager
async def open_site(dsn: str, redis_url: str, archive: Path, tasks: asyncio.TaskGroup) -> AsyncIterator[Site]:
    """A company at work on an empty database."""
    assert (STATIC / "index.html").is_file(), "the consoles are not built: make setup-web"
    settings = Settings(
        _env_file=None, web_port=0, recordings_archive=archive, sip_ws_url="ws://127.0.0.1:9/ws"
    )
    pool = await open_pool(dsn, 6)
    # Weak on purpose: the strength of argon2 is not what these tests are about.
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    known = await fill(pool, archive, passwords.hash_now(PASSWORD))
    await _real_sound(pool, archive, known)
    engine = ScriptedEngine(RedisBus(redis_url))
    running = tasks.create_task(engine.run())
    ends = asyncio.Event()
    tasks.create_task(Runner(pool, {IMPORT: run_import}, "site", Pace(poll=0.05)).run(ends))
    site = Site(settings, pool, engine, known, passwords, redis_url, dsn)
    site.up(tasks)
    yield site
    await site.down()
    ends.set()
    running.cancel()
    await engine.bus.close()
    await close_pool(pool)


async def _real_sound(pool: "asyncpg.Pool[asyncpg.Record]", archive: Path, known: Known) -> None:
    """Two seconds of the customer, six of silence, two of the agent."""
    rate = 16_000
    time = np.arange(SECONDS * rate) / rate
    left = 0.4 * np.sin(2 * np.pi * 300 * time) * (time < 2)
    right = 0.4 * np.sin(2 * np.pi * 500 * time) * (time >= 8)
    sf.write(archive / "2026/11/a.opus", np.column_stack([left, right]), rate, format="OGG", subtype="OPUS")
    levels = {"rate": 10, "left": [0.4] * 20 + [0.0] * 80, "right": [0.0] * 80 + [0.4] * 20}
    async with pool.acquire() as database:
        await database.execute(
            "UPDATE recordings SET duration_ms = $2, peaks = $3::text::jsonb WHERE id = $1",
            known.recording,
            SECONDS * 1000,
            json.dumps(levels),
        )
