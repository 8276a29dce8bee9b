"""The engine's shell on fakes: what goes out, when, and what it survives. No clock is waited for."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from dialer.ami.fakes import Conduct, FakeTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.call_progress.fakes import FakeEars
from dialer.engine.engine import VERDICT_LIFE, Engine, EngineSettings
from dialer.engine.metrics import EngineMetrics
from dialer.engine.start import rebuilt
from dialer.engine.state import FloorState
from dialer.exceptions import FenceLost, LinkUnavailable, StoreUnavailable
from dialer.model.agent import Agent
from dialer.model.campaign import Campaign, CampaignStatus, DialMode
from dialer.model.commands import Attach, CallPreview, Dispose, HangUp, PauseRecording, Ready
from dialer.model.outcomes import Outcome
from dialer.ports import Command, PlaceResult, PreviewResult
from dialer.store.fake_bus import MemoryBus, MemoryLease
from dialer.store.fake_journal import MemoryJournal
from dialer.store.fakes import MemoryStore
from dialer.store.tapes import MemoryTapes
from journal.events import PersonChanged
from tests.unit.dialer.engine.scenes import settings

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
WHY = ("payment", "learnt from the books")
"""By the fact, or by a comparison that came before it."""
PAID = {
    "creditor": "Banco",
    "currency": "EUR",
    "balance_minor": 1,
    "days_past_due": 30,
    "reference": "R-1",
    "stage": "",
    "status": "open",
}


class HandClock:
    """Stands still until a test moves it; `set_by` is how far somebody has set the machine's clock."""

    def __init__(self) -> None:
        self.at, self.set_by = START, timedelta()

    def now(self) -> datetime:
        return self.at

    def wall(self) -> datetime:
        return self.at + self.set_by

    def shift(self, step: timedelta) -> None:
        self.at, self.set_by = self.at + step, self.set_by - step


class SlowStore(MemoryStore):
    """place() takes `delay` of the hand-moved clock, and can lose its answer after the commit."""

    hand: HandClock
    delay = timedelta()
    loses_answers = False
    asked = 0
    """Cards that were looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def preview(self, campaign: Campaign, **more: Any) -> PreviewResult:
        found = await super().preview(campaign, **more)
        self.asked += 1
        await self.may_answer.wait()
        return found

    async def place(
        self, campaign: Campaign, count: int, *, now: datetime, fence: int, wanted: float | None = None
    ) -> PlaceResult:
        result = await super().place(campaign, count, now=now, fence=fence, wanted=wanted)
        self.hand.at += self.delay
        if self.loses_answers and result.placed:
            self.loses_answers = False
            raise StoreUnavailable("the answer was lost")
        return result

    async def place_previewed(
        self, campaign: Campaign, lead_id: int, phone_id: int, agent_id: int, *, now: datetime, fence: int
    ) -> PlaceResult:
        result = await super().place_previewed(campaign, lead_id, phone_id, agent_id, now=now, fence=fence)
        if self.loses_answers and result.placed:
            self.loses_answers = False
            raise StoreUnavailable("the answer was lost")
        return result


class House:
    """An engine among fakes."""

    def __init__(
        self,
        people: int = 1,
        mode: DialMode = DialMode.PREDICTIVE,
        drain_limit: float = 120.0,
        pacing_interval: float = 0.01,
    ) -> None:
        self.clock, self.bus, self.lease = HandClock(), MemoryBus(), MemoryLease()
        self.store = SlowStore()
        self.store.hand, self.store.shows = self.clock, self.clock.wall
        self.pbx = FakeTelephony(endpoints={"web-01"})
        campaign = Campaign(
            id=1,
            code="one",
            name="One",
            trunk="carrier",
            caller_id="+34910000000",
            status=CampaignStatus.RUNNING,
            settings=settings(screening="off", mode=mode),
            settings_version=1,
        )
        self.store.add_campaign(campaign)
        self.store.add_agent(Agent(1, "Ana", "web-01", {}, frozenset({1})))
        for number in range(people):
            person = self.store.add_person(f"Person {number}", [f"+3460000100{number}"])
            self.store.add_lead(1, person.id)
        self.ears, self.tapes, self.journal = FakeEars(), MemoryTapes(), MemoryJournal()
        self.engine = Engine(
            telephony=self.pbx,
            store=self.store,
            bus=self.bus,
            lease=self.lease,
            screener=AmdScreener(),
            ears=self.ears,
            clock=self.clock,
            settings=EngineSettings(
                spool="/spool",
                pacing_interval=pacing_interval,
                lease_ttl=0.03,
                drain_limit=drain_limit,
                clock_watch=0.01,
            ),
            metrics=EngineMetrics(CollectorRegistry()),
            tapes=self.tapes,
            journal=self.journal,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        """The engine at work; it is stopped at the end."""
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(self.engine.run())
            yield task
            task.cancel()

    async def ana_is_ready(self) -> None:
        await self.engine.begun.wait()
        await self.bus.send(Command(Attach("page0001"), 1, id="1"))
        await self.until(lambda: self.engine.state.agents[1].leg == "up")
        await self.bus.send(Command(Ready(), 1, id="2"))

    async def until(self, ask: Callable[[], object]) -> None:
        """Let the engine work until something is so; the clock creeps on as it does in life."""
        async with asyncio.timeout(5):
            while not self._ask(ask):
                self.clock.at += timedelta(milliseconds=10)
                await asyncio.sleep(0.002)

    @staticmethod
    def _ask(ask: Callable[[], object]) -> object:
        try:
            return ask()
        except KeyError:
            return False

    def outcomes(self) -> list[Outcome | None]:
        return [call.outcome for call in self.store.calls.values()]


async def test_from_ready_to_conversation() -> None:
    house = House()
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
    (originate,) = house.pbx.orders("originate")
    assert originate.channel_id in {str(key) for key in house.store.calls}


async def test_while_the_database_is_away_nothing_goes_out_and_nothing_is_lost() -> None:
    house = House()
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: house.pbx.orders("originate"))
        call_id = house.pbx.orders("originate")[0].channel_id
        house.store.unavailable = True
        house.pbx.answer(call_id)
        house.pbx.screen(call_id, "OFF")
        await house.until(lambda: house.engine.metrics.commit_retries._value.get() >= 1)
        assert not house.pbx.orders("bridge")
        house.store.unavailable = False
        await house.until(lambda: house.pbx.orders("bridge"))


async def in_conversation(house: House) -> str:
    """Ana speaks with somebody; the channel."""
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    await house.ana_is_ready()
    await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
    return house.pbx.orders("originate")[0].channel_id


async def test_a_pause_and_a_hang_up_pressed_in_a_cut_hold_after_it() -> None:
    """What the link swallows is nowhere told; the PBX is asked, and told again."""
    house = House()
    async with house.running():
        call_id = await in_conversation(house)
        live = house.engine.state.calls[UUID(call_id)]
        house.pbx.lose_link()
        await house.until(lambda: not house.engine.state.pbx_up)
        await house.bus.send(Command(PauseRecording(UUID(call_id), True), 1, id="3"))
        await house.until(lambda: house.pbx.orders("pause_recording"))
        assert await silent(house, call_id) is None
        house.pbx.regain_link()
        await house.until(lambda: live.recording_silent)
        assert await silent(house, call_id) is True
        house.pbx.lose_link()
        await house.until(lambda: not house.engine.state.pbx_up)
        await house.bus.send(Command(HangUp(UUID(call_id)), 1, id="4"))
        await house.until(lambda: house.pbx.orders("hang_up"))
        house.pbx.regain_link()
        await house.until(lambda: Outcome.CONVERSATION in house.outcomes())
    assert [given.paused for given in house.pbx.orders("pause_recording")][-1] is True


async def silent(house: House, call_id: str) -> bool | None:
    """What the PBX says of the recording; None while nobody can ask."""
    try:
        return (await house.pbx.paused([call_id]))[call_id]
    except LinkUnavailable:
        return None


async def test_a_verdict_that_waited_too_long_is_not_dialled() -> None:
    house = House()
    house.store.delay = VERDICT_LIFE + timedelta(seconds=1)
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: Outcome.CANCELLED in house.outcomes())
    assert not house.pbx.orders("originate")


async def test_a_lost_answer_of_the_store_is_looked_up_never_dialled() -> None:
    house = House()
    house.store.loses_answers = True
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: Outcome.LOST in house.outcomes())
    assert not house.pbx.orders("originate")


async def shown(house: House) -> int:
    """Ana has a card on the screen; returns its lead."""
    await house.ana_is_ready()
    await house.until(lambda: house.engine.state.agents[1].state == "preview")
    return house.engine.state.previews[1].lead.lead_id


async def test_an_agent_calls_the_person_on_the_card_and_talks() -> None:
    house = House(mode=DialMode.PREVIEW)
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    async with house.running():
        lead = await shown(house)
        assert not house.store.calls
        await house.bus.send(Command(CallPreview(lead), 1, id="3"))
        await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
    (call,) = house.store.calls.values()
    assert (call.reserved_for, call.agent_id) == (1, 1)


async def test_a_lost_answer_to_an_agents_call_is_looked_up_never_dialled() -> None:
    house = House(mode=DialMode.PREVIEW)
    house.store.loses_answers = True
    async with house.running():
        lead = await shown(house)
        await house.bus.send(Command(CallPreview(lead), 1, id="3"))
        await house.until(lambda: Outcome.LOST in house.outcomes())
        assert house.engine.state.agents[1].call_id is None
    assert not house.pbx.orders("originate")


async def test_an_engine_that_dies_with_a_card_open_leaves_no_trace_of_it() -> None:
    house = House(mode=DialMode.PREVIEW)
    async with house.running():
        lead = await shown(house)
    held_until = house.store.leads[lead].next_at
    heir = await rebuilt(house.store, FloorState(2, "/spool", AmdScreener()), house.clock.at)
    assert (heir.agents[1].state, heir.previews) == ("ready", {})
    campaign = house.store.campaign_rows[1]
    later = await house.store.preview(campaign, until=held_until, now=held_until, fence=1)
    assert later.lead is not None
    assert later.lead.lead_id == lead


async def test_an_engine_that_dies_while_it_rings_gives_the_agent_back_the_call() -> None:
    house = House(mode=DialMode.PREVIEW)
    async with house.running():
        lead = await shown(house)
        await house.bus.send(Command(CallPreview(lead), 1, id="3"))
        await house.until(lambda: house.engine.state.agents[1].state == "calling")
        await house.until(lambda: house.store.agent_log[-1].state == "calling")
    (call_id,) = house.store.calls
    heir = await rebuilt(house.store, FloorState(2, "/spool", AmdScreener()), house.clock.at)
    assert (heir.agents[1].state, heir.agents[1].call_id) == ("calling", call_id)
    assert heir.calls[call_id].call.reserved_for == 1


async def test_without_the_lease_nothing_new_is_dialled() -> None:
    house = House()
    house.lease.away = True
    async with house.running():
        await house.until(lambda: house.engine.state.epoch and not house.engine.state.lease_held)
        await house.ana_is_ready()
        await house.until(lambda: house.engine.state.agents[1].available)
        assert house.store.calls == {}
        house.lease.away = False
        await house.until(lambda: house.store.calls)


async def test_a_newer_engine_ends_this_one() -> None:
    house = House()
    house.store.fence = 2

    async def attach() -> None:
        await house.engine.begun.wait()
        await house.bus.send(Command(Attach("page0001"), 1, id="1"))

    with pytest.raises(ExceptionGroup) as ended:
        await asyncio.wait_for(asyncio.gather(house.engine.run(), attach()), 5)
    assert ended.group_contains(FenceLost)


async def test_stopping_lets_the_conversation_end_and_dials_nobody_else() -> None:
    house = House(people=3)
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    async with house.running() as task:
        await house.ana_is_ready()
        await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
        house.engine.stop()
        await house.until(lambda: house.engine.state.draining)
        assert not task.done()
        house.pbx.depart(house.pbx.orders("originate")[0].channel_id)
        await house.until(task.done)
    assert house.outcomes() == [Outcome.CONVERSATION]
    assert not house.lease.held
    assert house.store.learner_rows.keys() == {1}


async def test_a_spare_that_waits_for_the_lease_can_be_stopped() -> None:
    house = House()
    house.lease.take_over()
    async with house.running() as spare:
        await asyncio.sleep(0)
        house.engine.stop()
        async with asyncio.timeout(5):
            await spare
    assert not house.engine.ready


async def test_a_spare_touches_the_detector_only_once_the_lease_is_its_own() -> None:
    house = House()
    house.lease.take_over()
    async with house.running():
        for _ in range(5):
            await asyncio.sleep(0)
        assert house.ears.epoch == 0
        house.lease.let_go()
        await house.until(lambda: house.engine.state.epoch > 0)
        assert house.ears.epoch == house.engine.state.epoch == house.lease.fence


async def test_a_spare_begins_with_what_is_said_from_its_takeover_on() -> None:
    house = House()
    house.lease.take_over()
    house.store.fence = 2
    async with house.running():
        await house.bus.send(Command(Attach("page0001"), 1, id="1"))
        await asyncio.sleep(0)
        assert not house.engine.begun.is_set()
        house.lease.let_go()
        await house.engine.begun.wait()
        await house.bus.send(Command(Attach("page0002"), 1, id="2"))
        await house.until(lambda: house.engine.state.agents[1].session == "page0002")
    assert "1" not in house.engine.state.seen_commands


async def test_stopping_has_an_end_while_the_database_is_away() -> None:
    house = House(drain_limit=0.0)
    async with house.running() as task:
        await house.until(lambda: house.engine.state.epoch)
        house.store.unavailable = True
        await house.bus.send(Command(Attach("page0001"), 1, id="1"))
        await house.until(lambda: house.engine.metrics.commit_retries._value.get() > 0)
        house.engine.stop()
        await house.until(task.done)
    assert not house.lease.held


async def test_a_pbx_that_hides_its_channels_is_an_alarm_and_no_end() -> None:
    house = House()
    house.pbx.shuts_its_eyes = True
    async with house.running() as task:
        await house.until(lambda: [kind for kind, *_ in house.store.alarms] == ["snapshot_refused"])
        assert not task.done()
        assert not house.engine.state.looked


async def test_an_agent_dismissed_in_mid_call_stops_no_engine_that_starts() -> None:
    first = House()
    first.pbx.conduct = lambda order: Conduct.ANSWERS
    async with first.running():
        await first.ana_is_ready()
        await first.until(lambda: any(c.connected_at for c in first.store.calls.values()))
    first.store.gone.add(1)
    second = House()
    second.store = first.store
    state = await rebuilt(second.store, FloorState(epoch=2, spool="", screener=AmdScreener()), START)
    (live,) = state.calls.values()
    assert live.call.agent_id == 1
    assert state.agents[1].campaigns == frozenset()


def pays(house: House, person_id: int) -> None:
    """A payment is committed on another floor."""
    house.store.pay(person_id, PAID)
    house.journal.tell(PersonChanged(person_id, "payment", house.store.persons[person_id].news))


async def test_a_payment_ends_the_ringing() -> None:
    house = House()
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: house.pbx.orders("originate"))
        (call,) = house.store.calls.values()
        pays(house, call.person_id)
        await house.until(lambda: house.outcomes() == [Outcome.CANCELLED])
        await house.until(lambda: house.pbx.orders("hang_up"))
        (ended,) = house.store.calls.values()
        assert ended.reason in WHY


async def test_a_payment_is_seen_by_who_speaks() -> None:
    house = House()
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
        (call,) = house.store.calls.values()
        pays(house, call.person_id)
        live = house.engine.state.calls[call.id]
        await house.until(lambda: live.card.debts == (PAID,))
        assert live.news == 1


async def test_a_payment_that_was_committed_while_no_engine_was_there_ends_the_ringing_at_the_start() -> None:
    house = House()
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: house.pbx.orders("originate"))
    (call,) = house.store.calls.values()
    house.store.pay(call.person_id, PAID)
    house.store.fence = 2
    async with house.running():
        await house.until(lambda: house.outcomes() == [Outcome.CANCELLED])


async def test_a_payment_is_not_lost_while_the_database_is_away() -> None:
    house = House()
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: house.pbx.orders("originate"))
        (call,) = house.store.calls.values()
        house.store.unavailable = True
        pays(house, call.person_id)
        await house.until(lambda: not house.journal.waiting)
        house.store.unavailable = False
        await house.until(lambda: house.outcomes() == [Outcome.CANCELLED])


@pytest.mark.parametrize("child", ["_pump_facts", "_pump_commands", "_run_orders", "_keep_lease", "_beat"])
async def test_the_death_of_any_child_is_noticed(child: str) -> None:
    house = House()

    class Died(RuntimeError):
        """One task of the engine ended."""

    async def dies() -> None:
        raise Died

    setattr(house.engine, child, dies)
    with pytest.raises(ExceptionGroup) as ended:
        await house.engine.run()
    assert ended.group_contains(Died)


async def test_a_clock_that_is_set_is_followed_and_no_call_notices() -> None:
    """A late NTP: an hour in one step. The person who speaks speaks on; the next call is of the new hour."""
    house = House(people=2)
    async with house.running():
        call_id = UUID(await in_conversation(house))
        before = house.clock.at
        house.clock.set_by = timedelta(hours=1)
        await house.until(lambda: house.clock.set_by == timedelta())
        await house.until(lambda: not house.engine.state.clock_in_doubt)
        assert house.clock.at - before > timedelta(minutes=59)
        assert house.engine.state.calls[call_id].call.state == "connected"
        talked = house.clock.at - (house.engine.state.calls[call_id].call.connected_at or before)
        assert talked < timedelta(minutes=1)
        house.pbx.depart(str(call_id))
        await house.bus.send(Command(Dispose(call_id, "cannot_pay"), 1, id="3"))
        await house.until(lambda: len(house.store.calls) == 2)
    newest = max(call.placed_at for call in house.store.calls.values())
    assert newest - before > timedelta(minutes=59)
    assert [kind for kind, *_ in house.store.alarms if kind.startswith("clock")] == [
        "clock_in_doubt",
        "clock_set",
    ]


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_is_set_while_we_drain_ends_no_conversation_and_prolongs_none(
    step: timedelta,
) -> None:
    """The limit of draining is a wait, not an hour of the day."""
    house = House(drain_limit=2.0)
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    async with house.running() as task:
        await house.ana_is_ready()
        await house.until(lambda: any(c.connected_at for c in house.store.calls.values()))
        house.engine.stop()
        await house.until(lambda: house.engine.state.draining)
        began = house.clock.at
        house.clock.set_by = step
        await house.until(lambda: house.clock.set_by == timedelta())
        paced = house.engine.state.paced_at
        await house.until(lambda: house.engine.state.paced_at != paced)
        assert not task.done()
        assert len(house.engine.state.calls) == 1
        await house.until(task.done)
        assert house.clock.at - began - step < timedelta(seconds=4)


async def test_a_card_that_was_asked_for_before_the_clock_was_set_keeps_its_time() -> None:
    """The store holds the answer back while the clock goes forward by an hour."""
    house = House(mode=DialMode.PREVIEW)
    house.store.may_answer.clear()
    async with house.running():
        await house.ana_is_ready()
        await house.until(lambda: house.store.asked)
        house.clock.set_by = timedelta(hours=1)
        await house.until(lambda: house.clock.set_by == timedelta())
        await house.until(lambda: not house.engine.state.clock_in_doubt)
        house.store.may_answer.set()
        await house.until(lambda: house.engine.state.previews)
        held = house.engine.state.previews[1].held_until - house.clock.at
        assert timedelta(0) < held < timedelta(minutes=10)


def clock_alarms(house: House) -> list[str]:
    return [kind for kind, *_ in house.store.alarms if kind.startswith("clock")]


async def test_while_nobody_knows_the_time_nobody_is_called() -> None:
    house = House()
    house.store.shows = lambda: house.clock.at + timedelta(minutes=50)
    async with house.running():
        await house.until(lambda: house.engine.state.clock_in_doubt)
        await house.ana_is_ready()
        await house.until(lambda: house.engine.state.agents[1].available)
        assert house.store.calls == {}
        house.store.shows = house.clock.wall
        await house.until(lambda: house.store.calls)
    assert clock_alarms(house) == ["clock_in_doubt"]
