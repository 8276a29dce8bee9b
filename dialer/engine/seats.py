"""Who sits in which bridge while a second agent is on a call: what joins them, who is found where."""

from collections import defaultdict
from uuid import UUID

from dialer.engine import effects
from dialer.engine.rooms.calls import Consult, Live
from dialer.engine.state import FloorState
from dialer.model.agent import Agent, AgentState
from dialer.model.call import CallState

Sitting = dict[str, list[Agent]]
"""Bridge → the agents whose legs are in it."""


def rejoined(state: FloorState, live: Live, agent: Agent) -> list[effects.Effect]:
    """What brings an agent whose leg is a new one to where the old one was; the person keeps their seat."""
    consult, person = live.consult, live.channel
    if live.call.state is not CallState.CONNECTED or agent.id not in _both(live):
        return []
    if consult is None:
        return [effects.Bridge(person, agent.leg_id)]
    owner, guest = state.agents[live.call.agent_id or 0], state.agents[consult.agent_id]
    # A phone that is away has no channel to be joined to; when it is back, it is joined itself.
    joined: list[effects.Effect] = []
    if owner.leg_id and guest.leg_id:
        apart = effects.Bridge(owner.leg_id, guest.leg_id)
        joined = [effects.JoinIn(guest.leg_id, owner.leg_id) if consult.three else apart]
    if consult.three and agent.id == owner.id:
        return [effects.Bridge(person, owner.leg_id), *joined]
    return joined


def _both(live: Live) -> set[int | None]:
    """The agents on a call."""
    return {live.call.agent_id, live.consult.agent_id if live.consult is not None else None}


def sitting(state: FloorState) -> Sitting:
    """Which agents sit together, by the bridges. A leg heard of since, or to be moved, is left out."""
    found: Sitting = defaultdict(list)
    for name, bridge in state.bridges.items():
        known_since = name in state.heard or name in state.owed
        agent = None if known_since else state.agent_of_leg(name)
        if agent is not None and agent.leg_id == name:
            found[bridge].append(agent)
    return found


def consult_seen(state: FloorState, live: Live, together: Sitting) -> Consult | None:
    """The colleague who sits with the person, or apart with the agent, where the books do not know it.

    What the books have written in this life of the engine holds: the bridges follow it.
    """
    known, owner = live.consult, state.agents.get(live.call.agent_id or 0)
    if live.call.state is not CallState.CONNECTED or owner is None or (known and not known.remembered):
        return known
    with_person = state.bridges.get(live.channel, "")
    bridge = with_person or state.bridges.get(owner.leg_id, "")
    guest = next((one for one in together.get(bridge, ()) if _may_be_guest(one, live, owner)), None)
    if guest is not None:
        return Consult(guest.id, three=bool(with_person))
    sure = known is not None and not state.heard.keys() & {owner.leg_id, state.agents[known.agent_id].leg_id}
    return None if sure else known


def _may_be_guest(guest: Agent, live: Live, owner: Agent) -> bool:
    return (
        guest.id != owner.id
        and guest.state is not AgentState.WRAP_UP
        and guest.call_id in (None, live.call.id)
    )


def seated(state: FloorState, agent: Agent) -> bool:
    """Whether the agent's leg still is in a bridge with a live person, or with an agent who is on a call."""
    bridge = state.bridges.get(agent.leg_id)
    if bridge is None:
        return False
    return any(name != agent.leg_id and _has_call(state, agent, name) for name in state.bridges.mates(bridge))


def _has_call(state: FloorState, agent: Agent, name: str) -> bool:
    """Whether a channel is that of a live person, or the leg of another agent who is on a call."""
    other = state.agent_of_leg(name)
    if other is not None:
        return other.leg_id == name and other.id != agent.id and other.call_id in state.calls
    try:
        return UUID(name) in state.calls
    except ValueError:
        return False
