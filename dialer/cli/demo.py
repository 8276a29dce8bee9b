"""`cadencia demo`: a real predictive campaign on real SIP calls, all on this machine, nothing left behind."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from dialer.cli.database import statements
from dialer.cli.demo_life import Life
from dialer.cli.demo_options import PASSWORD, DemoFailed, DemoOptions
from dialer.cli.demo_people import DemoCampaign, fill
from dialer.cli.demo_ports import Held, last_port
from dialer.cli.supervise import Child, ProcessSupervisor, Say, cadencia, dying_with_us
from dialer.store.migrate import migrate
from dialer.time_limit import time_limit

__all__ = ["PASSWORD", "DemoFailed", "DemoOptions", "demo", "empty", "state_folder"]

Environment = Mapping[str, str]
_DRAIN, _LAB_END = 3.0, 60.0
_LAB_LIMIT, _READY_LIMIT = 900.0, 180.0
"""Seconds: packages may have to be fetched first; then a few, or a minute where others work."""
_SOON_BACK = "180", "600"
"""Seconds until people of a demo that goes on want to be called back."""


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
    with Held() as held:
        held.folder(state)
        before = last_port(state, options.port)
        await asyncio.to_thread(empty, state)
        port = held.port(options.port, before, say)
        (state / "port").write_text(f"{options.port} {port}")
        await _run(options, state, held, port, say, env_of)


async def _run(
    options: DemoOptions,
    state: Path,
    held: Held,
    port: int,
    say: Say,
    env_of: Callable[[str, Environment], Environment],
) -> None:
    async with _lab(options, state, say) as lab:
        # What the product writes from here on is nobody else's; the laboratory's own users had to come in.
        os.umask(0o077)
        env = _environment(lab, state, held, port)
        say("database: migrating, adding people")
        await migrate(lab["postgres"]["dsn"])
        campaigns = await fill(options, lab, state, say)
        (state / "cadencia.env").write_text("".join(f"{key}={value}\n" for key, value in env.items()))
        supervisor, web = ProcessSupervisor(say, state / "pids.json"), f"http://127.0.0.1:{port}"
        secret = env["CADENCIA_WEBHOOK_SECRETS"]
        life = Life(options, lab, campaigns, say, state=options.lab or state / "lab", web=web, secret=secret)
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(supervisor.keep(_children(options, state, env, env_of)))
            goes_on = tasks.create_task(life.go_on()) if options.goes_on else None
            try:
                await _show(options, lab, campaigns, web, say)
            finally:
                for task in (keeper, goes_on):
                    if task is not None:
                        task.cancel()


# --- the lab --------------------------------------------------------------------------------------


@asynccontextmanager
async def _lab(options: DemoOptions, state: Path, say: Say) -> AsyncIterator[dict[str, Any]]:
    if options.lab is not None:
        say(f"telephone network: waiting for the one of {options.lab}")
        yield await _lab_ready(None, options.lab / "lab.json")
        return
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


async def _lab_ready(process: asyncio.subprocess.Process | None, told: Path) -> dict[str, Any]:
    async with time_limit(_LAB_LIMIT):
        while (lab := _read(told)) is None:
            if process is not None and process.returncode is not None:
                raise DemoFailed("the telephone network did not start; see the lines above")
            await asyncio.sleep(0.1)
    return lab


def _read(told: Path) -> dict[str, Any] | None:
    """lab.json, None while the lab is not ready."""
    if not told.exists():
        return None
    loaded: dict[str, Any] = json.loads(told.read_text())
    return loaded


def _environment(lab: Mapping[str, Any], state: Path, held: Held, port: int) -> dict[str, str]:
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
        "CADENCIA_ENGINE_PORT": str(held.any_port()),
        "CADENCIA_ARCHIVE_PORT": str(held.any_port()),
        "CADENCIA_WORKER_PORT": str(held.any_port()),
        "CADENCIA_PROGRESS_PORT": str(held.any_port()),
        "CADENCIA_PROGRESS_CONTROL_PORT": str(held.any_port()),
        "CADENCIA_PROGRESS_METRICS_PORT": str(held.any_port()),
        "CADENCIA_PROGRESS_SECRET": secrets.token_urlsafe(18),
        "CADENCIA_PROGRESS_AUDIO": str(state / "progress"),
        "CADENCIA_ANNOUNCEMENTS": str(state / "announcements"),
        "CADENCIA_SIP_WS_URL": pbx["ws_url"],
        "CADENCIA_WEBHOOK_SECRETS": f"whsec_{b64encode(secrets.token_bytes(24)).decode()}",
        # Ctrl-C should be quick; a person who is being spoken to hears the message from the dialplan.
        "CADENCIA_DRAIN_LIMIT": f"{_DRAIN:g}",
    }


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
        for role in ("progress", "engine", "web", "archive", "worker")
    ]
    words = ["--web", f"http://127.0.0.1:{env['CADENCIA_WEB_PORT']}", "--accounts", str(state / "bots.json")]
    words += ["--talk", str(options.talk), "--wrap", str(options.wrap), "--seed", str(options.seed)]
    if options.goes_on:
        told = (options.lab or state / "lab") / "lab.json"
        words += ["--lab", str(told), "--callback", *_SOON_BACK]
    bots = Child("bots", [sys.executable, "-m", "sip_lab.bots", *words], {}, state / "bots.log")
    return [*roles, bots]


async def _show(
    options: DemoOptions, lab: Mapping[str, Any], campaigns: Sequence[DemoCampaign], web: str, say: Say
) -> None:
    async with httpx.AsyncClient(base_url=web, timeout=10) as http:
        await _web_ready(http)
        if options.start:
            await _start_campaigns(http, campaigns)
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


async def _start_campaigns(http: httpx.AsyncClient, campaigns: Sequence[DemoCampaign]) -> None:
    credentials = {"login": "supervisor", "password": PASSWORD}
    session = (await http.post("/api/v1/session", json=credentials)).raise_for_status().json()
    headers = {"X-CSRF-Token": session["csrf"]}
    for campaign in campaigns:
        start = f"/api/v1/campaigns/{campaign.id}/start"
        (await http.post(start, json={"reason": "demo"}, headers=headers)).raise_for_status()


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
