"""The archive, put together."""

import asyncio

from prometheus_client import CollectorRegistry, Gauge

from dialer.settings import Settings
from dialer.store.bus import RedisBusClient
from dialer.store.clock import SystemClock
from dialer.store.verdict_retention import VerdictAudioRetention
from dialer.wiring.database import plain_pool, schema_fits
from dialer.wiring.operations import health_app, operations
from dialer.wiring.stopping import stop_signals
from recordings.archiver import ArchiveConfig, ArchiveMetrics
from recordings.archiver import run as run_archiver


async def run_archive(settings: Settings) -> None:
    """Captured audio to archived recordings; and the end of screened audio that is kept long enough."""
    await schema_fits(settings)
    config = ArchiveConfig(spool=settings.recordings_spool, archive=settings.recordings_archive)
    counts, wake = ArchiveMetrics(), asyncio.Event()
    bus = RedisBusClient(settings.redis_url.get_secret_value())
    async with plain_pool(settings, "archive") as pool, stop_signals() as stop, asyncio.TaskGroup() as tasks:
        app = health_app(archive_registry(counts), lambda: counts.last_turn_ok, settings)
        beside = [
            tasks.create_task(_wake_on_end(bus, wake), name="archive.wake"),
            tasks.create_task(operations(app, settings, settings.archive_port, stop), name="operations"),
            tasks.create_task(
                VerdictAudioRetention(pool, SystemClock(), settings.progress_audio).run(),
                name="verdicts.retention",
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


def archive_registry(counts: ArchiveMetrics) -> CollectorRegistry:
    """What the archive counts, for the operations port."""
    registry = CollectorRegistry()
    for name in ("pending", "archived", "missing", "damaged", "failed", "orphans", "seconds"):
        gauge = Gauge(f"dialer_recordings_{name}", f"recordings: {name} since the start", registry=registry)
        gauge.set_function(lambda name=name: float(getattr(counts, name)))  # type: ignore[misc]
    return registry
