"""The life of a call, as a table. The diagram in docs/ and the database's guard are made from TRANSITIONS."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from dialer.model.outcomes import Outcome, spares
from dialer.model.signalling import heard_outcome, no_common_codec, outcome_of_signalling, sip_status


class CallState(StrEnum):
    """Where a call is."""

    DIALING = "dialing"
    RINGING = "ringing"
    SCREENING = "screening"
    WAITING = "waiting"
    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    """A machine greets; our message waits for the end of it."""
    LEAVING = "leaving"
    """Our message is being left."""
    ENDED = "ended"


class Direction(StrEnum):
    """Who called whom."""

    OUTBOUND = "outbound"
    INBOUND = "inbound"


class CallEventKind(StrEnum):
    """What can happen to a call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    REFUSED = "refused"
    HEARD = "heard"
    """A tone, fax or announcement told how the call ends."""
    HUMAN = "human"
    UNSURE = "unsure"
    MACHINE = "machine"
    AUDIT = "audit"
    """A machine that an agent gets all the same, so that we know how often the verdict is wrong."""
    VOICEMAIL = "voicemail"
    """A machine on which a message is to be left."""
    GREETING_OVER = "greeting_over"
    LEFT = "left"
    """Our message was played to its end."""
    BRIDGED = "bridged"
    AGENT_LOST = "agent_lost"
    TRANSFERRED = "transferred"
    """The agent hands the person on to another one."""
    CALLBACK_TAKEN = "callback_taken"
    """Who called in would rather be called back than wait on."""
    DEADLINE = "deadline"
    CANCELLED = "cancelled"
    HUNG_UP = "hung_up"
    VANISHED = "vanished"


class Effect(StrEnum):
    """What the shell must do after the transition is committed."""

    ORIGINATE = "originate"
    OFFER = "offer"
    HANG_UP = "hang_up"
    MESSAGE = "message"
    LEAVE_MESSAGE = "leave_message"
    CONFIRM = "confirm"
    CLOSE = "close"


class ClockStart(StrEnum):
    """From which instant the law counts the wait of a person who answered."""

    ANSWERED = "answered"
    GREETING_END = "greeting_end"


class IllegalEvent(ValueError):
    """The event is not in the table for a live state: a defect, the call is left unchanged."""


class LateEvent(ValueError):
    """The call has already ended: normal, counted, nothing to do."""


_S, _E, _F = CallState, CallEventKind, Effect
_END = (_F.CLOSE,)
_END_HANG = (_F.HANG_UP, _F.CLOSE)

TRANSITIONS: dict[tuple[CallState, CallEventKind], tuple[CallState, tuple[Effect, ...]]] = {
    (_S.DIALING, _E.RINGING): (_S.RINGING, ()),
    (_S.DIALING, _E.ANSWERED): (_S.SCREENING, ()),
    (_S.DIALING, _E.REFUSED): (_S.ENDED, _END),
    (_S.DIALING, _E.DEADLINE): (_S.ENDED, _END_HANG),
    (_S.DIALING, _E.CANCELLED): (_S.ENDED, _END_HANG),
    (_S.RINGING, _E.ANSWERED): (_S.SCREENING, ()),
    (_S.RINGING, _E.DEADLINE): (_S.ENDED, _END_HANG),
    (_S.RINGING, _E.CANCELLED): (_S.ENDED, _END_HANG),
    (_S.DIALING, _E.HEARD): (_S.ENDED, _END_HANG),
    (_S.RINGING, _E.HEARD): (_S.ENDED, _END_HANG),
    (_S.SCREENING, _E.HUMAN): (_S.WAITING, (_F.OFFER,)),
    (_S.SCREENING, _E.UNSURE): (_S.WAITING, (_F.OFFER,)),
    (_S.SCREENING, _E.AUDIT): (_S.WAITING, (_F.OFFER,)),
    (_S.SCREENING, _E.MACHINE): (_S.ENDED, _END_HANG),
    (_S.SCREENING, _E.HEARD): (_S.ENDED, _END_HANG),
    (_S.SCREENING, _E.VOICEMAIL): (_S.VOICEMAIL, ()),
    (_S.SCREENING, _E.DEADLINE): (_S.WAITING, (_F.OFFER,)),
    (_S.VOICEMAIL, _E.GREETING_OVER): (_S.LEAVING, (_F.LEAVE_MESSAGE,)),
    (_S.VOICEMAIL, _E.DEADLINE): (_S.ENDED, _END_HANG),
    (_S.LEAVING, _E.LEFT): (_S.ENDED, _END_HANG),
    (_S.LEAVING, _E.DEADLINE): (_S.ENDED, _END_HANG),
    (_S.WAITING, _E.BRIDGED): (_S.CONNECTED, ()),
    (_S.WAITING, _E.DEADLINE): (_S.ENDED, (_F.MESSAGE, _F.CLOSE)),
    (_S.WAITING, _E.CALLBACK_TAKEN): (_S.ENDED, (_F.CONFIRM, _F.CLOSE)),
    (_S.WAITING, _E.MACHINE): (_S.ENDED, _END_HANG),
    (_S.WAITING, _E.HEARD): (_S.ENDED, _END_HANG),
    (_S.CONNECTED, _E.AGENT_LOST): (_S.WAITING, (_F.OFFER,)),
    (_S.CONNECTED, _E.TRANSFERRED): (_S.WAITING, ()),
    (_S.CONNECTED, _E.MACHINE): (_S.ENDED, _END_HANG),
    (_S.CONNECTED, _E.HEARD): (_S.ENDED, _END_HANG),
    **{(state, _E.HUNG_UP): (_S.ENDED, _END) for state in _S if state is not _S.ENDED},
    **{(state, _E.VANISHED): (_S.ENDED, _END) for state in _S if state is not _S.ENDED},
}


GREETING = 30.0
"""Seconds after which somebody who called in waits for an agent, whatever the greeting does."""


AGREED = 5.0
"""Seconds after an answer within which both sides find a codec, or not; later a conversation ends."""

LONGEST_QUEUE = 86_400.0
"""Seconds for which somebody who called in may wait: a bound for forgotten channels, never for people.

Nobody is cut off for waiting long (Spain, Ley 10/2025 by secondary sources; a house rule everywhere).
"""


@dataclass(frozen=True, slots=True)
class CallLimits:
    """Time limits of one call, in seconds; fixed when the call is placed."""

    ring: float = 25.0
    """From originate until an unanswered call is given up; never below the legal minimum ring."""
    screening: float = 4.0
    """From answer until an undecided screening counts as human."""
    connect: float = 2.0
    """From the clock start until a waiting person hears the safe-harbour message."""
    reattach: float = 15.0
    """How long a person who lost the agent in mid-call is held for an agent."""
    greeting: float = 60.0
    """How long a machine's greeting is heard, until we give up leaving a message."""
    message: float = 90.0
    """How long leaving a message may take."""
    queue: float = 600.0
    """After how long who called in, and keeps the place without waiting on the line, is called first."""
    unserved: float = 1.0
    """From the answer: who hangs up later, and had no agent, was left unserved by us."""
    machine_error: float = 0.0143
    """No time: chance that a machine verdict of this call is wrong, as its screening is known for (0–1). Kept
    with the call, so that no setting changes what its window says of it."""
    clock_start: ClockStart = ClockStart.GREETING_END


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One thing that happened to one call."""

    kind: CallEventKind
    cause: int | None = None
    """Q.850 cause, with refused and hung_up."""
    agent_id: int | None = None
    """With bridged: the agent who was joined."""
    reason: str = ""
    """Raw words of the source (AMD cause, SIP status, who cancelled), kept for 'why?'."""
    heard: str = ""
    """With heard: a word of signalling.HEARD_OUTCOMES."""
    vacant: bool = False
    """With heard: the network's information tone for a number that does not exist."""
    silence: float = 0.0
    """With a verdict: seconds for which the person has been silent; their greeting was over so long ago."""
    unheard: bool = False
    """With the end of a conversation: no sound ever came from the person, though the agent's did."""
    unsent: bool = False
    """With cancelled: the order to call was never given to the PBX."""
    doubted: bool = False
    """With unsure: it was taken for a machine, which is not believed while screening is stopped."""
    reconciled: bool = False
    """Whether it was missed and made up of what is there now: it came earlier, nobody knows when."""


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt to reach one person; version counts its committed transitions."""

    id: UUID
    campaign_id: int
    lead_id: int
    person_id: int
    phone_id: int | None
    """None when who called in withheld the number."""
    number: str
    """The other side's; empty when who called in withheld it."""
    placed_at: datetime
    """Or, of a call that came in, when it came."""
    limits: CallLimits
    screened: bool
    """Whether call progress analysis runs on this call."""
    reserved_for: int | None = None
    """The agent who started this call and waits for its answer (manual, preview)."""
    direction: Direction = Direction.OUTBOUND
    state: CallState = CallState.DIALING
    version: int = 1
    ringing_at: datetime | None = None
    answered_at: datetime | None = None
    verdict_at: datetime | None = None
    verdict: str = ""
    waiting_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    deadline_at: datetime | None = None
    agent_id: int | None = None
    outcome: Outcome | None = None
    cause: int | None = None
    reason: str = ""
    case_number: str = ""
    """Of a call that came in: what its person is told, and may name later. Empty: none was given."""

    @property
    def inbound(self) -> bool:
        """Whether the other side called us."""
        return self.direction is Direction.INBOUND

    @property
    def live(self) -> bool:
        """Whether the call has not ended."""
        return self.state is not CallState.ENDED


def place(call: Call, *, now: datetime) -> tuple[Call, tuple[Effect, ...]]:
    """Start a new call: it dials until the ring limit."""
    return replace(call, deadline_at=_after(now, call.limits.ring)), (Effect.ORIGINATE,)


def arrive(call: Call, *, now: datetime) -> Call:
    """A call that came in: a person by nature, who hears the greeting before waiting for an agent."""
    taken = replace(call, direction=Direction.INBOUND, state=CallState.SCREENING, answered_at=now)
    return replace(taken, deadline_at=_after(now, GREETING))


def step(call: Call, event: CallEvent, *, now: datetime) -> tuple[Call, tuple[Effect, ...]]:
    """Next call and effects; raises LateEvent for an ended call and IllegalEvent outside the table."""
    if not call.live:
        raise LateEvent(f"{event.kind} after the end of {call.id}")
    try:
        state, effects = TRANSITIONS[call.state, event.kind]
    except KeyError:
        raise IllegalEvent(f"{event.kind} in {call.state} of {call.id}") from None
    moved = replace(call, state=state, version=call.version + 1, reason=event.reason or call.reason)
    return _settled(_stamped(moved, call, event, now), call, event, now), effects


DOUBTED = "doubted"
"""Verdict on a machine that goes to an agent: joined it is no live answer, left alone it is abandoned."""
_VERDICTS: dict[CallEventKind, str] = {
    CallEventKind.HUMAN: "human",
    CallEventKind.UNSURE: "unsure",
    CallEventKind.DEADLINE: "unsure",
    CallEventKind.AUDIT: "audit",
    CallEventKind.MACHINE: "machine",
    CallEventKind.VOICEMAIL: "machine",
    CallEventKind.HEARD: "tone",
}
"""What ends the screening → the call's verdict."""


def _stamped(moved: Call, before: Call, event: CallEvent, now: datetime) -> Call:
    match event.kind:
        case CallEventKind.RINGING:
            return replace(moved, ringing_at=now)
        case CallEventKind.ANSWERED:
            return replace(moved, answered_at=now)
        case kind if kind in _VERDICTS and before.state is CallState.SCREENING:
            return replace(moved, verdict=DOUBTED if event.doubted else _VERDICTS[kind], verdict_at=now)
        case CallEventKind.BRIDGED:
            return replace(moved, agent_id=event.agent_id, connected_at=before.connected_at or now)
        case _:
            return moved


def _settled(moved: Call, before: Call, event: CallEvent, now: datetime) -> Call:
    """Set what the new state fixes: its deadline, or the end and its outcome."""
    match moved.state:
        case CallState.RINGING:
            return moved
        case CallState.SCREENING:
            return replace(moved, deadline_at=_after(now, moved.limits.screening))
        case CallState.WAITING:
            return replace(moved, waiting_at=now, deadline_at=_connect_deadline(moved, event, now))
        case CallState.CONNECTED:
            return replace(moved, deadline_at=None)
        case CallState.VOICEMAIL:
            return replace(moved, deadline_at=_after(now, moved.limits.greeting))
        case CallState.LEAVING:
            return replace(moved, deadline_at=_after(now, moved.limits.message))
        case _:
            outcome = outcome_of(before, event, now)
            return replace(moved, ended_at=now, deadline_at=None, outcome=outcome, cause=event.cause)


def _connect_deadline(call: Call, event: CallEvent, now: datetime) -> datetime:
    if call.inbound:
        return _after(now, LONGEST_QUEUE)
    if call.connected_at is not None:
        return _after(now, call.limits.reattach)
    answered = call.answered_at or now
    if call.limits.clock_start is ClockStart.ANSWERED:
        return max(now, _after(answered, call.limits.connect))
    # The law counts from the end of the greeting; a verdict comes when a silence has shown that it is one.
    return max(now, _after(call.verdict_at or answered, call.limits.connect - event.silence))


_INBOUND_ENDS: dict[CallEventKind, Outcome] = {
    CallEventKind.HUNG_UP: Outcome.GAVE_UP,
    CallEventKind.DEADLINE: Outcome.UNSERVED,
    CallEventKind.CALLBACK_TAKEN: Outcome.CALLBACK_TAKEN,
    CallEventKind.VANISHED: Outcome.LOST,
}
"""What ends the call of somebody who called in, before an agent spoke to them."""


def outcome_of(call: Call, event: CallEvent, at: datetime) -> Outcome:
    """The outcome of a live call that this event ends, at the instant at which it happened."""
    if call.inbound and call.connected_at is None:
        return _INBOUND_ENDS.get(event.kind, Outcome.UNKNOWN)
    return _outcome_of_ours(call, event, at)


def _outcome_of_ours(call: Call, event: CallEvent, at: datetime) -> Outcome:
    match event.kind:
        case CallEventKind.HEARD:
            return heard_outcome(event.heard)
        case CallEventKind.MACHINE:
            return Outcome.MACHINE
        case CallEventKind.LEFT:
            return Outcome.MESSAGE_LEFT
        case _ if call.state in (CallState.VOICEMAIL, CallState.LEAVING):
            return Outcome.LOST if event.kind is CallEventKind.VANISHED else Outcome.MACHINE
        case _ if call.connected_at is not None:
            return _outcome_with_agent(call, event, at)
        case CallEventKind.CANCELLED:
            return Outcome.CANCELLED
        case CallEventKind.DEADLINE:
            return Outcome.ABANDONED if call.state is CallState.WAITING else Outcome.NO_ANSWER
        case _ if call.state in (CallState.SCREENING, CallState.WAITING):
            return _outcome_without_agent(call, event, at)
        case CallEventKind.VANISHED:
            return Outcome.LOST
        case _:
            return _outcome_unanswered(call, event)


def _outcome_unanswered(call: Call, event: CallEvent) -> Outcome:
    """What the network says; Asterisk never brings up who answers without a codec in common."""
    if call.ringing_at is not None and _no_media(event):
        return Outcome.NO_MEDIA
    return outcome_of_signalling(event.cause or 0, sip_status(event.reason))


def _no_media(event: CallEvent) -> bool:
    """Whether the call ended because nobody could hear anybody."""
    cause, status = event.cause or 0, sip_status(event.reason)
    gone = event.kind in (CallEventKind.HUNG_UP, CallEventKind.REFUSED)
    return gone and no_common_codec(cause, status)


def _outcome_with_agent(call: Call, event: CallEvent, at: datetime) -> Outcome:
    """A conversation, unless nobody could hear anybody, or nothing was ever heard of the person."""
    answered = call.answered_at or call.placed_at
    if _no_media(event) and (event.unheard or at < _after(answered, AGREED)):
        return Outcome.NO_MEDIA
    return Outcome.ONE_WAY_AUDIO if event.unheard else Outcome.CONVERSATION


def _outcome_without_agent(call: Call, event: CallEvent, at: datetime) -> Outcome:
    """Somebody answered, got no agent, and is gone: whatever failed, the law counts how long they waited."""
    lost = event.kind is CallEventKind.VANISHED
    if call.verdict == "audit" or call.answered_at is None:
        return Outcome.LOST if lost else Outcome.HUNG_UP_EARLY
    if at >= connect_limit(call):
        return Outcome.ABANDONED
    if at >= _after(call.answered_at, call.limits.unserved):
        return Outcome.UNSERVED
    if _no_media(event):
        return Outcome.NO_MEDIA
    return Outcome.LOST if lost else Outcome.HUNG_UP_EARLY


def connect_limit(call: Call) -> datetime:
    """When somebody who answered must have an agent, or has been abandoned; unsure means human."""
    if call.state is CallState.WAITING and call.deadline_at is not None:
        return call.deadline_at
    answered, limits = call.answered_at or call.placed_at, call.limits
    if limits.clock_start is ClockStart.ANSWERED:
        return _after(answered, max(limits.screening, limits.connect))
    return _after(answered, limits.screening + limits.connect)


def spared(call: Call, event: CallEvent) -> bool:
    """Whether this end of a call leaves the person's caps and the lead's tries as they were before it."""
    if call.outcome is None or call.inbound:
        return False
    rang = call.ringing_at is not None or call.answered_at is not None
    return event.unsent or spares(call.outcome, rang=rang)


def _after(start: datetime, seconds: float) -> datetime:
    return start + timedelta(seconds=seconds)
