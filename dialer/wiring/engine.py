"""The engine, put together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry

from dialer.ami.hep import SignallingPort
from dialer.ami.link import Account, Limits
from dialer.ami.telephony import AmiTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.call_progress.ears import DetectorEars
from dialer.engine.engine import Engine, EngineSettings
from dialer.engine.metrics import EngineMetrics
from dialer.engine.news import KINDS
from dialer.engine.pauses import avoid_long_pauses
from dialer.settings import Settings
from dialer.store.bus import RedisBus
from dialer.store.clock import SystemClock
from dialer.store.journal import PostgresJournal
from dialer.store.lead_learning import LeadLearning
from dialer.store.lease import RedisLease
from dialer.store.pool import close_pool, open_pool
from dialer.store.postgres import PostgresStore
from dialer.store.tapes import SpoolTapes
from dialer.wiring.database import schema_fits
from dialer.wiring.operations import health_app, operations
from dialer.wiring.stopping import END_LIMIT, stop_signals
from journal.bell import Bell
from portfolio.rule_packs.shelf import SHELF


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
    journal = PostgresJournal(pool, Bell(dsn, "engine"), KINDS)
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
        journal=journal,
    )
    avoid_long_pauses()
    try:
        async with stop_signals(settings.drain_limit + END_LIMIT) as stop, asyncio.TaskGroup() as tasks:
            app = health_app(metrics.registry, lambda: engine.ready, settings)
            beside = [
                tasks.create_task(_after(engine.begun, telephony.run), name="ami.link"),
                tasks.create_task(ears.run(), name="ears.link"),
                tasks.create_task(bus.run(), name="bus.publisher"),
                tasks.create_task(journal.run(), name="journal.bell"),
                tasks.create_task(learning.run(lambda: engine.ready), name="leads.learning"),
                tasks.create_task(operations(app, settings, settings.engine_port, stop), name="operations"),
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
