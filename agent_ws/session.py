"""One live connection as a machine: text and time in, commands and replies out. The hub does the I/O."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from pydantic import ValidationError

from agent_ws.closing import CloseCode
from agent_ws.messages import (
    AGENT_REQUEST,
    MAX_MESSAGE_BYTES,
    AgentRequest,
    Attach,
    CallPreview,
    Consult,
    ConsultComplete,
    ConsultEnd,
    ConsultJoin,
    Dispose,
    HangUp,
    ItsAMachine,
    LogOut,
    NextLead,
    Pause,
    PauseRecording,
    Ping,
    Pong,
    Ready,
    Refused,
    SkipPreview,
    Transfer,
    VerifyIdentity,
)
from dialer.model import commands

BURST = 40
"""Messages a connection may send at once."""
REFILL = 10.0
"""Messages per second it may send for ever."""
MAX_REFUSED = 20
"""Messages not understood before the connection is closed."""
PING_EVERY = timedelta(seconds=20)
"""Between two pings; also between two looks at the login behind the connection."""
SILENCE_LIMIT = timedelta(seconds=45)
"""Without any message from the page it counts as gone: two pings unanswered."""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """What is known of one connection; a new one has no page until it attaches."""

    user_id: int
    agent: bool
    """Agents may command; supervisors only listen."""
    heard_at: datetime
    """When the page last said anything."""
    pinged_at: datetime
    page: str = ""
    tokens: float = BURST
    refilled_at: datetime | None = None
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A command for the engine in this agent's name."""

    request: commands.AgentAsks


@dataclass(frozen=True, slots=True)
class Close:
    """End the connection."""

    code: CloseCode


Effect = Order | Refused | Ping | Close


def opened(user_id: int, *, agent: bool, now: datetime) -> LiveSession:
    """A connection whose ticket was good."""
    return LiveSession(user_id=user_id, agent=agent, heard_at=now, pinged_at=now)


def receive(session: LiveSession, text: str, *, now: datetime) -> tuple[LiveSession, Effect | None]:
    """Take one message; None when there is nothing to do."""
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode("utf-8", "replace")) > MAX_MESSAGE_BYTES:
        return session, Close(CloseCode.TOO_LARGE)
    session = _refilled(replace(session, heard_at=now), now)
    if session.tokens < 1:
        return session, Close(CloseCode.FLOOD)
    session = replace(session, tokens=session.tokens - 1)
    try:
        request = AGENT_REQUEST.validate_json(text)
    except (ValidationError, UnicodeError):
        return _refused(session, "live", "malformed")
    return _obey(session, request)


def tick(session: LiveSession, *, now: datetime) -> tuple[LiveSession, Ping | Close | None]:
    """What time alone asks for: a ping, or the end of a silent connection."""
    if now - session.heard_at >= SILENCE_LIMIT:
        return session, Close(CloseCode.SILENT)
    if now - session.pinged_at >= PING_EVERY:
        return replace(session, pinged_at=now), Ping(server_time=now)
    return session, None


def attach_order(session: LiveSession) -> Order | None:
    """The attachment to repeat when the engine lost it; None when no page is attached."""
    return Order(commands.Attach(session.page)) if session.page else None


def detach_order(session: LiveSession) -> Order | None:
    """What the engine is told when the connection is lost."""
    return Order(commands.Detach(session.page)) if session.page else None


def _obey(session: LiveSession, request: AgentRequest) -> tuple[LiveSession, Effect | None]:
    if isinstance(request, Pong):
        return session, None
    if not session.agent:
        return _refused(session, request.type, "wrong_role")
    if isinstance(request, Attach):
        return replace(session, page=request.page), Order(commands.Attach(request.page))
    if not session.page:
        return _refused(session, request.type, "attach_first")
    return session, Order(asked_of(request))


Asked = (
    Ready
    | Pause
    | HangUp
    | VerifyIdentity
    | Transfer
    | Consult
    | ConsultJoin
    | ConsultComplete
    | ConsultEnd
    | ItsAMachine
    | Dispose
    | PauseRecording
    | NextLead
    | CallPreview
    | SkipPreview
    | LogOut
)


_OF_THE_CALL: dict[str, Callable[[UUID], commands.AgentAsks]] = {
    "hang_up": commands.HangUp,
    "its_a_machine": commands.ItsAMachine,
    "verify_identity": commands.VerifyIdentity,
    "consult_join": commands.ConsultJoin,
    "consult_end": commands.ConsultEnd,
}
_WHOLE: dict[str, Callable[..., commands.AgentAsks]] = {
    "dispose": commands.Dispose,
    "transfer": commands.Transfer,
    "consult": commands.Consult,
    "consult_complete": commands.ConsultComplete,
}
"""Field by field as the page sent it."""
_OF_NOBODY: dict[str, Callable[[], commands.AgentAsks]] = {
    "ready": commands.Ready,
    "next_lead": commands.NextLead,
    "log_out": commands.LogOut,
}


def asked_of(request: Asked) -> commands.AgentAsks:
    """The command that a request of an attached page becomes."""
    match request:
        case Ready() | NextLead() | LogOut():
            return _OF_NOBODY[request.type]()
        case Pause():
            return commands.Pause(request.code)
        case HangUp() | ItsAMachine() | VerifyIdentity() | ConsultJoin() | ConsultEnd():
            return _OF_THE_CALL[request.type](request.call_id)
        case Dispose() | Transfer() | Consult() | ConsultComplete():
            return _WHOLE[request.type](**request.model_dump(exclude={"type"}))
        case PauseRecording():
            return commands.PauseRecording(request.call_id, request.paused)
        case CallPreview():
            return commands.CallPreview(request.lead_id, request.phone_id)
        case SkipPreview():
            return commands.SkipPreview(request.lead_id)
        case _:
            assert_never(request)


def _refused(session: LiveSession, request: str, reason: str) -> tuple[LiveSession, Effect]:
    session = replace(session, refused=session.refused + 1)
    if session.refused > MAX_REFUSED:
        return session, Close(CloseCode.PROTOCOL)
    return session, Refused(request=request, reason=reason)


def _refilled(session: LiveSession, now: datetime) -> LiveSession:
    passed = (now - (session.refilled_at or now)).total_seconds()
    tokens = min(float(BURST), session.tokens + max(0.0, passed) * REFILL)
    return replace(session, tokens=tokens, refilled_at=now)
