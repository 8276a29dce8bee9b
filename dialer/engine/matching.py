"""Waiting persons to available agents, jointly, at the end of every turn."""

from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import desk, effects
from dialer.engine.calls import BRIDGE_LIMIT
from dialer.engine.state import FloorState, Live, Turn
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, AgentState, LegState
from dialer.model.call import CallState
from routing import Assignment, FreeAgent, Router, WaitingPerson, assign

_ROUTE: Router = assign
SAME_AGENT_GRACE = 8.0
"""Seconds a person who lost the agent in mid-call is kept for that agent alone."""


def match(state: FloorState, turn: Turn) -> None:
    """Join every waiting person for whom there is an agent."""
    waiting = [live for live in state.waiting.values() if _needs_agent(live)]
    if not waiting or not state.looked:
        return
    rest = [live for live in waiting if not (_returned(state, turn, live) or _started(state, turn, live))]
    persons = [_person(state, live, turn.now) for live in rest]
    free = [_free(agent, turn.now) for agent in state.agents.values() if agent.available]
    for assignment in _ROUTE(persons, free):
        _join(state, turn, assignment)


def _needs_agent(live: Live) -> bool:
    return live.call.state is CallState.WAITING and live.assigned is None


def _returned(state: FloorState, turn: Turn, live: Live) -> bool:
    """Keep a person for the agent who was lost; join them again as soon as that agent's phone is up."""
    if live.same_agent is None or live.lost_at is None:
        return False
    agent = state.agents.get(live.same_agent)
    if agent is None or agent.call_id != live.call.id or agent.state is not AgentState.ON_CALL:
        return False
    if agent.leg is LegState.UP:
        _bridge(state, turn, live, agent)
        return True
    if (turn.now - live.lost_at).total_seconds() < SAME_AGENT_GRACE:
        return True
    state.wrapping[agent.id] = live
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.CALL_ENDED))
    return False


def _started(state: FloorState, turn: Turn, live: Live) -> bool:
    """Who started a call gets its person; a person whose agent was lost meanwhile is anybody's."""
    agent = state.agents.get(live.call.reserved_for or 0)
    if agent is None or not desk.awaits(agent, live) or not (agent.leg is LegState.UP and agent.leg_is_heard):
        return False
    live.routing = {"reserved": True}
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id))
    _bridge(state, turn, live, state.agents[agent.id])
    return True


def _person(state: FloorState, live: Live, now: datetime) -> WaitingPerson:
    call = live.call
    start = call.answered_at or now
    return WaitingPerson(
        call_id=str(call.id),
        campaign_id=call.campaign_id,
        waiting=(now - start).total_seconds(),
        required=dict(state.campaigns[call.campaign_id].required_skills),
        same_agent=live.same_agent,
    )


def _free(agent: Agent, now: datetime) -> FreeAgent:
    idle = (now - agent.idle_since).total_seconds() if agent.idle_since else 0.0
    return FreeAgent(agent.id, agent.campaigns, agent.skills, idle)


def _join(state: FloorState, turn: Turn, assignment: Assignment) -> None:
    live = state.calls[UUID(assignment.call_id)]
    live.routing = dict(assignment.reason)
    starter = state.agents.get(live.call.reserved_for or 0)
    if starter is not None and desk.awaits(starter, live):
        desk.change(state, turn, starter, AgentEvent(AgentEventKind.UNANSWERED))
    agent = state.agents[assignment.agent_id]
    event = AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id)
    desk.change(state, turn, agent, event)
    _bridge(state, turn, live, agent)


def _bridge(state: FloorState, turn: Turn, live: Live, agent: Agent) -> None:
    live.assigned, live.assigned_at = agent.id, turn.now
    state.wake(turn.now + timedelta(seconds=BRIDGE_LIMIT))
    turn.effects.append(effects.Bridge(str(live.call.id), agent.leg_id))
