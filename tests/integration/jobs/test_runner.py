"""Workers at work: whatever a handler does, the role lives on and each job comes to its end once."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import asyncpg

from journal.jobs import queue
from journal.jobs.model import Failed, Handler, Kind, Outcome, Work
from journal.jobs.runner import Pace, Runner
from tests.eventually import eventually

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]

COUNT = Kind("count", most_tries=3)
PACE = Pace(dead_after=2.0, poll=0.02, first_pause=0.0)


@asynccontextmanager
async def worker(
    pool: "Pool", handler: Handler, name: str = "one", pace: Pace = PACE
) -> AsyncIterator[Runner]:
    """At work until the end of the block; then it has ended as a role does."""
    stop = asyncio.Event()
    runner = Runner(pool, {COUNT: handler}, name, pace)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(runner.run(stop))
        yield runner
        stop.set()


async def asked(pool: "Pool", kind: Kind, args: dict[str, Any]) -> int:
    async with pool.acquire() as connection:
        return await queue.enqueue(connection, kind, args)


class Gate:
    """A handler that stands still in the middle of a job, and tells how it ended."""

    def __init__(self) -> None:
        self.begun, self.goes_on = asyncio.Event(), asyncio.Event()
        self.ended: list[str] = []

    async def __call__(self, work: Work) -> Outcome:
        self.begun.set()
        work.tell({"rows": 5})
        try:
            await self.goes_on.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("done")
        return Outcome({"rows": 9})


async def comes_to(pool: "Pool", job_id: int, state: str) -> dict[str, Any]:
    async def there() -> dict[str, Any] | None:
        row = await pool.fetchrow("SELECT *, result::text AS told FROM jobs WHERE id = $1", job_id)
        return dict(row) if row is not None and row["state"] == state else None

    found: dict[str, Any] = await eventually(there)
    return found


async def test_a_job_is_done_with_its_file_and_tells_how_far_it_is(pool: "Pool") -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"one"

    async def read(work: Work) -> Outcome:
        sent = b"".join([piece async for piece in work.file()])
        work.tell({"read": len(sent)})
        return Outcome({"sent": sent.decode(), "by": work.job.args["by"]}, b"rejected")

    async with pool.acquire() as connection, connection.transaction():
        job_id = await queue.enqueue(connection, COUNT, {"by": "sol"})
        await queue.keep(connection, job_id, "upload", chunks())
    async with worker(pool, read):
        done = await comes_to(pool, job_id, "done")
    assert json.loads(done["told"]) == {"sent": "one", "by": "sol"}
    assert json.loads(done["progress"]) == {"read": 3}
    assert [piece async for piece in queue.pieces(pool, job_id, "rejects")] == [b"rejected"]


async def test_whatever_a_handler_raises_the_role_goes_on_and_the_job_is_tried_as_often_as_may_be(
    pool: "Pool",
) -> None:
    turns: list[int] = []

    async def breaks(work: Work) -> Outcome:
        turns.append(work.job.tries)
        if work.job.args["n"] == 0:
            raise ZeroDivisionError("of Marta Muñoz, +34600111222")
        return Outcome()

    bad = await asked(pool, COUNT, {"n": 0})
    good = await asked(pool, COUNT, {"n": 1})
    async with worker(pool, breaks):
        failed = await comes_to(pool, bad, "failed")
        await comes_to(pool, good, "done")
    assert (turns.count(1), turns.count(2), turns.count(3)) == (2, 1, 1)
    assert failed["error"] == "ZeroDivisionError"


async def test_a_handler_says_itself_that_trying_again_is_no_cure(pool: "Pool") -> None:
    async def refuses(work: Work) -> Outcome:
        raise Failed("no such sheet", outcome=Outcome({"sheets": ["a"]}))

    job_id = await asked(pool, COUNT, {})
    async with worker(pool, refuses):
        failed = await comes_to(pool, job_id, "failed")
    assert (failed["error"], failed["tries"], json.loads(failed["told"])) == (
        "no such sheet",
        1,
        {"sheets": ["a"]},
    )


async def test_a_job_that_runs_is_ended_by_who_asks_for_it(pool: "Pool") -> None:
    gate = Gate()
    job_id = await asked(pool, COUNT, {})
    async with worker(pool, gate):
        await eventually(gate.begun.is_set)
        assert await queue.ask_cancel(pool, job_id) == "running"
        cancelled = await comes_to(pool, job_id, "cancelled")
        assert gate.ended == ["cancelled"]
        assert json.loads(cancelled["progress"]) == {"rows": 5}
        gate.goes_on.set()
        assert await queue.retry(pool, job_id)
        await comes_to(pool, job_id, "done")


async def test_a_worker_that_ends_gives_its_job_back_and_another_goes_on(pool: "Pool") -> None:
    gate, next_one = Gate(), Gate()
    job_id = await asked(pool, COUNT, {})
    async with worker(pool, gate):
        await eventually(gate.begun.is_set)
    given_back = await comes_to(pool, job_id, "queued")
    assert (gate.ended, given_back["tries"]) == (["cancelled"], 0)
    next_one.goes_on.set()
    async with worker(pool, next_one, "two"):
        await comes_to(pool, job_id, "done")
    assert next_one.ended == ["done"]


async def test_a_worker_that_was_taken_for_dead_ends_its_handler_and_says_nothing(pool: "Pool") -> None:
    gate = Gate()
    job_id = await asked(pool, COUNT, {})
    async with worker(pool, gate, pace=Pace(dead_after=2.0, poll=60.0)):
        await eventually(gate.begun.is_set)
        await pool.execute("UPDATE jobs SET heartbeat_at = now() - interval '1 h'")
        (swept,) = await queue.sweep(pool, 1800)
        other = await queue.claim(pool, "two", [COUNT])
        assert other is not None
        assert other.id == swept.id == job_id
        await eventually(lambda: gate.ended == ["cancelled"])
        gate.goes_on.set()
    async with pool.acquire() as connection:
        assert await queue.done(connection, other, Outcome({"by": "two"})) == "done"


async def test_the_jobs_of_the_dead_are_taken_up_by_the_living(pool: "Pool") -> None:
    job_id = await asked(pool, COUNT, {})
    assert await queue.claim(pool, "dead", [COUNT]) is not None
    await pool.execute("UPDATE jobs SET heartbeat_at = now() - interval '1 h'")

    async def does(work: Work) -> Outcome:
        return Outcome({"by": work.job.worker})

    async with worker(pool, does, "alive"):
        done = await comes_to(pool, job_id, "done")
    assert (json.loads(done["told"]), done["turn"]) == ({"by": "alive"}, 2)


async def test_the_worker_knows_what_the_queue_looks_like(pool: "Pool") -> None:
    gate = Gate()
    await asked(pool, COUNT, {})
    await asked(pool, COUNT, {})
    async with worker(pool, gate) as runner:
        assert runner.counts.jobs == {("count", "queued"): 0, ("count", "running"): 0, ("count", "failed"): 0}
        wanted = {("count", "queued"): 1, ("count", "running"): 1, ("count", "failed"): 0}
        await eventually(lambda: runner.counts.jobs == wanted and runner.counts.ok)
        assert runner.counts.oldest["count"] >= 0


async def test_what_is_done_every_so_often_is_done_without_anybody_asking(pool: "Pool") -> None:
    done: list[str] = []

    async def sweeps(work: Work) -> Outcome:
        done.append(work.job.kind)
        return Outcome()

    stop = asyncio.Event()
    runner = Runner(pool, {Kind("sweep", every=3600.0): sweeps}, "one", PACE)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(runner.run(stop))
        await eventually(lambda: done)
        stop.set()
    assert done == ["sweep"]
