"""Facts are followed in the order of commits, each once, whoever is late, fails or dies."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

import asyncpg
import pytest

from journal.append import append
from journal.events import Fact, SettingsChanged
from journal.follow import MOST_TRIES, Follower, follow, lag, try_again
from journal.position import Position, Rewound, present, read
from tests.integration.journal.conftest import CLERK, KIND, followed, say

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
    Pool = asyncpg.Pool[asyncpg.Record]


async def test_who_follows_for_the_first_time_begins_now(pool: "Pool") -> None:
    await say(pool, "before")
    assert await followed(pool) == []
    await say(pool, "after")
    assert await followed(pool) == ["after"]


async def test_an_early_id_that_is_committed_late_is_followed_once_and_holds_nobody_up(pool: "Pool") -> None:
    await followed(pool)
    async with pool.acquire() as slow:
        open_one = slow.transaction()
        await open_one.start()
        await say(slow, "slow")
        await say(pool, "first")
        assert await followed(pool) == ["first"]
        await say(pool, "second")
        assert await followed(pool) == ["first", "second"]
        await open_one.commit()
    await say(pool, "third")
    assert sorted(await followed(pool)) == ["first", "second", "slow", "third"]
    assert sorted(await followed(pool)) == ["first", "second", "slow", "third"]
    ids = [row["fact"] for row in await pool.fetch("SELECT fact FROM followed ORDER BY ctid")]
    assert ids != sorted(ids)  # the premise: an early id did come late


async def test_what_was_rolled_back_is_never_followed(pool: "Pool") -> None:
    await followed(pool)
    async with pool.acquire() as one:
        undone = one.transaction()
        await undone.start()
        await say(one, "undone")
        await undone.rollback()
    await say(pool, "done")
    assert await followed(pool) == ["done"]


async def test_pages_are_followed_whole_though_more_comes_meanwhile(pool: "Pool") -> None:
    await followed(pool)
    for n in range(7):
        await say(pool, f"{n}")
    async with pool.acquire() as connection:
        assert (await follow(connection, CLERK, limit=3)).more
        await say(pool, "late")
        while (await follow(connection, CLERK, limit=3)).more:
            pass
    assert await followed(pool, limit=3) == [*"0123456", "late"]


async def test_transactions_are_followed_in_the_order_of_numbers_not_of_their_digits(pool: "Pool") -> None:
    await followed(pool)
    for n in range(6):
        await say(pool, f"{n}")
    await pool.execute("UPDATE journal SET txid = (97 + (data ->> 'what')::int)::text::xid8")
    await pool.execute("UPDATE journal_cursors SET done = '50:50:'")
    assert await followed(pool, limit=2) == [*"012345"]


async def test_many_writers_that_overlap_are_each_followed_once(pool: "Pool") -> None:
    await followed(pool)

    async def writer(name: int) -> None:
        for n in range(20):
            async with pool.acquire() as connection, connection.transaction():
                await say(connection, f"{name}-{n}")
                await connection.execute("SELECT pg_sleep(random() / 100)")

    async with asyncio.TaskGroup() as tasks:
        writing = [tasks.create_task(writer(name)) for name in range(4)]
        while not all(one.done() for one in writing):
            await followed(pool, limit=7)
    found = await followed(pool)
    assert sorted(found) == sorted(f"{name}-{n}" for name in range(4) for n in range(20))


async def test_who_dies_in_the_middle_has_done_nothing(pool: "Pool") -> None:
    await followed(pool)
    await say(pool, "once")

    async with pool.acquire() as dying:

        async def dies(connection: "Connection", facts: Sequence[Fact]) -> None:
            await CLERK.handle(connection, facts)
            await pool.execute("SELECT pg_terminate_backend($1)", dying.get_server_pid())
            await connection.execute("SELECT 1")

        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await follow(dying, Follower(CLERK.name, (KIND,), dies))
    assert await followed(pool) == ["once"]


async def test_two_processes_follow_for_one_follower_and_nothing_twice(pool: "Pool") -> None:
    await followed(pool)
    for n in range(50):
        await say(pool, f"{n}")
    await asyncio.gather(*(followed(pool, limit=5) for _ in range(4)))
    assert sorted(await followed(pool), key=int) == [f"{n}" for n in range(50)]


async def test_a_fact_that_fails_stops_nobody_and_after_five_times_a_person_looks(pool: "Pool") -> None:
    await followed(pool)

    async def fussy(connection: "Connection", facts: Sequence[Fact]) -> None:
        await CLERK.handle(connection, facts)
        if any(fact.data["what"] == "bad" for fact in facts):
            raise ValueError("not this one")

    follower = Follower(CLERK.name, (KIND,), fussy)
    for what in ("good", "bad", "better"):
        await say(pool, what)
    async with pool.acquire() as connection:
        done = await follow(connection, follower)
        assert (done.facts, done.failed) == (3, 1)
        assert await followed(pool) == ["good", "better"]
        for _ in range(MOST_TRIES):
            await connection.execute("UPDATE journal_letters SET next_at = now()")
            assert await try_again(connection, follower) == 0
        (letter,) = await connection.fetch("SELECT tries, error, dead_at FROM journal_letters")
        assert (letter["tries"], letter["error"]) == (MOST_TRIES, "ValueError: not this one")
        assert letter["dead_at"] is not None
        (alarm,) = await connection.fetch("SELECT kind, subject FROM alarms")
        assert (alarm["kind"], alarm["subject"]) == ("journal_dead_letter", "clerk")


async def test_a_letter_that_is_followed_at_last_is_gone(pool: "Pool") -> None:
    await followed(pool)
    failing = [True]

    async def at_first_not(connection: "Connection", facts: Sequence[Fact]) -> None:
        if failing:
            failing.pop()
            raise ValueError("not yet")
        await CLERK.handle(connection, facts)

    follower = Follower(CLERK.name, (KIND,), at_first_not)
    await say(pool, "patience")
    async with pool.acquire() as connection:
        failing.append(True)  # once for the page, once for the fact by itself
        assert (await follow(connection, follower)).failed == 1
        await connection.execute("UPDATE journal_letters SET next_at = now()")
        assert await try_again(connection, follower) == 1
        assert await connection.fetchval("SELECT count(*) FROM journal_letters") == 0
    assert await followed(pool) == ["patience"]


async def test_a_cursor_without_news_moves_on(pool: "Pool") -> None:
    await followed(pool)
    await pool.execute("UPDATE journal_cursors SET moved_at = now() - interval '6 s'")
    before = await pool.fetchval("SELECT done::text FROM journal_cursors")
    await pool.execute("SELECT journal_append('call.disposed', 1, NULL, NULL, '{}')")
    await followed(pool)
    assert await pool.fetchval("SELECT done::text FROM journal_cursors") != before


async def test_an_event_is_read_as_it_was_written(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        here = await present(connection)
        await append(connection, SettingsChanged("trunks", 7))
        (fact,), then = await read(connection, here, [KIND], 10)
        assert fact.event() == SettingsChanged("trunks", 7)
        facts, still = await read(connection, then, [KIND], 10)
        assert (facts, still.upto, still.after) == ((), None, None)


async def test_after_a_restore_onto_another_server_what_nobody_followed_is_not_lost(pool: "Pool") -> None:
    await followed(pool)
    await say(pool, "followed")
    await followed(pool)
    await say(pool, "not followed")
    # As another server sees it, whose transactions have smaller numbers than those of the dump.
    far = "1000000000"
    await pool.execute("UPDATE journal SET txid = (txid::text::bigint + $1::bigint)::text::xid8", int(far))
    await pool.execute(
        "UPDATE journal_cursors SET done = (SELECT format('%s:%s:', n, n)::pg_snapshot FROM"
        " (SELECT max(txid::text::bigint) AS n FROM journal) AS last)"
    )
    assert await pool.fetchval("SELECT journal_restored()") == 1
    assert await pool.fetchval("SELECT journal_restored()") is None
    async with pool.acquire() as connection:
        assert await try_again(connection, CLERK) == 1
    await say(pool, "afterwards")
    assert await followed(pool) == ["followed", "not followed", "afterwards"]


async def test_who_is_behind_knows_by_how_much(pool: "Pool") -> None:
    await followed(pool)
    async with pool.acquire() as connection:
        assert await lag(connection, CLERK) == 0.0
        await say(connection, "late")
        await connection.execute("UPDATE journal SET at = at - interval '1 min'")
        assert 60 <= await lag(connection, CLERK) < 120
    await followed(pool)
    async with pool.acquire() as connection:
        assert await lag(connection, CLERK) == 0.0


async def test_ordinary_writing_is_never_taken_for_a_restore(pool: "Pool") -> None:
    await followed(pool)
    over = asyncio.Event()

    async def write() -> None:
        async with pool.acquire() as connection:
            while not over.is_set():
                await say(connection, "w")

    async with asyncio.TaskGroup() as tasks:
        writing = [tasks.create_task(write()) for _ in range(3)]
        asked = [await pool.fetchval("SELECT journal_restored()") for _ in range(200)]
        over.set()
    assert all(one.done() for one in writing)
    assert asked == [None] * 200


async def test_who_reads_a_database_that_counts_from_lower_down_is_told(pool: "Pool") -> None:
    async with pool.acquire() as connection:
        with pytest.raises(Rewound):
            await read(connection, Position("999999999:999999999:"), [KIND], 10)
