"""`cadencia demo`: a real predictive campaign on real SIP calls, all on this machine, nothing left behind."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from consoles.passwords import Passwords
from consoles.users import NewUser, create_user
from consoles.web_deps import Connection
from dialer.cli.database import create_campaign, statements
from dialer.cli.supervise import Child, ProcessSupervisor, Say, cadencia, dying_with_us
from dialer.model.campaign import CampaignSettings, DialMode, Screening
from dialer.store.migrate import migrate
from dialer.time_limit import time_limit
from portfolio.importer import import_file

Environment = Mapping[str, str]
PASSWORD = "cadencia-demo"  # noqa: S105 - printed on the screen, for accounts on loopback only
_DRAIN, _LAB_END = 3.0, 60.0
_LAB_LIMIT, _READY_LIMIT = 900.0, 60.0
"""Seconds: packages may have to be fetched first; then everything starts in a few."""


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What may be chosen; times in seconds."""

    bots: int = 8
    debtors: int = 300
    tempo: float = 1.0
    """Factor on ring and talk times of the simulated people."""
    talk: float = 20.0
    wrap: float = 5.0
    seed: int = 1
    drawn: bool = False
    """Numbers carry no code: `sip_lab mix` changes how they behave while the demo runs."""
    keep_heard: bool = False
    """Whoever answers keeps what is heard, for tests."""
    port: int = 8000
    screening: Screening = Screening.PROGRESS
    mode: DialMode = DialMode.PREDICTIVE
    calls_per_agent: float = 2.0
    """Of mode power."""
    state: Path | None = None
    seconds: float | None = None
    """End by itself after this time; None = until Ctrl-C."""
    start: bool = True
    """Start the campaign at once."""
    web_agents: int = 4


class DemoFailed(RuntimeError):
    """The demo cannot go on; the text says why."""


def state_folder(options: DemoOptions) -> Path:
    """Where the demo keeps its data: reachable for the unprivileged services even when we are root."""
    return options.state or Path(tempfile.gettempdir()) / f"cadencia-demo-{os.getuid()}"


def empty(state: Path) -> None:
    """An empty folder for a new demo; raises DemoFailed while another one lives there."""
    lab = _read(state / "lab" / "lab.json")
    if lab is not None and _lives(int(lab["supervisor_pid"])):
        raise DemoFailed(f"a demo already runs in {state}; end it or use --state")
    if state.exists():
        shutil.rmtree(state)
    state.mkdir(parents=True, mode=0o755)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


def _same(_role: str, env: Environment) -> Environment:
    return env


async def demo(
    options: DemoOptions, say: Say, env_of: Callable[[str, Environment], Environment] = _same
) -> None:
    """Run the whole demo until cancelled; `env_of` may lead a role another way, as the fault harness does."""
    state = state_folder(options)
    await asyncio.to_thread(empty, state)
    async with _lab(options, state, say) as lab:
        port = _free_port(options.port)
        env = _environment(lab, state, port)
        say("database: migrating, adding people")
        await migrate(lab["postgres"]["dsn"])
        campaign = await _fill(options, lab, state, say)
        (state / "cadencia.env").write_text("".join(f"{key}={value}\n" for key, value in env.items()))
        supervisor = ProcessSupervisor(say, state / "pids.json")
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(supervisor.keep(_children(options, state, env, env_of)))
            try:
                await _show(options, lab, campaign, f"http://127.0.0.1:{port}", say)
            finally:
                keeper.cancel()


# --- the lab --------------------------------------------------------------------------------------


@asynccontextmanager
async def _lab(options: DemoOptions, state: Path, say: Say) -> AsyncIterator[dict[str, Any]]:
    say("telephone network: starting PostgreSQL, Valkey and two Asterisks (the first time fetches packages)")
    words = ["--state", str(state / "lab"), "--bots", str(options.bots), "--seed", str(options.seed)]
    words += ["--web-agents", str(options.web_agents), "--tempo", str(options.tempo)]
    words += ["--keep-heard"] if options.keep_heard else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sip_lab", "up", *words, start_new_session=True, preexec_fn=dying_with_us()
    )
    try:
        yield await _lab_ready(process, state / "lab" / "lab.json")
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            await _ended(process)


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        async with time_limit(_LAB_END):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _lab_ready(process: asyncio.subprocess.Process, told: Path) -> dict[str, Any]:
    async with time_limit(_LAB_LIMIT):
        while (lab := _read(told)) is None:
            if process.returncode is not None:
                raise DemoFailed("the telephone network did not start; see the lines above")
            await asyncio.sleep(0.1)
    return lab


def _read(told: Path) -> dict[str, Any] | None:
    """lab.json, None while the lab is not ready."""
    if not told.exists():
        return None
    loaded: dict[str, Any] = json.loads(told.read_text())
    return loaded


def _free_port(wanted: int) -> int:
    """The wanted port when it is free, else any."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DemoFailed("no free port on loopback")


def _environment(lab: Mapping[str, Any], state: Path, port: int) -> dict[str, str]:
    pbx = lab["pbx"]
    return {
        "CADENCIA_DATABASE_URL": lab["postgres"]["dsn"],
        "CADENCIA_REDIS_URL": lab["valkey"]["url"],
        "CADENCIA_AMI_HOST": pbx["ami_host"],
        "CADENCIA_AMI_PORT": str(pbx["ami_port"]),
        "CADENCIA_AMI_USER": pbx["ami_user"],
        "CADENCIA_AMI_SECRET": pbx["ami_secret"],
        "CADENCIA_SIGNALLING_PORT": str(pbx["hep_port"]),
        "CADENCIA_RECORDINGS_SPOOL": pbx["recordings_dir"],
        "CADENCIA_RECORDINGS_ARCHIVE": str(state / "archive"),
        "CADENCIA_WEB_PORT": str(port),
        # Everybody here is a bot: the pack that is always open may hold.
        "CADENCIA_LABORATORY": "true",
        "CADENCIA_ENGINE_PORT": str(_free_port(0)),
        "CADENCIA_ARCHIVE_PORT": str(_free_port(0)),
        "CADENCIA_PROGRESS_PORT": str(_free_port(0)),
        "CADENCIA_PROGRESS_CONTROL_PORT": str(_free_port(0)),
        "CADENCIA_PROGRESS_METRICS_PORT": str(_free_port(0)),
        "CADENCIA_PROGRESS_SECRET": secrets.token_urlsafe(18),
        "CADENCIA_PROGRESS_AUDIO": str(state / "progress"),
        "CADENCIA_ANNOUNCEMENTS": str(state / "announcements"),
        "CADENCIA_SIP_WS_URL": pbx["ws_url"],
        "CADENCIA_WEBHOOK_SECRETS": f"whsec_{b64encode(secrets.token_bytes(24)).decode()}",
        # Ctrl-C should be quick; a person who is being spoken to hears the message from the dialplan.
        "CADENCIA_DRAIN_LIMIT": f"{_DRAIN:g}",
    }


# --- people, list and campaign ----------------------------------------------------------------------


async def _fill(options: DemoOptions, lab: Mapping[str, Any], state: Path, say: Say) -> int:
    pool = await asyncpg.create_pool(lab["postgres"]["dsn"], min_size=1, max_size=2)
    try:
        settings = CampaignSettings(
            mode=options.mode,
            calls_per_agent=options.calls_per_agent,
            screening=options.screening,
            rule_pack="lab-open",
            wrap_limit=60,
        )
        async with pool.acquire() as database:
            campaign = await create_campaign(
                database,
                code="demo",
                name="Cartera de demostración",
                trunk=lab["trunk"],
                caller_id="+34910000000",
                settings=settings,
            )
            await _people(database, options, lab, campaign, state)
            await database.execute(statements()["require_skill"], campaign, "collections", 1)
        await _debtors(pool, options, campaign, say)
    finally:
        await pool.close()
    return campaign


async def _people(
    database: Connection, options: DemoOptions, lab: Mapping[str, Any], campaign: int, state: Path
) -> None:
    passwords, hidden = Passwords(), secrets.token_urlsafe(18)
    shown, bot_hash = await passwords.hash(PASSWORD), await passwords.hash(hidden)
    passwords.close()
    for login, name, role in (
        ("supervisor", "Sara Supervisora", "supervisor"),
        ("calidad", "Quim Calidad", "qa"),
        ("admin", "Ada Administradora", "admin"),
    ):
        await create_user(database, NewUser(login=login, name=name, role=role, password_hash=shown))  # type: ignore[arg-type]
    lines = [(f"bot{i:02d}", f"Agente Bot {i:02d}", bot, bot_hash) for i, bot in enumerate(lab["bots"], 1)]
    names = ("Ana Agente", "Luis Agente", "Marta Agente", "Jordi Agente")
    logins = ("ana", "luis", "marta", "jordi")
    lines += list(zip(logins, names, lab["web_agents"], [shown] * 4, strict=False))
    for login, name, line, hashed in lines:
        user = NewUser(
            login=login,
            name=name,
            role="agent",
            password_hash=hashed,
            endpoint=line["endpoint"],
            sip_user=line.get("sip_user", ""),
            sip_password=line.get("sip_password", ""),
            skills={"collections": 50 if login.startswith("bot") else 80},
            campaigns=[campaign],
        )
        await create_user(database, user)
    accounts = [{"login": login, "password": hidden} for login, *_ in lines if login.startswith("bot")]
    told = state / "bots.json"
    told.touch(mode=0o600)
    told.write_text(json.dumps(accounts))


async def _debtors(pool: Any, options: DemoOptions, campaign: int, say: Say) -> None:
    words = ["--count", str(options.debtors), "--seed", str(options.seed)]
    words += ["--drawn"] if options.drawn else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sip_lab.debtors", *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None

    async def chunks(source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        while chunk := await source.read(65_536):
            yield chunk

    report = await import_file(
        pool,
        chunks(process.stdout),
        campaign_id=campaign,
        list_name="demo",
        default_region="ES",
        creditor="Demo",
    )
    await process.wait()
    say(f"list: {report.imported} debtors imported, {report.rejected} rows rejected")


# --- the processes ------------------------------------------------------------------------------------


def _children(
    options: DemoOptions, state: Path, env: Environment, env_of: Callable[[str, Environment], Environment]
) -> list[Child]:
    roles = [
        Child(
            role,
            cadencia("run", "--role", role),
            env_of(role, env),
            state / f"{role}.log",
            drain=_DRAIN if role == "engine" else 0.0,
        )
        for role in ("progress", "engine", "web", "archive")
    ]
    words = ["--web", f"http://127.0.0.1:{env['CADENCIA_WEB_PORT']}", "--accounts", str(state / "bots.json")]
    words += ["--talk", str(options.talk), "--wrap", str(options.wrap), "--seed", str(options.seed)]
    bots = Child("bots", [sys.executable, "-m", "sip_lab.bots", *words], {}, state / "bots.log")
    return [*roles, bots]


async def _show(options: DemoOptions, lab: Mapping[str, Any], campaign: int, web: str, say: Say) -> None:
    async with httpx.AsyncClient(base_url=web, timeout=10) as http:
        await _web_ready(http)
        if options.start:
            await _start_campaign(http, campaign)
    say(_welcome(web))
    await _totals(options, lab["postgres"]["dsn"], say)


async def _web_ready(http: httpx.AsyncClient) -> None:
    async with time_limit(_READY_LIMIT):
        while True:
            with suppress(httpx.HTTPError):
                answer = await http.get("/readyz")
                if answer.status_code == 200 and answer.json().get("engine"):
                    return
            await asyncio.sleep(0.2)


async def _start_campaign(http: httpx.AsyncClient, campaign: int) -> None:
    credentials = {"login": "supervisor", "password": PASSWORD}
    session = (await http.post("/api/v1/session", json=credentials)).raise_for_status().json()
    headers = {"X-CSRF-Token": session["csrf"]}
    body = {"reason": "demo"}
    (await http.post(f"/api/v1/campaigns/{campaign}/start", json=body, headers=headers)).raise_for_status()


def _welcome(web: str) -> str:
    return f"""
  Cadencia is calling. Open in a browser on this machine:

    {web}/agent        ana, luis, marta, jordi   (softphone; allow the microphone)
    {web}/supervisor   supervisor
    {web}/qa           calidad
    {web}/             admin sees everything

  Password of all: {PASSWORD}
  Ctrl-C ends everything.
"""


async def _totals(options: DemoOptions, dsn: str, say: Say) -> None:
    loop, last = asyncio.get_running_loop(), ""
    until = loop.time() + options.seconds if options.seconds is not None else None
    while until is None or loop.time() < until:
        await asyncio.sleep(2)
        try:
            line = await _line(dsn)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            line = "the database is away; everything goes on when it is back"
        if line != last:
            say(line)
            last = line


async def _line(dsn: str) -> str:
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(statements()["demo_totals"])
    finally:
        await connection.close()
    assert row is not None
    return (
        f"{row['attempts']} calls, {row['open']} live, {row['conversations']} conversations, "
        f"{row['abandoned']} abandoned, {row['machines']} machines, {row['recordings']} recordings archived, "
        f"{row['leads_left']} leads left"
    )
