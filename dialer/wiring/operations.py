"""The operations port of a process without pages."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from prometheus_client import CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from consoles.scraping import may_scrape
from dialer.settings import Settings


def health_app(registry: CollectorRegistry, ready: Callable[[], bool], settings: Settings) -> Starlette:
    """/metrics, /healthz and /readyz. Without FastAPI, whose import costs as much as a whole small role."""
    token = settings.metrics_token.get_secret_value()

    async def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        if not may_scrape(request.headers, peer, token):
            return Response("needs the bearer token CADENCIA_METRICS_TOKEN\n", 401)
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        answer = ready()
        return JSONResponse({"ready": answer}, 200 if answer else 503)

    routes = [Route("/metrics", metrics), Route("/healthz", healthz), Route("/readyz", readyz)]
    return Starlette(routes=routes)


class _QuietServer(uvicorn.Server):
    """A server that its owner stops: signals belong to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


async def operations(app: Starlette, settings: Settings, port: int, stop: asyncio.Event) -> None:
    """Serve the operations port until stop; port 0 is not served."""
    if port == 0:
        return
    config = uvicorn.Config(
        app,
        host=settings.web_host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        proxy_headers=False,
    )
    server = _QuietServer(config)
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server.serve(), name="operations.serve")
        await stop.wait()
        server.should_exit = True
        await serving
