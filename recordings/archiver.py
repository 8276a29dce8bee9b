"""The archive process: finds ended calls, waits for their files, archives them, reports what is missing.

Work comes from Postgres (what must be there) and from the spool (what is there).
The bus only wakes us earlier.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import structlog

from dialer.time_limit import time_limit
from recordings import captured
from recordings.finisher import Finisher, Listener, nobody
from recordings.ledger import EVER, Ledger, Row
from recordings.verdict import Status
from recordings.waiting import Patience, WaitingRoom

ALARM_ORPHAN = "recording_orphan"
ALARM_FAILED = "recording_failed"

_log = structlog.get_logger(__name__)

_BREATH = 0.1
"""Seconds between two turns however often we are woken."""
_SHORTEST_TROUBLE, _LONGEST_TROUBLE = 0.5, 30.0
_ALARM_AFTER = 5
"""Failures in a row on one call before the supervisors are told."""


@dataclass(frozen=True, slots=True)
class ArchiveConfig:
    """Where and how to archive; times in seconds."""

    spool: Path
    archive: Path
    workers: int = 2
    """Calls encoded at once, 1 or 2; the pool needs one connection more."""
    shortest: float = 0.5
    """Answered calls up to this long need no recording."""
    patience: Patience = field(default_factory=Patience)
    poll: float = 2.0
    """Between two looks at the database without a wake-up."""
    sweep: float = 60.0
    """Between two looks at the whole spool."""
    full_look: float = 600.0
    """Between two looks at every call ever made."""
    orphan_age: float = 3600.0
    """Spool files of no known call are reported when they are this old."""
    batch: int = 500
    """Calls waited for at once, and files taken note of in one sweep."""


@dataclass(slots=True)
class ArchiveMetrics:
    """Counts since the start, and what is pending now."""

    pending: int = 0
    archived: int = 0
    missing: int = 0
    damaged: int = 0
    failed: int = 0
    """Tries that raised; each is repeated."""
    orphans: int = 0
    seconds: float = 0.0
    """Of audio archived."""
    last_turn_ok: bool = False
    """Whether database and folders answered in the last turn; no turn yet = not."""

    def note(self, row: Row) -> None:
        """Count one finished call."""
        self.archived += row.status == Status.ARCHIVED
        self.missing += row.status == Status.MISSING
        self.damaged += row.status == Status.DAMAGED
        self.seconds += (row.duration_ms or 0) / 1000


async def run(
    config: ArchiveConfig,
    pool: asyncpg.Pool,
    stop: asyncio.Event,
    *,
    wake: asyncio.Event | None = None,
    metrics: ArchiveMetrics | None = None,
    after: Listener = nobody,
) -> None:
    """Archive until `stop` is set; the calls being archived then are finished first.

    Set `wake` when the bus says `call.ended`: only speed depends on it.
    """
    woken = wake or asyncio.Event()
    await asyncio.to_thread(_make_folders, config)
    with ThreadPoolExecutor(config.workers, thread_name_prefix="archive") as threads:
        ledger = Ledger(pool)
        finisher = Finisher(config.spool, config.archive, config.shortest, ledger, threads, after)
        archiver = Archiver(config, ledger, finisher, metrics or ArchiveMetrics(), stop)
        async with asyncio.TaskGroup() as group:
            group.create_task(_relay(stop, woken), name="archive-stop")
            while not stop.is_set():
                woken.clear()
                await _wait(woken, await archiver.turn())
                await _wait(stop, _BREATH)


def _make_folders(config: ArchiveConfig) -> None:
    """A first start finds nothing."""
    config.spool.mkdir(parents=True, exist_ok=True)
    config.archive.mkdir(parents=True, exist_ok=True)


async def _relay(stop: asyncio.Event, wake: asyncio.Event) -> None:
    """End the pause between two turns when it is time to leave."""
    await stop.wait()
    wake.set()


async def _wait(event: asyncio.Event, limit: float) -> None:
    """Until the event is set or time is up."""
    try:
        async with time_limit(limit):
            await event.wait()
    except TimeoutError:
        return


class Archiver:
    """One archive process: which calls it waits for, and where its next looks begin."""

    def __init__(
        self,
        config: ArchiveConfig,
        ledger: Ledger,
        finisher: Finisher,
        metrics: ArchiveMetrics,
        stop: asyncio.Event,
    ) -> None:
        """Nothing is looked at before the first turn."""
        self._config = config
        self._ledger = ledger
        self._finisher = finisher
        self._metrics = metrics
        self._stop = stop
        self._room = WaitingRoom(config.patience, 2 * config.batch)
        self._watermark = EVER
        self._next_full_look = self._next_sweep = 0.0
        self._trouble = 0.0

    async def turn(self) -> float:
        """Look, archive what is ready, and say how many seconds to pause."""
        try:
            await self._find()
            await self._archive(await self._ready())
            await self._report_failing()
        # A supervision point: the database or the disk may come back, and everything here can be repeated.
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._trouble = min(_LONGEST_TROUBLE, max(_SHORTEST_TROUBLE, 2 * self._trouble))
            self._metrics.last_turn_ok = False
            _log.warning("archive.trouble", error=repr(error), pause=self._trouble)
            return self._trouble
        self._trouble = 0.0
        self._metrics.last_turn_ok = True
        self._metrics.pending = len(self._room)
        return self._room.pause(_now(), self._config.poll)

    async def _find(self) -> None:
        """Ask the database what should be there, and now and then the spool what is there."""
        now, config = _now(), self._config
        full = now >= self._next_full_look
        since = EVER if full else self._watermark
        found = await self._ledger.pending(since, config.shortest, config.batch)
        self._watermark = found.watermark if self._room.add(found.calls, now) else since
        if full:
            self._next_full_look = now + config.full_look
        if now >= self._next_sweep:
            await self._sweep(now)
            self._next_sweep = now + config.sweep

    async def _sweep(self, now: float) -> None:
        """Take up every ended call that still has files in the spool; report files nobody knows."""
        bound = datetime.now(UTC) - timedelta(seconds=self._config.orphan_age)
        left = await asyncio.to_thread(
            captured.list_spool, self._config.spool, older_than=bound.timestamp(), limit=self._config.batch
        )
        known = await self._ledger.known(left.attempts)
        self._room.add(known.ended, now)
        for name in left.stale:
            attempt = captured.attempt_of(name)
            if attempt is None or attempt in known.unknown:
                news = await self._ledger.alarm(ALARM_ORPHAN, name, "no call of this name")
                self._metrics.orphans += news

    async def _ready(self) -> tuple[UUID, ...]:
        """Calls whose files are complete, or will never be."""
        now, spool = _now(), self._config.spool
        due = self._room.due(now)
        looks = await asyncio.to_thread(lambda: [captured.look(spool, attempt) for attempt in due])
        return tuple(
            attempt
            for attempt, capture in zip(due, looks, strict=True)
            if self._room.look(attempt, capture, now)
        )

    async def _archive(self, attempts: tuple[UUID, ...]) -> None:
        """Archive these calls, as many at once as there are workers; the rest waits when we are to leave."""
        queue = list(reversed(attempts))

        async def work() -> None:
            while queue and not self._stop.is_set():
                await self._attend(queue.pop())

        async with asyncio.TaskGroup() as group:
            for number in range(min(self._config.workers, len(queue))):
                group.create_task(work(), name=f"archive-{number}")

    async def _attend(self, attempt: UUID) -> None:
        """Archive one call; a failure concerns this call only and is tried again, later and later."""
        try:
            row = await self._finisher.finish(attempt)
        # A supervision point: full disk, lost database, a file nobody thought of. One call must not stop the
        # others, and the spool still holds everything.
        except Exception as error:  # noqa: BLE001
            self._metrics.failed += 1
            times = self._room.failed(attempt, _now())
            _log.error("recording.failed", attempt=str(attempt), error=repr(error), times=times)
            return
        self._room.done(attempt)
        if row is not None:
            self._metrics.note(row)
            seconds = (row.duration_ms or 0) / 1000
            _log.info(
                "recording.finished",
                attempt=str(attempt),
                status=row.status,
                seconds=seconds,
                detail=row.detail,
            )

    async def _report_failing(self) -> None:
        """Tell the supervisors of calls that cannot be archived, once each."""
        for attempt in self._room.failing(_ALARM_AFTER):
            await self._ledger.alarm(ALARM_FAILED, str(attempt), "the recording cannot be archived")


def _now() -> float:
    """Seconds of the loop's clock."""
    return asyncio.get_running_loop().time()
