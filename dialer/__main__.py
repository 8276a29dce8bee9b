"""The `cadencia` command."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, cast

import asyncpg
import structlog
import typer
import uvloop

from consoles.password_rules import REASONS, weakness, words_of
from consoles.passwords import Passwords
from consoles.users import NewUser, create_user, list_users, set_password_of
from consoles.web_deps import Connection
from dialer import wiring
from dialer.cli.campaigns import campaigns
from dialer.cli.database import campaign_id, connect
from dialer.cli.demo import DemoFailed, DemoOptions, demo
from dialer.cli.faults import constraints_told, faults_told, read
from dialer.cli.leads import leads
from dialer.cli.pacing import pacing
from dialer.cli.progress import progress
from dialer.cli.quarantine import quarantine
from dialer.cli.supervise import UNFIT, Child, ProcessSupervisor, cadencia
from dialer.cli.suppression import suppression
from dialer.cli.trunks import trunks
from dialer.doctor import examine, examine_within
from dialer.exceptions import RolesAtWork, SchemaTooNew, SettingUnusable, StoreUnavailable
from dialer.logs import configure
from dialer.model.campaign import DialMode, Screening
from dialer.model.diagram import mermaid
from dialer.settings import Settings, env_file
from dialer.store.migrate import migrate, rollback
from dialer.version import line as version_line
from portfolio.importer import Dedupe, ImportRefused, ImportReport, campaign_reads, consent_words, import_file

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Open predictive dialer and contact centre.",
    invoke_without_command=True,
)
users = typer.Typer(no_args_is_help=True, help="Accounts of agents, supervisors, QA and administrators.")
app.add_typer(users, name="users")
app.add_typer(campaigns, name="campaigns")
app.add_typer(trunks, name="trunks")
app.add_typer(leads, name="leads")
app.add_typer(pacing, name="pacing")
app.add_typer(progress, name="progress")
app.add_typer(quarantine, name="quarantine")
app.add_typer(suppression, name="suppression")

_PORT_ERRORS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)
"""Why a port of ours cannot be had."""
_DOUBTS_TOLD = 20
"""Rows to decide that are told one by one."""


class Role(StrEnum):
    """What a process does."""

    ENGINE = "engine"
    WEB = "web"
    ARCHIVE = "archive"
    PROGRESS = "progress"
    ALL = "all"


class UserRole(StrEnum):
    """What an account may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    QA = "qa"
    ADMIN = "admin"


@app.callback()
def _cadencia(
    version: Annotated[
        bool, typer.Option("--version", help="print number and commit", is_eager=True)
    ] = False,
) -> None:
    """Open predictive dialer and contact centre."""
    if version:
        typer.echo(f"cadencia {version_line()}")
        raise typer.Exit


def say(line: str) -> None:
    """One line of progress."""
    typer.echo(f"cadencia: {line}" if not line.startswith("\n") else line)


def _run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop; Ctrl-C is a normal end."""
    try:
        uvloop.run(main)
    except* KeyboardInterrupt:
        say("ended")


@app.command("run")
def run_role(role: Annotated[Role, typer.Option(help="which part to run")] = Role.ALL) -> None:
    """Run a role until SIGTERM: the engine stops dialling, lets calls end, and leaves."""
    settings = Settings()
    configure(settings)
    _tell_start(role)
    roles: dict[Role, Callable[[Settings], Coroutine[Any, Any, None]]] = {
        Role.ENGINE: wiring.run_engine,
        Role.WEB: partial(wiring.run_web, doctor=examine_within),
        Role.ARCHIVE: wiring.run_archive,
        Role.PROGRESS: wiring.run_progress,
    }
    try:
        _run(_run_all(settings) if role is Role.ALL else roles[role](settings))
    except SchemaTooNew as error:
        say(f"{error}: this version of {role.value} cannot run on it")
        raise typer.Exit(UNFIT) from None
    except SettingUnusable:
        raise
    except Exception as error:  # noqa: BLE001 - supervision point, see below
        # Supervision point: whatever ends a role is logged as one line, then its supervisor starts it anew.
        _tell_death(role, error)
        raise typer.Exit(1) from None


def _tell_start(role: Role) -> None:
    """Which version starts, and which file was read."""
    if role is Role.ALL:
        say(f"version {version_line()} {read()}")
        return
    env = str(env_file() or "none")
    structlog.get_logger("cadencia").info(
        "role.starts", role=role.value, version=version_line(), env_file=env
    )


def _tell_death(role: Role, error: Exception) -> None:
    log = structlog.get_logger("cadencia")
    leaf: BaseException = error
    while isinstance(leaf, BaseExceptionGroup):
        leaf = leaf.exceptions[0]
    match leaf:
        case OSError(errno=code) if code in _PORT_ERRORS:
            log.error(
                "role.no_port", role=role.value, error=str(leaf), cure="another port, or end who has it"
            )
        case StoreUnavailable():
            log.error("role.no_database", role=role.value, error=str(leaf), cure="start PostgreSQL")
        case _:
            log.error("role.died", role=role.value, exc_info=error)


async def _run_all(settings: Settings) -> None:
    drains = {Role.ENGINE: settings.drain_limit}
    children = [
        Child(role.value, cadencia("run", "--role", role.value), drain=drains.get(role, 0.0))
        for role in Role
        if role is not Role.ALL
    ]
    async with wiring.stop_signals(None) as stop, asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(ProcessSupervisor(say).keep(children), name="processes")
        await stop.wait()
        say(f"ending: no new calls; calls that go on have {settings.drain_limit:.0f} seconds")
        keeper.cancel()


@app.command("migrate")
def run_migrations(
    back: Annotated[int, typer.Option(help="steps to go back instead", min=0)] = 0,
    force: Annotated[bool, typer.Option("--force", help="go back even while roles are connected")] = False,
) -> None:
    """Bring the database to this version. It goes back only while no role is connected."""
    dsn = Settings().database_url.get_secret_value()

    async def main() -> None:
        try:
            done = await (rollback(dsn, back, force=force) if back else migrate(dsn))
        except RolesAtWork as error:
            say(f"nothing was taken back: {error}")
            raise typer.Exit(1) from None
        say(f"{len(done)} migrations {'taken back' if back else 'applied'}: {', '.join(done) or 'none'}")

    _run(main())


@app.command()
def check(
    english: Annotated[bool, typer.Option("--english", help="findings in English, not Spanish")] = False,
) -> None:
    """Doctor: database, Redis, PBX, name resolution, clock, folders. Each fault with its cure."""

    async def main() -> None:
        findings = await examine(Settings(), locale="en" if english else "es")
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.detail}")
            if not finding.ok:
                typer.echo(f"     → {finding.cure}")
        if not all(finding.ok for finding in findings):
            raise typer.Exit(1)

    _run(main())


@app.command("demo")
def run_demo(
    bots: Annotated[int, typer.Option(help="bot agents", min=0, max=200)] = 8,
    debtors: Annotated[int, typer.Option(help="generated debtors", min=1, max=5000)] = 300,
    campaigns: Annotated[
        int, typer.Option(help="campaigns that share debtors and agents", min=1, max=10)
    ] = 1,
    goes_on: Annotated[
        bool,
        typer.Option(
            "--goes-on/--once",
            help="people come back, lists arrive, some pay, some call in, bots hear whom they have; "
            "or one list and nothing else",
        ),
    ] = True,
    tempo: Annotated[float, typer.Option(help="factor on ring and talk times", min=0.1, max=3)] = 1.0,
    talk: Annotated[float, typer.Option(help="mean talk time of the bots, seconds", min=1)] = 20.0,
    wrap: Annotated[float, typer.Option(help="mean wrap-up time of the bots, seconds", min=0.2)] = 5.0,
    seed: Annotated[int, typer.Option(help="of the debtors and the network")] = 1,
    drawn: Annotated[bool, typer.Option(help="numbers that `sip_lab mix` can change while it runs")] = False,
    keep_heard: Annotated[bool, typer.Option(help="keep what the called people hear")] = False,
    port: Annotated[
        int,
        typer.Option(help="of the consoles; the next when taken, the same after a restart", min=0, max=65535),
    ] = 8000,
    screening: Annotated[Screening, typer.Option(help="who listens first")] = Screening.PROGRESS,
    mode: Annotated[DialMode, typer.Option(help="how calls are started")] = DialMode.PREDICTIVE,
    calls_per_agent: Annotated[
        float, typer.Option(help="calls in flight per ready agent, mode power", min=1, max=12)
    ] = 2.0,
    seconds: Annotated[float | None, typer.Option(help="end by itself after this time")] = None,
    start: Annotated[bool, typer.Option(help="start the campaign at once")] = True,
    state: Annotated[Path | None, typer.Option(help="folder for all data; emptied at the start")] = None,
    lab: Annotated[Path | None, typer.Option(help="folder of a laboratory that runs already")] = None,
) -> None:
    """Run a real campaign on this machine: database, cache, two Asterisks, bots and consoles."""
    options = DemoOptions(
        bots=bots,
        debtors=debtors,
        campaigns=campaigns,
        goes_on=goes_on,
        tempo=tempo,
        talk=talk,
        wrap=wrap,
        seed=seed,
        drawn=drawn,
        keep_heard=keep_heard,
        port=port,
        screening=screening,
        mode=mode,
        calls_per_agent=calls_per_agent,
        seconds=seconds,
        start=start,
        state=state,
        lab=lab,
    )

    async def main() -> None:
        async with wiring.stop_signals(None) as stop, asyncio.TaskGroup() as tasks:
            showing = tasks.create_task(demo(options, say), name="demo")
            ending = tasks.create_task(_cancel_when(stop, showing), name="demo.end")
            await asyncio.wait([showing])
            ending.cancel()

    why: list[str] = []
    try:
        _run(main())
    except* DemoFailed as failed:
        why += [str(error) for error in failed.exceptions]
    if why:
        say("; ".join(why))
        raise typer.Exit(1)


async def _cancel_when(stop: asyncio.Event, task: "asyncio.Task[None]") -> None:
    await stop.wait()
    say("ending: no new calls, closing everything")
    task.cancel()


# --- accounts, campaigns, lists ---------------------------------------------------------------------


@users.command("add")
def add_user(
    login: str,
    name: Annotated[str, typer.Option(help="shown name")],
    role: Annotated[UserRole, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    endpoint: Annotated[str, typer.Option(help="PJSIP endpoint of an agent")] = "",
    sip_user: Annotated[str, typer.Option()] = "",
    sip_password: Annotated[str, typer.Option()] = "",
    skill: Annotated[list[str] | None, typer.Option(help="code=level, repeatable")] = None,
    campaign: Annotated[list[str] | None, typer.Option(help="campaign code, repeatable")] = None,
) -> None:
    """Add an account."""
    _demand(password, login, name, sip_user)
    skills = {code: int(level) for code, _, level in (text.partition("=") for text in skill or [])}

    async def main() -> None:
        passwords = Passwords()
        hashed = await passwords.hash(password)
        passwords.close()
        database = await connect()
        try:
            ids = [await _campaign(database, code) for code in campaign or []]
            user = NewUser(
                login=login,
                name=name,
                role=role.value,
                password_hash=hashed,
                endpoint=endpoint,
                sip_user=sip_user,
                sip_password=sip_password,
                skills=skills,
                campaigns=ids,
            )
            with constraints_told():
                say(f"user {login} has id {await create_user(database, user)}")
        finally:
            await database.close()

    _run(main())


@users.command("passwd")
def set_password(
    login: str,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Give an account another password; its logins end."""

    async def main() -> None:
        database = await connect()
        try:
            user = next((user for user in await list_users(database) if user.login == login), None)
            if user is None:
                raise typer.BadParameter(f"there is no user {login}")
            _demand(password, login, user.name)
            await set_password_of(database, user.id, Passwords().hash_now(password), datetime.now(UTC))
            say(f"user {login} has another password; whoever was logged in as {login} is no more")
        finally:
            await database.close()

    _run(main())


def _demand(password: str, *names: str) -> None:
    reason = weakness(password, words_of(Settings(), *names))
    if reason is not None:
        raise typer.BadParameter(f"the password is not taken: {REASONS[reason]}")


async def _campaign(database: Connection, code: str) -> int:
    found = await campaign_id(database, code)
    if found is None:
        raise typer.BadParameter(f"there is no campaign {code}")
    return found


@users.command("list")
def show_users() -> None:
    """All accounts."""

    async def main() -> None:
        database = await connect()
        try:
            for user in await list_users(database):
                state = "" if user.active else " (inactive)"
                typer.echo(f"{user.id:5d}  {user.login:20s} {user.role:11s} {user.name}{state}")
        finally:
            await database.close()

    _run(main())


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    campaign: Annotated[str, typer.Option(help="campaign code")],
    list_name: Annotated[str, typer.Option(help="name of the list; importing it again changes nothing")],
    region: Annotated[
        str, typer.Option(help="country of numbers without prefix, such as ES; else as the campaign says")
    ] = "",
    creditor: Annotated[
        str, typer.Option(help="of rows that name none; else as the campaign says, else it is asked")
    ] = "",
    dry_run: Annotated[bool, typer.Option(help="say what would happen")] = False,
    rejects: Annotated[Path | None, typer.Option(help="where the bad rows go")] = None,
    dedupe: Annotated[
        str, typer.Option(help="leave out who is on: list (this one), campaign (any of it), system (any)")
    ] = "list",
    column: Annotated[
        list[str] | None,
        typer.Option(help="'header=name', or '#3=name' for the third: what a header does not say"),
    ] = None,
    sheet: Annotated[str, typer.Option(help="of a workbook; else its first")] = "",
    header_row: Annotated[
        int | None,
        typer.Option(help="line of the titles, from 1; else the first line that can be one", min=1),
    ] = None,
    same_row: Annotated[
        list[int] | None,
        typer.Option(help="line that is about the known person of its customer number, whatever it says"),
    ] = None,
) -> None:
    """Import a CSV or XLSX of debtors into a campaign's list."""
    region, same = region.upper(), frozenset(same_row or [])
    mapping = dict(one.rpartition("=")[0::2] for one in column or [])
    if dedupe not in ("list", "campaign", "system"):
        raise typer.BadParameter("list, campaign or system", param_hint="--dedupe")

    async def main() -> None:
        pool = await asyncpg.create_pool(Settings().database_url.get_secret_value(), min_size=1, max_size=2)
        try:
            async with pool.acquire() as database:
                found = await _campaign(database, campaign)
                said = await campaign_reads(database, found)
            report = await import_file(
                pool,
                _chunks(file),
                campaign_id=found,
                list_name=list_name,
                default_region=region or said.region,
                creditor=creditor or said.creditor,
                same_rows=same,
                dry_run=dry_run,
                mapping=mapping,
                sheet=sheet,
                header_row=header_row,
                dedupe=cast(Dedupe, dedupe),
                file_name=file.name,
                progress=partial(_progress, file.stat().st_size),
                reject_path=rejects,
            )
        except ImportRefused as refused:
            say(f"not imported: {refused}")
            raise typer.Exit(1) from None
        finally:
            await pool.close()
        _tell_report(report)
        if report.broken:
            raise typer.Exit(1)

    _run(main())


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, 1 << 18):
            yield chunk


def _progress(size: int, report: ImportReport) -> None:
    """A bar, as far as the bytes of the file tell (a workbook is read whole before its rows come)."""
    share = min(1.0, report.bytes_read / size) if size else 1.0
    bar = "#" * round(30 * share)
    typer.echo(f"\r[{bar:30s}] {report.rows} rows, {report.rejected} rejected", nl=False, err=True)


def _tell_report(report: ImportReport) -> None:
    typer.echo("", err=True)
    say(f"{report.rows} rows: {report.imported} new, {report.updated} known, {report.duplicates} repeated,")
    say(f"{report.rejected} rejected{f', see {report.reject_path}' if report.reject_path else ''}")
    if report.elsewhere:
        say(f"{report.elsewhere} left out: on another list already")
    if report.revived or report.dead_again:
        say(f"{report.revived} dead numbers revived, {report.dead_again} not: they died again within 90 days")
    for code, count in report.reasons:
        typer.echo(f"    {count:6d}  {code}")
    _tell_doubts(report)
    if consent := consent_words(report.no_consent):
        say(consent["en"])
    if report.ignored_columns:
        say(f"columns not used: {', '.join(report.ignored_columns)}")
    if report.broken:
        say(f"BROKEN ({report.broken}): all up to line {report.last_row} is in, nothing after it.")
        say("import the same file again: what is in stays, and the rest follows")


def _tell_doubts(report: ImportReport) -> None:
    if not report.undecided:
        return
    say(f"{report.undecided} rows to decide; --same-row LINE for each that is the same person:")
    for one in report.doubts[:_DOUBTS_TOLD]:
        typer.echo(f"    line {one.row}: {one.name} is known as {one.known}")
    if report.undecided > _DOUBTS_TOLD:
        typer.echo("    the others are in the file of --rejects (person_differs)")


@app.command()
def diagram() -> None:
    """Print the call's life cycle as a Mermaid diagram."""
    typer.echo(mermaid())


def main() -> None:
    """Entry point of the `cadencia` command."""
    with faults_told():
        app()


if __name__ == "__main__":
    main()
