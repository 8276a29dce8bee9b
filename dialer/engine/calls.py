"""Events of calls: one step of the table, and what it means for the floor."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine import desk, effects, learning, listening, silence, trunks
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import Agent, AgentEvent, AgentEventKind
from dialer.model.call import Call, CallEvent, CallEventKind, CallState, Effect, IllegalEvent, step
from dialer.model.outcomes import Outcome
from dialer.ports import CallCard, Frame, LateAnswer, PersonNews, Transition

BRIDGE_LIMIT = 1.0
"""Seconds a join may take before the person is offered to another agent."""


def happen(state: FloorState, turn: Turn, call_id: UUID, event: CallEvent, *, at: datetime) -> None:
    """Apply one event to one call, as of when it happened; a call may take several steps a turn."""
    live = state.calls.get(call_id)
    if live is None:
        state.late_events += 1
    else:
        _stepped(state, turn, live, event, max(at, _last_instant(live.call)))


def _last_instant(call: Call) -> datetime:
    """Nothing happens to a call before what is already known of it, whatever two clocks say."""
    known = (call.ringing_at, call.answered_at, call.verdict_at, call.waiting_at, call.connected_at)
    return max((at for at in known if at is not None), default=call.placed_at)


def _stepped(state: FloorState, turn: Turn, live: Live, event: CallEvent, at: datetime) -> None:
    before = live.call
    if event.kind is CallEventKind.HUNG_UP and before.state is CallState.CONNECTED:
        event = replace(event, unheard=silence.unheard(state, live))
    try:
        live.call, wanted = step(before, event, now=at)
    except IllegalEvent as defect:
        state.illegal_events += 1
        turn.alarms.append(("illegal_event", str(before.id), str(defect)))
        return
    turn.touched.add(before.id)
    _stands(state, live)
    routing = dict(live.routing) if event.kind is CallEventKind.BRIDGED else None
    handover = live.handover if event.kind is CallEventKind.TRANSFERRED else None
    trunks.moved(state, turn, live, before, event)
    none_such = trunks.unallocated(state, live, at)
    step_made = Transition(before.state.value, live.call, event, at, routing, handover, none_such)
    turn.transitions.append(step_made)
    learning.call_moved(state, live, before, event, at)
    _on_event(state, turn, live, event, at)
    if before.state in _UNANSWERED and event.kind in _GIVEN_UP:
        state.given_up[before.id] = live.call
    for effect in wanted:
        _EFFECTS[effect](state, turn, live)
    if event.kind is CallEventKind.ANSWERED:
        listening.answered(state, turn, live, at)
    else:
        listening.moved(turn, live)


_UNANSWERED = (CallState.DIALING, CallState.RINGING)
_GIVEN_UP = (CallEventKind.DEADLINE, CallEventKind.CANCELLED)


def _stands(state: FloorState, live: Live) -> None:
    """Keep what is derived from a call's state and deadline."""
    state.wake(live.call.deadline_at)
    if live.call.state is CallState.WAITING:
        state.waiting[live.call.id] = live
    else:
        state.waiting.pop(live.call.id, None)


def _on_event(state: FloorState, turn: Turn, live: Live, event: CallEvent, at: datetime) -> None:
    if event.kind is CallEventKind.BRIDGED:
        live.assigned, live.assigned_at, live.lost_at, live.parted_at = None, None, None, None
        live.handover = live.handover.given() if live.handover is not None else None
        _count_conversation(state, live)
        if event.agent_id is not None:
            turn.shown.add(event.agent_id)
    elif event.kind is CallEventKind.AGENT_LOST:
        live.same_agent, live.lost_at, live.parted_at = live.call.agent_id, at, None
        turn.effects.append(effects.Park(live.channel))
    if live.call.reserved_for is not None:
        turn.shown.add(live.call.reserved_for)


def _count_conversation(state: FloorState, live: Live) -> None:
    agent_id = live.call.agent_id
    if agent_id is not None:
        state.calls_today[agent_id] = state.calls_today.get(agent_id, 0) + 1


def _hang_up(state: FloorState, turn: Turn, live: Live) -> None:
    turn.effects.append(effects.HangUp(live.channel))


FALLBACK = "dialplan fallback"
"""The dialplan spoke by itself because we were late."""


def _message(state: FloorState, turn: Turn, live: Live) -> None:
    if live.excused:
        return  # who hears the message already must not hear it begin anew
    turn.effects.append(effects.PlayMessage(live.channel))


def _leave_message(state: FloorState, turn: Turn, live: Live) -> None:
    turn.effects.append(effects.LeaveMessage(live.channel))


def _confirm(state: FloorState, turn: Turn, live: Live) -> None:
    turn.effects.append(effects.ConfirmCallback(live.channel))


def _offer(state: FloorState, turn: Turn, live: Live) -> None:
    # Matching looks at all waiting persons together at the end of the turn.
    live.assigned = None


def _close(state: FloorState, turn: Turn, live: Live) -> None:
    call = live.call
    del state.calls[call.id]
    state.just_ended[call.id] = turn.now
    state.bridges.pop(str(call.id), None)
    desk.call_closed(state, turn, live)
    recorded = state.campaigns[call.campaign_id].settings.record and call.answered_at is not None
    body = {
        "call_id": str(call.id),
        "answered": call.answered_at is not None,
        "recorded": recorded,
        "outcome": (call.outcome or Outcome.UNKNOWN).value,
    }
    turn.effects.append(effects.Publish(Frame("call.ended", body)))


_EFFECTS: dict[Effect, Callable[[FloorState, Turn, Live], None]] = {
    Effect.HANG_UP: _hang_up,
    Effect.MESSAGE: _message,
    Effect.LEAVE_MESSAGE: _leave_message,
    Effect.CONFIRM: _confirm,
    Effect.OFFER: _offer,
    Effect.CLOSE: _close,
}


def answered_after_all(
    state: FloorState, turn: Turn, at: datetime, *, channel: str = "", number: str = ""
) -> None:
    """Somebody answered at the very moment in which we gave the call up: they heard a click, and nobody."""
    found = (
        one
        for one in state.given_up.values()
        if channel == str(one.id) or (number and trunks.is_number(state, one, number))
    )
    call = next(found, None)
    if call is None:
        return
    del state.given_up[call.id]
    state.tally(call.campaign_id).counts.add(at, live=True, abandoned=True)
    turn.late_answers.append(LateAnswer(call.id, at))
    turn.alarms.append(("answered_as_given_up", str(call.id), "counted as abandoned"))


def fire_deadlines(state: FloorState, turn: Turn) -> None:
    """Let the deadlines that have passed happen, as far as we know what the PBX does."""
    if not state.looked:
        return
    for live in list(state.calls.values()):
        _fire_join_limit(state, turn, live)
        due = live.call.deadline_at
        if due is None or due > turn.known_until or live.assigned is not None or live.call.id in turn.touched:
            continue
        # Who was screened to the end waits from then on, however late we see it; what we do, we do now.
        at = due if live.call.state is CallState.SCREENING else turn.now
        happen(state, turn, live.call.id, _overdue(live), at=at)


def _overdue(live: Live) -> CallEvent:
    """What the end of a call's time means. An audited machine that got no agent ends as the machine it is."""
    call = live.call
    if call.verdict == "audit" and call.state is CallState.WAITING and call.connected_at is None:
        return CallEvent(CallEventKind.MACHINE, reason="no agent for the audit")
    return CallEvent(CallEventKind.DEADLINE)


def _fire_join_limit(state: FloorState, turn: Turn, live: Live) -> None:
    """A join that did not come: the agent's leg is suspect, the person goes to somebody else."""
    if live.assigned_at is not None and _over(turn, live.assigned_at):
        agent_id, live.assigned, live.assigned_at = live.assigned, None, None
        turn.alarms.append(("join_failed", live.channel, f"agent {agent_id}"))
        live.handover = live.handover.given() if live.handover is not None else None
        if agent_id is not None:
            desk.join_failed(state, turn, agent_id)
    if live.parted_at is not None and _over(turn, live.parted_at):
        happen(state, turn, live.call.id, CallEvent(CallEventKind.AGENT_LOST, reason="parted"), at=turn.now)


def unjoined(state: FloorState, turn: Turn, live: Live, agent: Agent) -> None:
    """The leg is gone before the join: the person waits for another agent, or for this one's next leg."""
    live.assigned, live.assigned_at, state.due = None, None, None
    if live.same_agent != agent.id:
        desk.change(state, turn, agent, AgentEvent(AgentEventKind.UNASSIGNED))


def _over(turn: Turn, since: datetime) -> bool:
    return (turn.known_until - since).total_seconds() > BRIDGE_LIMIT


def next_deadline(state: FloorState) -> datetime | None:
    """When the next call needs attention by itself."""
    if not state.looked:
        return None
    return min((due for live in state.calls.values() if (due := _due(live)) is not None), default=None)


def _due(live: Live) -> datetime | None:
    """While a person is being joined to an agent, the limit of the join stands for the call's own."""
    since = live.assigned_at or live.parted_at
    return since + timedelta(seconds=BRIDGE_LIMIT) if since is not None else live.call.deadline_at


def joined(state: FloorState, turn: Turn, live: Live, agent_id: int, at: datetime) -> None:
    """The person and the agent hear each other."""
    if live.call.state is CallState.WAITING:
        happen(state, turn, live.call.id, CallEvent(CallEventKind.BRIDGED, agent_id=agent_id), at=at)
    elif live.call.state is CallState.CONNECTED:
        live.parted_at = None


def learnt(state: FloorState, turn: Turn, news: PersonNews) -> None:
    """No call may ring this person any more; who already speaks, or wraps up, sees it on the screen."""
    for live in [live for live in state.calls.values() if live.call.person_id == news.person_id]:
        live.news = max(live.news, news.news)
        if live.call.state in (CallState.DIALING, CallState.RINGING):
            event = CallEvent(CallEventKind.CANCELLED, reason=news.what)
            happen(state, turn, live.call.id, event, at=turn.now)
            continue
        live.card = _told(live.card, news)
        agent_id = live.assigned if live.assigned is not None else live.call.agent_id
        if agent_id is not None:
            turn.shown.add(agent_id)
    for agent_id, live in state.wrapping.items():
        if live.call.person_id == news.person_id:
            live.card = _told(live.card, news)
            turn.shown.add(agent_id)


def _told(card: CallCard, news: PersonNews) -> CallCard:
    return replace(card, flags=tuple(dict.fromkeys([*card.flags, *news.flags])), debts=news.debts)
