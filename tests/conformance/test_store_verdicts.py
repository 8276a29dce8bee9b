"""What call progress analysis said of calls, and what audits found, in both stores."""

import pytest

from dialer.model.agent import Agent
from dialer.model.audit import Audits
from dialer.model.call import DOUBTED, Call, CallEvent, CallEventKind
from dialer.model.campaign import Campaign
from dialer.model.outcomes import Outcome
from dialer.model.verdict import VerdictRecord
from dialer.ports import Alarm, DispositionMade, EngineCommit, MinuteCount
from tests.conformance.store_worlds import World, counts_of
from tests.conformance.test_store import NOON, ONE, THREE, TWO, after, place_one, run, world

__all__ = ["world"]

K = CallEventKind
NUMBERS = tuple(f"+3491000002{digit}" for digit in range(6))


async def audited(world: World, campaign: Campaign, agent: Agent, number: str, said: str | None) -> Call:
    """A machine verdict whose call an agent got, and what the agent said of it."""
    call, _ = await place_one(world, campaign, number)
    joined = CallEvent(K.BRIDGED, agent_id=agent.id)
    await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.AUDIT), joined, CallEvent(K.HUNG_UP, cause=16))
    record = VerdictRecord(call.id, "answer", campaign.id, NOON, "progress", "machine", p=0.97, audited=True)
    made = (DispositionMade(call.id, agent.id, after(60), said),) if said else ()
    await world.store.commit(EngineCommit(verdicts=(record,), dispositions=made), fence=world.fence)
    return call


async def test_audits_count_what_agents_found(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    assert await world.store.audits(campaign.id, since=NOON) == Audits()
    for number, said in zip(
        NUMBERS, ("machine", "machine", "cannot_pay", "hung_up", "none", None), strict=True
    ):
        call = await audited(world, campaign, agent, number, said)
        machine = ["machine"] if said == "machine" else []
        assert await world.ledger(call.person_id) == ["attempt", "conversation", *machine]
    assert await world.store.audits(campaign.id, since=NOON) == Audits(audited=3, wrong=1)
    assert await world.store.audits(campaign.id, since=after(1)) == Audits()


async def test_a_verdict_that_is_given_twice_stands_once(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    record = VerdictRecord(
        call.id,
        "early",
        campaign.id,
        NOON,
        "progress",
        "tone",
        "busy tone",
        "busy",
        features={"periods": 3.0},
    )
    for _ in range(2):
        await world.store.commit(EngineCommit(verdicts=(record,)), fence=world.fence)
    assert await world.store.audits(campaign.id, since=NOON) == Audits()


async def test_tones_messages_and_late_machines_end_as_what_they_are(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    busy, _ = await place_one(world, campaign, ONE)
    assert (await run(world, busy, CallEvent(K.HEARD, heard="busy"))).outcome is Outcome.BUSY
    left, _ = await place_one(world, campaign, TWO)
    events = (K.ANSWERED, K.VOICEMAIL, K.GREETING_OVER, K.LEFT)
    assert (await run(world, left, *map(CallEvent, events))).outcome is Outcome.MESSAGE_LEFT
    late, _ = await place_one(world, campaign, THREE)
    joined = CallEvent(K.BRIDGED, agent_id=agent.id)
    ended = await run(world, late, CallEvent(K.ANSWERED), CallEvent(K.UNSURE), joined, CallEvent(K.MACHINE))
    assert ended.outcome is Outcome.MACHINE
    assert await world.store.open_calls() == ()
    # Neither the message nor the machine that an agent had for a moment is a live answer.
    counts = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert counts == (MinuteCount(NOON, dialed=3, live=0, abandoned=0, machines=2, suspected=2 * 254_386),)


async def test_a_machine_that_an_agent_gets_while_screening_is_stopped_dilutes_nothing(world: World) -> None:
    """Nobody's machine is abandoned, and unserved, as a person's call would be."""
    campaign, agent = await world.campaign(), await world.agent()
    doubted, gone = CallEvent(K.UNSURE, doubted=True), CallEvent(K.HUNG_UP, cause=16)
    for number, events in (
        (NUMBERS[0], (CallEvent(K.BRIDGED, agent_id=agent.id), gone)),
        (NUMBERS[1], (CallEvent(K.BRIDGED, agent_id=agent.id),)),
        (NUMBERS[2], (CallEvent(K.DEADLINE),)),
        (NUMBERS[3], (gone,)),
    ):
        call, _ = await place_one(world, campaign, number)
        call = await run(world, call, CallEvent(K.ANSWERED), doubted, *events)
        assert call.verdict == DOUBTED
    (count,) = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert count == MinuteCount(NOON, dialed=4, live=2, abandoned=1, unserved=1, early=2)


FOUND_OUT = (K.MACHINE, K.HEARD)


@pytest.mark.parametrize("found", FOUND_OUT)
async def test_what_an_agent_had_until_it_was_found_out_is_one_contact_and_no_conversation(
    world: World, found: CallEventKind
) -> None:
    """Nobody was spoken to: the machine's row alone stands; a fax leaves none, as without an agent."""
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign, ONE)
    joined = CallEvent(K.BRIDGED, agent_id=agent.id)
    ended = await run(
        world, call, CallEvent(K.ANSWERED), CallEvent(K.UNSURE), joined, CallEvent(found, heard="fax")
    )
    assert ended.outcome is (Outcome.MACHINE if found is K.MACHINE else Outcome.FAX)
    machine = ["machine"] if found is K.MACHINE else []
    assert await world.ledger(call.person_id) == ["attempt", *machine]
    (shown,) = await world.store.shown_calls([call.id])
    assert shown.card.last_agent is None
    (past,) = await world.store.past_calls(campaign.id, limit=10)
    assert (past.end, past.talk, past.agent_id) == ("human", None, None)
    (minute,) = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert (minute.live, minute.machines) == (0, int(found is K.MACHINE))


async def test_a_conversation_is_booked_once_at_its_end_from_when_it_began(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign, ONE)
    joined = CallEvent(K.BRIDGED, agent_id=agent.id)
    call = await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.UNSURE), joined)
    assert await world.ledger(call.person_id) == ["attempt"]
    lost, again = CallEvent(K.AGENT_LOST), CallEvent(K.BRIDGED, agent_id=agent.id)
    ended = await run(world, call, lost, again, CallEvent(K.HUNG_UP, cause=16), at=after(60))
    assert await world.ledger(call.person_id) == ["attempt", "conversation"]
    assert await world.spoken_at(call.person_id) == ended.connected_at
    (shown,) = await world.store.shown_calls([call.id])
    assert shown.card.last_agent == agent.id


async def test_an_alarm_that_is_over_alarms_nobody_and_may_come_again(world: World) -> None:
    stopped, other = (Alarm("screening_stopped", code, "5.9%", NOON) for code in ("alfa", "beta"))
    await world.store.commit(EngineCommit(alarms=(stopped, other)), fence=world.fence)
    over = EngineCommit(alarms_over=(stopped[:2],))
    assert not over.empty
    for _ in range(2):
        await world.store.commit(over, fence=world.fence)
        assert await world.store.open_alarms() == 1
    again = stopped._replace(at=after(1))
    await world.store.commit(EngineCommit(alarms=(again,)), fence=world.fence)
    assert await world.store.open_alarms() == 2
