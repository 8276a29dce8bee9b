"""The queue in the database. What a worker says of a job counts only while the job is its own: else None."""

import json
import re
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journal.jobs.model import PIECE, Failed, File, Job, Kind, Outcome, QueueFull, State
from journal.sql import statements

if TYPE_CHECKING:
    from journal.jobs.model import Connection, Database

SQL = statements("journal.jobs")
_LONGEST_ERROR = 500
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""Escaped, after an even number of backslashes."""


@dataclass(frozen=True, slots=True)
class Swept:
    """A job whose worker died."""

    id: int
    kind: str
    state: State
    """What became of it."""
    worker: str


@dataclass(frozen=True, slots=True)
class Count:
    """Jobs of one kind in one state."""

    kind: str
    state: State
    jobs: int
    waits: float
    """Seconds that the first of those queued has been due; below 0 = it is not due yet."""


async def enqueue(
    connection: "Connection",
    kind: Kind,
    args: Mapping[str, Any],
    *,
    subject: str = "",
    actor_id: int | None = None,
) -> int:
    """Its number, in the caller's transaction: no worker sees it before. Raises QueueFull."""
    values = (kind.name, subject, _json(args), actor_id, kind.most_tries, kind.most_queued)
    job_id: int | None = await connection.fetchval(SQL["job_enqueue"], *values)
    if job_id is None:
        raise QueueFull(kind.name)
    return job_id


async def keep(connection: "Connection", job_id: int, file: File, chunks: AsyncIterable[bytes]) -> int:
    """Store a file of a job instead of the one of that name, in the caller's transaction; its bytes."""
    await connection.execute(SQL["pieces_drop"], job_id, file)
    size = n = 0
    async for piece in _pieces_of(chunks):
        await connection.execute(SQL["piece_in"], job_id, file, n, piece)
        size, n = size + len(piece), n + 1
    return size


async def pieces(database: "Database", job_id: int, file: File) -> AsyncIterator[bytes]:
    """A file as it was stored. Of a pool no connection is held between two pieces."""
    n = 0
    while (piece := await database.fetchval(SQL["piece"], job_id, file, n)) is not None:
        yield piece
        n += 1


async def again(database: "Database", kind: Kind) -> None:
    """Enqueue what is done every so often, when it is time."""
    if kind.every is not None:
        await database.execute(SQL["job_again"], kind.name, kind.most_tries, kind.every)


async def claim(database: "Database", worker: str, kinds: Sequence[Kind]) -> Job | None:
    """The next job that may run, from now on this worker's; None = there is none."""
    names, at_once = [kind.name for kind in kinds], [kind.at_once for kind in kinds]
    row = await database.fetchrow(SQL["job_claim"], worker, names, at_once)
    return Job(**{**row, "args": json.loads(row["args"])}) if row is not None else None


async def beat(database: "Database", job: Job, progress: Mapping[str, Any] | None = None) -> bool | None:
    """A sign of life, and how far it is (None = as before); whether it is to end, None = it is another's."""
    ends: bool | None = await database.fetchval(SQL["job_beat"], *_of(job, progress))
    return ends


async def done(
    connection: "Connection", job: Job, outcome: Outcome, progress: Mapping[str, Any] | None = None
) -> State | None:
    """It is done."""
    values = (*_of(job, progress), _json(outcome.result))
    return await _left(connection, job, "job_done", values, outcome.rejects)


async def failed(
    connection: "Connection",
    job: Job,
    failure: Failed,
    pause: float,
    progress: Mapping[str, Any] | None = None,
) -> State | None:
    """It failed: 'queued' when it is tried again after so many seconds."""
    left = failure.outcome
    values = (*_of(job, progress), failure.reason[:_LONGEST_ERROR], _json(left.result), failure.again, pause)
    return await _left(connection, job, "job_failed", values, left.rejects)


async def cancelled(
    database: "Database", job: Job, progress: Mapping[str, Any] | None = None
) -> State | None:
    """It ended because that was asked for."""
    return await _ended(database, "job_cancelled", _of(job, progress))


async def give_back(
    database: "Database", job: Job, progress: Mapping[str, Any] | None = None
) -> State | None:
    """Its worker ends: the next one goes on at once."""
    return await _ended(database, "job_given_back", _of(job, progress))


async def sweep(database: "Database", dead_after: float) -> list[Swept]:
    """Take jobs away from workers that gave no sign of life for so many seconds; each once."""
    return [Swept(**row) for row in await database.fetch(SQL["job_sweep"], dead_after)]


async def ask_cancel(database: "Database", job_id: int) -> State | None:
    """'cancelled' when it had not begun, 'running' when its worker will end it; None = over, or unknown."""
    state: State | None = await database.fetchval(SQL["job_ask_cancel"], job_id)
    return state


async def retry(database: "Database", job_id: int) -> bool:
    """Put one that failed or was cancelled back, by hand; False = it is neither, or unknown."""
    return await database.fetchval(SQL["job_retry"], job_id) is not None


async def forget(database: "Database", days: int) -> int:
    """Delete what ended, or waited, more than so many days ago, with its files; how many."""
    return len(await database.fetch(SQL["job_forget"], days))


async def counts(database: "Database") -> list[Count]:
    """How many jobs are queued, running and failed, by kind."""
    return [Count(**row) for row in await database.fetch(SQL["job_counts"])]


async def _ended(database: "Database", statement: str, values: Sequence[Any]) -> State | None:
    state: State | None = await database.fetchval(SQL[statement], *values)
    return state


async def _left(
    connection: "Connection", job: Job, statement: str, values: Sequence[Any], rejects: bytes
) -> State | None:
    """It ended, and this is what it could not take."""
    async with connection.transaction():
        state = await _ended(connection, statement, values)
        if state is not None and rejects:
            await keep(connection, job.id, "rejects", _once(rejects))
    return state


def _of(job: Job, progress: Mapping[str, Any] | None) -> tuple[int, str, int, str | None]:
    """What every word of a worker about a job begins with."""
    return job.id, job.worker, job.turn, None if progress is None else _json(progress)


async def _pieces_of(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """As large as a piece may be, whatever the source hands over."""
    held = b""
    async for chunk in chunks:
        held += chunk
        while len(held) >= PIECE:
            yield held[:PIECE]
            held = held[PIECE:]
    if held:
        yield held


async def _once(content: bytes) -> AsyncIterator[bytes]:
    # In slices: whoever joins pieces copies what is left of the whole each time.
    for at in range(0, len(content), PIECE):
        yield content[at : at + PIECE]


def _json(value: Mapping[str, Any]) -> str:
    """As jsonb takes it: without NUL, which a value of somebody's file may hold."""
    return _NUL.sub(r"\1", json.dumps(value, default=str))
