"""Engines as processes, over a real Postgres, Valkey and detector: a spare leaves everything alone, all end.

The PBX is a manager port that counts who comes.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from dialer.call_progress.service import DetectorService
from dialer.cli.supervise import UNFIT
from dialer.settings import Settings
from dialer.store.migrate import migrate, rollback
from tests.eventually import eventually
from tests.integration.fixtures import Database
from tests.integration.proxy import Proxy, proxy_to
from tests.integration.services import Valkey
from tests.unit.dialer.ami.manager_server import ManagerServer, manager_server

SECRET = "between us"


class Machine:
    """One machine: the servers, the detector, and the engines that are started on it."""

    def __init__(self, folder: Path, valkey: Valkey, database: Database) -> None:
        self.folder, self.valkey, self.database = folder, valkey, database
        self.pbx: ManagerServer
        self.detector: Proxy
        self.postgres: Proxy

    def env(self, drain: float) -> dict[str, str]:
        head, _, name = self.database.dsn.rpartition("/")
        return os.environ | {
            "CADENCIA_DATABASE_URL": f"{head.rpartition(':')[0]}:{self.postgres.port}/{name}",
            "CADENCIA_REDIS_URL": self.valkey.url,
            "CADENCIA_AMI_PORT": str(self.pbx.port),
            "CADENCIA_PROGRESS_CONTROL_PORT": str(self.detector.port),
            "CADENCIA_PROGRESS_SECRET": SECRET,
            "CADENCIA_RECORDINGS_SPOOL": str(self.folder),
            "CADENCIA_LEASE_TTL": "1.5",
            "CADENCIA_DRAIN_LIMIT": str(drain),
        }

    @asynccontextmanager
    async def engine(self, name: str, drain: float = 1.0) -> AsyncIterator[asyncio.subprocess.Process]:
        """`cadencia run --role engine`; killed at the end if it still runs."""
        with (self.folder / name).open("wb") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "dialer", "run", "--role", "engine",
                env=self.env(drain), stdout=log, stderr=log,
            )  # fmt: skip
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    @asynccontextmanager
    async def spare(self, name: str, drain: float = 1.0) -> AsyncIterator[asyncio.subprocess.Process]:
        """A second one, once the first has the lease."""
        await self.said("first", "engine.started")
        async with self.engine(name, drain) as process:
            await self.said(name, "engine.waits")
            yield process

    def says(self, name: str, word: str) -> bool:
        return word in (self.folder / name).read_text()

    async def said(self, name: str, word: str) -> None:
        await eventually(lambda: self.says(name, word), within=60)


@pytest.fixture
async def machine(tmp_path: Path, valkey: Valkey, database: Database) -> AsyncIterator[Machine]:
    """Everything but engines."""
    machine = Machine(tmp_path, valkey, database)
    detector = DetectorService(
        Settings(
            progress_port=0, progress_control_port=0, progress_secret=SecretStr(SECRET),
            progress_audio=tmp_path, announcements=tmp_path,
        )
    )  # fmt: skip
    async with AsyncExitStack() as stack:
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        listening = tasks.create_task(detector.run())
        await detector.ready.wait()
        machine.pbx = await stack.enter_async_context(manager_server())
        machine.detector = await stack.enter_async_context(proxy_to(detector.control_port))
        machine.postgres = await stack.enter_async_context(proxy_to(database.server.port))
        yield machine
        listening.cancel()


async def test_a_spare_touches_nothing_until_it_is_the_engine(machine: Machine) -> None:
    async with machine.engine("first") as first, machine.spare("second") as second:
        await machine.said("first", "ears.up")
        pings = len(machine.pbx.received("Ping"))
        await machine.pbx.got("Ping", pings + 2)
        assert machine.detector.links == 1
        assert len(machine.pbx.received("Login")) == 1
        assert not machine.says("first", "ears.down")
        first.kill()
        await machine.said("second", "ears.up")
        assert machine.detector.links == 2
        assert len(await machine.pbx.got("Login", 2)) == 2
        await _ends(second)


async def test_an_engine_ends_in_time_though_its_database_is_away(machine: Machine) -> None:
    async with machine.engine("only") as only:
        await machine.said("only", "engine.started")
        machine.postgres.shut()
        await _ends(only)


async def test_an_engine_waits_for_a_schema_that_is_behind(machine: Machine) -> None:
    await rollback(machine.database.dsn)
    async with machine.engine("only") as only:
        await machine.said("only", "schema.behind")
        await migrate(machine.database.dsn)
        await machine.said("only", "engine.started")
        await _ends(only)
    assert not machine.says("only", "role.died")


async def test_an_engine_older_than_the_schema_says_so_and_ends(machine: Machine) -> None:
    connection = await asyncpg.connect(machine.database.dsn)
    await connection.execute("INSERT INTO schema_migrations VALUES ('9999')")
    await connection.close()
    async with machine.engine("only") as only, asyncio.timeout(60):
        assert await only.wait() == UNFIT
    assert machine.says("only", "newer version of Cadencia (9999)")


async def test_a_spare_ends_at_once(machine: Machine) -> None:
    async with machine.engine("first") as first, machine.spare("second", drain=600.0) as second:
        await _ends(second)
        await _ends(first)


async def _ends(process: asyncio.subprocess.Process) -> None:
    """By SIGTERM; with what it may wait for its database, and the drain of a second."""
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        await process.wait()
