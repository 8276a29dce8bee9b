"""One live connection as a machine: text and time in, commands and replies out. The hub does the I/O."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, assert_never

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

    kind: str
    body: dict[str, Any]


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
    return Order("agent.attach", {"page": session.page}) if session.page else None


def detach_order(session: LiveSession) -> Order | None:
    """What the engine is told when the connection is lost."""
    return Order("agent.detach", {"page": session.page}) if session.page else None


def _obey(session: LiveSession, request: AgentRequest) -> tuple[LiveSession, Effect | None]:
    if isinstance(request, Pong):
        return session, None
    if not session.agent:
        return _refused(session, request.type, "wrong_role")
    if isinstance(request, Attach):
        return replace(session, page=request.page), Order("agent.attach", {"page": request.page})
    if not session.page:
        return _refused(session, request.type, "attach_first")
    return session, order_of(request)


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


def order_of(request: Asked) -> Order:
    """The command that a request of an attached page becomes."""
    match request:
        case Ready() | NextLead() | LogOut():
            return Order(f"agent.{request.type}", {})
        case Pause():
            return Order("agent.pause", {"code": request.code})
        case HangUp() | ItsAMachine() | VerifyIdentity() | ConsultJoin() | ConsultComplete() | ConsultEnd():
            return Order(f"agent.{request.type}", {"call_id": request.call_id})
        case Dispose():
            return Order("agent.dispose", request.model_dump(mode="json"))
        case PauseRecording():
            body = {"call_id": request.call_id, "paused": request.paused}
            return Order("agent.pause_recording", body)
        case CallPreview():
            return Order("agent.call_preview", {"lead_id": request.lead_id, "phone_id": request.phone_id})
        case SkipPreview():
            return Order("agent.skip_preview", {"lead_id": request.lead_id})
        case Transfer() | Consult():
            return Order(f"agent.{request.type}", request.model_dump(mode="json", exclude={"type"}))
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
