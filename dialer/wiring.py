"""Puts the real parts together, one function for each role. Shutdown goes from the outside in."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import structlog
import uvicorn
from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from consoles.scraping import may_scrape
from consoles.serve import serve
from consoles.web_deps import Doctor, WebDeps
from dialer.ami.hep import SignallingPort
from dialer.ami.link import Account, Limits
from dialer.ami.telephony import AmiTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.call_progress.ears import DetectorEars
from dialer.call_progress.model import UnusableWeights
from dialer.call_progress.service import DetectorService
from dialer.engine.engine import Engine, EngineSettings
from dialer.engine.metrics import EngineMetrics
from dialer.engine.pauses import avoid_long_pauses
from dialer.exceptions import SettingUnusable, StoreUnavailable
from dialer.settings import Settings
from dialer.store.bus import RedisBus, RedisBusClient
from dialer.store.clock import SystemClock
from dialer.store.lead_learning import LeadLearning
from dialer.store.lease import RedisLease
from dialer.store.migrate import unfit
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from dialer.store.retention import PacingRetention
from dialer.store.streams import BackOff
from dialer.store.tapes import SpoolTapes
from dialer.store.verdict_retention import VerdictAudioRetention
from portfolio.rule_packs.shelf import SHELF
from recordings.archiver import ArchiveConfig, ArchiveMetrics
from recordings.archiver import run as run_archiver

_log = structlog.get_logger("cadencia")

END_LIMIT = 12.0
"""Seconds that closing may take; less than a service manager or `cadencia run` waits before it kills."""


@asynccontextmanager
async def stop_signals(limit: float | None = END_LIMIT) -> AsyncIterator[asyncio.Event]:
    """An event that the first SIGTERM or SIGINT sets. Whatever hangs then, the process lives `limit` seconds
    longer at most; None = its owner sees to that."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def told() -> None:
        if limit is not None and not stop.is_set():
            _give_up_after(limit)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def _give_up_after(seconds: float) -> None:
    # A thread, because what hangs may be the loop, or the threads that Python waits for at the end.
    timer = threading.Timer(seconds, _give_up)
    timer.daemon = True
    timer.start()


def _give_up() -> None:
    _log.error("role.hangs", cure="killed; the next one takes over")
    os._exit(1)


# --- the operations port ----------------------------------------------------------------------------


def health_app(registry: CollectorRegistry, ready: Callable[[], bool], settings: Settings) -> FastAPI:
    """The operations port of a process without pages: /metrics, /healthz, /readyz."""
    token = settings.metrics_token.get_secret_value()
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/metrics")
    async def metrics(request: Request) -> Response:
        peer = request.client.host if request.client else ""
        if not may_scrape(request.headers, peer, token):
            return Response("needs the bearer token CADENCIA_METRICS_TOKEN\n", 401)
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


class _QuietServer(uvicorn.Server):
    """A server that its owner stops: signals belong to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


async def _operations(app: FastAPI, settings: Settings, port: int, stop: asyncio.Event) -> None:
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


# --- roles ------------------------------------------------------------------------------------------


_LOOK_AT_SCHEMA = 2.0
"""Seconds between two looks at a database that has not been migrated yet."""


async def schema_fits(settings: Settings) -> None:
    """Wait, for as long as it takes, until the database is there and migrated to our version.

    One line for each change of state. Raises SchemaTooNew when it is past our version, SettingUnusable.
    """
    said, pause = "", BackOff()
    while True:
        try:
            missing = ", ".join(await unfit(settings.database_url.get_secret_value()))
        except StoreUnavailable as error:
            if said != (said := _cure_of(error)):
                _log.warning("database.away", error=str(error), cure=f"{said}; we wait")
            await pause.wait()
            continue
        pause.reset()
        if not missing:
            break
        if said != (said := missing):
            _log.warning("schema.behind", missing=missing, cure="cadencia migrate; we wait")
        await asyncio.sleep(_LOOK_AT_SCHEMA)
    if said:
        _log.info("database.ready")


def _cure_of(error: StoreUnavailable) -> str:
    """What is to be done, by what Postgres said."""
    if isinstance(error.__cause__, asyncpg.InvalidAuthorizationSpecificationError):
        return "PostgreSQL refuses user or password of CADENCIA_DATABASE_URL: correct them"
    if isinstance(error.__cause__, asyncpg.InvalidCatalogNameError):
        return "create the database that CADENCIA_DATABASE_URL names, or name another, then cadencia migrate"
    return "start PostgreSQL"


async def run_engine(settings: Settings) -> None:
    """The single writer: lease, PBX link, turns. Ends after SIGTERM when the calls have ended."""
    SHELF.laboratory = settings.laboratory
    await schema_fits(settings)
    dsn, redis_url = settings.database_url.get_secret_value(), settings.redis_url.get_secret_value()
    clock, metrics = SystemClock(), EngineMetrics(CollectorRegistry())
    pool = await open_pool(dsn, settings.database_pool)
    telephony = AmiTelephony(_account(settings), limits=_limits(settings), detector=_detector(settings))
    ears = _ears(settings)
    bus = RedisBus(redis_url)
    store = PostgresStore(pool)
    learning = LeadLearning(pool, store.lead_chances, clock)
    lease = RedisLease(redis_url, store, ttl=settings.lease_ttl)
    engine = Engine(
        telephony=telephony,
        store=store,
        bus=bus,
        lease=lease,
        screener=AmdScreener(),
        ears=ears,
        clock=clock,
        settings=_engine_settings(settings),
        metrics=metrics,
        tapes=SpoolTapes(settings.recordings_spool.absolute()),
    )
    avoid_long_pauses()
    try:
        async with stop_signals(settings.drain_limit + END_LIMIT) as stop, asyncio.TaskGroup() as tasks:
            app = health_app(metrics.registry, lambda: engine.ready, settings)
            beside = [
                tasks.create_task(_after(engine.begun, telephony.run), name="ami.link"),
                tasks.create_task(ears.run(), name="ears.link"),
                tasks.create_task(bus.run(), name="bus.publisher"),
                tasks.create_task(learning.run(lambda: engine.ready), name="leads.learning"),
                tasks.create_task(_operations(app, settings, settings.engine_port, stop), name="operations"),
                tasks.create_task(_tell(stop, engine.stop), name="engine.stop"),
            ]
            async with _signalling(settings, telephony):
                await engine.run()
            stop.set()
            telephony.close()
            for task in beside:
                task.cancel()
    finally:
        await bus.close()
        await lease.close()
        await close_pool(pool)


@asynccontextmanager
async def _signalling(settings: Settings, telephony: AmiTelephony) -> AsyncIterator[None]:
    """The port to which the PBX sends copies of its SIP messages, if there is to be one."""
    if not settings.signalling_port:
        yield
        return
    loop, at = asyncio.get_running_loop(), (settings.signalling_host, settings.signalling_port)
    transport, _ = await loop.create_datagram_endpoint(
        lambda: SignallingPort(telephony.answered_too_late, telephony.asked_to_wait), local_addr=at
    )
    try:
        yield
    finally:
        transport.close()


def _account(settings: Settings) -> Account:
    secret = settings.ami_secret.get_secret_value()
    return Account(settings.ami_host, settings.ami_port, settings.ami_user, secret)


def _limits(settings: Settings) -> Limits:
    return Limits(action=settings.ami_timeout, ping=settings.ami_ping)


def _detector(settings: Settings) -> str:
    """Where the PBX reaches the detector's audio port."""
    return settings.progress_announced or f"{settings.progress_host}:{settings.progress_port}"


def _ears(settings: Settings) -> DetectorEars:
    secret = settings.progress_secret.get_secret_value()
    return DetectorEars(settings.progress_host, settings.progress_control_port, secret)


def _engine_settings(settings: Settings) -> EngineSettings:
    return EngineSettings(
        spool=str(settings.recordings_spool.absolute()),
        messages=settings.messages,
        pacing_interval=settings.pacing_interval,
        lease_ttl=settings.lease_ttl,
        detach_grace=settings.detach_grace,
        drain_limit=settings.drain_limit,
        spool_low=settings.spool_low << 20,
        spool_full=settings.spool_full << 20,
    )


async def _after(begun: asyncio.Event, run: Callable[[], Coroutine[None, None, None]]) -> None:
    """A link that a spare engine must not have."""
    await begun.wait()
    await run()


async def _tell(stop: asyncio.Event, told: Callable[[], None]) -> None:
    await stop.wait()
    told()


async def run_web(settings: Settings, doctor: Doctor | None = None) -> None:
    """Pages, API and websockets. Any number of these may run. The doctor stands above, and is handed in."""
    SHELF.laboratory = settings.laboratory
    await schema_fits(settings)
    bus = RedisBusClient(settings.redis_url.get_secret_value())
    async with _plain_pool(settings, "web") as pool, stop_signals() as stop:
        try:
            await serve(WebDeps(settings, pool, bus, SystemClock(), doctor=doctor), stop=stop)
        finally:
            await bus.close()


async def run_progress(settings: Settings) -> None:
    """The detector: listens to calls beside the engine, and may die without dropping any."""
    service = _detector_service(settings)
    avoid_long_pauses()
    async with stop_signals() as stop, asyncio.TaskGroup() as tasks:
        app = health_app(service.registry, service.ready.is_set, settings)
        beside = [
            tasks.create_task(service.run(), name="detector"),
            tasks.create_task(_operations(app, settings, settings.progress_metrics_port, stop)),
        ]
        await stop.wait()
        for task in beside:
            task.cancel()


def _detector_service(settings: Settings) -> DetectorService:
    try:
        return DetectorService(settings)
    except (ImportError, AttributeError) as error:
        raise SettingUnusable(f"CADENCIA_PROGRESS_CLASSIFIER cannot be used: {error}") from error
    except (UnusableWeights, FileNotFoundError) as error:
        raise SettingUnusable(f"CADENCIA_PROGRESS_WEIGHTS cannot be used: {error}") from error


async def run_archive(settings: Settings) -> None:
    """Captured audio to archived recordings; and the end of pacing decisions that are kept long enough."""
    await schema_fits(settings)
    config = ArchiveConfig(spool=settings.recordings_spool, archive=settings.recordings_archive)
    counts, wake = ArchiveMetrics(), asyncio.Event()
    bus = RedisBusClient(settings.redis_url.get_secret_value())
    async with _plain_pool(settings, "archive") as pool, stop_signals() as stop, asyncio.TaskGroup() as tasks:
        app = health_app(_archive_registry(counts), lambda: counts.last_turn_ok, settings)
        beside = [
            tasks.create_task(_wake_on_end(bus, wake), name="archive.wake"),
            tasks.create_task(_operations(app, settings, settings.archive_port, stop), name="operations"),
            tasks.create_task(
                VerdictAudioRetention(pool, SystemClock(), settings.progress_audio).run(),
                name="verdicts.retention",
            ),
            tasks.create_task(
                PacingRetention(pool, SystemClock(), settings.pacing_keep_days).run(), name="pacing.retention"
            ),
        ]
        await run_archiver(config, pool, stop, wake=wake, metrics=counts)
        for task in beside:
            task.cancel()
        await bus.close()


async def _wake_on_end(bus: RedisBusClient, wake: asyncio.Event) -> None:
    async for frame in bus.frames():
        if frame.kind == "call.ended":
            wake.set()


def _archive_registry(counts: ArchiveMetrics) -> CollectorRegistry:
    registry = CollectorRegistry()
    for name in ("pending", "archived", "missing", "damaged", "failed", "orphans", "seconds"):
        gauge = Gauge(f"dialer_recordings_{name}", f"recordings: {name} since the start", registry=registry)
        gauge.set_function(lambda name=name: float(getattr(counts, name)))  # type: ignore[misc]
    return registry


@asynccontextmanager
async def _plain_pool(settings: Settings, role: str) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    pool = await asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=1,
        max_size=settings.database_pool,
        command_timeout=60,
        server_settings={"timezone": "UTC", "application_name": f"cadencia {role}"},
    )
    try:
        yield pool
    finally:
        await close_pool(pool)
