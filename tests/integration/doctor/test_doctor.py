"""`cadencia check` against real Postgres and Valkey, a manager server that does as told, and real folders."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
import uvloop

from dialer.doctor import Finding, examine, machine
from dialer.doctor.findings import Speaker
from dialer.doctor.jobs import worker
from dialer.doctor.manager import session
from dialer.doctor.selfcall import ENDINGS
from dialer.doctor.telephony import CONTEXTS, MODULES, NEEDED, modules
from dialer.exceptions import LinkUnavailable
from dialer.model.orders import DIALPLAN
from dialer.settings import Settings
from tests.integration import services
from tests.integration.fixtures import Database
from tests.unit.dialer.ami.manager_server import Connection, Headers, ManagerServer, manager_server, silence

ENGLISH = Speaker("en")


def _settings(tmp_path: Path, **own: object) -> Settings:
    """Nothing is reachable unless a test says so."""
    dead = services.free_port()
    values: dict[str, object] = {
        "database_url": f"postgres://nobody@127.0.0.1:{dead}/nothing",
        "redis_url": f"redis://127.0.0.1:{dead}/0",
        "ami_port": dead,
        "ami_secret": "secret-word",
        "recordings_spool": tmp_path / "spool",
        "recordings_archive": tmp_path / "archive",
    }
    return Settings.model_validate(values | own)


async def _examined(settings: Settings) -> dict[str, Finding]:
    found = await examine(settings, locale="en")
    assert len({finding.name for finding in found}) == len(found)
    assert all(bool(finding.cure) != finding.ok for finding in found)
    assert all("secret-word" not in finding.detail + finding.cure for finding in found)
    return {finding.name: finding for finding in found}


class Pbx:
    """A manager server that knows contexts, rights and trunks."""

    def __init__(self, server: ManagerServer) -> None:
        self.server = server
        self.asterisk = "22.10.1"
        self.rights = set(NEEDED)
        self.contexts = set(CONTEXTS)
        self.version = DIALPLAN
        self.states = {"carrier": "NOT_INUSE"}
        self.transfers = "false"
        self.missing = {"bridge_native_rtp"}
        """Modules."""
        server.reactions |= {
            "Originate": self._originate,
            "ListCommands": self._commands,
            "ShowDialPlan": self._dialplan,
            "Getvar": self._variable,
            "CoreSettings": lambda link, action: link.answer(
                action, "Success", f"AsteriskVersion: {self.asterisk}"
            ),
        }

    def _commands(self, link: Connection, action: Headers) -> None:
        link.event("FullyBooted", Status="an event of nobody's action")
        link.answer(action, "Success", *(f"{name}: Does it.  (Priv: call,all)" for name in self.rights))

    def _dialplan(self, link: Connection, action: Headers) -> None:
        if action["Context"] not in self.contexts:
            link.answer(action, "Error", f"Message: Did not find context {action['Context']}")
            return
        link.answer(action, "Success", "EventList: start", "Message: DialPlan list will follow")
        link.event("ListDialplan", ActionID=action["ActionID"], Context=action["Context"])
        link.event("ShowDialPlanComplete", ActionID=action["ActionID"], EventList="Complete")

    def _variable(self, link: Connection, action: Headers) -> None:
        if action["Variable"].startswith("PJSIP_ENDPOINT("):
            said = {"allow_transfer": self.transfers, "allow": "(alaw)", "transport": "udp"}
            said |= {"context": "cadencia-inbound"}
            link.answer(action, "Success", f"Value: {said[action['Variable'][:-1].rpartition(',')[2]]}")
            return
        if action["Variable"].startswith("IFMODULE("):
            module = action["Variable"].removeprefix("IFMODULE(").removesuffix(".so)")
            link.answer(action, "Success", f"Value: {int(module not in self.missing)}")
            return
        known = {"CADENCIA_SOUNDS": "/sounds", "AST_SORCERY(res_pjsip,transport,udp,protocol)": "udp"}
        if action["Variable"] in known:
            link.answer(action, "Success", f"Value: {known[action['Variable']]}")
            return
        if action["Variable"] == "HINT(version@cadencia-version)":
            link.answer(action, "Success", f"Value: {self.version and f'Custom:cadencia-{self.version}'}")
            return
        trunk = action["Variable"].removeprefix("DEVICE_STATE(PJSIP/").removesuffix(")")
        link.answer(action, "Success", f"Value: {self.states.get(trunk, 'INVALID')}")

    def _originate(self, link: Connection, action: Headers) -> None:
        """A call to itself is made, recorded and plays something."""
        link.answer(action, "Success", "Message: Originate successfully queued")
        link.event("Newchannel", Uniqueid=action["ChannelId"])
        variables = dict(each.split("=", 1) for each in action["Variable"].split("|"))
        if recording := variables.get("CADENCIA_REC"):
            for ending in ENDINGS if Path(recording).parent.is_dir() else ():
                Path(recording + ending).write_bytes(b"RIFF")
        else:
            link.event("UserEvent", UserEvent="CadenciaMessage", Uniqueid=action["ChannelId"], Part="start")


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    """A healthy PBX."""
    async with manager_server() as server:
        yield Pbx(server)


async def test_jobs_that_wait_are_told_of_when_there_is_no_worker(tmp_path: Path, database: Database) -> None:
    settings = _settings(tmp_path, database_url=database.dsn)
    assert (await worker(settings, ENGLISH))[0].detail == "there is none, and nothing waits for one"
    connection = await asyncpg.connect(database.dsn)
    due = "INSERT INTO jobs (kind, due_at) VALUES ('import', now()), ('import', now() + interval '1 h')"
    await connection.execute(due)
    (away,) = await worker(settings, ENGLISH)
    assert (away.ok, away.detail) == (False, "there is none; jobs that wait, such as imports: 1")
    assert "--role worker" in away.cure
    await connection.execute("SET application_name = 'cadencia worker'")
    (there,) = await worker(settings, ENGLISH)
    assert (there.ok, there.detail) == (True, "it works; jobs that wait: 1")
    await connection.close()


async def test_everything_is_well(
    tmp_path: Path, database: Database, valkey: services.Valkey, pbx: Pbx
) -> None:
    for folder in ("spool", "archive"):
        (tmp_path / folder).mkdir()
    await _campaign(database, "carrier")
    settings = _settings(tmp_path, database_url=database.dsn, redis_url=valkey.url, ami_port=pbx.server.port)
    found = await _examined(settings)
    own_machine = {"hostname", "disk", "front_end", "websocket", "detector"}  # the lab has these
    assert [name for name, finding in found.items() if not finding.ok and name not in own_machine] == []
    assert found["database"].detail.startswith("PostgreSQL 1")
    assert found["redis"].detail.startswith("Valkey ")
    assert found["ami"].detail == f"Asterisk 22.10.1 at 127.0.0.1:{pbx.server.port}"
    assert found["trunks"].detail == "available: carrier"
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "archive", tmp_path / "spool"]


async def test_nothing_is_there(tmp_path: Path) -> None:
    found = await _examined(_settings(tmp_path))
    ill = {name for name, finding in found.items() if not finding.ok}
    assert ill - {"hostname", "disk", "front_end"} == {
        "database", "migrations", "clock", "redis", "ami", "asterisk", "ami_rights", "dialplan", "trunks",
        "spool", "archive", "agents", "ami_events", "detector", "messages", "modules", "native_rtp",
        "recording", "rule_packs", "caller_ids", "websocket", "worker",
    }  # fmt: skip
    assert found["clock"].cure == "Cure “database” first."
    assert "CADENCIA_REDIS_URL" in found["redis"].cure


async def test_the_same_findings_are_made_in_spanish_by_default(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    spanish, english = await asyncio.gather(examine(settings), examine(settings, locale="en"))
    assert [(item.name, item.ok) for item in spanish] == [(item.name, item.ok) for item in english]
    assert "Arranque PostgreSQL" in spanish[0].cure


async def _campaign(database: Database, *trunks: str) -> None:
    connection = await asyncpg.connect(database.dsn)
    await connection.execute("INSERT INTO caller_ids (number) VALUES ('+34910000000')")
    for number, trunk in enumerate(trunks):
        await connection.execute(
            "INSERT INTO campaigns (code, name, trunk, caller_id) VALUES ($1, 'C', $2, '+34910000000')",
            f"c-{number}",
            trunk,
        )
    await connection.close()


async def test_an_empty_database_wants_its_migrations(
    tmp_path: Path, empty_database: Database, pbx: Pbx
) -> None:
    settings = _settings(tmp_path, database_url=empty_database.dsn, ami_port=pbx.server.port)
    found = await _examined(settings)
    assert found["database"].ok
    assert found["clock"].ok
    assert found["migrations"].detail.startswith("migrations missing: 0001")
    assert found["migrations"].cure == "Run `cadencia migrate`."
    assert found["trunks"].cure == "Cure “migrations” first."
    connection = await asyncpg.connect(empty_database.dsn)
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    )
    await connection.close()
    assert tables == [], "a doctor writes nothing"


async def test_a_database_that_is_away_is_why_nobody_knows_the_trunks(tmp_path: Path, pbx: Pbx) -> None:
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["trunks"].cure == "Cure “database” first."


async def test_a_database_of_a_newer_version_is_no_reason_to_migrate(
    tmp_path: Path, database: Database
) -> None:
    connection = await asyncpg.connect(database.dsn)
    await connection.execute("INSERT INTO schema_migrations (version) VALUES ('9999')")
    await connection.close()
    found = await _examined(_settings(tmp_path, database_url=database.dsn))
    assert "9999" in found["migrations"].detail
    assert "newer version" in found["migrations"].cure


async def test_a_wrong_password_is_not_a_dead_pbx(tmp_path: Path, pbx: Pbx) -> None:
    pbx.server.reactions["Login"] = lambda link, action: link.answer(
        action, "Error", "Message: Authentication failed"
    )
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["ami"].detail == "Asterisk refuses “cadencia”: Authentication failed"
    assert "CADENCIA_AMI_SECRET" in found["ami"].cure
    assert found["ami_rights"].cure == "Cure “ami” first."


@pytest.mark.parametrize("right", sorted(NEEDED))
async def test_each_missing_right_is_named(tmp_path: Path, pbx: Pbx, right: str) -> None:
    pbx.rights.remove(right)
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["ami"].ok
    assert found["ami_rights"].detail == f"may not give: {right}"
    assert "call,originate,reporting" in found["ami_rights"].cure


async def test_too_many_rights_are_told_but_do_no_harm(tmp_path: Path, pbx: Pbx) -> None:
    pbx.rights.add("Command")
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["ami_rights"].ok
    assert found["ami_rights"].detail.endswith(": Command")


async def test_an_asterisk_that_is_too_old_is_told(tmp_path: Path, pbx: Pbx) -> None:
    pbx.asterisk = "20.9.3"
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["asterisk"].detail == "Asterisk 20.9.3 is too old: 22 or newer is needed"
    assert "Install Asterisk 22" in found["asterisk"].cure


@pytest.mark.parametrize("module", sorted(MODULES))
async def test_each_missing_module_is_named(module: str) -> None:
    async with manager_server() as server:
        pbx = Pbx(server)
        pbx.missing.add(module)
        async with session(_settings(Path(), ami_port=server.port)) as manager:
            [found, _] = await modules(manager, ENGLISH)
    assert found.detail == f"modules missing: {module} ({MODULES[module]})"


def test_a_pbx_that_resets_the_link_between_two_questions_is_away() -> None:
    """On the loop that the command runs on."""

    async def story() -> None:
        async with manager_server() as server, session(_settings(Path(), ami_port=server.port)) as manager:
            manager._writer.transport.abort()
            await asyncio.sleep(0)
            await manager.ask("Ping")

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner, pytest.raises(LinkUnavailable):
        runner.run(story())


async def test_a_missing_context_is_named(tmp_path: Path, pbx: Pbx) -> None:
    pbx.contexts.remove("cadencia-hold")
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["dialplan"].detail == "contexts missing: cadencia-hold"


@pytest.mark.parametrize(("version", "said"), [("1", "1"), ("", "-")])
async def test_another_dialplan_is_named(tmp_path: Path, pbx: Pbx, version: str, said: str) -> None:
    """Its contexts are all there: only what they do is another."""
    pbx.version = version
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["dialplan"].detail == (
        f"the dialplan has version {said}, not {DIALPLAN}: nothing is dialled"
    )
    assert "reload it" in found["dialplan"].cure


async def test_each_trunk_out_of_service_is_named(tmp_path: Path, database: Database, pbx: Pbx) -> None:
    await _campaign(database, "carrier", "broken", "unknown", "bad)name")
    pbx.states["broken"] = "UNAVAILABLE"
    found = await _examined(_settings(tmp_path, database_url=database.dsn, ami_port=pbx.server.port))
    assert found["trunks"].detail == (
        "trunks out of service: bad)name (INVALID), broken (UNAVAILABLE), unknown (INVALID)"
    )
    asked = [action["Variable"] for action in pbx.server.received("Getvar")]
    assert "DEVICE_STATE(PJSIP/bad)name)" not in asked


async def test_a_trunk_whose_other_side_may_divert_our_calls_is_named(
    tmp_path: Path, database: Database, pbx: Pbx
) -> None:
    await _campaign(database, "carrier")
    pbx.transfers = "true"
    found = await _examined(_settings(tmp_path, database_url=database.dsn, ami_port=pbx.server.port))
    assert not found["trunks"].ok
    assert found["trunks"].detail == "trunks whose other side may divert our calls (REFER): carrier"
    assert "allow_transfer = no" in found["trunks"].cure


async def test_a_line_break_in_the_password_never_reaches_the_pbx(tmp_path: Path, pbx: Pbx) -> None:
    settings = _settings(tmp_path, ami_port=pbx.server.port, ami_secret="a\r\nAction: Originate")
    found = {finding.name: finding for finding in await examine(settings, locale="en")}
    assert not found["ami"].ok
    assert pbx.server.received("Originate") == []
    assert pbx.server.received("Login") == []


@asynccontextmanager
async def _speaking(words: bytes) -> AsyncIterator[int]:
    """A server that says something and closes, whatever it hears; its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(words)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


@pytest.mark.parametrize(
    "words",
    [b"", b"SSH-2.0-x\r\n", b"Asterisk Call Manager/11.0.0\r\n", b"x" * 3_000_000, b"\xff" * 10 + b"\n"],
)
async def test_something_else_on_the_port_is_no_manager(tmp_path: Path, words: bytes) -> None:
    async with _speaking(words) as port:
        found = await _examined(_settings(tmp_path, ami_port=port))
    assert not found["ami"].ok
    assert "CADENCIA_AMI_PORT" in found["ami"].cure


async def test_a_silent_pbx_is_given_up_in_time(tmp_path: Path, pbx: Pbx) -> None:
    pbx.server.reactions["Login"] = silence
    found = await _examined(_settings(tmp_path, ami_port=pbx.server.port))
    assert found["ami"].detail.endswith("no answer within 4 s")


async def test_a_name_that_does_not_resolve_is_the_trap_it_is() -> None:
    [found] = await machine.hostname(ENGLISH, "no-such-host.invalid")
    assert not found.ok
    assert "/etc/hosts" in found.cure
    [found] = await machine.hostname(ENGLISH, "localhost")
    assert found.ok


async def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    (tmp_path / "archive").mkdir()
    found = {item.name: item for item in await machine.folders(_settings(tmp_path), ENGLISH)}
    assert (found["spool"].ok, found["archive"].ok) == (False, True)
    assert str(tmp_path / "spool") in found["spool"].cure


async def test_a_folder_that_refuses_files_is_told(tmp_path: Path) -> None:
    """/proc refuses even root."""
    found = {
        item.name: item
        for item in await machine.folders(_settings(tmp_path, recordings_archive=Path("/proc")), ENGLISH)
    }
    assert found["archive"].detail.startswith("/proc cannot be written")
    assert not found["disk"].ok


async def test_the_consoles_are_built_or_not(tmp_path: Path) -> None:
    [found] = await machine.front_end(ENGLISH, tmp_path)
    assert not found.ok
    (tmp_path / "index.html").write_text("<!doctype html>")
    [found] = await machine.front_end(ENGLISH, tmp_path)
    assert found.ok


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--protected-mode", "no"], "open, no password: 127.0.0.1 (protected-mode no)"),
        (["--protected-mode", "yes"], "closed to strangers"),
        (["--protected-mode", "no", "--requirepass", "secret-word"], "closed to strangers"),
    ],
)
async def test_an_open_valkey_is_told(tmp_path: Path, workshop: Path, more: list[str], told: str) -> None:
    async with _own_valkey(workshop, more) as url:
        url = url.replace("//", "//:secret-word@") if "--requirepass" in more else url
        found = await _examined(_settings(tmp_path, redis_url=url))
    assert (found["redis"].ok, found["redis_closed"].detail) == (True, told)
    assert "requirepass" in found["redis_closed"].cure or found["redis_closed"].ok


@asynccontextmanager
async def _own_valkey(workshop: Path, more: list[str]) -> AsyncIterator[str]:
    """One that listens as told; its address."""
    own = services.valkey(workshop / uuid4().hex, more)
    try:
        yield own.url
    finally:
        own.stop()


@pytest.mark.parametrize(
    ("own", "cookies", "proxy"),
    [
        ({}, "on this machine only, without HTTPS", "trusted proxies: –"),
        ({"web_host": "10.0.0.5"}, "the consoles listen on 10.0.0.5 without HTTPS", "trusted proxies: –"),
        (
            {"web_origin": "http://calls.example"},
            "the consoles listen on 127.0.0.1 without HTTPS",
            "trusted proxies: –",
        ),
        (
            {"web_origin": "https://calls.example"},
            "cookies may travel over HTTP too, though the origin is https://calls.example",
            "behind a proxy that is not named",
        ),
        (
            {"web_origin": "https://calls.example", "cookie_secure": True, "trusted_proxies": "127.0.0.1"},
            "only over https://calls.example",
            "trusted proxies: 127.0.0.1",
        ),
    ],
)
async def test_cookies_over_plain_http_and_a_strange_proxy_are_told(
    tmp_path: Path, own: dict[str, object], cookies: str, proxy: str
) -> None:
    found = await _examined(_settings(tmp_path, **own))
    assert found["cookies"].detail.startswith(cookies)
    assert found["proxy"].detail.startswith(proxy)
    assert found["cookies"].ok == ("only" in cookies)
    assert found["proxy"].ok == ("trusted" in proxy)
