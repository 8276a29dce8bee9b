"""How roles and commands begin when something is not as it should be: one line each, and patience."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from dialer.cli.supervise import UNFIT
from tests.eventually import eventually
from tests.integration.cli.forked import Command, Told, clean, run_all
from tests.integration.fixtures import Database
from tests.integration.proxy import proxy_to
from tests.integration.services import Valkey, free_port

SECRET = "geheim-word"
NOWHERE = f"postgres://nobody:{SECRET}@127.0.0.1:1/nothing"
ROLES = ("engine", "web", "archive", "progress", "all")
COMMANDS = (
    ("check",), ("migrate",), ("users", "list"), ("trunks", "list"), ("suppression", "list"),
    ("quarantine", "list"), ("leads", "train"), ("pacing", "replay", "1"),
)  # fmt: skip


async def test_a_bad_setting_is_one_line_for_every_role_and_command(tmp_path: Path) -> None:
    every = [*(("run", "--role", role) for role in ROLES), *COMMANDS]
    told = await run_all([Command(words, tmp_path, {"database_url": f"mysql://{SECRET}"}) for words in every])
    line = (
        "cadencia: CADENCIA_DATABASE_URL has not this form; "
        "allowed: postgres://… or postgresql://…; it stands in the environment"
    )
    assert dict(zip(every, told, strict=True)) == {words: Told(UNFIT, [line]) for words in every}


BAD = {
    ("ami_port", "x"): "is no whole number; allowed: a whole number from 1 to 65535 (the PBX's manager port)",
    ("web_port", "70000"): "is too large; allowed: a whole number from 0 to 65535 (port of consoles and",
    ("pacing_interval", "0"): "is too small; allowed: a number from 0.05 to 5",
    ("ami_ping", "soon"): "is no number; allowed: a number above 0 to 60",
    ("cookie_secure", "si"): "is neither true nor false; allowed: true or false",
    ("log_level", "loud"): "is none of these; allowed: 'debug', 'info', 'warning' or 'error'",
    ("redis_url", "localhost:6379"): "has not this form; allowed: redis://… or rediss://… or unix://…",
    ("redis_url", "redis://h:port"): "has not this form; allowed: redis://… or rediss://… or unix://…",
    ("sip_ws_url", "https://x/ws"): "has not this form; allowed: ws://… or wss://…",
    ("stun_urls", "stun.example.com"): "has not this form; allowed: stun:host[:port] or stuns:host[:port]",
    (
        "turn_urls",
        "turn://turn.example.com",
    ): "has not this form; allowed: turn:host[:port][?transport=udp|tcp]",
    ("web_origin", "calls.example.com"): "has not this form; allowed: http://… or https://…",
    ("progress_announced", "calls.example.com"): "has not this form; allowed: host:port",
    ("progress_classifier", "mine"): "has not this form; allowed: module:function",
}


async def test_each_kind_of_bad_setting_says_what_is_allowed_and_where_it_stands(tmp_path: Path) -> None:
    commands = []
    for number, (name, value) in enumerate(BAD):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / ".env").write_text(f"CADENCIA_{name.upper()}={value}\n")
        commands.append(Command(("check",), folder))
    for (name, _), said, told, one in zip(BAD, BAD.values(), await run_all(commands), commands, strict=True):
        assert (told.code, len(told.lines)) == (UNFIT, 1), told
        assert told.lines[0].startswith(f"cadencia: CADENCIA_{name.upper()} {said}"), told
        assert told.lines[0].endswith(f"it stands in {one.folder / '.env'}")


async def test_a_detector_that_finds_no_model_says_which_setting_names_it(tmp_path: Path) -> None:
    bad = [
        ("progress_weights", "/nowhere/weights.json"),
        ("progress_weights", "/etc/hostname"),
        ("progress_classifier", "no.such.module:make"),
        ("progress_classifier", "os:nothing"),
    ]
    words = ("run", "--role", "progress")
    told = await run_all([Command(words, tmp_path, {name: value}) for name, value in bad])
    for (name, _), one in zip(bad, told, strict=True):
        assert (one.code, len(one.lines)) == (UNFIT, 2), one
        assert one.lines[1].startswith(f"cadencia: CADENCIA_{name.upper()} cannot be used: ")


async def test_a_command_without_its_database_says_so_in_one_line(tmp_path: Path) -> None:
    commands = [words for words in COMMANDS if words != ("check",)]
    told = await run_all([Command(words, tmp_path, {"database_url": NOWHERE}) for words in commands])
    for one in told:
        assert (one.code, len(one.lines)) == (1, 1), one
        assert one.lines[0].startswith("cadencia: the database cannot be used (")
        assert SECRET not in one.lines[0]


async def test_a_command_on_a_database_that_was_not_migrated_says_what_to_do(
    tmp_path: Path, empty_database: Database
) -> None:
    words = [words for words in COMMANDS if words not in (("check",), ("migrate",))]
    told = await run_all([Command(one, tmp_path, {"database_url": empty_database.dsn}) for one in words])
    for one in told:
        assert (one.code, len(one.lines)) == (1, 1), one
        assert one.lines[0].endswith("run `cadencia migrate`")


async def test_a_port_that_is_taken_is_one_line(tmp_path: Path, database: Database, valkey: Valkey) -> None:
    taken = str(database.server.port)
    settings = {"database_url": database.dsn, "redis_url": valkey.url, "web_port": taken}
    [told] = await run_all([Command(("run", "--role", "web"), tmp_path, settings)])
    assert (told.code, len([line for line in told.lines if "role.no_port" in line])) == (1, 1), told
    assert not any("Traceback" in line for line in told.lines), told


@asynccontextmanager
async def _role(role: str, log: Path, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dialer", "run", "--role", role, stdout=out, stderr=out, cwd=log.parent,
            env=clean() | {f"CADENCIA_{name.upper()}": value for name, value in settings.items()},
        )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(30):
                await process.wait()


AT_WORK = {"engine": "engine.started", "web": "web_listening", "archive": "database.ready"}


async def test_roles_wait_for_postgres_and_say_so_once(
    tmp_path: Path, database: Database, valkey: Valkey
) -> None:
    (tmp_path / ".env").write_text("CADENCIA_WEB_PORT=0\nCADENCIA_DRAIN_LIMIT=0\n")
    for folder in ("spool", "archive"):
        (tmp_path / "state" / folder).mkdir(parents=True)
    logs = {role: tmp_path / role for role in AT_WORK}
    async with proxy_to(database.server.port) as proxy, AsyncExitStack() as stack:
        proxy.shut()
        dsn = database.dsn.replace(str(database.server.port), str(proxy.port))
        settings = {"database_url": dsn, "redis_url": valkey.url, "ami_port": str(free_port())}
        roles = [await stack.enter_async_context(_role(role, logs[role], **settings)) for role in AT_WORK]
        await eventually(lambda: all("database.away" in log.read_text() for log in logs.values()), within=120)
        tried = proxy.links
        await eventually(lambda: proxy.links > tried + 6, within=60)
        assert [role.returncode for role in roles] == [None] * 3
        proxy.closed = False
        for role, word in AT_WORK.items():
            await eventually(lambda role=role, word=word: word in logs[role].read_text(), within=60)
        assert [role.returncode for role in roles] == [None] * 3
    for log in logs.values():
        said = log.read_text()
        counts = [said.count(word) for word in ("database.away", "database.ready", "Traceback")]
        assert counts == [1, 1, 0], said
        assert said.count(f'"env_file": "{tmp_path / ".env"}"') == 1


async def test_who_waits_for_postgres_says_what_is_wrong_with_the_address(
    tmp_path: Path, database: Database
) -> None:
    server, _, name = database.dsn.rpartition("/")
    strange = f"postgres://nobody-of-ours@127.0.0.1:{database.server.port}/{name}"
    cures = {f"{server}/nothing": "create the database", strange: "refuses user or password"}
    for number, (dsn, cure) in enumerate(cures.items()):
        log = tmp_path / str(number)
        async with _role("archive", log, database_url=dsn) as role:
            await eventually(lambda log=log: "database.away" in log.read_text(), within=60)
            assert role.returncode is None
        assert cure in log.read_text(), log.read_text()
