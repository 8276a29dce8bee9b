"""An agent hands the person on: to a colleague, or to whoever has a skill. Context and recording go along."""

from dataclasses import replace
from operator import itemgetter
from typing import Any
from uuid import UUID

from dialer.engine import calls, desk, matching
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import Agent, AgentEvent, AgentEventKind
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.commands import Along, Consult, Transfer
from dialer.model.handover import Handover
from dialer.model.outcomes import Outcome
from routing import Assignment

NOBODY = "nobody is free for it"
_MOST_SHOWN = 30


def take(state: FloorState, turn: Turn, agent: Agent, asked: Transfer) -> None:
    """Hand on at once: only to somebody who is free, so that nobody waits in nowhere."""
    live = _mine(state, agent, asked.call_id)
    if live.call.id in turn.touched or live.consult is not None:
        raise desk.CommandRefused("not your call")
    handover = wanted(state, agent, asked)
    if best_for(state, turn, live, handover) is None:
        raise desk.CommandRefused(NOBODY)
    hand_over(state, turn, agent, live, handover, reason=_reason(handover))
    matching.give(state, turn, live)


def best_for(state: FloorState, turn: Turn, live: Live, handover: Handover) -> Assignment | None:
    """The best agent who is free now for a person who would be handed on like this, and why."""
    before, live.handover = live.handover, handover
    chosen = matching.best_for(state, turn, live)
    live.handover = before
    return chosen


def hand_over(
    state: FloorState, turn: Turn, agent: Agent, live: Live, handover: Handover, *, reason: str
) -> None:
    """The call leaves this agent, who wraps up what it was until now; what was said goes along."""
    before, live.handover = live.handover, handover
    event = CallEvent(CallEventKind.TRANSFERRED, agent_id=agent.id, reason=reason)
    calls.happen(state, turn, live.call.id, event, at=turn.now)
    # How long each of two agents talked teaches nothing about either.
    live.same_agent, live.parted_at, live.timed = None, None, False
    over = replace(live.call, ended_at=turn.now, outcome=Outcome.CONVERSATION)
    state.wrapping[agent.id] = replace(live, call=over, handover=before)
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.CALL_ENDED))


def _mine(state: FloorState, agent: Agent, call_id: UUID) -> Live:
    live = state.calls.get(call_id)
    if live is None or agent.call_id != live.call.id or live.call.state is not CallState.CONNECTED:
        raise desk.CommandRefused("not your call")
    return live


def wanted(state: FloorState, agent: Agent, asked: Transfer | Consult) -> Handover:
    """To whom, by what the agent's page says; raises CommandRefused."""
    skill, other = asked.skill, asked.agent_id
    if bool(skill) == (other is not None):
        raise desk.CommandRefused("a transfer goes to an agent or to a skill")
    if other is not None and other not in state.agents:
        raise desk.CommandRefused(NOBODY)
    return told(Handover(agent.id, skill, other), asked)


def told(handover: Handover, asked: Along) -> Handover:
    """With what the agent's page sends along; what it leaves out stays as it was."""
    return replace(
        handover,
        note=asked.note or handover.note,
        code=asked.code or handover.code,
        notes=asked.notes or handover.notes,
    )


def _reason(handover: Handover) -> str:
    return f"to skill {handover.skill}" if handover.skill else f"to agent {handover.agent_id}"


def targets(state: FloorState, agent: Agent, live: Live) -> list[dict[str, Any]]:
    """Whom this agent may hand the person on to now: skills with how many are free, then colleagues."""
    if live.call.state is not CallState.CONNECTED or live.consult is not None:
        return []
    free = [
        other
        for other in state.agents.values()
        if other.available and other.id != agent.id and live.call.campaign_id in other.campaigns
    ]
    skills = sorted({code for other in free for code in other.skills})
    groups: list[dict[str, Any]] = [
        {"skill": code, "agent_id": None, "name": code, "free": sum(code in other.skills for other in free)}
        for code in skills
    ]
    people: list[dict[str, Any]] = [
        {"skill": "", "agent_id": other.id, "name": other.name, "free": 1} for other in free
    ]
    return [*groups, *sorted(people, key=itemgetter("name"))][:_MOST_SHOWN]
