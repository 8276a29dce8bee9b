"""`cadencia run`: one role, or all under a small supervisor."""

import asyncio
import errno
import gc
from collections.abc import Callable, Coroutine
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import structlog
import typer

from dialer.cli.running import on_uvloop, say
from dialer.cli.supervise import UNFIT, Child, ProcessSupervisor, cadencia
from dialer.exceptions import SchemaTooNew, SettingUnusable, StoreUnavailable
from dialer.logs import configure
from dialer.settings import Settings, env_file, where_read
from dialer.version import line as version_line
from dialer.wiring.stopping import stop_signals

_PORT_ERRORS = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)
"""Why a port of ours cannot be had."""
Run = Callable[[Settings], Coroutine[Any, Any, None]]


class Role(StrEnum):
    """What a process does."""

    ENGINE = "engine"
    WEB = "web"
    ARCHIVE = "archive"
    PROGRESS = "progress"
    WORKER = "worker"
    ALL = "all"


def run_role(role: Annotated[Role, typer.Option(help="which part to run")] = Role.ALL) -> None:
    """Run a role until SIGTERM: the engine stops dialling, lets calls end, and leaves."""
    settings = Settings()
    configure(settings)
    _tell_start(role)
    try:
        on_uvloop(_imported(role)(settings))
    except SchemaTooNew as error:
        say(f"{error}: this version of {role.value} cannot run on it")
        raise typer.Exit(UNFIT) from None
    except SettingUnusable:
        raise
    except Exception as error:  # noqa: BLE001 - supervision point, see below
        # Supervision point: whatever ends a role is logged as one line, then its supervisor starts it anew.
        _tell_death(role, error)
        raise typer.Exit(1) from None


def _imported(role: Role) -> Run:
    # What is imported stays: to look through it for garbage again and again is a sixth of a role's start.
    gc.disable()
    try:
        return work_of(role)
    finally:
        gc.enable()


def work_of(role: Role) -> Run:
    """What a role does. It is imported here, not above: who is started again, perhaps while people wait, pays
    for its own parts only."""
    match role:
        case Role.ENGINE:
            from dialer.wiring.engine import run_engine

            return run_engine
        case Role.WEB:
            from dialer.doctor import examine_within
            from dialer.wiring.web import run_web

            return partial(run_web, doctor=examine_within)
        case Role.ARCHIVE:
            from dialer.wiring.archive import run_archive

            return run_archive
        case Role.PROGRESS:
            from dialer.wiring.progress import run_progress

            return run_progress
        case Role.WORKER:
            from dialer.wiring.worker import run_worker

            return run_worker
        case Role.ALL:
            return _run_all


def _tell_start(role: Role) -> None:
    """Which version starts, and which file was read."""
    if role is Role.ALL:
        say(f"version {version_line()} {where_read()}")
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
    async with stop_signals(None) as stop, asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(ProcessSupervisor(say).keep(children), name="processes")
        await stop.wait()
        say(f"ending: no new calls; calls that go on have {settings.drain_limit:.0f} seconds")
        keeper.cancel()
