"""What other floors commit reaches the calls that no turn knows yet, too."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from dialer.call_progress.amd import AmdScreener
from dialer.engine.mail import Mailbox
from dialer.engine.news import NewsWatch
from dialer.engine.state import FloorState
from dialer.store.fake_journal import MemoryJournal
from dialer.store.fakes import MemoryStore
from journal.events import Event, NumbersSuppressed, PersonChanged, SettingsChanged

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class AskedStore(MemoryStore):
    """Answers who was stopped as of the question, when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def stopped(self, person_ids: Sequence[int]) -> frozenset[int]:
        found = await super().stopped(person_ids)
        self.asked.set()
        await self.may_answer.wait()
        return found


class House:
    """A watch among fakes."""

    def __init__(self) -> None:
        self.journal, self.store, self.reload = MemoryJournal(patience=0.01), AskedStore(), asyncio.Event()
        self.mail = Mailbox(NOW)
        self.watch = NewsWatch(self.journal, self.store, self.mail, self.reload)
        self.floor = FloorState(epoch=1, spool="/spool", screener=AmdScreener())

    async def follows(self, *events: Event) -> None:
        """The watch has heeded these."""
        self.journal.tell(*events)
        self.watch._heed(await self.journal.facts(), self.floor)


async def test_who_is_stopped_between_the_question_and_the_turn_is_not_called() -> None:
    house = House()
    person = house.store.add_person("Eva", ["+34600000001"]).id
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(house.watch.stopped([person]))
        await house.store.asked.wait()
        await house.follows(PersonChanged(person, "stop", 1), PersonChanged(person + 1, "stop", 1))
        house.store.may_answer.set()
    assert asking.result() == {person}


async def test_what_was_learnt_before_the_question_is_the_gates_business() -> None:
    house = House()
    house.store.may_answer.set()
    person = house.store.add_person("Eva", ["+34600000001"]).id
    await house.follows(PersonChanged(person, "payment", 1))
    assert await house.watch.stopped([person]) == frozenset()


@pytest.mark.parametrize(
    "event", [SettingsChanged("trunks"), SettingsChanged("campaigns", 1), NumbersSuppressed(freed=True)]
)
async def test_what_the_engine_works_by_is_read_again(event: Event) -> None:
    house = House()
    await house.follows(event)
    assert house.reload.is_set()
    assert house.mail.waiting == 0
