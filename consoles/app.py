"""The web application of the consoles."""

import asyncio
from pathlib import Path

import asyncpg
import structlog
from fastapi import APIRouter, FastAPI

from agent_ws.hub import Hub
from consoles import contract, devices, pages, problems, sessions
from consoles.callback_check import CallbackCheck
from consoles.duty_watch import watch_duties
from consoles.engine_watch import watch_engine
from consoles.metrics import WebMetrics
from consoles.routes import (
    alarms,
    callbacks,
    campaigns,
    checkup,
    complaints,
    events,
    health,
    imports,
    inbound,
    jobs,
    journal,
    lists,
    live,
    looser_wishes,
    pacing,
    persons,
    recordings,
    reference,
    rule_packs,
    session,
    skills,
    suppression,
    trunks,
    users,
    verdicts,
)
from consoles.security import Guard
from consoles.web_deps import Web, WebDeps

MAX_BODY = 64 * 1024
"""Bytes of a request; only files take more."""
PURGE_EVERY = 600.0
"""Seconds between two rounds of deleting ended logins."""

__all__ = ["WebDeps", "create_app", "run_beside"]

_log = structlog.get_logger(__name__)


def create_app(deps: WebDeps, *, static: Path = pages.STATIC) -> FastAPI:
    """The application; run_beside() must run as long as it serves."""
    metrics = WebMetrics()
    promise = CallbackCheck(deps.pool, deps.clock)
    web = Web(deps, metrics, Hub(deps.bus, deps.clock, metrics.live, promise=promise))
    app = FastAPI(
        title="Cadencia",
        version="1",
        openapi_url=None,  # for those who are let in: consoles.routes.health
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.web = web
    contract.install(app)
    problems.install(app)
    app.include_router(api_router())
    app.include_router(health.router)
    pages.install(app, deps.settings, static)
    app.add_middleware(Guard, settings=deps.settings, metrics=metrics)
    return app


def api_router() -> APIRouter:
    """Every call of the contract."""
    api = APIRouter(prefix="/api/v1", max_body_size=MAX_BODY)
    # pacing stands before campaigns, whose /campaigns/{id}/{verb} would take its calls.
    for module in (
        session,
        reference,
        imports,
        jobs,
        pacing,
        campaigns,
        inbound,
        journal,
        events,
        callbacks,
        lists,
        rule_packs,
        suppression,
        skills,
        complaints,
        trunks,
        persons,
        users,
        recordings,
        verdicts,
        alarms,
        checkup,
        looser_wishes,
        live,
    ):
        api.include_router(module.router)
    return api


async def run_beside(web: Web) -> None:
    """What must run as long as the server: hub, keeper, watches if asked for. When one fails, so must it."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(web.hub.run(), name="hub")
        tasks.create_task(_keep_house(web), name="keeper")
        if web.deps.watches:
            tasks.create_task(watch_engine(web), name="engine_watch")
            tasks.create_task(watch_duties(web), name="duty_watch")


async def _keep_house(web: Web) -> None:
    while True:
        try:
            async with web.deps.pool.acquire(timeout=5) as database:
                await sessions.purge(database, web.now())
                await devices.purge(database, web.now())
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("purge_failed", error=repr(error))
        await asyncio.sleep(PURGE_EVERY)
