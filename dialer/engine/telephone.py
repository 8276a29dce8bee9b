"""What facts from the PBX mean for calls and agents."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import (
    alarms,
    calls,
    consult,
    desk,
    goodbye,
    hearing,
    inbound,
    listening,
    muting,
    owed,
    silence,
    trunks,
)
from dialer.engine.effects import HangUp, PlayMessage, TakeSnapshot
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import Agent, AgentState, LegState
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.campaign import Screening
from dialer.model.facts import (
    AnsweredTooLate,
    Arrived,
    CaseTold,
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    Chose,
    EarlyMedia,
    EarsDown,
    EarsUp,
    EndpointReachable,
    GreetingOver,
    Heard,
    HeardFact,
    HoldChanged,
    Intruded,
    Joined,
    LinkDown,
    LinkUp,
    MessagePlayed,
    OrderRefused,
    OriginateFailed,
    PacketsCounted,
    Parted,
    RecordingPaused,
    Screened,
    Strayed,
    TelephonyFact,
    TrunkBusy,
)

_UNSERVED = frozenset({CallState.SCREENING, CallState.WAITING})
_FAILED_CAUSE = 38
"""Q.850 'network out of order': the PBX refused the originate and gave no cause."""


_WHOLE_SECOND = timedelta(seconds=1)
_OF_ORDERS = (RecordingPaused, OrderRefused)
"""They tell nothing of where a channel is."""


def learn(
    state: FloorState, turn: Turn, fact: TelephonyFact | HeardFact, at: datetime, told_at: datetime
) -> None:
    """Take one fact from the PBX or the detector: when it happened, and when we heard of it."""
    if isinstance(fact, Heard | GreetingOver | EarsUp | EarsDown):
        return hearing.learn(state, turn, fact, at)
    channel: str = getattr(fact, "channel_id", "")
    if channel and not isinstance(fact, _OF_ORDERS):
        state.heard[channel] = told_at
    owed.saw(state, turn, fact)
    _from_pbx(state, turn, fact, channel, at)


def _from_pbx(state: FloorState, turn: Turn, fact: TelephonyFact, channel: str, at: datetime) -> None:
    if isinstance(fact, PacketsCounted):
        return silence.counted(state, turn, fact, at)
    if isinstance(fact, AnsweredTooLate | TrunkBusy):
        return _signalled(state, turn, fact, at)
    if channel.startswith("leg-"):
        _leg_fact(state, turn, fact, channel)
    match fact:
        case Joined(bridge_id=bridge):
            state.bridges[channel] = bridge
            _check_joined(state, turn, channel, at)
        case Parted(bridge_id=bridge):
            _parted(state, channel, bridge, at)
        case EndpointReachable(endpoint=endpoint, reachable=reachable):
            (_phone_is_back if reachable else goodbye.phone_is_gone)(state, turn, endpoint)
        case LinkUp() | LinkDown():
            _link_fact(state, turn, fact)
        case MessagePlayed(part=part):
            _message_played(state, turn, channel, part, at)
        case Arrived() | Strayed() | Intruded() | Chose() | CaseTold():
            _caller_fact(state, turn, fact, at)
        case _:
            _call_fact(state, turn, fact, channel, at)


def _signalled(state: FloorState, turn: Turn, fact: AnsweredTooLate | TrunkBusy, at: datetime) -> None:
    """What only the copies of SIP messages tell."""
    if isinstance(fact, TrunkBusy):
        trunks.wait(state, turn, fact.number, fact.seconds)
    else:
        calls.answered_after_all(state, turn, at, number=fact.number)


def _leg_fact(state: FloorState, turn: Turn, fact: TelephonyFact, channel: str) -> None:
    match fact:
        case ChannelHungUp() | OriginateFailed():
            _leg_gone(state, turn, channel, fact)
        case ChannelAnswered():
            agent = state.agent_of_leg(channel)
            if agent is not None and channel != agent.leg_id:
                desk.leg_up(state, turn, agent, channel)
        case HoldChanged(held=held):
            _held(state, turn, channel, held)


def _link_fact(state: FloorState, turn: Turn, fact: LinkUp | LinkDown) -> None:
    state.pbx_up, state.looked = isinstance(fact, LinkUp), False
    if isinstance(fact, LinkDown):
        alarms.begins(state, turn, "pbx_link_down", "pbx", fact.reason)
    else:
        alarms.over(state, turn, "pbx_link_down", "pbx")
        state.linked_at = turn.now
        if not state.pbx_started and fact.uptime is not None:
            # We are new; so may be the PBX, and calls older than it died with the one before.
            state.pbx_renewed_at = turn.now - timedelta(seconds=fact.uptime) - _WHOLE_SECOND
        elif state.pbx_started not in ("", fact.pbx_started):
            state.pbx_renewed_at = turn.now
        state.pbx_started = fact.pbx_started
        turn.effects.append(TakeSnapshot())


def _call_fact(state: FloorState, turn: Turn, fact: TelephonyFact, channel: str, at: datetime) -> None:
    live = _live(state, channel)
    if live is None:
        if isinstance(fact, ChannelHungUp):
            inbound.hung_up_early(state, channel, fact)
        if isinstance(fact, ChannelAnswered):
            calls.answered_after_all(state, turn, at, channel=channel)
        return
    if isinstance(fact, EarlyMedia):
        return listening.early_media(state, turn, live)
    if isinstance(fact, RecordingPaused):
        return muting.confirmed(state, turn, live, fact)
    if isinstance(fact, OrderRefused):
        return muting.refused(turn, live, fact)
    event = _event(state, turn, live, fact, at)
    if event is not None:
        calls.happen(state, turn, live.call.id, event, at=at)


def _event(state: FloorState, turn: Turn, live: Live, fact: TelephonyFact, at: datetime) -> CallEvent | None:
    kind = CallEventKind
    match fact:
        # A fact that reconciliation has already caught up with is no event any more.
        case ChannelRinging():
            return CallEvent(kind.RINGING) if live.call.state is CallState.DIALING else None
        case ChannelAnswered():
            return CallEvent(kind.ANSWERED) if live.call.answered_at is None else None
        case Screened() if live.call.verdict:
            return None
        case Screened(status="HANGUP"):
            return None  # Nobody is there for an agent; the hang-up itself follows.
        case Screened():
            return _judged(state, turn, live, fact, at)
        case OriginateFailed(reason=reason):
            return CallEvent(kind.HUNG_UP, cause=_FAILED_CAUSE, reason=reason)
        case ChannelHungUp(by_pbx=True) if live.call.state in _UNSERVED:
            # Such as an older dialplan, or one without a module: it is not the person who hung up.
            turn.alarms.append(("hung_up_by_pbx", live.channel, "the dialplan ended the call of a person"))
            return CallEvent(kind.VANISHED, reason="the PBX hung up by itself")
        case ChannelHungUp(cause=cause, tech_cause=tech):
            return CallEvent(kind.HUNG_UP, cause=cause, reason=tech)
    return None


def _judged(state: FloorState, turn: Turn, live: Live, fact: Screened, at: datetime) -> CallEvent:
    """What the dialplan's own screening said; without AMD() everybody is a person."""
    settings = state.campaigns[live.call.campaign_id].settings
    reason = f"{fact.status} {fact.cause}".strip()
    if not live.call.screened or settings.screening is not Screening.AMD:
        return CallEvent(CallEventKind.HUMAN, reason=reason)
    machine = state.screener.hears_machine(fact)
    kind = hearing.judged_by_dialplan(state, turn, live, machine, fact.cause, at)
    return CallEvent(kind, reason=reason, doubted=machine and kind is CallEventKind.UNSURE)


def _live(state: FloorState, channel: str) -> Live | None:
    try:
        return state.calls.get(UUID(channel))
    except ValueError:
        return None


def _leg_gone(
    state: FloorState, turn: Turn, channel: str, fact: ChannelHungUp | OriginateFailed | None
) -> None:
    """None = it is of no use any more: the agent is lost, and nobody meant it."""
    agent = state.agent_of_leg(channel)
    put_down = agent is not None and goodbye.meant(agent, fact)
    if agent is None or not desk.leg_down(state, turn, agent, channel):
        return
    agent = state.agents[agent.id]
    if isinstance(fact, ChannelHungUp) and fact.cause == silence.FELL_SILENT:
        agent = silence.fell_silent(state, turn, agent)
    live = state.calls.get(agent.call_id) if agent.call_id is not None else None
    if live is None or agent.state not in desk.TIED or consult.leg_lost(state, turn, live, agent):
        return
    if put_down and live.assigned != agent.id:
        goodbye.said(state, turn, agent, live)
    elif live.assigned == agent.id:
        calls.unjoined(state, turn, live, agent)
    else:
        goodbye.lost(state, turn, agent, live)


def _check_joined(state: FloorState, turn: Turn, channel: str, at: datetime) -> None:
    agent, live = _pair(state, channel)
    if agent is None or live is None:
        return
    bridge = state.bridges.get(live.channel)
    if bridge is not None and bridge == state.bridges.get(agent.leg_id):
        calls.joined(state, turn, live, agent.id, at)


def _pair(state: FloorState, channel: str) -> tuple[Agent | None, Live | None]:
    """The agent and the call that this channel is part of."""
    agent = state.agent_of_leg(channel)
    if agent is not None:
        return agent, state.calls.get(agent.call_id) if agent.call_id is not None else None
    live = _live(state, channel)
    if live is None:
        return None, None
    agent_id = live.assigned if live.assigned is not None else live.call.agent_id
    return (state.agents.get(agent_id) if agent_id is not None else None), live


_CallerFact = Arrived | Strayed | Intruded | Chose | CaseTold


def _caller_fact(state: FloorState, turn: Turn, fact: _CallerFact, at: datetime) -> None:
    match fact:
        case Arrived():
            inbound.arrived(state, turn, fact)
        case Strayed(channel_id=channel):
            _strayed(state, turn, channel)
        case Intruded(channel_id=channel):
            turn.alarms.append(("stranger_in_call", channel, "the other side put somebody in their place"))
        case Chose():
            inbound.chose(state, turn, fact, at)
        case CaseTold(channel_id=channel):
            inbound.case_told(state, channel)


def _strayed(state: FloorState, turn: Turn, channel: str) -> None:
    """A channel of ours came where calls arrive: no call. A leg is called anew, a person excused."""
    turn.alarms.append(("channel_strayed", channel, "sent away by the other side, or by a dialplan"))
    if channel.startswith("leg-"):
        turn.effects.append(HangUp(channel))
        _leg_gone(state, turn, channel, None)
    else:
        turn.effects.append(PlayMessage(channel))


def _parted(state: FloorState, channel: str, bridge: str, at: datetime) -> None:
    if state.bridges.get(channel) == bridge:
        del state.bridges[channel]
    live = _live(state, channel)
    aside = live is not None and live.consult is not None and not live.consult.three
    if live is not None and live.call.state is CallState.CONNECTED and not aside:
        live.parted_at = at
        state.wake(at + timedelta(seconds=calls.BRIDGE_LIMIT))


def _held(state: FloorState, turn: Turn, channel: str, held: bool) -> None:
    agent = state.agent_of_leg(channel)
    if agent is not None and channel == agent.leg_id:
        desk.keep(state, turn, replace(agent, held=held))


def _phone_is_back(state: FloorState, turn: Turn, endpoint: str) -> None:
    agent = next((agent for agent in state.agents.values() if agent.endpoint == endpoint), None)
    if agent is None or agent.state is AgentState.OFFLINE or not agent.session:
        return
    if not (agent.leg is LegState.UP and agent.leg_is_heard) and agent.id not in state.pending_legs:
        desk.call_phone(state, turn, agent)


def _message_played(state: FloorState, turn: Turn, channel: str, part: str, at: datetime) -> None:
    live = _live(state, channel)
    if live is None:
        return
    if part == "start" and live.assigned is None:
        _excused(state, turn, live, at)
    elif part == "left" and live.call.state is CallState.LEAVING:
        calls.happen(state, turn, live.call.id, CallEvent(CallEventKind.LEFT), at=at)


def _excused(state: FloorState, turn: Turn, live: Live, at: datetime) -> None:
    """The dialplan's own fail-safe spoke because we were late: the person, judged or not, was abandoned."""
    live.excused = True
    event = CallEvent(CallEventKind.DEADLINE, reason=calls.FALLBACK)
    if live.call.state is CallState.SCREENING:
        calls.happen(state, turn, live.call.id, event, at=at)
    if live.call.state is CallState.WAITING:
        calls.happen(state, turn, live.call.id, event, at=at)
