"""A worker's loop: takes jobs, has them done, and takes them away from workers that died."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import asyncpg
import structlog

from journal.jobs import queue
from journal.jobs.model import Failed, File, Handler, Job, Kind, Outcome, State, pause_after

if TYPE_CHECKING:
    from journal.jobs.model import Connection, Pool

_log = structlog.get_logger(__name__)

_AWAY = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""The database does not listen, for now."""
_SETTLING = 5
"""Tries to write down what came of a job; then its heartbeats end, and another worker does it again."""
Verdict: TypeAlias = Outcome | Failed


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a worker does what. In seconds."""

    dead_after: float = 15.0
    """Without a sign of life a worker's job is taken away."""
    poll: float = 0.5
    """Between two looks at an empty queue."""
    first_pause: float = 2.0
    """Before a job is tried again; twice as long each time."""
    forget: float = 3600.0
    keep_days: int = 7
    """That what ended, and its files, are kept."""
    at_once: int = 3
    """Jobs of one worker."""

    @property
    def beat(self) -> float:
        """Between two signs of life; progress is written with them."""
        return min(1.0, self.dead_after / 5)


@dataclass(slots=True)
class Counts:
    """What the queue was when it was last looked at, by (kind, state); and whether it could be looked at."""

    jobs: dict[tuple[str, str], int] = field(default_factory=dict)
    oldest: dict[str, float] = field(default_factory=dict)
    """Seconds that the first job of a kind has waited."""
    ok: bool = False


class Runner:
    """Does jobs until it is told to stop. Any number of these may run, in any number of processes."""

    def __init__(
        self, pool: "Pool", handlers: Mapping[Kind, Handler], worker: str, pace: Pace | None = None
    ) -> None:
        """`worker`: a name that no other process has."""
        self._pool, self._worker, self._pace = pool, worker, pace or Pace()
        self._kinds, self._handlers = tuple(handlers), {kind.name: does for kind, does in handlers.items()}
        self._at_work: set[asyncio.Task[None]] = set()
        self._stop = asyncio.Event()
        self.counts = Counts(jobs={(kind.name, state): 0 for kind in handlers for state in _SHOWN})

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`; then what it has begun is given back, for others to go on with."""
        self._stop = stop
        async with asyncio.TaskGroup() as tasks:
            keeper = tasks.create_task(self._keep_house(), name="jobs.keeper")
            while not stop.is_set():
                job = await self._next()
                if job is None:
                    await self._wait(self._pace.poll)
                    continue
                task = tasks.create_task(self._one(job), name=f"jobs.{job.kind}.{job.id}")
                self._at_work.add(task)
                task.add_done_callback(self._at_work.discard)
            for task in (keeper, *self._at_work):
                task.cancel()

    async def _next(self) -> Job | None:
        if len(self._at_work) >= self._pace.at_once:
            return None
        with suppress(*_AWAY):
            async with self._pool.acquire() as connection:
                return await queue.claim(connection, self._worker, self._kinds)
        return None

    async def _one(self, job: Job) -> None:
        """One turn of one job, whatever comes of it."""
        _log.info("job.begins", job=job.id, kind=job.kind, turn=job.turn)
        turn = _Turn(self._pool, job, self._pace.beat)
        try:
            verdict = await turn.run(self._handlers[job.kind])
        except asyncio.CancelledError:
            # The role ends. Whoever hangs here is taken for dead later, which comes to the same.
            await self._settle(job, lambda connection: queue.give_back(connection, job, turn.progress))
            raise
        await self._settle(job, lambda connection: self._told(connection, turn, verdict))

    async def _told(self, connection: "Connection", turn: "_Turn", verdict: Verdict | None) -> State | None:
        """Write down a verdict; None = it was cancelled."""
        match verdict:
            case None:
                return await queue.cancelled(connection, turn.job, turn.progress)
            case Outcome():
                return await queue.done(connection, turn.job, verdict, turn.progress)
            case Failed():
                pause = pause_after(turn.job.tries, self._pace.first_pause)
                return await queue.failed(connection, turn.job, verdict, pause, turn.progress)

    async def _settle(self, job: Job, say: Callable[["Connection"], Awaitable[State | None]]) -> None:
        for _ in range(_SETTLING):
            try:
                async with self._pool.acquire() as connection:
                    state = await say(connection)
            except _AWAY as error:
                _log.warning("job.unsettled", job=job.id, error=type(error).__name__)
                await asyncio.sleep(self._pace.beat)
            else:
                _log.info("job.ends", job=job.id, kind=job.kind, turn=job.turn, state=state or "lost")
                return

    async def _keep_house(self) -> None:
        """Jobs of the dead, what is old, and what the queue looks like."""
        loop = asyncio.get_running_loop()
        forgets_at = loop.time()
        while True:
            try:
                async with self._pool.acquire() as connection:
                    await self._sweep(connection)
                    for kind in self._kinds:
                        await queue.again(connection, kind)
                    if loop.time() >= forgets_at:
                        await self._forget(connection)
                        forgets_at = loop.time() + self._pace.forget
                    self._count(await queue.counts(connection))
            except _AWAY as error:
                self.counts.ok = False
                _log.warning("jobs.unreachable", error=type(error).__name__)
            await asyncio.sleep(self._pace.dead_after / 5)

    async def _sweep(self, connection: "Connection") -> None:
        for one in await queue.sweep(connection, self._pace.dead_after):
            _log.warning("job.orphaned", job=one.id, kind=one.kind, worker=one.worker, state=one.state)

    async def _forget(self, connection: "Connection") -> None:
        if gone := await queue.forget(connection, self._pace.keep_days):
            _log.info("jobs.forgotten", jobs=gone)

    def _count(self, found: list[queue.Count]) -> None:
        none = dict.fromkeys(self.counts.jobs, 0)
        self.counts.jobs = none | {(one.kind, one.state): one.jobs for one in found}
        self.counts.oldest = {one.kind: max(0.0, one.waits) for one in found if one.state == "queued"}
        self.counts.ok = True

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)


_SHOWN: tuple[State, ...] = ("queued", "running", "failed")


class _Turn:
    """One job in the hands of one worker: its handler, and its heart beside it."""

    def __init__(self, pool: "Pool", job: Job, beat: float) -> None:
        self.pool, self.job, self._beat = pool, job, beat
        self.progress: Mapping[str, Any] | None = None

    def tell(self, progress: Mapping[str, Any]) -> None:
        self.progress = progress

    def file(self, name: File = "upload") -> AsyncIterator[bytes]:
        return queue.pieces(self.pool, self.job.id, name)

    async def run(self, handler: Handler) -> Verdict | None:
        """What came of it; None = it was ended, as somebody asked, or has it."""
        async with asyncio.TaskGroup() as tasks:
            work = tasks.create_task(self._done(handler), name="jobs.work")
            heart = tasks.create_task(self._live(work), name="jobs.heart")
            await asyncio.wait({work})
            heart.cancel()
        return None if work.cancelled() else work.result()

    async def _done(self, handler: Handler) -> Verdict:
        try:
            return await handler(self)
        except Failed as failure:
            return failure
        except Exception as error:  # noqa: BLE001 - supervision point, see below
            # Supervision point: whatever a handler raises ends this turn of this job, no more. Its words may
            # hold a person's data: only its kind and place are told.
            name = type(error).__name__
            _log.error("job.raised", job=self.job.id, kind=self.job.kind, error=name, at=_place(error))
            return Failed(name, again=True)

    async def _live(self, work: "asyncio.Task[Verdict]") -> None:
        while True:
            with suppress(*_AWAY):
                async with self.pool.acquire() as connection:
                    ends = await queue.beat(connection, self.job, self.progress)
                if ends is not False:  # asked for, or it is somebody else's, who is then told nothing of ours
                    work.cancel()
                    return
            await asyncio.sleep(self._beat)


def _place(error: BaseException) -> str:
    """Where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
