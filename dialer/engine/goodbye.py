"""An agent puts the telephone down: on a desk phone that ends the call as the key on the page does.

A phone that is switched off, or a browser that goes away, may say goodbye as well. So the word counts only
when phone and page are still there a moment later; else the leg is lost, and the person kept for the agent.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from dialer.engine import calls, desk
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Goodbye, Turn
from dialer.model.agent import Agent, AgentState, LegState
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.facts import ChannelHungUp, OriginateFailed

CLEARED = frozenset({0, 16})
"""Q.850 causes of a phone that was put down; 0 = it gave none. One that failed or fell silent has another."""
GRACE = timedelta(seconds=0.5)
"""In which the page or the registration of a phone that goes away is gone too; the person hears music."""


def meant(agent: Agent, fact: ChannelHungUp | OriginateFailed | None) -> bool:
    """Whether the end of this leg, which is still in use, looks like a phone that was put down.

    Asked before the leg is taken down. A page that is new gets a new leg and drops the old one: no goodbye.
    """
    return (
        isinstance(fact, ChannelHungUp)
        and fact.cause in CLEARED
        and agent.leg_id == fact.channel_id
        and agent.leg_is_heard
    )


def said(state: FloorState, turn: Turn, agent: Agent, live: Live) -> None:
    """Look again in a moment whether phone and page are still there."""
    state.goodbyes[agent.id] = Goodbye(live.call.id, agent.session, turn.now + GRACE)
    state.wake(turn.now + GRACE)


def phone_is_gone(state: FloorState, turn: Turn, endpoint: str) -> None:
    """The telephone that said goodbye has left altogether: it was no key."""
    for agent_id, one in state.goodbyes.items():
        if state.agents[agent_id].endpoint == endpoint:
            state.goodbyes[agent_id] = replace(one, page="")


def fire(state: FloorState, turn: Turn) -> None:
    """What the goodbyes of a moment ago have meant."""
    for agent_id, one in list(state.goodbyes.items()):
        if one.until <= turn.now:
            del state.goodbyes[agent_id]
            _decide(state, turn, one, state.agents.get(agent_id), state.calls.get(one.call_id))


def next_deadline(state: FloorState) -> datetime | None:
    """When the next goodbye is looked at again."""
    return min((one.until for one in state.goodbyes.values()), default=None)


def _decide(state: FloorState, turn: Turn, one: Goodbye, agent: Agent | None, live: Live | None) -> None:
    if agent is None or live is None or agent.call_id != one.call_id or agent.leg is LegState.UP:
        return
    guest = live.consult is not None and live.consult.agent_id == agent.id
    if one.page and agent.session == one.page and not guest:
        desk.hang_up(state, turn, agent, one.call_id)
    elif agent.state is AgentState.ON_CALL:
        lost(state, turn, agent, live)


def lost(state: FloorState, turn: Turn, agent: Agent, live: Live) -> None:
    """The leg is gone and nobody meant it: the person is kept for the agent, then anybody's."""
    if live.call.state is CallState.CONNECTED and live.call.agent_id == agent.id:
        event = CallEvent(CallEventKind.AGENT_LOST, agent_id=agent.id, reason="leg hung up")
        calls.happen(state, turn, live.call.id, event, at=turn.now)
