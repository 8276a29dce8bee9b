"""What other floors commit reaches the calls that no turn knows yet, too."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from dialer.call_progress.amd import AmdScreener
from dialer.engine.effects import SeekLead
from dialer.engine.inputs import LeadFoundIn, NewsIn, PlacedIn, StoreRefusedIn
from dialer.engine.mail import Mailbox
from dialer.engine.news import NewsWatch
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState
from dialer.exceptions import CommitRefused
from dialer.model.campaign import Campaign, CampaignStatus
from dialer.ports import CallCard, LeadPreview, PersonNews, Placed, PlaceResult, PreviewResult
from dialer.store.fake_journal import MemoryJournal
from dialer.store.fakes import MemoryStore
from journal.events import Event, Fact, NumbersSuppressed, PersonChanged, SettingsChanged
from tests.unit.dialer.engine.scenes import settings

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class AskedStore(MemoryStore):
    """Answers who was stopped as of the question, when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    refuses = 0
    """A person whose books the database does not give."""

    async def person_news(self, person_ids: Sequence[int]) -> tuple[PersonNews, ...]:
        if self.refuses in person_ids:
            raise CommitRefused("no")
        return await super().person_news(person_ids)

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

    async def places(self) -> tuple[Placed, ...]:
        """One call is reserved."""
        campaign = Campaign(
            id=1, code="one", name="One", trunk="carrier", caller_id="+34910000000",
            status=CampaignStatus.RUNNING, settings=settings(), settings_version=1,
        )  # fmt: skip
        self.store.add_campaign(campaign)
        self.store.add_lead(1, self.store.add_person("Eva", ["+34600000001"]).id)
        return (await self.store.place(campaign, 1, now=NOW, fence=1)).placed

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


async def test_what_was_committed_before_the_floor_took_the_call_is_found_when_it_has() -> None:
    house = House()
    house.store.may_answer.set()
    (placed,) = await house.places()
    person = placed.call.person_id
    assert await house.watch.stopped([person]) == frozenset()
    # The answer lies in the mailbox, no turn has taken it: nobody here is concerned.
    house.store.pay(person, {"balance_minor": 1})
    await house.follows(PersonChanged(person, "payment", 1))
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(house.watch.run(lambda: house.floor))
        house.floor.calls[placed.call.id] = Live(placed.call, placed.card)
        house.watch.took([PlacedIn(1, 1, PlaceResult((placed,)))])
        (told,) = await house.mail.take(5.0)
        watching.cancel()
    assert isinstance(told, NewsIn)
    assert [(one.person_id, one.debts) for one in told.learnt] == [(person, ({"balance_minor": 1},))]


async def test_a_card_that_came_after_the_news_of_its_person_is_told_of_it() -> None:
    house = House()
    person = house.store.add_person("Eva", ["+34600000001"]).id
    await house.follows(PersonChanged(person, "stop", 1))
    card = LeadPreview(1, 1, CallCard(person, "Eva", "es", "", "***"), ())
    async with asyncio.TaskGroup() as tasks:
        house.watch.took([LeadFoundIn(SeekLead(1, 1, NOW, by_hand=True), PreviewResult(card))])
        watching = tasks.create_task(house.watch.run(lambda: house.floor))
        (told,) = await house.mail.take(5.0)
        watching.cancel()
    assert isinstance(told, NewsIn)
    assert [one.person_id for one in told.learnt] == [person]


async def test_who_is_refused_keeps_nobody_else_from_being_told() -> None:
    house = House()
    one, other = (house.store.add_person(name, []).id for name in ("Eva", "Marta"))
    house.store.refuses = one
    house.watch._untold = {one: "flag", other: "stop"}
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(house.watch.run(lambda: house.floor))
        told = [item for _ in range(2) for item in await house.mail.take(5.0)]
        watching.cancel()
    assert [one.person_id for item in told if isinstance(item, NewsIn) for one in item.learnt] == [other]
    assert [item.what for item in told if isinstance(item, StoreRefusedIn)] == ["news"]


async def test_a_fact_of_a_newer_version_has_everything_looked_at() -> None:
    house = House()
    house.watch._heed([Fact(1, NOW, "person.changed", 9, 1)], house.floor)
    assert house.reload.is_set()
    assert house.watch._look.is_set()


@pytest.mark.parametrize(
    "event", [SettingsChanged("trunks"), SettingsChanged("campaigns", 1), NumbersSuppressed(freed=True)]
)
async def test_what_the_engine_works_by_is_read_again(event: Event) -> None:
    house = House()
    await house.follows(event)
    assert house.reload.is_set()
    assert house.mail.waiting == 0
