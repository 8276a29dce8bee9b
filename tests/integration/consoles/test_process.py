"""The web role as its own process over a real Valkey: started by the command line, disturbed, stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import pytest
from argon2 import PasswordHasher

from agent_ws.fakes import FakeBusClient
from consoles.passwords import Passwords
from dialer.ports import Command, Frame
from dialer.settings import Settings
from dialer.store.bus import RedisBus
from tests.eventually import eventually
from tests.integration.consoles.desk import PASSWORD, Desk, fill, message
from tests.integration.consoles.test_live import attach_text, closed, view
from tests.integration.fixtures import Database
from tests.integration.services import Valkey, free_port


@dataclass(frozen=True, slots=True)
class Running:
    """A web process, and the engine's side of its bus."""

    desk: Desk
    process: asyncio.subprocess.Process
    engine: RedisBus
    commands: list[Command]

    def count(self, kind: str) -> int:
        """How many commands of a kind have come."""
        return [command.kind for command in self.commands].count(kind)

    async def beat(self, epoch: int = 1) -> None:
        """The engine's heart."""
        while True:
            self.engine.publish(Frame("engine", {"epoch": epoch, "up": True}))
            await asyncio.sleep(0.5)


@asynccontextmanager
async def web_process(desk: Desk, database: Database, valkey: Valkey) -> AsyncIterator[Running]:
    """`cadencia run --role web`, and an engine that listens and beats."""
    environment = os.environ | {
        "CADENCIA_DATABASE_URL": database.dsn,
        "CADENCIA_REDIS_URL": valkey.url,
        "CADENCIA_WEB_PORT": desk.host.rpartition(":")[2],
        "CADENCIA_RECORDINGS_ARCHIVE": str(desk.settings.recordings_archive),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "dialer", "run", "--role", "web", env=environment
    )
    engine = RedisBus(valkey.url)
    running = Running(desk, process, engine, [])
    try:
        async with asyncio.TaskGroup() as tasks:
            beside = [
                tasks.create_task(engine.run()),
                tasks.create_task(_listen(running)),
                tasks.create_task(running.beat()),
            ]
            await eventually(lambda: _ready(desk), within=60)
            yield running
            for task in beside:
                task.cancel()
    finally:
        await engine.close()
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _listen(running: Running) -> None:
    async for command in running.engine.commands():
        assert isinstance(command, Command)
        running.commands.append(command)


async def _ready(desk: Desk) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"http://{desk.host}/readyz")
    except httpx.TransportError:
        return False
    return answer.status_code == 200 and bool(answer.json()["engine"])


@pytest.fixture
async def running(database: Database, valkey: Valkey, tmp_path: Path) -> AsyncIterator[Running]:
    """A web process with the small company behind it."""
    settings = Settings(_env_file=None, recordings_archive=tmp_path / "archive")
    weak = Passwords(PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
    async with asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool:
        known = await fill(pool, settings.recordings_archive, weak.hash_now(PASSWORD))
        desk = Desk(f"127.0.0.1:{free_port()}", FakeBusClient(), pool, settings, known)
        async with web_process(desk, database, valkey) as process:
            yield process


async def test_pages_survive_the_death_of_valkey_and_end_with_the_server(
    running: Running, valkey: Valkey
) -> None:
    agent = running.desk.known.users["ana"]
    async with running.desk.user("ana") as client, running.desk.live(client) as ws:
        await ws.send(attach_text("page-one-1"))
        await eventually(lambda: running.count("agent.attach") == 1)
        running.engine.publish(Frame("agent", view("page-one-1"), agent))
        assert (await message(ws, "agent"))["page"] == "page-one-1"
        valkey.stop(signal.SIGKILL)
        while (await message(ws, "link"))["engine"]:
            pass
        valkey.start()
        assert (await message(ws, "link"))["engine"]
        await eventually(lambda: running.count("agent.attach") >= 2)
        running.process.send_signal(signal.SIGTERM)
        assert await closed(ws) == 1001
    await eventually(lambda: running.count("agent.detach") == 1)
    assert await asyncio.wait_for(running.process.wait(), 20) == 0


async def test_the_process_has_a_doctor_at_hand(running: Running) -> None:
    async with running.desk.user("sol") as client:
        lines = (await client.get("/checkup")).json()["lines"]
    states = {line["name"]: line["state"] for line in lines}
    assert states["engine"] == states["database"] == states["redis"] == "ok"


async def test_a_weak_hash_is_renewed_at_login(running: Running) -> None:
    before = await running.desk.pool.fetchval("SELECT password_hash FROM users WHERE login = 'ana'")
    async with running.desk.user("ana"):
        after = await running.desk.pool.fetchval("SELECT password_hash FROM users WHERE login = 'ana'")
    assert "m=1024," in before
    assert "m=65536," in after
