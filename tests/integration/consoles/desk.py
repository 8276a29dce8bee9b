"""What the tests of the consoles know: who works here, what happened, and how to talk to the server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from agent_ws.fakes import FakeBusClient
from consoles.passwords import Passwords
from consoles.users import NewUser, Role, create_user
from consoles.web_deps import Connection
from dialer.settings import Settings
from journal.events import Event
from journal.position import fact_of
from tests.eventually import eventually

E = TypeVar("E", bound=Event)
PASSWORD = "correct horse 1"
WEBHOOK_SECRETS = ("whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8)
"""The new one and the old one, while they change."""
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
    facts: int
    """The last line of the journal before anybody did anything."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A running server and what is behind it."""

    host: str
    bus: FakeBusClient
    pool: "asyncpg.Pool[asyncpg.Record]"
    settings: Settings
    known: Known

    async def told(self, event: type[E]) -> list[E]:
        """What the journal tells the engine since the house was filled."""
        query = (
            "SELECT id, at, kind, version, person_id, campaign_id, data::text AS data FROM journal"
            " WHERE kind = $1 AND id > $2 ORDER BY id"
        )
        rows = await self.pool.fetch(query, event.KIND[0], self.known.facts)
        found = [fact_of(row).event() for row in rows]
        return [one for one in found if isinstance(one, event)]

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


class Serve(Protocol):
    """Starts a server; see conftest."""

    def __call__(
        self, passwords: Passwords | None = None, *, watches: bool = True, **own: Any
    ) -> AbstractAsyncContextManager[Desk]:
        """With settings of one's own."""
        ...


async def job(client: httpx.AsyncClient, asked: httpx.Response) -> dict[str, Any]:
    """What a job that was asked for has come to."""
    assert asked.status_code in (200, 202), asked.text

    async def over() -> dict[str, Any] | None:
        answer = await client.get(f"/jobs/{asked.json()['id']}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found if found["finished_at"] is not None else None

    found: dict[str, Any] = await eventually(over, within=60)
    return found


async def imported(
    client: httpx.AsyncClient, path: str, files: dict[str, Any], data: dict[str, str]
) -> dict[str, Any]:
    """The report of an import that was done."""
    done = await job(client, await client.post(path, files=files, data=data))
    assert done["state"] == "done", done
    report: dict[str, Any] = done["result"]
    return report


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
        users = {login: await _user(database, login, role, password_hash) for login, role in ROLES.items()}
        campaign = await database.fetchval(_CAMPAIGN)
        person = await database.fetchval(_PERSON)
        phone = await database.fetchval(_PHONE, person, NUMBER)
        lead = await database.fetchval(_LEAD, campaign, person)
        attempt, at = uuid4(), datetime.now(UTC) - timedelta(minutes=5)
        called = (campaign, lead, person, phone, NUMBER, at, at + timedelta(seconds=61), users["ana"])
        await database.execute(_ATTEMPT, attempt, *called)
        await database.execute(_EVENT, attempt, at)
        await database.execute(_DISPOSITION, attempt, users["ana"], at)
        await database.execute(_MARK, attempt, at + timedelta(seconds=10), users["ana"])
        peaks = json.dumps({"rate": 10, "left": [0.1, 0.5], "right": [0.2, 0.4]})
        recording = await database.fetchval(_RECORDING, attempt, peaks)
        facts = await database.fetchval("SELECT coalesce(max(id), 0) FROM journal")
    sound = archive / "2026/11/a.opus"
    sound.parent.mkdir(parents=True)
    sound.write_bytes(SOUND)
    return Known(users, campaign, person, attempt, recording, facts)


async def _user(database: Connection, login: str, role: Role, password_hash: str) -> int:
    return await create_user(
        database, NewUser(login, login.title(), role, password_hash, sip_password="secret")
    )


ROLES: dict[str, Role] = {"ana": "agent", "bea": "agent", "sol": "supervisor", "quim": "qa", "root": "admin"}
_CAMPAIGN = """
    INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ('spring', 'Primavera', 'lab', '+34910000000')
    RETURNING id"""
_PERSON = """
    INSERT INTO persons (external_id, name, zone, country)
    VALUES ('C-1', 'Marta Muñoz', 'Europe/Madrid', 'ES')
    RETURNING id"""
_PHONE = "INSERT INTO phones (person_id, number, zones) VALUES ($1, $2, '{Europe/Madrid}') RETURNING id"
_LEAD = """
    WITH l AS (INSERT INTO lists (campaign_id, name) VALUES ($1, 'one') RETURNING id)
    INSERT INTO leads (list_id, campaign_id, person_id) SELECT l.id, $1, $2 FROM l RETURNING id"""
_ATTEMPT = """
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, state, version, limits,
        screened, placed_at, answered_at, connected_at, ended_at, agent_id, outcome, gate, routing)
    VALUES ($1, $2, $3, $4, $5, $6, 'ended', 5, '{}', true, $7, $7, $7, $8, $9, 'conversation',
        '{"verdict": "permitted"}', '{"level": 3}')"""
_EVENT = """
    INSERT INTO attempt_events (attempt_id, version, at, event, to_state)
    VALUES ($1, 1, $2, 'placed', 'dialing')"""
_DISPOSITION = """
    INSERT INTO call_dispositions (attempt_id, agent_id, at, code, notes, promise_minor, promise_on)
    VALUES ($1, $2, $3, 'promise', 'paga el viernes', 5000, '2026-12-01')"""
_MARK = "INSERT INTO recording_marks (attempt_id, at, kind, actor_id) VALUES ($1, $2, 'paused', $3)"
_RECORDING = """
    INSERT INTO recordings (attempt_id, status, path, duration_ms, peaks)
    VALUES ($1, 'archived', '2026/11/a.opus', 61000, $2::text::jsonb) RETURNING id"""
