"""What the pacing stores and reads again, in both stores: counts, past calls, what was learned, trunks."""

from datetime import timedelta

import pytest

from dialer.exceptions import FenceLost
from dialer.model.call import CallEvent, CallEventKind, step
from dialer.model.campaign import Screening
from dialer.model.outcomes import Outcome
from dialer.ports import (
    AgentChange,
    EngineCommit,
    LearnerRecord,
    MinuteCount,
    ModelRecord,
    PacingRecord,
    PastCall,
    Transition,
    TrunkLimits,
)
from dialer.store.clock import wall
from tests.conformance.store_worlds import SETTINGS, World, counts_of
from tests.conformance.test_store import NOON, ONE, THREE, TWO, after, conversation, place_one, run, world

__all__ = ["world"]

K = CallEventKind
AMD, PROGRESS = 254_386, 14_286
"""0.29 / (0.29 + 0.85) and 0.01 / (0.01 + 0.69) in millionths: how often a machine of theirs is a person."""


async def test_results_are_counted_in_the_minute_in_which_they_were_settled(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    for number, events in (
        (ONE, (CallEvent(K.ANSWERED), CallEvent(K.HUMAN), CallEvent(K.DEADLINE))),
        (TWO, (CallEvent(K.ANSWERED), CallEvent(K.MACHINE))),
        (THREE, conversation(agent.id)[:-1]),
        ("+34910000004", (CallEvent(K.ANSWERED), CallEvent(K.HUMAN), CallEvent(K.HUNG_UP, cause=16))),
        ("+34910000005", (CallEvent(K.REFUSED, cause=17),)),
        ("+34910000006", (CallEvent(K.CANCELLED),)),
        ("+34910000007", (CallEvent(K.ANSWERED), CallEvent(K.HUNG_UP, cause=16))),
    ):
        call, _ = await place_one(world, campaign, number)
        await run(world, call, *events)
    hasty, _ = await place_one(world, campaign, "+34910000010")
    hasty = await run(world, hasty, CallEvent(K.ANSWERED), CallEvent(K.HUMAN), at=NOON)
    await run(world, hasty, CallEvent(K.HUNG_UP, cause=16), at=after(0.5))
    waiting, _ = await place_one(world, campaign, "+34910000008")
    await run(world, waiting, CallEvent(K.ANSWERED), CallEvent(K.HUMAN))
    late, _ = await place_one(world, campaign, "+34910000009", at=after(118))
    await run(world, late, CallEvent(K.REFUSED, cause=17), at=after(120))
    counts = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert counts == (
        MinuteCount(NOON, dialed=7, live=4, abandoned=1, machines=1, unserved=2, early=1, suspected=AMD),
        MinuteCount(after(120), dialed=1),
    )
    assert await counts_of(world.store, campaign.id, since=after(60), until=after(120)) == ()
    assert await counts_of(world.store, campaign.id, since=after(120), until=after(180)) == counts[1:]


async def test_whom_our_own_failure_left_alone_counts_as_abandoned_after_a_restart(world: World) -> None:
    """Gone unjudged after the connect limit; missed in a gap; the others hung up before it."""
    campaign = await world.campaign()
    stories = (
        (ONE, CallEvent(K.HUNG_UP, cause=16), 60, Outcome.ABANDONED),
        (TWO, CallEvent(K.VANISHED, reason="no channel"), 60, Outcome.ABANDONED),
        (THREE, CallEvent(K.HUNG_UP, cause=16), 2, Outcome.UNSERVED),
    )
    for number, end, seconds, outcome in stories:
        call, _ = await place_one(world, campaign, number)
        call = await run(world, call, CallEvent(K.ANSWERED))
        call = await run(world, call, end, at=after(seconds))
        assert call.outcome is outcome
    waiting, _ = await place_one(world, campaign, "+34910000004")
    waiting = await run(world, waiting, CallEvent(K.ANSWERED), CallEvent(K.HUMAN))
    await run(world, waiting, CallEvent(K.HUNG_UP, cause=16), at=after(2))
    counts = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert counts == (
        MinuteCount(NOON, dialed=2, live=2, unserved=2),
        MinuteCount(after(60), dialed=2, live=2, abandoned=2),
    )


@pytest.mark.parametrize(
    ("cause", "words"), [(34, "SIP 503"), (38, "SIP 500"), (21, "SIP 403"), (21, "SIP 608")]
)
async def test_a_broken_trunk_is_in_no_share_and_teaches_nothing_after_a_restart(
    world: World, cause: int, words: str
) -> None:
    """One that had rung was a call."""
    campaign = await world.campaign()
    broken = CallEvent(K.HUNG_UP, cause=cause, reason=words)
    for number, story in ((ONE, (broken,)), (TWO, (CallEvent(K.RINGING), broken))):
        call, _ = await place_one(world, campaign, number)
        await run(world, call, *story)
    (count,) = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
    assert count == MinuteCount(NOON, dialed=1)
    assert len(await world.store.past_calls(campaign.id, limit=10)) == 1


async def test_several_steps_of_a_call_are_one_commit(world: World) -> None:
    """What waited while we stood still is read in one turn: each step has its own instant."""
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    steps: list[Transition] = []
    for second, kind in ((1, K.RINGING), (2, K.ANSWERED), (4, K.HUNG_UP)):
        event = CallEvent(kind)
        moved, _ = step(call, event, now=after(second))
        steps.append(Transition(call.state, moved, event, after(second)))
        call = moved
    await world.store.commit(EngineCommit(tuple(steps)), fence=world.fence)
    await world.store.commit(EngineCommit(tuple(steps)), fence=world.fence)
    (shown,) = await world.store.shown_calls([call.id])
    assert (shown.call.answered_at, shown.call.ended_at) == (after(2), after(4))
    assert (shown.call.outcome, shown.call.version) == (Outcome.UNSERVED, 4)


async def test_past_calls_tell_what_each_phase_took(world: World) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign, ONE)
    await run(world, call, *conversation(agent.id))
    log = (
        AgentChange(agent.id, after(5), "wrap_up", "", call.id),
        AgentChange(agent.id, after(12), "ready", "", None),
    )
    await world.store.commit(EngineCommit(agents=log), fence=world.fence)
    machine, _ = await place_one(world, campaign, TWO, at=after(20))
    await run(world, machine, CallEvent(K.ANSWERED), CallEvent(K.MACHINE), at=after(20))
    cancelled, _ = await place_one(world, campaign, THREE, at=after(30))
    await run(world, cancelled, CallEvent(K.CANCELLED), at=after(30))
    busy, _ = await place_one(world, campaign, "+34910000004", at=after(40))
    await run(world, busy, CallEvent(K.REFUSED, cause=17), at=after(41))
    assert await world.store.past_calls(campaign.id, limit=10) == (
        PastCall(2.0, "human", screening=1.0, talk=1.0, agent_id=agent.id, wrap=7.0),
        PastCall(1.0, "machine", screening=1.0),
        PastCall(1.0, "cancelled"),
        PastCall(2.0, "other"),
    )
    assert [past.end for past in await world.store.past_calls(campaign.id, limit=1)] == ["other"]


async def test_a_decision_and_its_model_are_read_as_they_were_made(world: World) -> None:
    campaign = await world.campaign()
    floor = {"ready": [0.1, 3.007], "dialing": [], "trim": {"price": 0.1 + 0.2}}
    forecast = {"abandon_chance": 1e-7, "price": 0.3, "live_soon": 2.0, "free_soon": 1 / 3}
    decision = PacingRecord(
        campaign.id, after(1), {"floor": floor}, 3, "why", (0, 2), forecast, epoch=world.fence, model=7
    )
    bare = PacingRecord(campaign.id, after(2), {}, 0, "nothing")
    model = ModelRecord(campaign.id, world.fence, 7, after(1), {"table": [0.1, 1e-17, 5.0], "version": 7})
    commit = EngineCommit(pacing=(decision, bare), models=(model,))
    for _ in range(2):
        await world.store.commit(commit, fence=world.fence)
    assert await world.pacing() == [decision, bare]
    assert await world.models() == [model]


async def test_the_last_learner_is_kept(world: World) -> None:
    campaign = await world.campaign()
    assert await world.store.learners() == {}
    for number in (1, 2):
        learned = LearnerRecord(campaign.id, after(number), {"calls": number})
        await world.store.commit(EngineCommit(learners=(learned,)), fence=world.fence)
    assert await world.store.learners() == {campaign.id: {"calls": 2}}
    await world.take_over()
    stale = LearnerRecord(campaign.id, after(3), {"calls": 3})
    with pytest.raises(FenceLost):
        await world.store.commit(EngineCommit(learners=(stale,)), fence=world.fence)
    assert await world.store.learners() == {campaign.id: {"calls": 2}}


async def test_trunks_and_their_limits(world: World) -> None:
    assert await world.store.trunks() == ()
    limits = (
        TrunkLimits("carrier", 30, 2.5),
        TrunkLimits("second", None, 1.0, strip="34", prefix="9"),
        TrunkLimits("third", 0, plus=False),
    )
    for trunk in reversed(limits):
        await world.trunk(trunk)
    assert await world.store.trunks() == limits


async def test_counts_of_a_long_past_stay_apart_by_campaign(world: World) -> None:
    alfa, beta = await world.campaign("alfa"), await world.campaign("beta")
    for campaign, number in ((alfa, ONE), (beta, TWO)):
        call, _ = await place_one(world, campaign, number)
        await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.MACHINE))
    month = timedelta(days=31)
    one = (MinuteCount(NOON, dialed=1, machines=1, suspected=AMD),)
    ids, none = [alfa.id, beta.id], (await world.campaign("gamma")).id
    found = await world.store.counts([*ids, none], since=NOON - month, until=NOON + month)
    assert found == dict.fromkeys(ids, one)
    assert await world.store.counts([beta.id], since=NOON - month, until=NOON + month) == {beta.id: one}


async def test_a_machine_counts_for_what_its_own_screening_was_known_for(world: World) -> None:
    """Whatever is set of screening afterwards: what comes back after a restart was kept with the call."""
    settings = (SETTINGS, SETTINGS.model_copy(update={"screening": Screening.PROGRESS}),
                SETTINGS.model_copy(update={"screening": Screening.OFF}),
                SETTINGS.model_copy(update={"screening_errors": 0.4}))  # fmt: skip
    expected = (AMD, PROGRESS, 0, 400_000)
    for place, (known, suspected) in enumerate(zip(settings, expected, strict=True)):
        campaign = await world.campaign(f"c{place}", known)
        call, _ = await place_one(world, campaign, f"+3491000001{place}")
        await run(world, call, CallEvent(K.ANSWERED), CallEvent(K.MACHINE))
        (count,) = await counts_of(world.store, campaign.id, since=NOON, until=after(3600))
        assert (count.machines, count.suspected) == (1, suspected)


async def test_the_store_tells_what_its_clock_shows(world: World) -> None:
    """Here it is this machine's, so both agree."""
    before = wall()
    shown = await world.store.clock()
    assert before - timedelta(seconds=1) <= shown <= wall() + timedelta(seconds=1)
