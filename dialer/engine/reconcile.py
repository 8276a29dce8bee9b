"""After a restart or a lost link: compare rows with channels, adopt or end. Nobody is dialled twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import alarms, calls, consult, desk, effects, inbound, muting, owed
from dialer.engine.inputs import SnapshotIn
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import Agent, AgentState, LegState
from dialer.model.call import CallEvent, CallEventKind, CallState, connect_limit
from dialer.model.facts import Arrived, ChannelSnapshot
from dialer.model.orders import DIALPLAN
from dialer.ports import Tape

CERTAIN_AFTER = 1.5
"""Seconds a channel must be missed, in two looks: an originate may be under way."""

_K = CallEventKind
_LONGEST_PATH = 5
"""Steps from a number dialled to a conversation, one more than there are."""
_SCREENING_CONTEXTS = frozenset(
    {"cadencia-customer", "cadencia-screening", "cadencia-inbound", "cadencia-admitted"}
)
_LEAVING_CONTEXTS = frozenset({"cadencia-safe-harbour", "cadencia-confirm"})


def reconcile(state: FloorState, turn: Turn, look: SnapshotIn) -> None:
    """Bring the floor in line with the channels that are really there."""
    state.looked, state.due = True, None  # what fell due meanwhile is judged in this turn
    snapshot, asked_at = look.snapshot, look.asked_at
    _learn_dialplan(state, turn, snapshot.dialplan, asked_at)
    channels = {channel.channel_id: channel for channel in snapshot.channels}
    # The list may be older than facts that overtook it: of those channels it proves no loss.
    state.heard = {name: at for name, at in state.heard.items() if at > asked_at}
    listed = {name: channel.bridge_id for name, channel in channels.items() if channel.bridge_id}
    state.bridges.become(
        {
            **{name: bridge for name, bridge in listed.items() if name not in state.heard},
            **{name: bridge for name, bridge in state.bridges.items() if name in state.heard},
        }
    )
    _reconcile_legs(state, turn, channels)
    consult.rebuild(state, turn)
    for live in list(state.calls.values()):
        if live.channel in channels:
            _telephones_lost(state, turn, live)
        channel = channels.get(live.channel)
        tape = look.tapes.get(live.call.id)
        if channel is None:
            _missed(state, turn, live, asked_at, tape)
        else:
            live.missing_since = None
            if channel.context == "cadencia-inbound" and live.call.state is CallState.SCREENING:
                inbound.admit(state, turn, live)
            if channel.up and tape is not None:
                _was_answered(state, turn, live, asked_at, tape)
            _catch_up(state, turn, live, channel)
    owed.give_again(state, turn, channels, asked_at)
    muting.compare(state, turn, look.silent)
    _end_orphans(state, turn, snapshot.channels)


def _learn_dialplan(state: FloorState, turn: Turn, told: str | None, asked_at: datetime) -> None:
    """An older dialplan hangs up on whoever answers: with another than ours nothing is dialled."""
    if told is None and _still_believed(state, turn, asked_at):
        return
    if told is not None:
        state.dialplan_unread_since = None
    found = told or ""
    if not found and state.dialplan == DIALPLAN:
        turn.effects.append(effects.TakeSnapshot())  # in a reload there may be none for a moment
    if found != DIALPLAN and found != state.dialplan:
        detail = f"extensions_cadencia.conf has version {found or 'none'}, not {DIALPLAN}: nothing is dialled"
        alarms.begins(state, turn, "dialplan_version", "pbx", detail)
    elif found == DIALPLAN:
        alarms.over(state, turn, "dialplan_version", "pbx")
    state.dialplan = found


def _still_believed(state: FloorState, turn: Turn, asked_at: datetime) -> bool:
    """A PBX that is busy refuses to say: what it said before holds until a second look, some time later."""
    if state.dialplan != DIALPLAN:
        return False
    if state.dialplan_unread_since is None:
        state.dialplan_unread_since = asked_at
        turn.effects.append(effects.TakeSnapshot())
    return _seconds(state.dialplan_unread_since, asked_at) < CERTAIN_AFTER


def _missed(state: FloorState, turn: Turn, live: Live, asked_at: datetime, tape: Tape | None) -> None:
    """A call without a channel. Where nothing proves when it ended, it was there until we looked."""
    if live.call.placed_at > asked_at or live.channel in state.heard:
        return
    if live.missing_since is None:
        live.missing_since = asked_at
        if live.call.state is CallState.DIALING:
            turn.effects.append(effects.TakeSnapshot())
            return
    if live.call.state is CallState.DIALING and _seconds(live.missing_since, asked_at) < CERTAIN_AFTER:
        turn.effects.append(effects.TakeSnapshot())
        return
    ended_at = asked_at
    if tape is not None:
        _was_answered(state, turn, live, asked_at, tape)
        if not _died_with_the_pbx(state, live):
            ended_at = asked_at - timedelta(seconds=tape.age)
    if _died_with_the_pbx(state, live) and live.call.answered_at and live.call.connected_at is None:
        # Whoever had no agent is on a dead line past every limit, though the new PBX was quick.
        ended_at = max(ended_at, connect_limit(live.call))
    event = CallEvent(_K.VANISHED, reason="no channel")
    calls.happen(state, turn, live.call.id, event, at=ended_at)


def _died_with_the_pbx(state: FloorState, live: Live) -> bool:
    """Whether the recording ended because its PBX did: then it is no witness of a hang-up.

    What the PBX had not written yet, up to two seconds, died with it: such a recording ends too early.
    """
    return state.pbx_renewed_at is not None and live.call.placed_at < state.pbx_renewed_at


def _was_answered(state: FloorState, turn: Turn, live: Live, asked_at: datetime, tape: Tape) -> None:
    """A recording runs from the answer on: it tells of an answer that nobody saw."""
    if live.call.answered_at is None:
        answered_at = asked_at - timedelta(seconds=tape.age + tape.seconds)
        event = _made_up(_K.ANSWERED, "there is a recording")
        calls.happen(state, turn, live.call.id, event, at=answered_at)


def _seconds(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds()


def _catch_up(state: FloorState, turn: Turn, live: Live, channel: ChannelSnapshot) -> None:
    """Play the events that were missed, in the table's order."""
    for _ in range(_LONGEST_PATH):
        path = missed_events(state, live, channel)
        if not path or live.call.id not in state.calls:
            return
        calls.happen(state, turn, live.call.id, path[0], at=turn.now)


def _made_up(kind: CallEventKind, why: str = "", agent_id: int | None = None) -> CallEvent:
    words = f"reconciled: {why}" if why else "reconciled"
    return CallEvent(kind, agent_id=agent_id, reason=words, reconciled=True)


def missed_events(state: FloorState, live: Live, channel: ChannelSnapshot) -> Sequence[CallEvent]:
    """The path from the stored state to what the channel shows."""
    path: list[CallEvent] = []
    at = live.call.state
    if at is CallState.DIALING and channel.ringing:
        return [_made_up(_K.RINGING)]
    if not channel.up:
        return []
    if at in (CallState.DIALING, CallState.RINGING):
        path.append(_made_up(_K.ANSWERED))
        at = CallState.SCREENING
    past_screening = channel.bridge_id or channel.context not in _SCREENING_CONTEXTS
    if at is CallState.SCREENING and past_screening:
        path.append(_made_up(_K.HUMAN, "unsure means human"))
        at = CallState.WAITING
    bridge = state.bridges.get(channel.channel_id, "")
    agent = _agent_in(state, bridge)
    if at is CallState.WAITING and agent is not None:
        path.append(_made_up(_K.BRIDGED, agent_id=agent.id))
    elif at is CallState.WAITING and channel.context == "cadencia-safe-harbour":
        live.excused = True
        path.append(_made_up(_K.DEADLINE, calls.FALLBACK))
    elif live.consult is not None and not live.consult.three:
        pass  # the person hears music while two agents speak
    elif at is CallState.CONNECTED and _is_alone(state, live, bridge):
        path.append(_made_up(_K.AGENT_LOST, agent_id=live.call.agent_id))
    return path


def _is_alone(state: FloorState, live: Live, bridge: str) -> bool:
    """In no bridge, or in one that none of us is in, and the agent's telephone is away."""
    if live.channel in state.heard:
        return False  # the list may be older
    owner = state.agents.get(live.call.agent_id or 0)
    away = owner is None or not owner.leg_id
    return not bridge or (away and _agent_in(state, bridge) is None)


def _telephones_lost(state: FloorState, turn: Turn, live: Live) -> None:
    """A leg that went unseen means what one means whose end was told: the person gets somebody else."""
    agent = state.agents.get(live.assigned or 0)
    if agent is not None and not agent.leg_id:
        calls.unjoined(state, turn, live, agent)
    if live.consult is not None and not live.consult.remembered:
        for agent_id in (live.consult.agent_id, live.call.agent_id):
            agent = state.agents.get(agent_id or 0)
            if agent is not None and not agent.leg_id:
                consult.leg_lost(state, turn, live, agent)


def _agent_in(state: FloorState, bridge_id: str) -> Agent | None:
    if not bridge_id:
        return None
    mates = state.bridges.mates(bridge_id)
    return next((agent for name in mates if (agent := state.agent_of_leg(name)) is not None), None)


def _reconcile_legs(state: FloorState, turn: Turn, channels: dict[str, ChannelSnapshot]) -> None:
    for agent in list(state.agents.values()):
        pending = state.pending_legs.get(agent.id)
        if agent.leg is LegState.UP and not (agent.leg_id in channels or agent.leg_id in state.heard):
            desk.leg_down(state, turn, agent, agent.leg_id)
        elif pending and not (pending in channels or pending in state.heard):
            desk.leg_down(state, turn, agent, pending)
    for name, channel in channels.items():
        if name.startswith("leg-") and channel.up and name not in state.heard:
            _adopt_leg(state, turn, name)


def _adopt_leg(state: FloorState, turn: Turn, name: str) -> None:
    """A leg that outlived the engine is taken over when its agent was on shift."""
    number = name.split("-")[1]
    agent = state.agents.get(int(number)) if number.isdigit() else None
    if agent is None or agent.state is AgentState.OFFLINE:
        turn.effects.append(effects.HangUp(name))
    elif state.pending_legs.get(agent.id) == name:
        desk.leg_up(state, turn, agent, name)
    elif agent.leg is not LegState.UP:
        page = desk.page_of_leg(name)
        desk.keep(state, turn, replace(agent, leg=LegState.UP, leg_id=name, leg_page=page))
    elif agent.leg_id != name:
        turn.effects.append(effects.HangUp(name))


def _end_orphans(state: FloorState, turn: Turn, channels: Sequence[ChannelSnapshot]) -> None:
    """Channels of calls that are over in the books: unanswered ones end, who answered hears the message."""
    alive = {live.channel for live in state.calls.values()}
    for channel in channels:
        if channel.channel_id in alive:
            continue
        call_id = _uuid(channel.channel_id)
        known = call_id is None or call_id in state.calls or call_id in state.just_ended
        known = known or channel.channel_id in state.owed
        if known or channel.context in _LEAVING_CONTEXTS:
            continue
        if channel.called:
            inbound.arrived(state, turn, Arrived(channel.channel_id, channel.caller, channel.called))
            continue
        if not channel.up or channel.bridge_id:
            turn.effects.append(effects.HangUp(channel.channel_id))
        else:
            turn.effects.append(effects.PlayMessage(channel.channel_id))
        turn.alarms.append(("orphan_channel", channel.channel_id, channel.context))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
