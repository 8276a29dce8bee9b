"""What the detector hears, and what it means for a call: verdicts, audits, messages on machines."""

from datetime import datetime
from uuid import UUID

from dialer.engine import alarms, calls, listening, screening
from dialer.engine.listening import AWAY, HANDED_OVER, UNANSWERED, progress
from dialer.engine.rooms.calls import Live
from dialer.engine.state import FloorState, Turn
from dialer.model.call import Call, CallEvent, CallEventKind, CallState
from dialer.model.campaign import OnVoicemail
from dialer.model.facts import EarsDown, EarsUp, GreetingOver, Heard, HeardFact, Hearing
from dialer.model.verdict import VerdictRecord

_UNCLEAR = frozenset({"waited", "deadline", "dead_air"})
"""Causes of a human verdict that nothing but time has brought about."""
UNDECIDED = 1.25
"""Seconds of silence after which the detector has decided: by then at the latest a greeting was over."""
_K = CallEventKind


def learn(state: FloorState, turn: Turn, fact: HeardFact, at: datetime) -> None:
    """Take one fact from the detector."""
    match fact:
        case EarsUp():
            state.ears_up = True
            alarms.over(state, turn, "detector_down", "progress")
        case EarsDown(reason=reason, silent=silent):
            _gone(state, turn, reason, silent)
        case Heard():
            live = _live(state, fact.channel_id)
            if live is not None:
                _heard(state, turn, live, fact, at)
        case GreetingOver(beep=beep):
            live = _live(state, fact.channel_id)
            if live is not None and live.call.state is CallState.VOICEMAIL:
                event = CallEvent(_K.GREETING_OVER, reason="beep" if beep else "silence")
                calls.happen(state, turn, live.call.id, event, at=at)


def _live(state: FloorState, channel: str) -> Live | None:
    try:
        return state.calls.get(UUID(channel))
    except ValueError:
        return None


def _gone(state: FloorState, turn: Turn, reason: str, silent: float) -> None:
    """Without ears nobody is a machine: who is being screened goes to an agent, none is dropped.

    `silent`: seconds since the detector's last word; whoever is undecided may have waited since before it.
    """
    if state.ears_up:
        alarms.begins(state, turn, "detector_down", "progress", reason)
    state.ears_up = False
    for live in list(state.calls.values()):
        live.listening = False
        if live.call.state is CallState.SCREENING and progress(state, live.call) is not None:
            answered = (turn.now - (live.call.answered_at or turn.now)).total_seconds()
            event = CallEvent(_K.UNSURE, reason=AWAY, silence=min(answered, silent + UNDECIDED))
            calls.happen(state, turn, live.call.id, event, at=turn.now)


def _heard(state: FloorState, turn: Turn, live: Live, heard: Heard, at: datetime) -> None:
    call = live.call
    if call.state is CallState.SCREENING:
        _screened(state, turn, live, heard, at)
    elif call.state in UNANSWERED and heard.what is Hearing.TONE:
        _note(turn, call, heard, "early", at)
        calls.happen(state, turn, call.id, _event(_K.HEARD, heard), at=at)
    elif call.state in HANDED_OVER and live.listening and heard.what is not Hearing.HUMAN:
        _too_late(state, turn, live, heard, at)


def _screened(state: FloorState, turn: Turn, live: Live, heard: Heard, at: datetime) -> None:
    if heard.what is Hearing.UNSURE:
        state.unclear.add(live.call.id)
        return
    machine = heard.what is Hearing.MACHINE
    if machine and screening.stopped(state, live.call):
        # What the agent finds there is an audit, too.
        _note(turn, live.call, heard, "answer", at, audited=True)
        event = CallEvent(_K.UNSURE, reason=screening.STOPPED, silence=heard.silence, doubted=True)
        return calls.happen(state, turn, live.call.id, event, at=at)
    audited = machine and in_audit(live.call.id, _share(state, live.call))
    _note(turn, live.call, heard, "answer", at, audited=audited)
    kind = _K.AUDIT if audited else _kind(state, live.call, heard)
    calls.happen(state, turn, live.call.id, _event(kind, heard), at=at)


def _kind(state: FloorState, call: Call, heard: Heard) -> CallEventKind:
    match heard.what:
        case Hearing.HUMAN:
            return _K.UNSURE if heard.cause in _UNCLEAR else _K.HUMAN
        case Hearing.MACHINE:
            leave = state.campaigns[call.campaign_id].settings.on_voicemail is OnVoicemail.LEAVE_MESSAGE
            return _K.VOICEMAIL if leave else _K.MACHINE
        case _:
            return _K.HEARD


def _too_late(state: FloorState, turn: Turn, live: Live, heard: Heard, at: datetime) -> None:
    """An unclear call was handed over and proves to be no person: the agent is free by itself."""
    if heard.what is Hearing.UNSURE:
        return
    machine = heard.what is Hearing.MACHINE
    if _treated_as_person(state, live) or (machine and screening.stopped(state, live.call)):
        return listening.stop(turn, live)
    _note(turn, live.call, heard, "late", at)
    kind = _K.MACHINE if machine else _K.HEARD
    calls.happen(state, turn, live.call.id, _event(kind, heard), at=at)


def _treated_as_person(state: FloorState, live: Live) -> bool:
    """Whether the agent has done what is done with a person only: then no ear knows better."""
    agent = state.agents.get(live.call.agent_id) if live.call.agent_id is not None else None
    disposed = agent is not None and agent.call_id == live.call.id and agent.disposed
    return live.verified or live.recording_paused or live.consult is not None or disposed


def _event(kind: CallEventKind, heard: Heard) -> CallEvent:
    word = "fax" if heard.what is Hearing.FAX else heard.outcome
    reason = f"{heard.what.value}: {heard.cause}" + (f" p={heard.p:.3f}" if heard.p is not None else "")
    told = word if kind is _K.HEARD else ""
    return CallEvent(kind, reason=reason, heard=told, vacant=heard.vacant, silence=heard.silence)


def _note(turn: Turn, call: Call, heard: Heard, stage: str, at: datetime, *, audited: bool = False) -> None:
    verdict = "unsure" if heard.what is Hearing.HUMAN and heard.cause in _UNCLEAR else heard.what.value
    record = VerdictRecord(
        call.id, stage, call.campaign_id, at, "progress", verdict, heard.cause, heard.outcome, heard.p,
        heard.after, heard.model, heard.features, heard.audio, audited,
    )  # fmt: skip
    turn.verdicts.append(record)


def judged_by_dialplan(
    state: FloorState, turn: Turn, live: Live, machine: bool, cause: str, at: datetime
) -> CallEventKind:
    """The event of AMD()'s word, noted; its machines are audited like the detector's."""
    call = live.call
    spared = machine and screening.stopped(state, call)
    audited = spared or (machine and in_audit(call.id, _share(state, call)))
    verdict, after = "machine" if machine else "human", at - (call.answered_at or at)
    record = VerdictRecord(
        call.id, "answer", call.campaign_id, at, "amd", verdict, cause,
        after=after.total_seconds(), audited=audited,
    )  # fmt: skip
    turn.verdicts.append(record)
    if spared:
        return _K.UNSURE
    return _K.AUDIT if audited else _K.MACHINE if machine else _K.HUMAN


def _share(state: FloorState, call: Call) -> float:
    # Who called for themselves wants the person, and knows at once: no audit for them.
    settings = state.campaigns[call.campaign_id].settings
    return settings.audit_share if call.reserved_for is None else 0.0


def in_audit(call_id: UUID, share: float) -> bool:
    """Whether this call's machine verdict is audited: drawn by the chance in its id, so always the same."""
    return (call_id.int & 0xFFFFF) < share * 0x100000


def release_unclear(state: FloorState, turn: Turn, live: Live) -> None:
    """An agent is idle: a call that is not clear goes to them at once."""
    event = CallEvent(_K.UNSURE, reason="not clear, and an agent is idle")
    calls.happen(state, turn, live.call.id, event, at=turn.now)
