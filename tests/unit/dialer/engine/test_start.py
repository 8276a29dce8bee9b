"""The floor after a start: windows exactly as they were lived, and what had been learned."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dialer.call_progress.amd import AmdScreener
from dialer.engine.rooms.calls import live_of
from dialer.engine.start import rebuilt, taken_up
from dialer.engine.state import FloorState
from dialer.model.agent import Agent, AgentState
from dialer.model.audit import Audits
from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.verdict import VerdictRecord
from dialer.ports import (
    DispositionMade,
    EngineCommit,
    LearnerRecord,
    MinuteCount,
    OpenCall,
    Presence,
    RecordingMark,
    Transition,
    TrunkLimits,
)
from dialer.store.fakes import MemoryStore
from pacing import Learner
from portfolio.contact_rules import AbandonmentWindow
from tests.unit.dialer.engine.scenes import START, Scene

K = CallEventKind
RULES = (
    AbandonmentWindow(name="calendar_day", zone="Europe/Madrid"),
    AbandonmentWindow(name="rolling_24h"),
    AbandonmentWindow(name="rolling_30d"),
)


async def lived(store: MemoryStore, ago: timedelta, *events: CallEvent) -> None:
    """A call of the past, committed step by step."""
    at, number = START - ago, len(store.persons)
    person = store.add_person(f"P{number}", [f"+34600{number:06}"])
    store.add_lead(1, person.id)
    (placed,) = (await store.place(store.campaign_rows[1], 1, now=at, fence=1)).placed
    call: Call = placed.call
    for event in events:
        at += timedelta(seconds=2)
        before, call = call, step(call, event, now=at)[0]
        await store.commit(EngineCommit((Transition(before.state, call, event, at),)), fence=1)


def empty_floor() -> FloorState:
    return FloorState(epoch=1, spool="/spool", screener=AmdScreener())


async def a_past() -> MemoryStore:
    store = MemoryStore()
    store.add_campaign(Scene().campaign)
    abandoned = (CallEvent(K.ANSWERED), CallEvent(K.HUMAN), CallEvent(K.DEADLINE))
    machine = (CallEvent(K.ANSWERED), CallEvent(K.MACHINE))
    for ago in (
        timedelta(minutes=5),
        timedelta(hours=10, minutes=58),
        timedelta(hours=13),
        timedelta(days=3),
    ):
        await lived(store, ago, *abandoned)
    await lived(store, timedelta(days=29), *machine)
    await lived(store, timedelta(days=40), *abandoned)
    return store


async def test_the_windows_are_what_they_were() -> None:
    state = await rebuilt(await a_past(), empty_floor(), START)
    counts = state.tally(1).counts
    # Midnight in Madrid was eleven hours ago.
    assert [counts.count(rule, START).abandoned for rule in RULES] == [2, 3, 4]
    assert counts.count(RULES[2], START).machines == 1
    assert counts.share(START) == (3, 3)


class Asked(MemoryStore):
    """Remembers of which campaigns results were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, ...]] = []

    async def counts(
        self, campaign_ids: Sequence[int], *, since: datetime, until: datetime
    ) -> dict[int, tuple[MinuteCount, ...]]:
        """As the store does."""
        self.asked.append(tuple(campaign_ids))
        return await super().counts(campaign_ids, since=since, until=until)


async def test_the_past_of_all_campaigns_is_read_day_by_day_not_each_for_itself() -> None:
    store = Asked()
    for number in range(1, 4):
        store.add_campaign(Scene().campaign.model_copy(update={"id": number, "code": f"c{number}"}))
    await rebuilt(store, empty_floor(), START)
    assert store.asked == [(1, 2, 3)] * 32


async def test_without_a_saved_learner_past_calls_are_learned_again() -> None:
    store = await a_past()
    state = await rebuilt(store, empty_floor(), START)
    assert isinstance(state.learners[1], Learner)
    saved = LearnerRecord(1, START, Learner().as_record())
    await store.commit(EngineCommit(learners=(saved,)), fence=1)
    store.trunk_rows["carrier"] = TrunkLimits("carrier", 5)
    state = await rebuilt(store, empty_floor(), START)
    assert state.learners[1].as_record() == saved.content
    assert state.trunks == {"carrier": TrunkLimits("carrier", 5)}
    assert not state.tally(1).screening_stopped


async def test_screening_that_was_stopped_is_and_its_audits_are_known() -> None:
    """Its windows alone do not tell: between two thirds of what is allowed and all of it, it depends."""
    store = await a_past()
    saved = LearnerRecord(1, START, Learner().as_record() | {"screening_stopped": True})
    machine = next(call.id for call in store.calls.values() if call.verdict == "machine")
    record = VerdictRecord(machine, "answer", 1, START, "progress", "machine", p=0.97, audited=True)
    said = DispositionMade(machine, 1, START, "machine")
    store.add_agent(Agent(1, "Ana", "ana", {}, frozenset()))
    await store.commit(EngineCommit(learners=(saved,), verdicts=(record,), dispositions=(said,)), fence=1)
    state = await rebuilt(store, empty_floor(), START)
    assert state.tally(1).screening_stopped
    assert state.tally(1).audits == Audits(1, 0)


async def test_what_the_agent_marked_still_holds() -> None:
    store = MemoryStore()
    store.add_campaign(Scene().campaign)
    store.add_agent(Agent(1, "Ana", "web-01", {}, frozenset({1})))
    await lived(store, timedelta(minutes=1), CallEvent(K.ANSWERED))
    (call,) = store.calls.values()
    marks = tuple(RecordingMark(call.id, START, kind, 1) for kind in ("verified", "paused"))
    await store.commit(EngineCommit(marks=marks), fence=1)
    live = (await rebuilt(store, empty_floor(), START)).calls[call.id]
    assert live.verified
    assert live.recording_paused


def test_a_person_who_was_handed_on_just_before_the_restart_is_still_the_next_agents() -> None:
    scene = Scene()
    scene.works(1)
    call_id = scene.talks(1)
    live = scene.state.calls[call_id]
    handed_on = step(live.call, CallEvent(K.TRANSFERRED, agent_id=1, reason="to agent 2"), now=START)[0]
    scene.state.calls[call_id] = live_of(OpenCall(handed_on, live.card))
    fresh = Agent(2, "Agent 2", "web-02", {}, frozenset({1}))
    back = taken_up(scene.state, fresh, Presence(2, START, "on_call", "", call_id), START)
    assert (back.state, scene.state.calls[call_id].assigned) == (AgentState.ON_CALL, 2)
