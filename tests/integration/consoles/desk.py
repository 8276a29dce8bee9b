"""What the tests of the consoles know: who works here, what happened, and how to talk to the server."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from agent_ws.fakes import FakeBusClient
from consoles.users import NewUser, create_user
from dialer.settings import Settings

PASSWORD = "correct horse 1"
NUMBER = "+34600111222"
SOUND = bytes(range(256)) * 64


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of what is in the database."""

    users: dict[str, int]
    campaign: int
    person: int
    attempt: UUID
    recording: int


@dataclass(frozen=True, slots=True)
class Desk:
    """A running server and what is behind it."""

    host: str
    bus: FakeBusClient
    pool: "asyncpg.Pool[asyncpg.Record]"
    settings: Settings
    known: Known

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has not logged in."""
        async with httpx.AsyncClient(base_url=f"http://{self.host}/api/v1", timeout=20) as client:
            yield client

    @asynccontextmanager
    async def user(self, login: str) -> AsyncIterator[httpx.AsyncClient]:
        """A browser that has."""
        async with self.visitor() as client:
            answer = await client.post("/session", json={"login": login, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            client.headers["X-CSRF-Token"] = answer.json()["csrf"]
            client.headers["Origin"] = f"http://{self.host}"
            yield client

    @asynccontextmanager
    async def live(
        self, client: httpx.AsyncClient, *, origin: str | None = None
    ) -> AsyncIterator[ClientConnection]:
        """The websocket of a browser that has logged in."""
        ticket = (await client.post("/ws-ticket")).json()
        async with self.dial(ticket["url"], origin=origin or f"http://{self.host}") as ws:
            yield ws

    def dial(self, path: str, *, origin: str, protocol: str = "cadencia.v1") -> connect:
        """A websocket with any ticket."""
        return connect(
            f"ws://{self.host}{path}",
            additional_headers={"Origin": origin},
            subprotocols=[Subprotocol(protocol)],
            compression=None,
            proxy=None,
        )


async def eventually(condition: Callable[[], bool | Awaitable[bool]], limit: float = 10.0) -> None:
    """Wait until a condition holds; fails after the limit."""
    async with asyncio.timeout(limit):
        while True:
            result = condition()
            if result if isinstance(result, bool) else await result:
                return
            await asyncio.sleep(0.01)


async def message(ws: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind; others are passed over."""
    async with asyncio.timeout(10):
        while True:
            body: dict[str, Any] = json.loads(await ws.recv())
            if body["type"] == kind:
                return body


async def fill(pool: "asyncpg.Pool[asyncpg.Record]", archive: Path, password_hash: str) -> Known:
    """A small company at work."""
    async with pool.acquire() as database:
        users = {}
        for login, role in (("ana", "agent"), ("bea", "agent"), ("sol", "supervisor"), ("quim", "qa"), ("root", "admin")):
            new = NewUser(login, login.title(), role, password_hash, sip_password="secret")  # type: ignore[arg-type]
            users[login] = await create_user(database, new)
        campaign = await database.fetchval(
            "INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('spring', 'Primavera', 'lab', '+34910000000') RETURNING id"
        )
        person = await database.fetchval(
            "INSERT INTO persons (external_id, name, zone, country) VALUES ('C-1', 'Marta Muñoz', 'Europe/Madrid', 'ES') RETURNING id"
        )
        phone = await database.fetchval(
            "INSERT INTO phones (person_id, number, zones) VALUES ($1, $2, '{Europe/Madrid}') RETURNING id", person, NUMBER
        )
        a_list = await database.fetchval("INSERT INTO lists (campaign_id, name) VALUES ($1, 'one') RETURNING id", campaign)
        lead = await database.fetchval(
            "INSERT INTO leads (list_id, campaign_id, person_id) VALUES ($1, $2, $3) RETURNING id", a_list, campaign, person
        )
        attempt = await _call(database, campaign, lead, person, phone, users["ana"])
        recording = await database.fetchval(
            "INSERT INTO recordings (attempt_id, status, path, duration_ms, peaks) "
            "VALUES ($1, 'archived', '2026/11/a.opus', 61000, $2::text::jsonb) RETURNING id",
            attempt, json.dumps({"rate": 10, "left": [0.1, 0.5], "right": [0.2, 0.4]}),
        )
    sound = archive / "2026/11/a.opus"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(SOUND)
    return Known(users, campaign, person, attempt, recording)


async def _call(database: Any, campaign: int, lead: int, person: int, phone: int, agent: int) -> UUID:
    attempt, now = uuid4(), datetime.now(UTC)
    at = now - timedelta(minutes=5)
    await database.execute(
        "INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits, screened, "
        "placed_at, answered_at, connected_at, ended_at, agent_id, outcome, gate, routing) VALUES "
        "($1, $2, $3, $4, $5, $6, 'ended', 5, '{}', true, $7, $7, $7, $8, $9, 'conversation', '{\"verdict\": \"permitted\"}', '{\"level\": 3}')",
        attempt, campaign, lead, person, phone, NUMBER, at, at + timedelta(seconds=61), agent,
    )
    await database.execute(
        "INSERT INTO attempt_events (attempt_id, version, at, event, to_state) VALUES ($1, 1, $2, 'placed', 'dialing')", attempt, at
    )
    await database.execute(
        "INSERT INTO call_dispositions (attempt_id, agent_id, at, code, notes, promise_minor, promise_on) "
        "VALUES ($1, $2, $3, 'promise', 'paga el viernes', 5000, '2026-12-01')", attempt, agent, at,
    )
    await database.execute(
        "INSERT INTO recording_marks (attempt_id, at, kind, actor_id) VALUES ($1, $2, 'paused', $3)",
        attempt, at + timedelta(seconds=10), agent,
    )
    return attempt
