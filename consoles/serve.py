"""The web process: uvicorn around the application. Its owner brings the loop (uvloop) and handles signals."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from consoles.app import create_app, run_beside
from consoles.web_deps import Web, WebDeps

STOP_LIMIT = 10
"""Seconds that requests in progress get when the server stops."""
MAX_WS_BYTES = 64 * 1024
"""Above the protocol's own limit, so that its close code is the one a page sees."""
_BACKLOG = 1024

_log = structlog.get_logger(__name__)


async def serve(deps: WebDeps, *, stop: asyncio.Event, listener: socket.socket | None = None) -> None:
    """Serve until `stop` is set, then gracefully end: pages are told, requests in progress are finished.

    Raises OSError when the address is taken. `listener`: a bound socket instead of web_host and web_port.
    """
    listener = listener or listen(deps.settings.web_host, deps.settings.web_port)
    _log.info("web_listening", host=deps.settings.web_host, port=listener.getsockname()[1])
    app = create_app(deps)
    web: Web = app.state.web
    server = _Server(_config(deps, app))
    async with asyncio.TaskGroup() as tasks:
        beside = [
            tasks.create_task(run_beside(web), name="web.beside"),
            tasks.create_task(_end(server, web, stop), name="web.stop"),
        ]
        await server.serve([listener])
        for task in beside:
            task.cancel()
    deps.passwords.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=_BACKLOG)


class _Server(uvicorn.Server):
    """A server that its owner stops: signals belong to the process, not to one of its parts."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


async def _end(server: uvicorn.Server, web: Web, stop: asyncio.Event) -> None:
    await stop.wait()
    web.hub.close_all()
    server.should_exit = True


def _config(deps: WebDeps, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="websockets-sansio",
        ws_max_size=MAX_WS_BYTES,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        # Who is believed about whom it forwards is said in our settings, see consoles.addresses.
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_LIMIT,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=32 * 1024,
        limit_concurrency=4_000,
        backlog=_BACKLOG,
    )
