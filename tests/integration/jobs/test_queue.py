"""The queue of jobs in a real database: who has a job, and what becomes of it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from journal.jobs import queue
from journal.jobs.model import PIECE, Failed, Job, Kind, Outcome, QueueFull
from tests.eventually import eventually

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Pool = asyncpg.Pool[asyncpg.Record]
    Db = PoolConnectionProxy[asyncpg.Record]

COUNT = Kind("count", at_once=2, most_queued=3, most_tries=2)
ALONE = Kind("alone")
STATES = ("queued", "running", "done", "failed", "cancelled")


async def taken(db: "Db", worker: str = "one", kind: Kind = COUNT) -> Job:
    """A job that this worker has."""
    job = await queue.claim(db, worker, [kind])
    assert job is not None
    return job


async def state(db: "Db", job_id: int) -> str:
    found: str = await db.fetchval("SELECT state FROM jobs WHERE id = $1", job_id)
    return found


async def column(db: "Pool | Db", job_id: int, name: str) -> Any:
    row = await db.fetchrow("SELECT * FROM jobs WHERE id = $1", job_id)
    assert row is not None
    return row[name]


async def chunks(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def test_two_workers_take_different_jobs_the_oldest_first(db: "Db") -> None:
    ids = [await queue.enqueue(db, COUNT, {"to": n}) for n in range(3)]
    one, two = await taken(db, "one"), await taken(db, "two")
    assert [one.id, two.id] == ids[:2]
    assert (one.args, one.worker, one.turn, one.tries) == ({"to": 0}, "one", 1, 1)
    assert await queue.claim(db, "three", [COUNT]) is None
    assert await queue.done(db, one, Outcome({"sum": 0})) == "done"
    assert (await taken(db, "three")).id == ids[2]


async def test_of_many_who_claim_at_once_as_many_have_a_job_as_may_run(pool: "Pool", db: "Db") -> None:
    for _ in range(8):
        await queue.enqueue(db, ALONE, {})
    found = await asyncio.gather(*(queue.claim(pool, f"w{n}", [ALONE]) for n in range(8)))
    assert sum(job is not None for job in found) == 1


async def test_a_claim_waits_for_one_that_is_not_over_and_counts_what_came_of_it(
    pool: "Pool", db: "Db"
) -> None:
    for _ in range(2):
        await queue.enqueue(db, ALONE, {})
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    async with asyncio.TaskGroup() as tasks, pool.acquire() as first:
        async with first.transaction():
            assert await queue.claim(first, "one", [ALONE]) is not None
            second = tasks.create_task(queue.claim(db, "two", [ALONE]))

            async def waits_or_is_over() -> bool:
                return second.done() or bool(await pool.fetchval(waiting))

            await eventually(waits_or_is_over)
        assert await second is None


async def test_who_is_about_to_change_a_job_keeps_no_worker_from_the_next(pool: "Pool", db: "Db") -> None:
    first, second = [await queue.enqueue(db, COUNT, {}) for _ in range(2)]
    async with pool.acquire() as other, other.transaction():
        await queue.ask_cancel(other, first)
        async with asyncio.timeout(10):
            assert (await taken(db)).id == second


async def test_a_job_is_there_when_the_transaction_that_asked_for_it_is(pool: "Pool", db: "Db") -> None:
    async with pool.acquire() as asking:
        undone = asking.transaction()
        await undone.start()
        await queue.enqueue(asking, COUNT, {})
        assert await queue.claim(db, "one", [COUNT]) is None
        await undone.rollback()
    assert await queue.claim(db, "one", [COUNT]) is None


async def test_a_queue_has_an_end(db: "Db") -> None:
    for _ in range(COUNT.most_queued):
        await queue.enqueue(db, COUNT, {})
    with pytest.raises(QueueFull):
        await queue.enqueue(db, COUNT, {})
    await queue.enqueue(db, ALONE, {})


@pytest.mark.parametrize("before", STATES)
async def test_sql_refuses_every_move_that_is_not_in_the_table(db: "Db", before: str) -> None:
    """A job is brought to each state as workers do, then told to be in each other."""
    job_id = await in_state(db, before)
    rows = await db.fetch("SELECT to_state FROM job_moves WHERE from_state = $1", before)
    legal = {row["to_state"] for row in rows} | {before}
    for after in set(STATES) - legal:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="illegal move"):
            await db.execute("UPDATE jobs SET state = $2 WHERE id = $1", job_id, after)
    assert await state(db, job_id) == before


async def in_state(db: "Db", wanted: str) -> int:
    job_id = await queue.enqueue(db, COUNT, {})
    if wanted != "queued":
        job = await taken(db)
        match wanted:
            case "done":
                await queue.done(db, job, Outcome())
            case "failed":
                await queue.failed(db, job, Failed("no"), 0)
            case "cancelled":
                await queue.cancelled(db, job)
    assert await state(db, job_id) == wanted
    return job_id


async def test_sql_refuses_a_job_that_begins_done(db: "Db") -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="begins queued"):
        await db.execute("INSERT INTO jobs (kind, state, finished_at) VALUES ('count', 'done', now())")


async def test_how_far_it_is_is_seen_from_elsewhere(pool: "Pool", db: "Db") -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    job = await taken(db)
    assert await queue.beat(db, job, {"rows": 7}) is False
    assert json.loads(await column(pool, job_id, "progress")) == {"rows": 7}
    assert await queue.beat(db, job) is False
    assert json.loads(await column(pool, job_id, "progress")) == {"rows": 7}


async def test_the_job_of_a_dead_worker_is_taken_up_once(pool: "Pool", db: "Db") -> None:
    """And what the dead one says, should it wake, counts no more, not even under the name of the next."""
    job_id = await queue.enqueue(db, COUNT, {})
    dead = await taken(db, "one")
    assert await queue.sweep(db, 60) == []
    await db.execute("UPDATE jobs SET heartbeat_at = now() - interval '61 s'")
    swept = await asyncio.gather(*(queue.sweep(pool, 60) for _ in range(4)))
    assert [one.id for some in swept for one in some] == [job_id]
    found = await asyncio.gather(*(queue.claim(pool, "one", [COUNT]) for _ in range(4)))
    (next_one,) = [job for job in found if job is not None]
    assert (next_one.turn, next_one.tries) == (2, 2)
    assert await queue.beat(db, dead, {"rows": 1}) is None
    assert await queue.done(db, dead, Outcome({"from": "the dead"})) is None
    assert await queue.failed(db, dead, Failed("dead"), 0) is None
    assert await queue.give_back(db, dead) is None
    assert await queue.cancelled(db, dead) is None
    assert await queue.done(db, next_one, Outcome({"from": "the next"})) == "done"
    assert json.loads(await column(db, job_id, "result")) == {"from": "the next"}


async def test_a_job_that_kills_every_worker_ends(db: "Db") -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    for last in ("queued", "failed"):
        await taken(db)
        await db.execute("UPDATE jobs SET heartbeat_at = now() - interval '61 s'")
        assert [one.state for one in await queue.sweep(db, 60)] == [last]
    assert await column(db, job_id, "error") == "its worker died"


async def test_what_failed_is_tried_again_after_a_pause_and_not_for_ever(db: "Db") -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    assert await queue.failed(db, await taken(db), Failed("away", again=True), 60) == "queued"
    assert await queue.claim(db, "one", [COUNT]) is None
    await db.execute("UPDATE jobs SET due_at = now()")
    assert await queue.failed(db, await taken(db), Failed("away", again=True), 60) == "failed"
    assert await column(db, job_id, "error") == "away"


async def test_what_cannot_help_is_not_tried_again(db: "Db") -> None:
    await queue.enqueue(db, COUNT, {})
    assert await queue.failed(db, await taken(db), Failed("no such sheet"), 60) == "failed"


async def test_what_is_given_back_goes_on_at_once_and_is_no_try(db: "Db") -> None:
    await queue.enqueue(db, COUNT, {})
    for turn in (1, 2, 3, 4):
        job = await taken(db)
        assert (job.turn, job.tries) == (turn, 1)
        assert await queue.give_back(db, job, {"rows": turn}) == "queued"


async def test_a_job_is_cancelled_at_once_before_it_begins_and_by_its_worker_afterwards(db: "Db") -> None:
    waits = await queue.enqueue(db, COUNT, {})
    assert await queue.ask_cancel(db, waits) == "cancelled"
    assert await queue.ask_cancel(db, waits) is None
    runs = await queue.enqueue(db, COUNT, {})
    job = await taken(db)
    assert await queue.ask_cancel(db, runs) == "running"
    assert await queue.beat(db, job) is True
    assert await queue.cancelled(db, job) == "cancelled"


@pytest.mark.parametrize("end", ["failed", "given back", "swept"])
async def test_who_was_asked_to_end_is_not_begun_again(db: "Db", end: str) -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    job = await taken(db)
    await queue.ask_cancel(db, job_id)
    match end:
        case "failed":
            await queue.failed(db, job, Failed("away", again=True), 0)
        case "given back":
            await queue.give_back(db, job)
        case "swept":
            await queue.sweep(db, 0)
    assert await state(db, job_id) == "cancelled"


@pytest.mark.parametrize(
    ("was", "again"), [(s, s in ("failed", "cancelled")) for s in STATES if s != "queued"]
)
async def test_by_hand_only_what_failed_or_was_cancelled_waits_again(db: "Db", was: str, again: bool) -> None:
    job_id = await in_state(db, was)
    assert await queue.retry(db, job_id) is again
    assert await state(db, job_id) == ("queued" if again else was)


async def test_by_hand_it_has_all_its_tries_and_what_was_left_of_it_goes(pool: "Pool", db: "Db") -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    await queue.keep(db, job_id, "upload", chunks(b"sent"))
    left = Failed("no", outcome=Outcome({"rows": 1}, b"rejected"))
    await queue.failed(db, await taken(db), left, 0)
    assert await whole(pool, job_id, "rejects") == [b"rejected"]
    assert await queue.retry(db, job_id)
    assert await whole(pool, job_id, "rejects") == []
    assert await whole(pool, job_id, "upload") == [b"sent"]
    assert await column(db, job_id, "result") is None
    assert (await taken(db)).tries == 1


async def whole(pool: "Pool", job_id: int, file: Any) -> list[bytes]:
    return [piece async for piece in queue.pieces(pool, job_id, file)]


async def test_a_file_comes_back_as_it_was_in_pieces_of_a_bounded_size(pool: "Pool", db: "Db") -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    sent = bytes(range(256)) * (5 * 1024) + b"end"
    assert await queue.keep(db, job_id, "upload", chunks(sent[:10], sent[10:])) == len(sent)
    found = await whole(pool, job_id, "upload")
    assert [len(piece) for piece in found] == [PIECE, len(sent) - PIECE]
    assert b"".join(found) == sent
    assert await queue.keep(db, job_id, "upload", chunks(b"another")) == 7
    assert await whole(pool, job_id, "upload") == [b"another"]


async def test_what_ended_days_ago_goes_with_its_files_and_what_runs_or_waits_stays(db: "Db") -> None:
    many = Kind("count", at_once=4)
    old, fresh, runs, waits = [await queue.enqueue(db, many, {}) for _ in range(4)]
    await queue.done(db, await taken(db, kind=many), Outcome({}, b"rejected"))
    await queue.done(db, await taken(db, kind=many), Outcome())
    await taken(db, kind=many)
    long_ago = "UPDATE jobs SET created_at = now() - interval '8 d', due_at = now() - interval '8 d'"
    await db.execute(long_ago)
    await db.execute("UPDATE jobs SET finished_at = now() - interval '8 d' WHERE id = $1", old)
    await db.execute("UPDATE jobs SET finished_at = now() - interval '6 d' WHERE id = $1", fresh)
    assert await queue.forget(db, 7) == 1
    left = {row["id"] for row in await db.fetch("SELECT id FROM jobs")}
    assert left == {fresh, runs, waits}
    assert await db.fetchval("SELECT count(*) FROM job_pieces") == 0


@pytest.mark.parametrize("text", ["a\x00b", "\\u0000", "\\\\u0000", "a\\\x00b", "ñ\u2028"])
async def test_whatever_stood_in_a_file_can_be_told_of(db: "Db", text: str) -> None:
    job_id = await queue.enqueue(db, COUNT, {})
    assert await queue.done(db, await taken(db), Outcome({"value": text})) == "done"
    assert json.loads(await column(db, job_id, "result"))["value"] == text.replace("\x00", "")


async def test_the_queue_is_counted_by_kind_and_state_with_how_long_the_first_waits(db: "Db") -> None:
    for _ in range(3):
        await queue.enqueue(db, COUNT, {})
    await taken(db)
    await db.execute("UPDATE jobs SET due_at = now() - interval '90 s' WHERE state = 'queued'")
    found = {(one.kind, one.state): one for one in await queue.counts(db)}
    assert {key: one.jobs for key, one in found.items()} == {("count", "queued"): 2, ("count", "running"): 1}
    assert 90 <= found["count", "queued"].waits < 600


async def test_what_is_done_every_so_often_is_asked_for_once_each_time_by_however_many(
    pool: "Pool", db: "Db"
) -> None:
    daily = Kind("sweep", every=86_400.0)

    async def asked() -> int:
        await asyncio.gather(*(queue.again(pool, daily) for _ in range(4)))
        count: int = await db.fetchval("SELECT count(*) FROM jobs WHERE kind = 'sweep'")
        return count

    assert await asked() == 1
    job = await taken(db, kind=daily)
    assert await asked() == 1
    await queue.done(db, job, Outcome())
    assert await asked() == 1
    await db.execute("UPDATE jobs SET created_at = now() - interval '1 day'")
    assert await asked() == 2
    await queue.again(db, COUNT)
    assert await db.fetchval("SELECT count(*) FROM jobs WHERE kind = 'count'") == 0


async def test_a_daily_job_that_failed_is_not_asked_for_beside_a_newer_one(db: "Db") -> None:
    old = await queue.enqueue(db, COUNT, {}, subject="every")
    await queue.failed(db, await taken(db), Failed("x"), 0)
    assert await db.fetchval("SELECT state FROM jobs WHERE id = $1", old) == "failed"
    new = await queue.enqueue(db, COUNT, {}, subject="every")
    assert not await queue.retry(db, old)
    await db.execute("DELETE FROM jobs WHERE id = $1", new)
    assert await queue.retry(db, old)
