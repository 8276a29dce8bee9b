"""The agents: presence, legs, and what they ask for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from dialer.engine import effects, learning, muting, seats
from dialer.engine.inputs import CallEventIn
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.agent import (
    BUSY,
    PREVIEW_PAUSE,
    Agent,
    AgentEvent,
    AgentEventKind,
    AgentState,
    IllegalAgentEvent,
    LegState,
    page_key,
    step_agent,
)
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.campaign import DialMode
from dialer.model.commands import (
    Attach,
    Detach,
    Dispose,
    ForceLogOut,
    ForcePause,
    HangUp,
    ItsAMachine,
    LogOut,
    Pause,
    PauseRecording,
    Ready,
    VerifyIdentity,
)
from dialer.model.outcomes import Outcome
from dialer.model.values import CALLBACK_HORIZON, PROMISE_HORIZON
from dialer.ports import AgentChange, Command, DispositionMade, Frame, LegOrder, RecordingMark
from routing import Activity, Occupancy

TIED = frozenset({AgentState.CALLING, AgentState.ON_CALL})
"""States that only the end of a call ends."""
SKIP_REST = timedelta(hours=1)
"""How long a lead rests that an agent skipped."""
_FIRST_RETRY = 1.0
_LAST_RETRY = 10.0
"""Seconds between calls to a phone that does not answer."""


class CommandRefused(ValueError):
    """The agent's request cannot be taken; the text says why."""


def change(state: FloorState, turn: Turn, agent: Agent, event: AgentEvent) -> Agent:
    """One step of an agent's presence, logged and shown."""
    moved = step_agent(agent, event, now=turn.now)
    learning.agent_moved(state, agent, moved, event, turn.now)
    if agent.state is AgentState.PREVIEW and moved.state is not AgentState.PREVIEW:
        _card_gone(state, turn, agent.id, event)
    _keep_occupancy(state, agent, moved, turn.now)
    if moved.state is not agent.state or moved.pause_code != agent.pause_code:
        turn.agents.append(
            AgentChange(agent.id, turn.now, moved.state.value, moved.pause_code, moved.call_id)
        )
    return keep(state, turn, moved)


_ACTIVITY = {
    AgentState.OFFLINE: Activity.OUT,
    AgentState.PAUSED: Activity.OUT,
    AgentState.READY: Activity.IDLE,
}
"""Everything else is work on a call or a card."""


def _keep_occupancy(state: FloorState, before: Agent, after: Agent, now: datetime) -> None:
    then, new = (_ACTIVITY.get(agent.state, Activity.BUSY) for agent in (before, after))
    known = state.occupancies.get(after.id, Occupancy(0.0, now, then))
    state.occupancies[after.id] = known.turned(new, now)


def keep(state: FloorState, turn: Turn, agent: Agent) -> Agent:
    """Store a changed agent and have the screens show it."""
    state.agents[agent.id] = agent
    state.wake(_due(state, agent))
    turn.shown.add(agent.id)
    return agent


def _card_gone(state: FloorState, turn: Turn, agent_id: int, event: AgentEvent) -> None:
    """A lead that was not called goes back to its list; one that was skipped rests first."""
    shown = state.previews.pop(agent_id, None)
    if shown is None or event.kind is AgentEventKind.CALLED:
        return
    rest = SKIP_REST if event.kind is AgentEventKind.SKIPPED else timedelta(0)
    turn.effects.append(effects.ReturnLead(shown.lead.lead_id, turn.now + rest))


# --- what calls do to agents --------------------------------------------------------------------


def call_closed(state: FloorState, turn: Turn, live: Live) -> None:
    """The call is over: whoever was on it wraps up; who was only about to be joined is free again."""
    call, consult = live.call, live.consult
    guest = state.agents.get(consult.agent_id) if consult is not None else None
    if guest is not None and guest.leg_id:
        turn.effects.append(effects.Release(guest.leg_id))
    live.consult = None
    for agent in state.agents.on_call(call.id):
        if agent.state not in TIED:
            continue
        if agent.state is AgentState.CALLING:
            state.last_outcome[agent.id] = call.outcome.value if call.outcome is not None else ""
            change(state, turn, agent, AgentEvent(AgentEventKind.UNANSWERED))
        elif call.outcome is Outcome.CONVERSATION and call.agent_id == agent.id:
            state.wrapping[agent.id] = live
            change(state, turn, agent, AgentEvent(AgentEventKind.CALL_ENDED))
        else:
            if call.connected_at is not None and call.outcome is not Outcome.CONVERSATION:
                # No person after all, as listening on has found: the agent is told why the call is gone.
                state.last_outcome[agent.id] = call.outcome.value if call.outcome is not None else ""
            change(state, turn, agent, AgentEvent(AgentEventKind.UNASSIGNED))


def awaits(agent: Agent, live: Live) -> bool:
    """Whether the agent started this call and waits for its answer."""
    return agent.state is AgentState.CALLING and agent.call_id == live.call.id


def join_failed(state: FloorState, turn: Turn, agent_id: int) -> None:
    """The leg did not join in time: free the agent and call the phone anew."""
    agent = state.agents.get(agent_id)
    if agent is None or agent.state is not AgentState.ON_CALL:
        return
    freed = change(state, turn, agent, AgentEvent(AgentEventKind.UNASSIGNED))
    if freed.leg_id:
        turn.effects.append(effects.HangUp(freed.leg_id))
    keep(state, turn, replace(freed, leg=LegState.DOWN, leg_id="", leg_page=""))
    call_phone(state, turn, state.agents[agent_id])


# --- legs ---------------------------------------------------------------------------------------


def call_phone(state: FloorState, turn: Turn, agent: Agent) -> None:
    """Originate a leg to the agent's phone; the current one is dropped when the new one is up."""
    state.leg_count += 1
    leg_id = f"{_leg_of(agent.id, agent.session)}{state.epoch:06d}.{state.leg_count:06d}"
    state.pending_legs[agent.id] = leg_id
    state.heard[leg_id] = turn.now
    turn.effects.append(effects.OriginateLeg(LegOrder(leg_id, agent.endpoint, "Cadencia")))
    if agent.leg is LegState.DOWN:
        keep(state, turn, replace(agent, leg=LegState.DIALING))


def _leg_of(agent_id: int, page: str) -> str:
    """Beginning of the ids of a page's legs; all of one length, as Asterisk takes a prefix for a name."""
    return f"leg-{agent_id:06d}-{page_key(page)}-"


def page_of_leg(channel: str) -> str:
    """The page_key() in a leg's id."""
    return channel.split("-")[2]


def leg_up(state: FloorState, turn: Turn, agent: Agent, channel: str) -> None:
    """The phone answered: it is the agent's leg from now on."""
    state.pending_legs.pop(agent.id, None)
    state.leg_retry.pop(agent.id, None)
    old = agent.leg_id
    agent = keep(state, turn, replace(agent, leg=LegState.UP, leg_id=channel, leg_page=page_of_leg(channel)))
    live = state.calls.get(agent.call_id) if agent.call_id is not None else None
    if live is not None:
        turn.effects += seats.rejoined(state, live, agent)
    if old and old != channel:
        turn.effects.append(effects.HangUp(old))


def leg_down(state: FloorState, turn: Turn, agent: Agent, channel: str) -> bool:
    """The leg is gone; True when it was the one in use. The phone is called again by and by."""
    if state.pending_legs.get(agent.id) == channel:
        del state.pending_legs[agent.id]
        _retry_later(state, turn, agent)
        return False
    state.bridges.pop(channel, None)
    keep(state, turn, replace(agent, leg=LegState.DOWN, leg_id="", leg_page="", held=False))
    _retry_later(state, turn, state.agents[agent.id])
    return True


def _retry_later(state: FloorState, turn: Turn, agent: Agent) -> None:
    if agent.state is AgentState.OFFLINE:
        return
    _, pause = state.leg_retry.get(agent.id, (turn.now, _FIRST_RETRY / 2))
    pause = min(pause * 2, _LAST_RETRY)
    state.leg_retry[agent.id] = (turn.now + timedelta(seconds=pause), pause)
    state.wake(state.leg_retry[agent.id][0])
    if agent.leg is LegState.DIALING:
        keep(state, turn, replace(agent, leg=LegState.DOWN))


def fire_deadlines(state: FloorState, turn: Turn) -> None:
    """Ends of wrap-up, phones to call again, pages that did not come back."""
    for agent in list(state.agents.values()):
        if agent.deadline_at is not None and agent.deadline_at <= turn.now:
            change(state, turn, agent, _overdue(state, agent))
        retry = state.leg_retry.get(agent.id)
        if retry is not None and retry[0] <= turn.now and agent.id not in state.pending_legs:
            state.leg_retry[agent.id] = (turn.now + timedelta(seconds=retry[1]), retry[1])
            _redial_or_forget(state, turn, state.agents[agent.id])
        _fire_detach(state, turn, state.agents[agent.id])


def _overdue(state: FloorState, agent: Agent) -> AgentEvent:
    """What the end of the agent's time means. Who is shown cards unasked and lets one pass is not there."""
    if agent.state is not AgentState.PREVIEW:
        return AgentEvent(AgentEventKind.WRAP_UP_DEADLINE)
    shown = state.previews[agent.id]
    campaign = state.campaigns.get(shown.lead.campaign_id)
    if campaign is not None and not shown.callback and campaign.settings.mode is DialMode.PREVIEW:
        return AgentEvent(AgentEventKind.PREVIEW_DEADLINE, code=PREVIEW_PAUSE)
    return AgentEvent(AgentEventKind.PREVIEW_WITHDRAWN)


def next_deadline(state: FloorState) -> datetime | None:
    """When the next agent needs attention by itself."""
    dues = [due for agent in state.agents.values() if (due := _due(state, agent)) is not None]
    return min([*dues, *(at for at, _ in state.leg_retry.values())], default=None)


def _due(state: FloorState, agent: Agent) -> datetime | None:
    """End of the wrap-up, or else of the patience with a page that is gone."""
    if agent.deadline_at is not None or agent.detached_at is None or agent.state is AgentState.OFFLINE:
        return agent.deadline_at
    return agent.detached_at + timedelta(seconds=state.detach_grace)


def _redial_or_forget(state: FloorState, turn: Turn, agent: Agent) -> None:
    served = agent.leg is LegState.UP and agent.leg_is_heard
    if served or agent.state is AgentState.OFFLINE:
        state.leg_retry.pop(agent.id, None)
    elif agent.session:
        call_phone(state, turn, agent)


def _fire_detach(state: FloorState, turn: Turn, agent: Agent) -> None:
    gone = agent.detached_at
    if gone is None or agent.state is AgentState.OFFLINE or agent.state in BUSY:
        return
    if (turn.now - gone).total_seconds() >= state.detach_grace:
        log_out(state, turn, agent)


def log_out(state: FloorState, turn: Turn, agent: Agent) -> None:
    """End of the shift: the leg is hung up."""
    out = change(state, turn, agent, AgentEvent(AgentEventKind.LOGGED_OUT))
    for channel in (out.leg_id, state.pending_legs.pop(out.id, "")):
        if channel:
            turn.effects.append(effects.HangUp(channel))
    state.leg_retry.pop(out.id, None)
    state.wrapping.pop(out.id, None)
    keep(state, turn, replace(out, leg=LegState.DOWN, leg_id="", leg_page="", detached_at=None))


# --- what agents ask ----------------------------------------------------------------------------


def attach(state: FloorState, turn: Turn, agent: Agent, page: str) -> None:
    """A page shows this agent from now on. A page that is new to the leg gets a leg of its own."""
    agent = keep(state, turn, replace(agent, session=page, detached_at=None))
    if agent.state is AgentState.OFFLINE:
        agent = change(state, turn, agent, AgentEvent(AgentEventKind.LOGGED_IN))
    pending = state.pending_legs.get(agent.id, "")
    if not agent.leg_is_heard and not pending.startswith(_leg_of(agent.id, page)):
        call_phone(state, turn, agent)


def detach(state: FloorState, turn: Turn, agent: Agent, page: str) -> None:
    """The page's websocket is lost. The call goes on; the agent gets no new one until it is back."""
    if agent.session == page:
        keep(state, turn, replace(agent, session="", detached_at=turn.now))


def pause(state: FloorState, turn: Turn, agent: Agent, code: str) -> None:
    """Stop taking calls, now or after this one."""
    if code not in state.pause_codes:
        raise CommandRefused("unknown pause code")
    change(state, turn, agent, AgentEvent(AgentEventKind.PAUSE, code=code))


def hang_up(state: FloorState, turn: Turn, agent: Agent, call_id: UUID) -> None:
    """End the call with the person."""
    if agent.call_id != call_id or call_id not in state.calls or _is_guest(state, agent):
        raise CommandRefused("not your call")
    if agent.state is AgentState.CALLING and state.calls[call_id].call.answered_at is None:
        given_up = CallEvent(CallEventKind.CANCELLED, agent_id=agent.id, reason="given up by the agent")
        turn.deferred.append(CallEventIn(call_id, given_up))
    else:
        turn.effects.append(effects.HangUp(str(call_id)))


def _is_guest(state: FloorState, agent: Agent) -> bool:
    """Whether the agent was called in to a colleague's call: it is not theirs to end or to dispose of."""
    live = state.calls.get(agent.call_id) if agent.call_id is not None else None
    return live is not None and live.consult is not None and live.consult.agent_id == agent.id


def its_a_machine(state: FloorState, turn: Turn, agent: Agent, call_id: UUID) -> None:
    """One press instead of two: the agent's word is the truth that audits and training learn from."""
    live = state.calls.get(call_id)
    if agent.call_id != call_id or live is None or live.call.state is not CallState.CONNECTED:
        raise CommandRefused("not your call")
    if _is_guest(state, agent):
        raise CommandRefused("not your call")
    dispose(state, turn, agent, Dispose(call_id, "machine"))
    said = CallEvent(CallEventKind.MACHINE, agent_id=agent.id, reason="said the agent")
    turn.deferred.append(CallEventIn(call_id, said))


def verify_identity(state: FloorState, turn: Turn, agent: Agent, call_id: UUID) -> None:
    """The person proved to be the one: from now on the debts are on the screen. Marked with the instant."""
    live = state.calls.get(call_id)
    if agent.call_id != call_id or live is None or live.call.state is not CallState.CONNECTED:
        raise CommandRefused("not your call")
    if not live.verified:
        live.verified = True
        turn.marks.append(RecordingMark(call_id, turn.now, "verified", agent.id))
        turn.shown.add(agent.id)


def pause_recording(state: FloorState, turn: Turn, agent: Agent, call_id: UUID, paused: bool) -> None:
    """Silence into the recording while paused; marked with the instant."""
    live = state.calls.get(call_id)
    if agent.call_id != call_id or live is None or live.call.state is not CallState.CONNECTED:
        raise CommandRefused("not your call")
    if live.recording_paused == paused:
        return
    muting.wish(state, turn, live, paused)
    turn.marks.append(RecordingMark(call_id, turn.now, "paused" if paused else "resumed", agent.id))


def dispose(state: FloorState, turn: Turn, agent: Agent, said: Dispose) -> None:
    """Take the disposition of the call on the screen."""
    made = _disposition(state, agent, said, turn.now)
    if agent.call_id != made.attempt_id or agent.state not in (AgentState.ON_CALL, AgentState.WRAP_UP):
        raise CommandRefused("not your call")
    if _is_guest(state, agent):
        raise CommandRefused("not your call")
    if agent.state is AgentState.ON_CALL and agent.disposed:
        raise CommandRefused("already disposed")
    turn.dispositions.append(made)
    moved = change(state, turn, agent, AgentEvent(AgentEventKind.DISPOSED))
    if moved.state is not AgentState.ON_CALL:
        state.wrapping.pop(agent.id, None)


def _disposition(state: FloorState, agent: Agent, said: Dispose, now: datetime) -> DispositionMade:
    if said.code not in state.disposition_codes:
        raise CommandRefused("unknown disposition")
    needs = state.disposition_codes[said.code]
    if needs == "promise" and not (said.promise_minor and said.promise_on):
        raise CommandRefused("a promise needs its amount and date")
    if needs == "callback" and not said.callback_at:
        raise CommandRefused("a callback needs its date and time")
    _lies_ahead(said, now)
    return DispositionMade(
        attempt_id=said.call_id,
        agent_id=agent.id,
        at=now,
        code=said.code,
        notes=said.notes,
        promise_minor=said.promise_minor,
        promise_on=said.promise_on.isoformat() if said.promise_on else None,
        callback_at=said.callback_at,
        callback_mine=said.callback_at is not None and said.callback_mine,
    )


def _lies_ahead(said: Dispose, now: datetime) -> None:
    """A date is no slip: from today on, and not beyond anything that is ever agreed."""
    # Today somewhere on earth may be yesterday in UTC.
    if said.promise_on is not None and said.promise_on < now.date() - timedelta(days=1):
        raise CommandRefused("a promise is for today or later")
    if said.promise_on is not None and said.promise_on > now.date() + PROMISE_HORIZON:
        raise CommandRefused("a promise is not for so far ahead")
    if said.callback_at is not None and said.callback_at <= now:
        raise CommandRefused("a callback is for later")
    if said.callback_at is not None and said.callback_at > now + CALLBACK_HORIZON:
        raise CommandRefused("a callback is not for so far ahead")


def obey(state: FloorState, turn: Turn, command: Command, take: Callable[[Agent], None]) -> None:
    """Take an agent's command, or tell the page why not."""
    agent = state.agents.get(command.actor_id)
    if agent is None:
        return
    try:
        take(agent)
    except CommandRefused as refusal:
        refuse(turn, agent.id, command.kind, str(refusal), page=command.session)
    except IllegalAgentEvent as illegal:
        refuse(turn, agent.id, command.kind, str(illegal), page=command.session, state=illegal.state)


def refuse(turn: Turn, agent_id: int, request: str, reason: str, *, page: str = "", state: str = "") -> None:
    """Tell the agent's page why a request was not taken."""
    asked = request.removeprefix("agent.")
    body = {"type": "refused", "request": asked, "reason": reason, "state": state, "page": page}
    turn.effects.append(effects.Publish(Frame("refused", body, agent_id)))


OfPresence = Attach | Detach | Ready | Pause | LogOut
OfTheCall = HangUp | VerifyIdentity | ItsAMachine | Dispose | PauseRecording


def take(state: FloorState, turn: Turn, agent: Agent, asked: OfPresence | OfTheCall) -> None:
    """One request of an agent about the own presence, or about the call on the screen."""
    match asked:
        case Attach():
            attach(state, turn, agent, asked.page)
        case Detach():
            detach(state, turn, agent, asked.page)
        case Ready():
            change(state, turn, agent, AgentEvent(AgentEventKind.READY))
        case Pause():
            pause(state, turn, agent, asked.code)
        case LogOut():
            log_out(state, turn, agent)
        case _:
            _take_of_call(state, turn, agent, asked)


def _take_of_call(state: FloorState, turn: Turn, agent: Agent, asked: OfTheCall) -> None:
    match asked:
        case HangUp():
            hang_up(state, turn, agent, asked.call_id)
        case VerifyIdentity():
            verify_identity(state, turn, agent, asked.call_id)
        case ItsAMachine():
            its_a_machine(state, turn, agent, asked.call_id)
        case Dispose():
            dispose(state, turn, agent, asked)
        case PauseRecording():
            pause_recording(state, turn, agent, asked.call_id, asked.paused)
        case _:
            assert_never(asked)


def force(state: FloorState, turn: Turn, asked: ForcePause | ForceLogOut) -> None:
    """A supervisor pauses an agent or ends the shift."""
    agent = state.agents.get(asked.agent_id)
    if agent is None or agent.state is AgentState.OFFLINE:
        return
    busy = agent.state in TIED
    if isinstance(asked, ForceLogOut) and not busy:
        log_out(state, turn, agent)
    else:
        change(state, turn, agent, AgentEvent(AgentEventKind.PAUSE, code="forced"))
