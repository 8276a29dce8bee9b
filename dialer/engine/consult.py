"""A second agent on a call: asked beside the person (warm transfer), or together with the person (three-way).

The agent who asked keeps the call until it is handed over. Whoever is lost, the person gets the other.
"""

from dataclasses import replace

from dialer.engine import desk, effects, matching, seats, transfer
from dialer.engine.rooms.calls import Consult, Live
from dialer.engine.state import FloorState, Turn
from dialer.model import commands
from dialer.model.agent import Agent, AgentEvent, AgentEventKind, AgentState
from dialer.model.call import CallState
from dialer.model.handover import Handover

NOT_CONSULTING = "nobody was called in"
NO_AUDIO = "no audio"
NOT_LOOKED = "the lines are being looked at"
"""The engine has just started: who sits with whom is not known yet."""
Asked = commands.Consult | commands.ConsultJoin | commands.ConsultComplete | commands.ConsultEnd


def take(state: FloorState, turn: Turn, agent: Agent, asked: Asked) -> None:
    """One request of the agent on the call, or of the one who was called in."""
    live = state.calls.get(asked.call_id)
    if live is None or agent.call_id != live.call.id or live.call.state is not CallState.CONNECTED:
        raise desk.CommandRefused("not your call")
    if live.consult is not None and live.consult.remembered:
        raise desk.CommandRefused(NOT_LOOKED)
    if isinstance(asked, commands.ConsultEnd):
        return _end(state, turn, live)
    if live.call.agent_id != agent.id:
        raise desk.CommandRefused("not your call")
    match asked:
        case commands.Consult():
            _begin(state, turn, agent, live, asked)
        case commands.ConsultJoin():
            _join(state, turn, agent, live)
        case commands.ConsultComplete():
            if live.consult is None:
                raise desk.CommandRefused(NOT_CONSULTING)
            _complete(state, turn, agent, live, _told(live.consult, agent, asked))


def _begin(state: FloorState, turn: Turn, agent: Agent, live: Live, wish: commands.Consult) -> None:
    """Speak to a colleague who is free, while the person hears music."""
    if live.consult is not None or live.call.id in turn.touched:
        raise desk.CommandRefused("somebody was called in already")
    if not agent.leg_id:
        raise desk.CommandRefused(NO_AUDIO)
    handover = transfer.wanted(state, agent, wish)
    chosen = transfer.best_for(state, turn, live, handover)
    if chosen is None:
        raise desk.CommandRefused(transfer.NOBODY)
    asked = state.agents[chosen.agent_id]
    desk.change(state, turn, asked, AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id))
    live.consult = Consult(asked.id, routing=dict(chosen.reason), handover=handover.given())
    live.parted_at = None
    turn.effects.append(effects.Bridge(agent.leg_id, asked.leg_id))
    turn.shown |= {agent.id, asked.id}


def _join(state: FloorState, turn: Turn, agent: Agent, live: Live) -> None:
    """The person comes in: all three hear each other."""
    if live.consult is None:
        raise desk.CommandRefused(NOT_CONSULTING)
    if live.consult.three:
        return
    asked = state.agents[live.consult.agent_id]
    if not (agent.leg_id and asked.leg_id):
        raise desk.CommandRefused(NO_AUDIO)
    live.consult = replace(live.consult, three=True)
    turn.effects.append(effects.Bridge(live.channel, agent.leg_id))
    turn.effects.append(effects.JoinIn(asked.leg_id, agent.leg_id))
    turn.shown |= {agent.id, asked.id}


def _told(consult: Consult, agent: Agent, asked: commands.ConsultComplete) -> Consult:
    """With what the page says now; what it leaves out is as it was when the colleague was asked."""
    return replace(consult, handover=transfer.told(consult.handover or Handover(agent.id), asked))


def _complete(state: FloorState, turn: Turn, agent: Agent, live: Live, consult: Consult) -> None:
    """The person goes over to the colleague; the agent wraps up."""
    if live.call.id in turn.touched:
        raise desk.CommandRefused("not your call")
    live.consult = None
    handover = consult.handover or Handover(agent.id)
    reason = f"to agent {consult.agent_id}, after asking"
    transfer.hand_over(state, turn, agent, live, handover, reason=reason)
    live.routing = dict(consult.routing)
    matching.bridge(state, turn, live, state.agents[consult.agent_id])
    turn.shown.add(consult.agent_id)


def _end(state: FloorState, turn: Turn, live: Live) -> None:
    """The colleague leaves; the person is the agent's as before."""
    if live.consult is None:
        raise desk.CommandRefused(NOT_CONSULTING)
    consult, live.consult = live.consult, None
    asked, agent = state.agents[consult.agent_id], state.agents[live.call.agent_id or 0]
    if not consult.three and agent.leg_id:
        state.heard[live.channel] = turn.now
        turn.effects.append(effects.Bridge(live.channel, agent.leg_id))
    elif consult.three and asked.leg_id:
        state.heard[asked.leg_id] = turn.now
        turn.effects.append(effects.Release(asked.leg_id))
    desk.change(state, turn, asked, AgentEvent(AgentEventKind.UNASSIGNED))
    turn.shown.add(agent.id)


def leg_lost(state: FloorState, turn: Turn, live: Live, agent: Agent) -> bool:
    """A telephone of the two is gone: the person gets the other. False when there are no two."""
    consult = live.consult
    if consult is None or live.call.state is not CallState.CONNECTED:
        return False
    if agent.id == consult.agent_id:
        _end(state, turn, live)
    elif live.call.id not in turn.touched and state.agents[consult.agent_id].leg_id:
        _complete(state, turn, agent, live, consult)
    else:
        # Something else happened to the call in this very turn, or the colleague has no telephone either: the
        # person waits, and is anybody's.
        _end(state, turn, live)
        return False
    return True


def rebuild(state: FloorState, turn: Turn) -> None:
    """After a look at the bridges: who was called in by an earlier engine, or never left, is on the call."""
    together = seats.sitting(state)
    for live in state.calls.values():
        seen = seats.consult_seen(state, live, together)
        if seen != live.consult:
            _corrected(state, turn, live, seen)


def _corrected(state: FloorState, turn: Turn, live: Live, seen: Consult | None) -> None:
    before, live.consult = live.consult, seen
    turn.shown |= {live.call.agent_id or 0} & state.agents.keys()
    if before is not None and (seen is None or seen.agent_id != before.agent_id):
        left = state.agents[before.agent_id]
        if left.state is AgentState.ON_CALL:
            desk.change(state, turn, left, AgentEvent(AgentEventKind.UNASSIGNED))
    if seen is None:
        return
    guest = state.agents[seen.agent_id]
    turn.shown.add(guest.id)
    if guest.state is AgentState.READY:
        desk.change(state, turn, guest, AgentEvent(AgentEventKind.ASSIGNED, call_id=live.call.id))
    elif guest.state is not AgentState.ON_CALL:
        # Nobody listens who is not on the call.
        live.consult = None
        turn.effects.append(effects.Release(guest.leg_id))
