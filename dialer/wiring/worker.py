"""The worker, put together."""

import asyncio
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from dialer.settings import Settings
from dialer.store.clock import SystemClock
from dialer.store.retention import FORGET, forgetting
from dialer.wiring.database import plain_pool, schema_fits
from dialer.wiring.operations import health_app, operations
from dialer.wiring.stopping import stop_signals
from journal.bell import Bell
from journal.follow import Follower
from journal.jobs import Handler, Kind
from journal.jobs.runner import Counts, Pace, Runner
from journal.timers import Work
from journal.worker import Counts as Followed
from journal.worker import Worker
from portfolio.importer.job import IMPORT, run_import
from portfolio.rule_packs.shelf import SHELF

FOLLOWERS: Sequence[Follower] = ()
"""Who follows the journal here; the engine follows by itself, in memory."""
WORKS: Mapping[str, Work] = {}
"""Kind of timer → what is done when it is due."""


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
        bell = Bell(settings.database_url.get_secret_value(), "worker")
        journal = Worker(pool, bell, FOLLOWERS, WORKS, SystemClock().wall)
        app = health_app(worker_registry(runner.counts, journal.counts), lambda: runner.counts.ok, settings)
        going_on = {
            "operations": operations(app, settings, settings.worker_port, stop),
            "journal": journal.run(),
        }
        beside = [tasks.create_task(each, name=name) for name, each in going_on.items()]
        await runner.run(stop)
        for task in beside:
            task.cancel()


def _name() -> str:
    """Of this process, and of no other that was or will be."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"


def worker_registry(counts: Counts, followed: Followed) -> CollectorRegistry:
    """What the worker sees of the queue and of the journal, for the operations port."""
    registry = CollectorRegistry()
    registry.register(_Queue(counts))
    registry.register(_Journal(followed))
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


class _Journal(Collector):
    """What this process has followed: followers are known as they begin."""

    def __init__(self, counts: Followed) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        """Each family with what there is now."""
        for name, told, what in (
            ("dialer_journal_lag_seconds", self._counts.lag, "age of the first fact that waits"),
            ("dialer_journal_followed", self._counts.followed, "facts that this process has followed"),
            ("dialer_journal_failed", self._counts.failed, "facts that were set aside, to be tried again"),
        ):
            family = GaugeMetricFamily(name, what, labels=("follower",))
            for follower, value in sorted(told.items()):
                family.add_metric((follower,), value)
            yield family
