"""Waiting persons to available agents, jointly, at the end of every turn."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import desk, effects, hearing, inbound, preview, seats
from dialer.engine.calls import BRIDGE_LIMIT
from dialer.engine.floors import clock_start
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, AgentState, LegState
from dialer.model.call import CallState
from dialer.model.needs import required_skills, wanted_skills
from dialer.ports import CallbackDue
from routing import Assignment, FreeAgent, Router, WaitingPerson, Weights, assign, shrunk_success

_ROUTE: Router = assign
SAME_AGENT_GRACE = 8.0
"""Seconds a person who lost the agent in mid-call is kept for that agent alone."""


def match(state: FloorState, turn: Turn) -> None:
    """Join every waiting person for whom there is an agent."""
    if not state.looked:
        return
    waiting = [live for live in state.waiting.values() if _needs_agent(live)]
    rest = [live for live in waiting if not (_returned(state, turn, live) or _started(state, turn, live))]
    sure = [live for live in rest if live.call.verdict != "audit"]
    # The law gives whom we called two seconds; the pacing holds agents back for who called us.
    _route(state, turn, [live for live in sure if not inbound.queued(live)])
    _serve_queue(state, turn, [live for live in sure if inbound.queued(live)])
    _route(state, turn, _released(state, turn))
    # An audited machine gets an agent whom nobody else needs.
    _route(state, turn, [live for live in rest if live.call.verdict == "audit"])


def _route(state: FloorState, turn: Turn, lives: Sequence[Live]) -> None:
    for assignment in _assignments(state, turn, lives):
        _join(state, turn, assignment)


def _assignments(state: FloorState, turn: Turn, lives: Sequence[Live]) -> Sequence[Assignment]:
    if not lives:
        return ()
    persons = [_person(state, live, turn.now) for live in lives]
    return _ROUTE(persons, _free_of(state, _free_ones(state), turn.now))


def _free_of(state: FloorState, agents: Sequence[Agent], now: datetime) -> list[FreeAgent]:
    mean = _mean_success(state)
    return [_free(state, agent, mean, now) for agent in agents]


def _free_ones(state: FloorState) -> list[Agent]:
    """Who may get a person; nobody does who still hears another one."""
    return [agent for agent in state.agents.free() if not seats.seated(state, agent)]


def _serve_queue(state: FloorState, turn: Turn, lives: Sequence[Live]) -> None:
    """Who called in, on the line or called back, by how long they have waited; a person on one line only."""
    second = inbound.behind(state) if lives else frozenset()
    lives = [live for live in lives if live.call.id not in second]
    due = inbound.places(state, turn.now) if state.dials else []
    kept = {f"place {one.lead_id}": one for one in due}
    persons = [_person(state, live, turn.now) for live in lives]
    persons += [_keeper(state, key, one, turn.now) for key, one in kept.items()]
    if not persons:
        return
    crew = [one for one in _free_ones(state) if one.id not in state.seeking]
    for assignment in _ROUTE(persons, _free_of(state, crew, turn.now)):
        if (place := kept.get(assignment.call_id)) is None:
            _join(state, turn, assignment)
        else:
            preview.call_back(state, turn, state.agents[assignment.agent_id], place)


def _keeper(state: FloorState, key: str, due: CallbackDue, now: datetime) -> WaitingPerson:
    """Who keeps a place waits since the call came in; the skills of the campaign are needed."""
    campaign = state.campaigns[due.campaign_id]
    return WaitingPerson(
        call_id=key,
        campaign_id=campaign.id,
        waiting=(now - (due.place_since or now)).total_seconds(),
        required=dict(campaign.required_skills),
        weights=Weights(**campaign.settings.routing.model_dump()),
    )


def _released(state: FloorState, turn: Turn) -> list[Live]:
    """Calls that are not clear, as many as there are agents who would be idle: these wait from now on."""
    unclear = [state.calls[key] for key in state.unclear if key in state.calls]
    screening = [live for live in unclear if live.call.state is CallState.SCREENING]
    state.unclear = {live.call.id for live in screening}
    chosen = [state.calls[UUID(one.call_id)] for one in _assignments(state, turn, screening)]
    for live in chosen:
        hearing.release_unclear(state, turn, live)
    return [live for live in chosen if _needs_agent(live)]


def _needs_agent(live: Live) -> bool:
    return live.call.state is CallState.WAITING and live.assigned is None and not live.excused


def _returned(state: FloorState, turn: Turn, live: Live) -> bool:
    """Keep a person for the agent who was lost; join them again as soon as that agent's phone is up."""
    if live.same_agent is None or live.lost_at is None:
        return False
    agent = state.agents.get(live.same_agent)
    if agent is None or agent.call_id != live.call.id or agent.state is not AgentState.ON_CALL:
        return False
    if agent.leg is LegState.UP and not agent.mute:
        bridge(state, turn, live, agent)
        return True
    if (turn.now - live.lost_at).total_seconds() < SAME_AGENT_GRACE:
        return True
    state.wrapping[agent.id] = live
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.CALL_ENDED))
    return False


def _started(state: FloorState, turn: Turn, live: Live) -> bool:
    """Who started a call gets its person; a person whose agent was lost meanwhile is anybody's."""
    agent = state.agents.get(live.call.reserved_for or 0)
    if agent is None or not desk.awaits(agent, live) or not agent.can_talk:
        return False
    live.routing = {"reserved": True}
    desk.change(state, turn, agent, AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id))
    bridge(state, turn, live, state.agents[agent.id])
    return True


def _person(state: FloorState, live: Live, now: datetime) -> WaitingPerson:
    call, card = live.call, live.card
    campaign = state.campaigns[call.campaign_id]
    creditors = [str(debt["creditor"]) for debt in card.debts if debt.get("status", "open") == "open"]
    settings = campaign.settings
    return WaitingPerson(
        call_id=str(call.id),
        campaign_id=call.campaign_id,
        waiting=(now - _since(live, now)).total_seconds(),
        required=_required(
            live, required_skills(campaign.required_skills, settings, card.language, creditors)
        ),
        wanted=wanted_skills(card.language, card.debts),
        same_agent=live.same_agent if live.same_agent is not None else card.last_agent,
        only=live.handover.agent_id if live.handover is not None else None,
        without=live.handover.by if live.handover is not None else None,
        weights=Weights(**settings.routing.model_dump()),
    )


def _since(live: Live, now: datetime) -> datetime:
    """From when a person waits: who called in, since the call came."""
    return live.call.placed_at if inbound.queued(live) else clock_start(live.call) or now


def _required(live: Live, needed: dict[str, int]) -> dict[str, int]:
    """A skill that the person was handed on for is needed besides."""
    skill = live.handover.skill if live.handover is not None else ""
    return {**needed, skill: max(1, needed.get(skill, 1))} if skill else needed


def give(state: FloorState, turn: Turn, live: Live) -> bool:
    """Join this one person to the best agent who is free now; False when there is none."""
    made = _assignments(state, turn, [live])
    for assignment in made:
        _join(state, turn, assignment)
    return bool(made)


def best_for(state: FloorState, turn: Turn, live: Live) -> Assignment | None:
    """The best agent who is free now for this person, and why."""
    return next(iter(_assignments(state, turn, [live])), None)


def _free(state: FloorState, agent: Agent, mean: float, now: datetime) -> FreeAgent:
    idle = (now - agent.idle_since).total_seconds() if agent.idle_since else 0.0
    spoken, good = state.results.get(agent.id, (0, 0))
    busy = state.occupancies.get(agent.id)
    return FreeAgent(
        agent.id,
        agent.campaigns,
        agent.skills,
        idle,
        success=shrunk_success(good, spoken, mean),
        occupancy=busy.at_time(now) if busy is not None else 0.0,
    )


def _mean_success(state: FloorState) -> float:
    spoken = sum(one for one, _ in state.results.values())
    return sum(good for _, good in state.results.values()) / spoken if spoken else 0.0


def _join(state: FloorState, turn: Turn, assignment: Assignment) -> None:
    live = state.calls[UUID(assignment.call_id)]
    live.routing = dict(assignment.reason)
    starter = state.agents.get(live.call.reserved_for or 0)
    if starter is not None and desk.awaits(starter, live):
        desk.change(state, turn, starter, AgentEvent(AgentEventKind.UNANSWERED))
    agent = state.agents[assignment.agent_id]
    event = AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id)
    desk.change(state, turn, agent, event)
    bridge(state, turn, live, agent)


def bridge(state: FloorState, turn: Turn, live: Live, agent: Agent) -> None:
    """Join the person and the agent, whose call it is already."""
    live.assigned, live.assigned_at = agent.id, turn.now
    state.wake(turn.now + timedelta(seconds=BRIDGE_LIMIT))
    turn.effects.append(effects.Bridge(live.channel, agent.leg_id))
