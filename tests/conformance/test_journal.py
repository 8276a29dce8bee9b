"""One suite for the journal in memory and the real one: each fact once, and nothing of before."""

import asyncio
from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from dialer.ports import Journal
from dialer.store.fake_journal import MemoryJournal
from dialer.store.journal import PostgresJournal
from dialer.store.pool import close_pool, open_pool
from journal.append import append
from journal.bell import Bell
from journal.events import Event, NumbersSuppressed, PersonChanged, SettingsChanged
from tests.integration.fixtures import migrated_database

KINDS = [event.KIND[0] for event in (NumbersSuppressed, PersonChanged, SettingsChanged)]
FIRST, SECOND = PersonChanged(1, "stop", 1), SettingsChanged("trunks", 7)
THIRD = NumbersSuppressed(freed=True)


class Tell(Protocol):
    """Commits events, each for itself."""

    async def __call__(self, *events: Event) -> None: ...


World = tuple[Journal, Tell]


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """A journal, and whoever writes it."""
    if request.param == "memory":
        memory = MemoryJournal(patience=0.05)

        async def told(*events: Event) -> None:
            memory.tell(*events)

        yield memory, told
        return
    async with migrated_database(request.getfixturevalue("postgres")) as database:
        pool = await open_pool(database.dsn, 3)

        async def commit(*events: Event) -> None:
            for event in events:
                async with pool.acquire() as connection:
                    await append(connection, event)

        journal = PostgresJournal(pool, Bell(database.dsn, "test"), KINDS, patience=0.05)
        async with asyncio.TaskGroup() as tasks:
            ringing = tasks.create_task(journal.run())
            yield journal, commit
            ringing.cancel()
        await close_pool(pool)


async def next_facts(journal: Journal) -> list[Event]:
    """What is told next, however often it must be asked for."""
    async with asyncio.timeout(10):
        while not (found := await journal.facts()):
            pass
    return [fact.event() for fact in found]


async def test_what_was_committed_before_is_never_told(world: World) -> None:
    journal, tell = world
    await tell(FIRST)
    await journal.begin()
    assert await journal.facts() == ()
    await tell(SECOND)
    assert await next_facts(journal) == [SECOND]


async def test_each_is_told_once_in_the_order_of_commits(world: World) -> None:
    journal, tell = world
    await journal.begin()
    await tell(FIRST, SECOND)
    await tell(THIRD)
    assert await next_facts(journal) == [FIRST, SECOND, THIRD]
    assert await journal.facts() == ()


async def test_who_waits_is_woken(world: World) -> None:
    journal, tell = world
    await journal.begin()
    async with asyncio.TaskGroup() as tasks:
        waiting = tasks.create_task(next_facts(journal))
        await tell(FIRST)
    assert waiting.result() == [FIRST]
