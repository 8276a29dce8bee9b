"""A laboratory of its own for a benchmark, and on it the product's real processes."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from bench.waiting import until
from consoles.passwords import Passwords
from consoles.users import NewUser, create_user
from dialer.cli.database import create_campaign
from dialer.cli.supervise import Child, ProcessSupervisor, cadencia, dying_with_us
from dialer.model.campaign import CampaignSettings
from dialer.store.migrate import migrate
from portfolio.importer import import_file

_LAB_LIMIT, _READY_LIMIT = 900.0, 90.0
_HEAD = (
    "external_id,name,phone,country,zone,language,creditor,debt_reference,balance,currency,days_past_due\n"
)


def say(line: str) -> None:
    """One line of progress, not part of the result."""
    print(f"bench: {line}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Lab:
    """A running laboratory."""

    facts: dict[str, Any]
    """lab.json."""
    folder: Path

    @property
    def dsn(self) -> str:
        """Of the database."""
        return str(self.facts["postgres"]["dsn"])

    @property
    def pids(self) -> dict[str, int]:
        """Its services."""
        return {name: self.facts[name]["pid"] for name in ("pbx", "carrier", "postgres", "valkey")}


@asynccontextmanager
async def laboratory(*, bots: int, legs: int) -> AsyncIterator[Lab]:
    """Two Asterisks, PostgreSQL and Valkey in a folder of their own, gone at the end."""
    folder = _own_folder()
    words = ["--state", str(folder / "lab"), "--bots", str(bots), "--web-agents", "0", "--legs", str(legs)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sip_lab", "up", *words, start_new_session=True, preexec_fn=dying_with_us()
    )
    try:
        yield Lab(await _lab_ready(process, folder / "lab" / "lab.json"), folder)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await process.wait()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _own_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="cadencia-bench-"))
    folder.chmod(0o755)  # the services run as another user when we are root
    return folder


async def _lab_ready(process: asyncio.subprocess.Process, told: Path) -> dict[str, Any]:
    async def there() -> bool:
        if process.returncode is not None:
            raise RuntimeError("the laboratory did not start; see the lines above")
        return await asyncio.to_thread(told.exists)

    await until(there, _LAB_LIMIT)
    facts: dict[str, Any] = json.loads(await asyncio.to_thread(told.read_text))
    return facts


# --- people -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Staff:
    """What was put into the database."""

    campaign: int
    agents: tuple[int, ...]
    accounts: tuple[dict[str, str], ...]
    """Logins of the agents, then of the supervisor."""


async def fill(
    lab: Lab, settings: CampaignSettings, endpoints: Sequence[str], numbers: Sequence[str]
) -> Staff:
    """One campaign, one agent per telephone, one debtor per number."""
    await migrate(lab.dsn)
    async with asyncpg.create_pool(lab.dsn, min_size=1, max_size=2) as pool:
        async with pool.acquire() as database:
            campaign = await create_campaign(
                database,
                code="bench",
                name="Bench",
                trunk=lab.facts["trunk"],
                caller_id="+34910000000",
                settings=settings,
            )
            staff = await _people(database, campaign, endpoints)
        report = await import_file(
            pool,
            _lines(numbers),
            campaign_id=campaign,
            list_name="bench",
            default_region="ES",
            creditor="Banco",
        )
        if report.rejected:
            raise RuntimeError(f"{report.rejected} rows of our own list were rejected")
    return staff


async def _people(database: Any, campaign: int, endpoints: Sequence[str]) -> Staff:
    passwords, hidden = Passwords(), secrets.token_urlsafe(18)
    hashed = await passwords.hash(hidden)
    passwords.close()
    agents = []
    for number, endpoint in enumerate(endpoints, 1):
        login, name = f"bot{number:03d}", f"Bot {number:03d}"
        user = NewUser(login, name, "agent", hashed, endpoint=endpoint, campaigns=[campaign])
        agents.append(await create_user(database, user))
    await create_user(database, NewUser("supervisor", "Supervisor", "supervisor", hashed))
    logins = [f"bot{number:03d}" for number in range(1, len(agents) + 1)]
    accounts = [{"login": login, "password": hidden} for login in (*logins, "supervisor")]
    return Staff(campaign, tuple(agents), tuple(accounts))


async def _lines(numbers: Sequence[str]) -> AsyncIterator[bytes]:
    yield _HEAD.encode()
    for i, number in enumerate(numbers):
        yield f"B-{i},Persona {i},{number},ES,Europe/Madrid,es,Banco,E-{i},100.00,EUR,30\n".encode()


# --- the product --------------------------------------------------------------------------------------


class Product:
    """The running roles, as their supervisor sees them."""

    def __init__(self, lab: Lab, staff: Staff, env: Mapping[str, str]) -> None:
        self._staff, self._env, self._lab = staff, env, lab
        self.web = f"http://127.0.0.1:{env['CADENCIA_WEB_PORT']}"
        self._http = httpx.AsyncClient(base_url=self.web, timeout=20)

    @property
    def pids(self) -> dict[str, int]:
        """Processes of the roles and of the laboratory."""
        own: dict[str, int] = json.loads((self._lab.folder / "pids.json").read_text())
        return {**own, **self._lab.pids}

    async def login(self) -> None:
        """Wait for engine and pages, then log in as the supervisor."""
        await until(self._ready, _READY_LIMIT)
        answer = await self._http.post("/api/v1/session", json=self._staff.accounts[-1])
        self._http.headers["X-CSRF-Token"] = answer.raise_for_status().json()["csrf"]

    async def _ready(self) -> bool:
        with suppress(httpx.HTTPError):
            answer = await self._http.get("/readyz")
            return answer.status_code == 200 and bool(answer.json().get("engine"))
        return False

    async def campaign(self, verb: str) -> None:
        """start, pause or stop."""
        path = f"/api/v1/campaigns/{self._staff.campaign}/{verb}"
        (await self._http.post(path, json={"reason": "bench"})).raise_for_status()

    async def set(self, **settings: Any) -> None:
        """Change settings of the campaign, live."""
        path = f"/api/v1/campaigns/{self._staff.campaign}"
        version = (await self._http.get(path)).raise_for_status().json()["settings_version"]
        body = {"settings": settings, "reason": "bench"}
        answer = await self._http.patch(path, json=body, headers={"If-Match": f'"{version}"'})
        answer.raise_for_status()

    async def metrics(self) -> str:
        """What the engine tells Prometheus."""
        url = f"http://127.0.0.1:{self._env['CADENCIA_ENGINE_PORT']}/metrics"
        return (await self._http.get(url)).raise_for_status().text

    async def close(self) -> None:
        """Drop the connections."""
        await self._http.aclose()


@asynccontextmanager
async def product(lab: Lab, staff: Staff, roles: Sequence[str]) -> AsyncIterator[Product]:
    """The roles as processes of their own, ready and with the supervisor logged in."""
    env = _environment(lab)
    children = [Child(role, cadencia("run", "--role", role), env, _log(lab, role)) for role in roles]
    supervisor = ProcessSupervisor(say, lab.folder / "pids.json")
    made = Product(lab, staff, env)
    async with asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(supervisor.keep(children))
        try:
            await made.login()
            yield made
        finally:
            await made.close()
            keeper.cancel()


def _log(lab: Lab, role: str) -> Path:
    kept = os.environ.get("CADENCIA_BENCH_LOGS")
    return (Path(kept) if kept else lab.folder) / f"{role}.log"


def _environment(lab: Lab) -> dict[str, str]:
    pbx = lab.facts["pbx"]
    return {
        "CADENCIA_DATABASE_URL": lab.dsn,
        "CADENCIA_REDIS_URL": lab.facts["valkey"]["url"],
        "CADENCIA_AMI_HOST": pbx["ami_host"],
        "CADENCIA_AMI_PORT": str(pbx["ami_port"]),
        "CADENCIA_AMI_USER": pbx["ami_user"],
        "CADENCIA_AMI_SECRET": pbx["ami_secret"],
        "CADENCIA_RECORDINGS_SPOOL": pbx["recordings_dir"],
        "CADENCIA_RECORDINGS_ARCHIVE": str(lab.folder / "archive"),
        "CADENCIA_WEB_PORT": str(_free_port()),
        "CADENCIA_ENGINE_PORT": str(_free_port()),
        "CADENCIA_ARCHIVE_PORT": str(_free_port()),
        "CADENCIA_DRAIN_LIMIT": "3",
        "CADENCIA_LOG_LEVEL": "warning",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
