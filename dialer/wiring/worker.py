"""The worker, put together."""

import asyncio
import os
import secrets
import socket
from collections.abc import Coroutine, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import asyncpg
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dialer.settings import Settings
from dialer.store.clock import SystemClock
from dialer.store.retention import FORGET, forgetting
from dialer.wiring.database import plain_pool, schema_fits
from dialer.wiring.operations import health_app, operations
from dialer.wiring.stopping import stop_signals
from journal.jobs import Handler, Kind
from journal.jobs.runner import Counts, Pace, Runner
from portfolio.importer.job import IMPORT, run_import
from portfolio.rule_packs.shelf import SHELF

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]


def jobs(settings: Settings) -> Mapping[Kind, Handler]:
    """What a worker can do."""
    return {IMPORT: run_import, FORGET: forgetting(SystemClock(), settings.pacing_keep_days)}


async def run_worker(settings: Settings) -> None:
    """Jobs, and whatever else goes on beside requests and calls. Any number of these may run."""
    SHELF.laboratory = settings.laboratory
    await schema_fits(settings)
    pace = Pace(dead_after=settings.jobs_dead_after, keep_days=settings.jobs_keep_days)
    async with plain_pool(settings, "worker") as pool, stop_signals() as stop, asyncio.TaskGroup() as tasks:
        runner = Runner(pool, jobs(settings), _name(), pace)
        app = health_app(worker_registry(runner.counts), lambda: runner.counts.ok, settings)
        going_on = {"operations": operations(app, settings, settings.worker_port, stop), **_beside(pool)}
        beside = [tasks.create_task(each, name=name) for name, each in going_on.items()]
        await runner.run(stop)
        for task in beside:
            task.cancel()


def _beside(pool: "Pool") -> dict[str, Coroutine[Any, Any, None]]:
    """Name → what runs beside the jobs until the role ends: followers and timers."""
    return {}


def _name() -> str:
    """Of this process, and of no other that was or will be."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def worker_registry(counts: Counts) -> CollectorRegistry:
    """What the worker sees of the queue, for the operations port."""
    registry = CollectorRegistry()
    registry.register(_Queue(counts))
    return registry


class _Queue(Collector):
    """The queue as the worker last saw it: kinds are known as they come."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Each family with what there is now."""
        jobs = GaugeMetricFamily("dialer_jobs", "jobs by kind and state", labels=("kind", "state"))
        for (kind, state), count in self._counts.jobs.items():
            jobs.add_metric((kind, state), count)
        yield jobs
        oldest = GaugeMetricFamily(
            "dialer_jobs_oldest_seconds", "seconds that the first queued job has been due", labels=("kind",)
        )
        for kind in sorted({kind for kind, _ in self._counts.jobs}):
            oldest.add_metric((kind,), self._counts.oldest.get(kind, 0.0))
        yield oldest
