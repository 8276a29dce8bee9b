"""Every fault that stops the work, made on real parts, and told by the doctor with its cure."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
import pytest_asyncio
from pydantic import SecretStr

from dialer.call_progress.service import DetectorService
from dialer.doctor import Finding, examine
from dialer.settings import Settings
from dialer.store.migrate import migrate
from sip_lab.ami import Ami
from sip_lab.errors import LabError
from tests.eventually import eventually
from tests.lab.lab_process import Lab

pytestmark = pytest.mark.asyncio(loop_scope="module")

MACHINE = {"hostname", "disk", "front_end"}
"""What this machine is like is none of these tests' business."""
ADMIN = "\n[admin]\nsecret = admin\nread = all\nwrite = all\n"


class Asterisk:
    """The lab's pbx in the hands of somebody who may change everything."""

    def __init__(self, lab: Lab) -> None:
        self.lab, self.etc = lab, Path(lab["home"]) / "pbx/etc"
        with (self.etc / "manager.conf").open("a") as file:
            file.write(ADMIN)
        os.kill(lab["pbx"]["pid"], signal.SIGHUP)  # it reads everything again

    def logs_in(self) -> bool:
        try:
            with Ami("127.0.0.1", self.lab["pbx"]["ami_port"], "admin", "admin"):
                return True
        except (OSError, LabError):
            return False

    def is_ready(self) -> bool:
        """All its modules are there: the manager port opens before the first of them."""
        try:
            with Ami("127.0.0.1", self.lab["pbx"]["ami_port"], "admin", "admin") as ami:
                return bool(ami.wait(lambda event: event.get("Event") == "FullyBooted", 5))
        except (OSError, LabError):
            return False

    def orders(self, *commands: str) -> None:
        with Ami("127.0.0.1", self.lab["pbx"]["ami_port"], "admin", "admin") as ami:
            for command in commands:
                ami.action("Command", Command=command)

    @contextmanager
    def edited(self, file: str, old: str, new: str, reload: str) -> Iterator[None]:
        """One file otherwise, and read again."""
        path = self.etc / file
        before = path.read_text()
        assert old in before, f"{file} has no {old!r}"
        try:
            path.write_text(before.replace(old, new))
            self.orders(reload)
            yield
        finally:
            path.write_text(before)
            self.orders(reload)

    @contextmanager
    def told(self, breaks: str, mends: str) -> Iterator[None]:
        try:
            self.orders(breaks)
            yield
        finally:
            self.orders(mends)

    def _module(self, name: str, does: str) -> None:
        # Not by a command: "module load" and "module unload" are refused there.
        with Ami("127.0.0.1", self.lab["pbx"]["ami_port"], "admin", "admin") as ami:
            ami.action("ModuleLoad", Module=name, LoadType=does)

    @contextmanager
    def module(self, name: str, breaks: str, mends: str) -> Iterator[None]:
        """A module loaded or unloaded, and as it was again."""
        self._module(name, breaks)
        try:
            yield
        finally:
            self._module(name, mends)

    @contextmanager
    def without_file(self, path: Path) -> Iterator[None]:
        aside = path.rename(path.with_suffix(".aside"))
        try:
            yield
        finally:
            aside.rename(path)

    @contextmanager
    def slow_to_start(self) -> Iterator[Path]:
        """Whatever reads pjsip.conf waits until the file that is given is made, for half a minute at most."""
        home = Path(self.lab["home"])
        gate, wait = home / "go-on", home / "wait.sh"
        wait.write_text(f"#!/bin/sh\nfor n in $(seq 300); do [ -e {gate} ] && exit; sleep 0.1; done\n")
        wait.chmod(0o755)
        changed = {"asterisk.conf": ("[options]", "[options]\nexecincludes = yes"), "pjsip.conf": ("", "")}
        before = {name: (self.etc / name).read_text() for name in changed}
        options = before["asterisk.conf"].replace("[options]", "[options]\nexecincludes = yes")
        (self.etc / "asterisk.conf").write_text(options)
        (self.etc / "pjsip.conf").write_text(f'#exec "{wait}"\n' + before["pjsip.conf"])
        try:
            yield gate
        finally:
            gate.touch()
            for name, text in before.items():
                (self.etc / name).write_text(text)

    async def killed(self) -> None:
        """A new Asterisk whose manager answers; the rest may still be on its way."""
        old = self.lab["pbx"]["pid"]
        os.kill(old, signal.SIGKILL)
        await eventually(lambda: self.lab["pbx"]["pid"] != old and self.logs_in(), within=60)

    async def again(self) -> None:
        """A new Asterisk, since transports are made at the start only."""
        old = self.lab["pbx"]["pid"]
        os.kill(old, signal.SIGKILL)
        await eventually(lambda: self.lab["pbx"]["pid"] != old and self.is_ready(), within=60)


@dataclass(frozen=True, slots=True)
class Site:
    """A whole installation that is well."""

    pbx: Asterisk
    settings: Settings
    detector: DetectorService

    async def ill(self, **own: object) -> dict[str, Finding]:
        """What the doctor finds wrong."""
        found = await examine(self.settings.model_copy(update=own), locale="en")
        return {one.name: one for one in found if not one.ok and one.name not in MACHINE}

    async def executes(self, *statements: str) -> None:
        connection = await asyncpg.connect(self.settings.database_url.get_secret_value())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    @asynccontextmanager
    async def stored(self, does: str, undoes: str) -> AsyncIterator[None]:
        await self.executes(does)
        try:
            yield
        finally:
            await self.executes(undoes)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Asterisk, Postgres, Valkey and detector; one campaign, one agent."""
    lab = Lab("--services", "pg,valkey,pbx", "--bots", "1", "--web-agents", "1", "--legs", "40")
    kept = tmp_path_factory.mktemp("site")
    at = lab["pbx"]
    values = {name: at[name] for name in ("ami_host", "ami_port", "ami_user", "ami_secret")} | {
        "database_url": lab["postgres"]["dsn"],
        "redis_url": lab["valkey"]["url"],
        "sip_ws_url": at["ws_url"],
        "recordings_spool": at["recordings_dir"],
        "recordings_archive": kept,
        "progress_audio": kept,
        "announcements": kept,
        "progress_secret": "between us",
        "progress_port": 0,
        "progress_control_port": 0,
    }
    try:
        async with AsyncExitStack() as stack:
            detector = await _detector(stack, Settings.model_validate(values))
            settings = Settings.model_validate(
                values
                | {"progress_port": detector.audio_port, "progress_control_port": detector.control_port}
            )
            site = Site(Asterisk(lab), settings, detector)
            await eventually(site.pbx.logs_in)
            await migrate(lab["postgres"]["dsn"])
            await site.executes(
                "INSERT INTO campaigns (code, name, trunk, caller_id, settings) "
                "VALUES ('norte', 'N', 'carrier', '+34910000000', '{\"on_voicemail\": \"leave_message\"}')",
                "INSERT INTO users (login, name, role, password_hash) VALUES ('ana', 'Ana', 'agent', '')",
                "INSERT INTO agents (id, endpoint) SELECT id, 'web-01' FROM users",
                "INSERT INTO caller_ids (number) VALUES ('+34910000000')",
            )
            yield site
    finally:
        lab.remove()


async def _detector(stack: AsyncExitStack, settings: Settings) -> DetectorService:
    service = DetectorService(settings)
    tasks = await stack.enter_async_context(asyncio.TaskGroup())
    running = tasks.create_task(service.run())
    stack.callback(running.cancel)
    await service.ready.wait()
    return service


async def test_nothing_is_wrong_and_nothing_is_left_behind(site: Site) -> None:
    found = await examine(site.settings, locale="en")
    assert {one.name: one.detail for one in found if not one.ok and one.name not in MACHINE} == {}
    assert {"recording", "messages", "transport", "websocket", "detector"} <= {one.name for one in found}
    assert list(site.settings.recordings_spool.iterdir()) == []


Break: TypeAlias = Callable[[Asterisk], AbstractContextManager[None]]
DIALPLAN, PJSIP, MANAGER = "dialplan reload", "module reload res_pjsip.so", "manager reload"

FAULTS: dict[str, tuple[Break, str, str, str]] = {
    "another dialplan": (
        lambda pbx: pbx.edited("extensions_cadencia.conf", "Custom:cadencia-", "Custom:cadencia-1", DIALPLAN),
        "dialplan", "nothing is dialled", "extensions_cadencia.conf",
    ),
    "a context of the dialplan is missing": (
        lambda pbx: pbx.edited("extensions_cadencia.conf", "[cadencia-hold]", "[mine]", DIALPLAN),
        "dialplan", "contexts missing: cadencia-hold", "extensions_cadencia.conf",
    ),
    "a module is missing": (
        lambda pbx: pbx.module("app_amd.so", "unload", "load"),
        "modules", "modules missing: app_amd (dialplan)", "modules.conf",
    ),
    "the module that finds digits of one's own voice is missing": (
        lambda pbx: pbx.module("func_env.so", "unload", "load"),
        "modules", "modules missing: func_env (dialplan)", "modules.conf",
    ),
    "the module that makes agents deaf": (
        lambda pbx: pbx.module("bridge_native_rtp.so", "load", "unload"),
        "native_rtp", "agents go deaf", "noload = bridge_native_rtp.so",
    ),
    "a trunk without a codec that can be converted": (
        lambda pbx: pbx.edited("pjsip.conf", "allow = alaw,ulaw,g722", "allow = g729", PJSIP),
        "trunk_codecs", "carrier (g729)", "pjsip.conf",
    ),
    "an agent without a codec that can be converted": (
        lambda pbx: pbx.edited("pjsip.conf", "allow = opus,ulaw", "allow = g729", PJSIP),
        "agent_codecs", "web-01 (g729)", "pjsip.conf",
    ),
    "a trunk that names a transport that is not there": (
        lambda pbx: pbx.edited("pjsip.conf", "transport = udp", "transport = no-such", PJSIP),
        "transport", "no call leaves through carrier", "restart Asterisk",
    ),
    "no websocket for the agents' browsers": (
        lambda pbx: pbx.edited("http.conf", "enabled = yes", "enabled = no", "module reload http"),
        "websocket", "an agent's browser cannot open ws://", "http.conf",
    ),
    "a trunk that is not there": (
        lambda pbx: pbx.edited("pjsip.conf", "[carrier](trunk)", "[carter](trunk)", PJSIP),
        "trunks", "carrier (INVALID)", "pjsip.conf",
    ),
    "a trunk whose other side may divert calls": (
        lambda pbx: pbx.edited("pjsip.conf", "allow_transfer = no", "allow_transfer = yes", PJSIP),
        "trunks", "(REFER): carrier", "allow_transfer = no",
    ),
    "an agent whose endpoint is not there": (
        lambda pbx: pbx.edited("pjsip_agents.conf", "[web-01](web)", "[web-1](web)", PJSIP),
        "agents", "does not know the endpoint of these agents: web-01", "pjsip.conf",
    ),
    "an account that reads no events of calls": (
        lambda pbx: pbx.edited("manager_cadencia.conf", "read = system,call,user", "read = system", MANAGER),
        "ami_events", "no events of these classes arrive: call, user", "read = system,call,user",
    ),
    "an account that hears nothing of the system": (
        lambda pbx: pbx.edited("manager_cadencia.conf", "read = system,call,", "read = call,", MANAGER),
        "ami_events", "no events of these classes arrive: system", "manager_cadencia.conf",
    ),
    "an account that may not call": (
        lambda pbx: pbx.edited("manager_cadencia.conf", "call,originate,", "call,", MANAGER),
        "ami_rights", "may not give: Originate", "write = call,originate,reporting",
    ),
    "an account whose password is another": (
        lambda pbx: pbx.edited("manager_cadencia.conf", "secret = ", "secret = x", MANAGER),
        "ami", "Authentication failed", "CADENCIA_AMI_SECRET",
    ),
    "the message for the abandoned is missing": (
        lambda pbx: pbx.without_file(pbx.etc.parent / "sounds/es/safe-harbour.wav"),
        "messages", "es/safe-harbour; whoever is abandoned hears silence", "8 kHz mono",
    ),
    "the message for answering machines is missing": (
        lambda pbx: pbx.without_file(pbx.etc.parent / "sounds/es/voicemail-message.wav"),
        "messages", "es/voicemail-message;", "8 kHz mono",
    ),
    "the words before the number of the case are missing": (
        lambda pbx: pbx.without_file(pbx.etc.parent / "sounds/es/inbound-case.wav"),
        "messages", "es/inbound-case;", "8 kHz mono",
    ),
    "nobody said where the messages are": (
        lambda pbx: pbx.told(
            'dialplan set global CADENCIA_SOUNDS ""',
            f"dialplan set global CADENCIA_SOUNDS {pbx.lab['pbx']['sounds']}",
        ),
        "messages", "CADENCIA_SOUNDS is empty", "extensions.conf",
    ),
}  # fmt: skip
"""How it is broken; the finding that tells it, words of what was seen, and words of its cure."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_of_the_pbx_is_told_with_its_cure(site: Site, fault: str) -> None:
    breaks, name, seen, cure = FAULTS[fault]
    with breaks(site.pbx):
        ill = await site.ill()
    assert name in ill, {one.name: one.detail for one in ill.values()}
    assert seen in ill[name].detail, ill[name].detail
    assert cure in ill[name].cure


async def test_a_spool_that_is_closed_to_asterisk(site: Site) -> None:
    spool = site.settings.recordings_spool
    spool.chmod(0o555)
    try:
        ill = await site.ill()
    finally:
        spool.chmod(0o755)
    assert "nothing would be recorded" in ill["recording"].detail
    assert str(spool) in ill["recording"].cure


async def test_a_pbx_without_any_transport(site: Site) -> None:
    """The trunk names none either: only an INVITE that does not come tells."""
    path = site.pbx.etc / "pjsip.conf"
    before = path.read_text()
    path.write_text(before.replace("\ntransport = udp\n", "\n").replace("[udp]", "[none](!)"))
    await site.pbx.again()
    try:
        ill = await site.ill()
        path.write_text(before.replace("\ntransport = udp\n", "\n"))
        await site.pbx.again()
        assert "transport" not in await site.ill()
    finally:
        path.write_text(before)
        await site.pbx.again()
    assert "transport" in ill, {one.name: one.detail for one in ill.values()}
    assert ill["transport"].detail == "there is no transport: no call leaves through carrier"


async def test_a_pbx_that_is_still_starting_is_waited_for(site: Site) -> None:
    with site.pbx.slow_to_start() as gate:
        await site.pbx.killed()
        assert not site.pbx.is_ready()
        ill = await site.ill()
        assert ill["asterisk"].detail == "still starting: it has not loaded all its modules"
        assert "in a minute" in ill["asterisk"].cure
        assert ill["modules"].detail == "could not be asked: “asterisk” failed first"
        assert ill["websocket"].detail == ill["modules"].detail
        async with asyncio.TaskGroup() as tasks:
            examined = tasks.create_task(site.ill())
            await asyncio.sleep(0)
            gate.touch()
        assert examined.result() == {}


async def test_a_detector_that_is_dead_or_somebody_else_s(site: Site) -> None:
    dead = await site.ill(progress_control_port=1)
    strange = await site.ill(progress_secret=SecretStr("another"))
    deaf = await site.ill(progress_port=1)
    assert "calls of norte go unscreened" in dead["detector"].detail
    assert "CADENCIA_PROGRESS_SECRET" in strange["detector"].detail
    assert "Connect call failed" in deaf["detector"].detail
    assert "--role progress" in dead["detector"].cure


async def test_a_detector_whom_nobody_asks(site: Site) -> None:
    async with site.stored(
        """UPDATE campaigns SET settings = settings || '{"screening": "off"}'""",
        "UPDATE campaigns SET settings = settings - 'screening'",
    ):
        found = {one.name: one for one in await examine(site.settings, locale="en")}
        dead = await site.ill(progress_control_port=1)
    assert found["detector"].detail == "it listens, but no campaign asks it to: machines reach the agents"
    assert "detector" not in dead


MENDED = """UPDATE campaigns SET caller_id = '+34910000000', trunk = 'carrier',
    settings = settings - 'rule_pack' - 'ring_limit'"""
PACK = "UPDATE campaigns SET settings = settings || jsonb_build_object('rule_pack', '{}')"


@pytest.mark.parametrize(
    ("change", "name", "seen"),
    [
        (PACK.format("no-such"), "rule_packs", "norte: there is no rule pack no-such"),
        (PACK.format("lab-open"), "rule_packs", "norte: lab-open is for the laboratory only"),
        (
            "UPDATE campaigns SET settings = settings || jsonb_build_object('ring_limit', 'long')",
            "rule_packs",
            "norte: its settings cannot be understood",
        ),
        ("UPDATE campaigns SET caller_id = ''", "caller_ids", "norte () (caller_id_hidden)"),
        ("UPDATE campaigns SET caller_id = '+34999'", "caller_ids", "norte +34999 (not_a_number)"),
        ("UPDATE campaigns SET trunk = 'nowhere'", "trunks", "nowhere (INVALID)"),
    ],
)
async def test_a_campaign_that_could_call_nobody(site: Site, change: str, name: str, seen: str) -> None:
    async with site.stored(change, MENDED):
        ill = await site.ill()
    assert seen in ill[name].detail, {one.name: one.detail for one in ill.values()}


async def test_in_a_laboratory_its_pack_is_well(site: Site) -> None:
    async with site.stored(PACK.format("lab-open"), MENDED):
        assert "rule_packs" not in await site.ill(laboratory=True)


async def test_after_all_that_nothing_is_wrong(site: Site) -> None:
    assert {one.name: one.detail for one in (await site.ill()).values()} == {}
    assert list(site.settings.recordings_spool.iterdir()) == []
