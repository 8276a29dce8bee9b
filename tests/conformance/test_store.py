"""One suite for the store in memory and the store in Postgres."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from dialer.exceptions import CommitRefused, FenceLost, VersionConflict
from dialer.model.call import Call, CallEvent, CallEventKind, CallState, step
from dialer.model.campaign import Campaign, CampaignStatus
from dialer.model.handover import Handover
from dialer.model.outcomes import Outcome, Retry
from dialer.ports import (
    AgentChange,
    Alarm,
    DispositionMade,
    EngineCommit,
    LateAnswer,
    LeadsLeft,
    PacingRecord,
    RecordingMark,
    Transition,
)
from dialer.store.contact_gate import contact_gate
from dialer.store.fakes import MemoryStore
from dialer.store.lead_advice import DELAYS
from dialer.store.postgres import PostgresStore
from tests.conformance.store_worlds import MemoryWorld, PostgresWorld, World, counts_of
from tests.integration.fixtures import migrated_database

K = CallEventKind
NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""Tuesday, noon in Madrid."""
ONE, TWO, THREE = "+34910000001", "+34910000002", "+34910000003"


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    """The same empty world in either store."""
    if request.param == "memory":
        yield MemoryWorld(MemoryStore(gate=contact_gate))
        return
    async with (
        migrated_database(request.getfixturevalue("postgres")) as database,
        PostgresStore.open(database.dsn) as store,
        asyncpg.create_pool(database.dsn, min_size=1, max_size=2) as pool,
    ):
        await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
        yield PostgresWorld(store, pool, 1)


def after(seconds: float) -> datetime:
    """So many seconds after noon."""
    return NOON + timedelta(seconds=seconds)


async def place_one(world: World, campaign: Campaign, *numbers: str, at: datetime = NOON) -> tuple[Call, int]:
    """A new person in the list, called; returns the call and the lead."""
    person = await world.person("Eva Muñoz", *(numbers or (ONE,)))
    lead = await world.lead(campaign, person)
    result = await world.store.place(campaign, 1, now=at, fence=world.fence)
    return result.placed[0].call, lead


async def run(world: World, call: Call, *events: CallEvent, at: datetime = NOON) -> Call:
    """Commit one event after the other, a second apart."""
    for number, event in enumerate(events, start=1):
        now = at + timedelta(seconds=number)
        after_it, _ = step(call, event, now=now)
        transition = Transition(call.state, after_it, event, now)
        await world.store.commit(EngineCommit((transition,)), fence=world.fence)
        call = after_it
    return call


def conversation(agent_id: int) -> tuple[CallEvent, ...]:
    """Answered by a person, spoken to, ended."""
    return (
        CallEvent(K.RINGING),
        CallEvent(K.ANSWERED),
        CallEvent(K.HUMAN),
        CallEvent(K.BRIDGED, agent_id=agent_id),
        CallEvent(K.HUNG_UP, cause=16),
    )


# --- reserving ------------------------------------------------------------------------------------


async def test_place_commits_the_attempt_before_it_returns(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign)
    assert (call.state, call.version, call.number) == (CallState.DIALING, 1, ONE)
    assert call.deadline_at == after(campaign.settings.ring_limit)
    stored = await world.store.open_calls()
    assert [open_call.call for open_call in stored] == [call]
    assert (await world.lead_row(lead))[0] == "in_call"
    assert await world.ledger(call.person_id) == ["attempt"]


async def test_the_card_says_who_it_is_and_hides_the_number(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign)
    (shown,) = await world.store.open_calls()
    assert (shown.card.name, shown.card.language, shown.card.zone) == ("Eva Muñoz", "es", "Europe/Madrid")
    assert shown.card.masked_number == "+349•••••001"
    assert shown.card.last_contacts == ()
    assert call.person_id == shown.card.person_id


async def test_leads_come_by_priority_then_by_time(world: World) -> None:
    campaign = await world.campaign()
    order = []
    for number, (priority, due) in enumerate([(0, -60), (5, -10), (0, -120), (5, 60)]):
        person = await world.person(f"Person {number}", f"+3491000001{number}")
        await world.lead(campaign, person, priority=priority, next_at=after(due))
        order.append(person)
    result = await world.store.place(campaign, 10, now=NOON, fence=world.fence)
    assert [p.call.person_id for p in result.placed] == [order[1], order[2], order[0]]
    assert result.dry


async def test_count_is_kept_and_the_rest_stays_open(world: World) -> None:
    campaign = await world.campaign()
    for number in range(5):
        await world.lead(campaign, await world.person("P", f"+3491000002{number}"))
    result = await world.store.place(campaign, 2, now=NOON, fence=world.fence)
    assert (len(result.placed), result.dry) == (2, False)
    assert await world.store.leads_left(campaign.id, NOON) == LeadsLeft(open=3)


async def test_who_was_entered_with_a_time_to_come_rests_until_then(world: World) -> None:
    """Entered with it, not put off: no claim has marked them yet."""
    campaign = await world.campaign()
    for number, due in enumerate([3600, 60, -60]):
        person = await world.person("P", f"+3491000003{number}")
        await world.lead(campaign, person, next_at=after(due))
    soon, late = (after(60), 1), (after(3600), 1)
    assert await world.store.leads_left(campaign.id, NOON) == LeadsLeft(3, 2, (soon, late))
    assert await world.store.leads_left(campaign.id, after(61)) == LeadsLeft(3, 1, (late,))


async def test_who_works_here_no_more_is_known_while_a_call_of_theirs_goes_on(world: World) -> None:
    ana, bob = await world.agent("ana"), await world.agent("bob")
    call, _ = await place_one(world, await world.campaign())
    call = await run(world, call, *conversation(ana.id)[:-1])
    for agent in (ana, bob):
        await world.dismiss(agent)
    assert await world.store.agents() == (ana,)
    await run(world, call, CallEvent(K.HUNG_UP, cause=16))
    assert await world.store.agents() == ()


async def test_a_person_is_in_one_call_at_a_time(world: World) -> None:
    first, second = await world.campaign("alfa"), await world.campaign("beta")
    person = await world.person("Eva", ONE, TWO)
    await world.lead(first, person)
    await world.lead(second, person)
    assert len((await world.store.place(first, 5, now=NOON, fence=world.fence)).placed) == 1
    again = await world.store.place(second, 5, now=after(90_000), fence=world.fence)
    assert (again.placed, again.refused, again.dry) == ((), (), True)


async def test_a_refusal_is_kept_with_the_lead_until_the_rule_ends(world: World) -> None:
    first, second = await world.campaign("alfa"), await world.campaign("beta")
    call, _ = await place_one(world, first)
    await run(world, call, CallEvent(K.REFUSED, cause=17))
    lead = await world.lead(second, call.person_id)
    result = await world.store.place(second, 5, now=after(60), fence=world.fence)
    until = NOON + timedelta(hours=24)
    assert [(r.lead_id, r.rule, r.until) for r in result.refused] == [(lead, "attempts_per_day", until)]
    assert await world.lead_row(lead) == ("open", until, "attempts_per_day")
    assert len((await world.store.place(second, 5, now=until, fence=world.fence)).placed) == 1


async def test_a_stopped_person_is_withdrawn(world: World) -> None:
    campaign = await world.campaign()
    person = await world.person("Eva", ONE)
    await world.stop(person)
    lead = await world.lead(campaign, person)
    result = await world.store.place(campaign, 1, now=NOON, fence=world.fence)
    assert [(r.rule, r.until) for r in result.refused] == [("stop", None)]
    assert (await world.lead_row(lead))[0] == "withdrawn"
    assert await world.store.stopped([person]) == frozenset({person})


async def test_a_refusal_that_somebody_can_correct_waits(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE, flags=["vulnerable"]))
    result = await world.store.place(campaign, 1, now=NOON, fence=world.fence)
    status, next_at, held_by = await world.lead_row(lead)
    assert (status, held_by) == ("open", "vulnerable")
    assert next_at > NOON
    assert result.refused[0].until == next_at


async def test_without_a_usable_number_the_lead_is_withdrawn(world: World) -> None:
    campaign = await world.campaign()
    person = await world.person("Eva", ONE)
    await world.forbid(ONE)
    lead = await world.lead(campaign, person)
    result = await world.store.place(campaign, 1, now=NOON, fence=world.fence)
    assert [r.rule for r in result.refused] == ["no_number"]
    assert (await world.lead_row(lead))[0] == "withdrawn"


async def test_a_forbidden_number_is_passed_over(world: World) -> None:
    campaign = await world.campaign()
    await world.forbid(ONE)
    call, _ = await place_one(world, campaign, ONE, TWO)
    assert call.number == TWO


async def test_an_unknown_rule_pack_calls_nobody(world: World) -> None:
    campaign = await world.campaign()
    strange = campaign.model_copy(
        update={"settings": campaign.settings.model_copy(update={"rule_pack": "no-such-pack"})}
    )
    await world.lead(campaign, await world.person("Eva", ONE))
    result = await world.store.place(strange, 1, now=NOON, fence=world.fence)
    assert [r.rule for r in result.refused] == ["rule_pack_unusable"]


async def test_a_paused_campaign_places_nothing_even_if_the_engine_has_not_heard(world: World) -> None:
    campaign = await world.campaign()
    await world.lead(campaign, await world.person("Eva", ONE))
    await world.set_status(campaign, CampaignStatus.PAUSED)
    result = await world.store.place(campaign, 1, now=NOON, fence=world.fence)
    assert (result.placed, result.dry) == ((), True)


async def test_an_old_fence_places_nothing(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Eva", ONE))
    await world.take_over()
    with pytest.raises(FenceLost):
        await world.store.place(campaign, 1, now=NOON, fence=world.fence)
    assert (await world.lead_row(lead))[0] == "open"


# --- committing -----------------------------------------------------------------------------------


async def test_a_whole_call_is_read_back_as_it_was_written(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign)
    ended = await run(world, call, *conversation(agent.id))
    (shown,) = await world.store.shown_calls([call.id])
    assert shown.call == ended
    assert ended.outcome is Outcome.CONVERSATION
    assert await world.store.open_calls() == ()
    assert await world.ledger(call.person_id) == ["attempt", "conversation"]
    assert (await world.lead_row(lead))[0] == "done"
    assert await world.rows("transitions") == 5
    assert await world.store.calls_today(since=NOON) == {agent.id: 1}
    assert await world.store.calls_today(since=after(60)) == {}


async def test_two_steps_of_one_call_in_one_turn(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign)
    ringing, _ = step(call, CallEvent(K.RINGING), now=after(1))
    answered, _ = step(ringing, CallEvent(K.ANSWERED), now=after(1))
    turn = (
        Transition(call.state, ringing, CallEvent(K.RINGING), after(1)),
        Transition(ringing.state, answered, CallEvent(K.ANSWERED), after(1)),
    )
    await world.store.commit(EngineCommit(turn), fence=world.fence)
    assert [shown.call for shown in await world.store.open_calls()] == [answered]


async def test_the_same_turn_given_again_is_written_once(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    waiting = await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.HUMAN))
    event = CallEvent(K.BRIDGED, agent_id=agent.id)
    connected, _ = step(waiting, event, now=after(3))
    commit = EngineCommit(
        (Transition(waiting.state, connected, event, after(3), {"level": 80}),),
        agents=(AgentChange(agent.id, after(3), "on_call", "", call.id),),
        pacing=(PacingRecord(campaign.id, after(3), {"ready": 1}, 2, "ratio"),),
        alarms=(Alarm("recording", str(call.id), "missing", after(3)),),
        marks=(RecordingMark(call.id, after(3), "paused", agent.id),),
    )
    for _ in range(3):
        await world.store.commit(commit, fence=world.fence)
    tables = ("transitions", "agent_log", "pacing", "alarms", "marks")
    assert [await world.rows(table) for table in tables] == [3, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("marked", "known"),
    [
        ((), (False, False)),
        (("paused",), (True, False)),
        (("verified", "paused", "resumed"), (False, True)),
        (("paused", "resumed", "paused", "verified"), (True, True)),
    ],
)
async def test_what_the_agent_marked_is_known_again_after_a_restart(
    world: World, marked: tuple[str, ...], known: tuple[bool, bool]
) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    marks = tuple(RecordingMark(call.id, after(n), kind, agent.id) for n, kind in enumerate(marked))
    await world.store.commit(EngineCommit(marks=marks), fence=world.fence)
    (found,) = await world.store.open_calls()
    assert (found.paused, found.verified) == known


async def test_what_went_along_with_a_person_who_was_handed_on_is_known_again(world: World) -> None:
    campaign, one, two = await world.campaign(), await world.agent("ana"), await world.agent("luis")
    call, _ = await place_one(world, campaign)
    bridged = CallEvent(K.BRIDGED, agent_id=one.id)
    at = await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.HUMAN), bridged)
    (found,) = await world.store.open_calls()
    assert found.handover is None
    told = Handover(one.id, "", two.id, "espera su nómina", "promise", "cobra el 10; «dice que sí»")
    for handover in (Handover(one.id, "legal"), told):
        over = CallEvent(K.TRANSFERRED, agent_id=one.id, reason="to agent")
        after_it, _ = step(at, over, now=after(5))
        back = CallEvent(K.BRIDGED, agent_id=two.id)
        joined, _ = step(after_it, back, now=after(6))
        steps = (Transition(at.state, after_it, over, after(5), handover=handover),)
        await world.store.commit(EngineCommit(steps), fence=world.fence)
        await world.store.commit(
            EngineCommit((Transition(after_it.state, joined, back, after(6)),)), fence=world.fence
        )
        at = joined
    (found,) = await world.store.open_calls()
    assert found.handover == told
    (shown,) = await world.store.shown_calls([call.id])
    assert shown.handover == told


async def test_a_turn_without_calls_given_again_is_written_once(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    await run(world, call, *conversation(agent.id))
    commit = EngineCommit(
        agents=(
            AgentChange(agent.id, after(9), "ready", "", None),
            AgentChange(agent.id, after(9), "paused", "lunch", None),
        ),
        dispositions=(DispositionMade(call.id, agent.id, after(9), "cannot_pay"),),
        pacing=(PacingRecord(campaign.id, after(9), {}, 0, "none"),),
    )
    for _ in range(2):
        await world.store.commit(commit, fence=world.fence)
    assert [await world.rows(table) for table in ("agent_log", "dispositions", "pacing")] == [2, 1, 1]


async def test_a_wrong_version_conflicts_and_writes_nothing(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    ahead = replace(call, version=7)
    ringing, _ = step(ahead, CallEvent(K.RINGING), now=after(1))
    commit = EngineCommit(
        (Transition(ahead.state, ringing, CallEvent(K.RINGING), after(1)),),
        agents=(AgentChange(agent.id, after(1), "ready", "", None),),
    )
    with pytest.raises(VersionConflict):
        await world.store.commit(commit, fence=world.fence)
    assert await world.rows("agent_log") == 0
    assert [shown.call for shown in await world.store.open_calls()] == [call]


async def test_another_step_at_a_written_version_conflicts(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign)
    await run(world, call, CallEvent(K.RINGING))
    other, _ = step(call, CallEvent(K.ANSWERED), now=after(1))
    with pytest.raises(VersionConflict):
        await world.store.commit(
            EngineCommit((Transition(call.state, other, CallEvent(K.ANSWERED), after(1)),)), fence=world.fence
        )


async def test_an_illegal_step_is_refused(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign)
    connected = replace(call, state=CallState.CONNECTED, version=2)
    with pytest.raises(CommitRefused):
        await world.store.commit(
            EngineCommit((Transition(call.state, connected, CallEvent(K.BRIDGED), after(1)),)),
            fence=world.fence,
        )
    assert [shown.call for shown in await world.store.open_calls()] == [call]


async def test_an_old_fence_writes_nothing(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    await world.take_over()
    with pytest.raises(FenceLost):
        await run(world, call, CallEvent(K.RINGING))
    with pytest.raises(FenceLost):
        await world.store.commit(
            EngineCommit(agents=(AgentChange(agent.id, after(1), "ready", "", None),)), fence=world.fence
        )
    assert await world.rows("agent_log") == 0
    assert [shown.call for shown in await world.store.open_calls()] == [call]


@pytest.mark.parametrize(
    ("cause", "outcome", "retry"),
    [
        (17, Outcome.BUSY, Retry.SOON),
        (19, Outcome.NO_ANSWER, Retry.LATER),
        (34, Outcome.CONGESTION, Retry.SOON),
    ],
)
async def test_an_unanswered_lead_rests_as_its_outcome_advises(
    world: World, cause: int, outcome: Outcome, retry: Retry
) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign)
    ended = await run(world, call, CallEvent(K.REFUSED, cause=cause))
    assert ended.outcome is outcome
    assert (await world.lead_row(lead))[:2] == ("open", after(1) + DELAYS[retry])


async def test_abandoned_and_machine_stand_in_the_ledger(world: World) -> None:
    campaign = await world.campaign()
    abandoned, _ = await place_one(world, campaign, ONE)
    await run(world, abandoned, CallEvent(K.ANSWERED), CallEvent(K.HUMAN), CallEvent(K.DEADLINE))
    machine, _ = await place_one(world, campaign, TWO)
    await run(world, machine, CallEvent(K.ANSWERED), CallEvent(K.MACHINE))
    assert await world.ledger(abandoned.person_id) == ["attempt", "abandoned"]
    assert await world.ledger(machine.person_id) == ["attempt", "machine"]


async def test_who_picked_up_as_we_gave_up_was_abandoned(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    ended = await run(world, call, CallEvent(K.RINGING), CallEvent(K.DEADLINE))
    assert ended.outcome is Outcome.NO_ANSWER
    late = EngineCommit(late_answers=(LateAnswer(call.id, after(30)),))
    for _ in range(2):
        await world.store.commit(late, fence=world.fence)
    assert await world.ledger(call.person_id) == ["attempt", "abandoned"]
    counts = await counts_of(world.store, campaign.id, since=NOON, until=after(600))
    assert sum(minute.abandoned for minute in counts) == 1
    assert (await world.lead_row(lead))[0] == "open"


async def test_who_was_never_heard_was_not_spoken_to_and_is_called_again(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign, ONE)
    *talk, end = conversation(agent.id)
    ended = await run(world, call, *talk, replace(end, unheard=True))
    assert ended.outcome is Outcome.ONE_WAY_AUDIO
    assert await world.ledger(call.person_id) == ["attempt", "unheard"]
    assert (await world.lead_row(lead))[0] == "open"


# --- dispositions ---------------------------------------------------------------------------------


async def dispose(
    world: World, call: Call, agent: int, code: str, callback_at: datetime | None = None
) -> None:
    """The agent says what it was."""
    made = DispositionMade(call.id, agent, after(30), code, callback_at=callback_at)
    await world.store.commit(EngineCommit(dispositions=(made,)), fence=world.fence)


async def test_a_callback_opens_the_lead_at_its_time(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign)
    await run(world, call, *conversation(agent.id))
    await dispose(world, call, agent.id, "callback", after(90_000))
    assert (await world.lead_row(lead))[:2] == ("open", after(90_000))


async def test_a_callback_noted_during_the_call_outlives_its_end(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign)
    connected = await run(world, call, *conversation(agent.id)[:-1])
    await dispose(world, call, agent.id, "callback", after(90_000))
    assert (await world.lead_row(lead))[0] == "in_call"
    await run(world, connected, CallEvent(K.HUNG_UP, cause=16), at=after(40))
    assert (await world.lead_row(lead))[:2] == ("open", after(90_000))


async def test_a_wrong_number_gives_way_to_the_next(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign, ONE, TWO)
    ended = await run(world, call, *conversation(agent.id))
    await dispose(world, call, agent.id, "wrong_number")
    assert await world.phones(call.person_id) == ["wrong_party", "unknown"]
    assert (await world.lead_row(lead))[:2] == ("open", ended.ended_at)


@pytest.mark.parametrize("code", ["third_party", "machine", "hung_up"])
async def test_who_was_not_spoken_to_is_tried_later(world: World, code: str) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign)
    ended = await run(world, call, *conversation(agent.id))
    await dispose(world, call, agent.id, code)
    assert ended.ended_at is not None
    assert (await world.lead_row(lead))[:2] == ("open", ended.ended_at + DELAYS[Retry.LATER])


async def test_a_right_party_ends_the_lead_and_proves_the_number(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, lead = await place_one(world, campaign)
    await run(world, call, *conversation(agent.id))
    made = DispositionMade(call.id, agent.id, after(30), "promise", "dice que sí", 12_500, "2026-12-01")
    await world.store.commit(EngineCommit(dispositions=(made,)), fence=world.fence)
    assert (await world.lead_row(lead))[0] == "done"
    assert await world.phones(call.person_id) == ["right_party"]
    (shown,) = await world.store.shown_calls([call.id])
    assert [(row["disposition"], row["agent"]) for row in shown.card.last_contacts] == [("promise", "Ana")]


async def test_a_stop_reaches_the_person_in_every_campaign(world: World) -> None:
    campaign, other, agent = await world.campaign("alfa"), await world.campaign("beta"), await world.agent()
    call, lead = await place_one(world, campaign)
    elsewhere = await world.lead(other, call.person_id)
    await run(world, call, *conversation(agent.id))
    await dispose(world, call, agent.id, "paid")
    assert await world.store.stopped([call.person_id]) == frozenset({call.person_id})
    assert [(await world.lead_row(row))[0] for row in (lead, elsewhere)] == ["withdrawn", "withdrawn"]
    assert await world.ledger(call.person_id) == ["attempt", "conversation", "stop"]


async def test_do_not_call_forbids_the_number_for_everybody(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    await run(world, call, *conversation(agent.id))
    await dispose(world, call, agent.id, "do_not_call")
    neighbour = await world.lead(campaign, await world.person("Neighbour", ONE))
    result = await world.store.place(campaign, 1, now=after(60), fence=world.fence)
    assert [(r.lead_id, r.rule) for r in result.refused] == [(neighbour, "no_number")]


async def test_an_unknown_code_is_refused_whole(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    await run(world, call, *conversation(agent.id))
    with pytest.raises(CommitRefused):
        await dispose(world, call, agent.id, "no_such_code")
    assert await world.rows("dispositions") == 0


# --- reading --------------------------------------------------------------------------------------


async def test_a_number_forbidden_during_the_call_stops_its_person(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign)
    assert await world.store.stopped([call.person_id]) == frozenset()
    await world.forbid(ONE)
    assert await world.store.stopped([call.person_id, 999]) == frozenset({call.person_id})


async def test_campaigns_and_agents_are_read_as_they_are(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    first = campaign.model_copy(update={"rules": 1})
    assert await world.store.campaigns() == (first,)
    assert await world.store.agents() == (agent,)


async def test_the_newest_presence_of_each_agent(world: World) -> None:
    ana, luis = await world.agent("ana"), await world.agent("luis")
    changes = (
        AgentChange(ana.id, after(1), "paused", "login", None),
        AgentChange(luis.id, after(2), "paused", "login", None),
        AgentChange(ana.id, after(3), "ready", "", None),
    )
    await world.store.commit(EngineCommit(agents=changes), fence=world.fence)
    found = await world.store.presences(since=NOON)
    assert [(row.agent_id, row.state, row.at) for row in found] == [
        (ana.id, "ready", after(3)),
        (luis.id, "paused", after(2)),
    ]
    assert await world.store.presences(since=after(10)) == ()


async def test_codes_say_what_they_require(world: World) -> None:
    codes = await world.store.codes()
    assert codes.dispositions["promise"] == "promise"
    assert codes.dispositions["callback"] == "callback"
    assert codes.dispositions["none"] == ""
    assert len(codes.dispositions) == 14
    assert {"login", "lunch", "forced"} <= codes.pauses
