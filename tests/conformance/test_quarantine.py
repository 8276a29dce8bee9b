"""What the database refuses is refused by both stores, and the rest of a turn is written all the same."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from dialer.engine.metrics import EngineMetrics
from dialer.engine.state import Turn
from dialer.engine.writing import Writer
from dialer.exceptions import CommitRefused, FenceLost
from dialer.model.call import Call, CallEvent, CallState, step
from dialer.ports import (
    AgentChange,
    Alarm,
    DispositionMade,
    EngineCommit,
    RecordingMark,
    SetAside,
    Transition,
)
from tests.conformance.store_worlds import World
from tests.conformance.test_store import TWO, K, after, conversation, place_one, run
from tests.conformance.test_store import world as world

Made = Callable[[Call, int], EngineCommit]


def ended(call: Call, **odd: Any) -> Transition:
    """The call is over, told with something odd."""
    event = CallEvent(K.HUNG_UP, cause=16)
    over, _ = step(call, event, now=after(9))
    return Transition(call.state, replace(over, **odd), event, after(9))


def said(call: Call, agent: int, **odd: Any) -> EngineCommit:
    made = DispositionMade(call.id, agent, after(30), "cannot_pay")
    return EngineCommit(dispositions=(replace(made, **odd),))


LATE = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
HOSTILE: dict[str, Made] = {
    "NUL in notes": lambda call, agent: said(call, agent, notes="a\x00b"),
    "half a character in notes": lambda call, agent: said(call, agent, notes="a\ud800b"),
    "amount of 31 digits": lambda call, agent: said(call, agent, promise_minor=10**30),
    "callback at the end of time": lambda call, agent: said(call, agent, callback_at=LATE),
    "promise at the end of time": lambda call, agent: said(call, agent, promise_on="9999-12-31"),
    "nobody's disposition": lambda call, agent: said(call, agent, agent_id=agent + 1000),
    "NUL in the reason of an end": lambda call, _: EngineCommit((ended(call, reason="bye\x00"),)),
    "cause beyond its column": lambda call, _: EngineCommit((ended(call, cause=2**31),)),
    "NUL in a pause code": lambda _, agent: EngineCommit(
        agents=(AgentChange(agent, after(30), "paused", "\x00", None),)
    ),
    "half a character in an alarm": lambda _, agent: EngineCommit(
        alarms=(Alarm("odd", "x", "\udfff", after(30)),)
    ),
    "mark by nobody": lambda call, agent: EngineCommit(
        marks=(RecordingMark(call.id, after(31), "paused", agent + 1000),)
    ),
    "log of nobody": lambda _, agent: EngineCommit(
        agents=(AgentChange(agent + 1000, after(30), "ready", "", None),)
    ),
}


@pytest.fixture
async def talk(world: World) -> tuple[Call, int]:
    """A call that an agent talks in."""
    campaign, agent = await world.campaign(), await world.agent()
    call, _ = await place_one(world, campaign)
    return await run(world, call, *conversation(agent.id)[:4]), agent.id


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_both_stores_refuse(world: World, talk: tuple[Call, int], hostile: str) -> None:
    with pytest.raises(CommitRefused):
        await world.store.commit(HOSTILE[hostile](*talk), fence=world.fence)
    assert [shown.call for shown in await world.store.open_calls()] == [talk[0]]


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_what_offends_is_set_aside_and_the_rest_of_the_turn_is_written(
    world: World, talk: tuple[Call, int], hostile: str
) -> None:
    call, agent = talk
    (campaign,) = await world.store.campaigns()
    other, _ = await place_one(world, campaign, TWO)
    ringing, _ = step(other, CallEvent(K.RINGING), now=after(9))
    bad = HOSTILE[hostile](call, agent)
    turn = Turn(after(30))
    turn.transitions += [*bad.transitions, Transition(other.state, ringing, CallEvent(K.RINGING), after(9))]
    turn.agents += [*bad.agents, AgentChange(agent, after(30), "ready", "", None)]
    turn.dispositions += bad.dispositions
    turn.marks += [RecordingMark(call.id, after(30), "paused", agent), *bad.marks]
    turn.alarms += [*(alarm[:3] for alarm in bad.alarms), ("good", "x", "y")]
    logged, alarms = await world.rows("agent_log"), await world.rows("alarms")
    back = await Writer(world.store, EngineMetrics(CollectorRegistry())).write(turn, world.fence)
    assert back is not None
    assert back.call_ids == ((call.id,) if bad.transitions else ())
    assert [shown.call for shown in back.stored] == ([call] if bad.transitions else [])
    assert back.told == (((bad.dispositions[0].agent_id, "agent.dispose"),) if bad.dispositions else ())
    states = {shown.call.id: shown.call.state for shown in await world.store.open_calls()}
    assert states == {call.id: CallState.CONNECTED, other.id: CallState.RINGING}
    assert await world.rows("agent_log") == logged + 1
    assert await world.rows("marks") == 1
    assert await world.rows("quarantine") == 1
    assert await world.rows("alarms") == alarms + 2


async def test_an_old_fence_sets_nothing_aside(world: World) -> None:
    await world.take_over()
    with pytest.raises(FenceLost):
        await world.store.set_aside(
            [SetAside("dispositions", "1", "{}", "x")], at=after(1), fence=world.fence
        )
    assert await world.rows("quarantine") == 0


async def test_what_is_set_aside_again_after_a_lost_answer_is_there_once(world: World) -> None:
    records = [SetAside("dispositions", "1", "{}", "x"), SetAside("marks", "2", "{}", "y")]
    for _ in range(3):
        await world.store.set_aside(records, at=after(1), fence=world.fence)
    assert await world.rows("quarantine") == 2
    assert await world.alarm_count("quarantined", "marks 2") == 1
    await world.store.set_aside(records[1:], at=after(2), fence=world.fence)
    assert await world.rows("quarantine") == 3
    assert await world.alarm_count("quarantined", "marks 2") == 2
