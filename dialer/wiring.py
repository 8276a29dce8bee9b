"""Puts the real parts together, one function for each role. Shutdown goes from the outside in."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Response
from prometheus_client import CollectorRegistry, generate_latest

from dialer.settings import Settings


class StopRequested(Exception):
    """SIGTERM or SIGINT arrived."""


@asynccontextmanager
async def stop_signals(on_stop: Callable[[], None]) -> AsyncIterator[None]:
    """Call on_stop at the first SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_stop)
    try:
        yield
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def health_app(registry: CollectorRegistry, ready: Callable[[], bool]) -> FastAPI:
    """The operations port of a process without pages: /metrics, /healthz, /readyz."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    @app.get("/healthz")
    async def healthz() -> dict[str, bool]:
        return {"alive": True}

    @app.get("/readyz")
    async def readyz(response: Response) -> dict[str, bool]:
        answer = ready()
        response.status_code = 200 if answer else 503
        return {"ready": answer}

    return app


class QuietServer(uvicorn.Server):
    """uvicorn under our own signal handling."""

    def install_signal_handlers(self) -> None:
        """Ours are set by stop_signals."""

    @asynccontextmanager
    async def _nothing(self) -> AsyncIterator[None]:
        yield


async def serve_health(app: FastAPI, settings: Settings, port: int) -> None:
    """Serve an operations port until cancelled; port 0 is not served."""
    if port == 0:
        return
    config = uvicorn.Config(app, host=settings.web_host, port=port, log_level="warning", access_log=False)
    await uvicorn.Server(config).serve()


Role = Callable[[Settings], Coroutine[Any, Any, None]]
