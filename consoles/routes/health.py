"""For those who watch over the process."""

import asyncio

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from consoles.problems import Problem
from consoles.scraping import token_fits
from consoles.sessions import present
from consoles.sql import SQL
from consoles.web_deps import Web, WebDep
from dialer.time_limit import time_limit

router = APIRouter(include_in_schema=False)
LIMIT = 2.0
"""Seconds a service behind may take to answer."""


@router.get("/healthz")
async def alive() -> JSONResponse:
    """The process and its loop live."""
    return JSONResponse({"alive": True})


@router.get("/readyz")
async def ready(web: WebDep) -> JSONResponse:
    """Database and bus answer; the engine's life is told, but does not make this server unready."""
    database, bus = await asyncio.gather(_database(web), _bus(web))
    body = {"database": database, "bus": bus, "engine": web.hub.engine_up}
    return JSONResponse(body, 200 if database and bus else 503)


@router.get("/metrics")
async def metrics(request: Request, web: WebDep) -> Response:
    """Prometheus text, with the scraper's token or for a supervisor."""
    if not token_fits(request.headers, web.deps.settings.metrics_token.get_secret_value()):
        await _admit(request, web, "supervisor")
    return Response(generate_latest(web.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/v1/openapi.json")
async def contract(request: Request, web: WebDep) -> JSONResponse:
    """The machine-readable contract, for those who are let in."""
    await _admit(request, web, "supervisor", "qa")
    return JSONResponse(request.app.openapi())


async def _admit(request: Request, web: Web, *roles: str) -> None:
    """A session with one of these roles; raises Problem."""
    principal = await present(request, web)
    if principal is None:
        raise Problem("unauthenticated", "log in first")
    if not principal.may(*roles):
        raise Problem("forbidden", f"needs one of: {', '.join(roles)}")


async def _database(web: Web) -> bool:
    try:
        async with time_limit(LIMIT), web.deps.pool.acquire() as database:
            return bool(await database.fetchval(SQL["alive"]))
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False


async def _bus(web: Web) -> bool:
    try:
        async with time_limit(LIMIT):
            return await web.deps.bus.ping()
    except TimeoutError:
        return False
