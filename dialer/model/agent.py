"""An agent's presence, as a table. Leg, websocket and hold are facets beside it, not more states."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from uuid import UUID


class AgentState(StrEnum):
    """What an agent is doing."""

    OFFLINE = "offline"
    PAUSED = "paused"
    READY = "ready"
    PREVIEW = "preview"
    """Reads the card of a person who is called when the agent says so."""
    CALLING = "calling"
    """Waits for the answer to a call of their own; nobody else gets it, and the agent no other."""
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"


class AgentEventKind(StrEnum):
    """What can happen to an agent."""

    LOGGED_IN = "logged_in"
    LOGGED_OUT = "logged_out"
    READY = "ready"
    PAUSE = "pause"
    ASSIGNED = "assigned"
    UNASSIGNED = "unassigned"
    CALL_ENDED = "call_ended"
    DISPOSED = "disposed"
    WRAP_UP_DEADLINE = "wrap_up_deadline"
    PREVIEWED = "previewed"
    CALLED = "called"
    SKIPPED = "skipped"
    PREVIEW_WITHDRAWN = "preview_withdrawn"
    """The card is taken back without the agent's doing: stop of the person, campaign halted."""
    PREVIEW_DEADLINE = "preview_deadline"
    UNANSWERED = "unanswered"


class LegState(StrEnum):
    """The agent's telephone leg, up for the whole shift."""

    DOWN = "down"
    DIALING = "dialing"
    UP = "up"


class IllegalAgentEvent(ValueError):
    """The event is not in the table: the command is refused, and `state` is why."""

    def __init__(self, event: str, state: AgentState) -> None:
        super().__init__(f"{event} while {state}")
        self.state: str = state.value


_S, _E = AgentState, AgentEventKind

AGENT_TRANSITIONS: dict[tuple[AgentState, AgentEventKind], AgentState] = {
    (_S.OFFLINE, _E.LOGGED_IN): _S.PAUSED,
    (_S.PAUSED, _E.READY): _S.READY,
    (_S.PAUSED, _E.PAUSE): _S.PAUSED,
    (_S.PAUSED, _E.LOGGED_OUT): _S.OFFLINE,
    (_S.READY, _E.PAUSE): _S.PAUSED,
    (_S.READY, _E.ASSIGNED): _S.ON_CALL,
    (_S.READY, _E.LOGGED_OUT): _S.OFFLINE,
    (_S.READY, _E.PREVIEWED): _S.PREVIEW,
    (_S.PREVIEW, _E.CALLED): _S.CALLING,
    (_S.PREVIEW, _E.SKIPPED): _S.READY,
    (_S.PREVIEW, _E.PREVIEW_WITHDRAWN): _S.READY,
    (_S.PREVIEW, _E.PREVIEW_DEADLINE): _S.PAUSED,
    (_S.PREVIEW, _E.PAUSE): _S.PAUSED,
    (_S.PREVIEW, _E.LOGGED_OUT): _S.OFFLINE,
    (_S.CALLING, _E.ASSIGNED): _S.ON_CALL,
    (_S.CALLING, _E.UNANSWERED): _S.READY,
    (_S.ON_CALL, _E.UNASSIGNED): _S.READY,
    (_S.ON_CALL, _E.CALL_ENDED): _S.WRAP_UP,
    (_S.ON_CALL, _E.DISPOSED): _S.ON_CALL,
    (_S.WRAP_UP, _E.DISPOSED): _S.READY,
    (_S.WRAP_UP, _E.WRAP_UP_DEADLINE): _S.READY,
    (_S.WRAP_UP, _E.LOGGED_OUT): _S.OFFLINE,
}
"""A pause asked for during a call, wrap-up or ringing is kept in next_pause and taken afterwards."""

BUSY = frozenset({_S.CALLING, _S.ON_CALL, _S.WRAP_UP})
"""States with a call: a pause waits for their end."""

PREVIEW_PAUSE = "preview"
"""Pause code of an agent who let the time of a card run out."""


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """One thing that happened to one agent."""

    kind: AgentEventKind
    code: str = ""
    """Pause code, with pause and preview_deadline."""
    call_id: UUID | None = None
    """With assigned and called."""
    deadline: datetime | None = None
    """With previewed: when the card goes back."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent on the floor."""

    id: int
    name: str
    endpoint: str
    skills: dict[str, int]
    """Skill code → level 1–100."""
    campaigns: frozenset[int]
    state: AgentState = AgentState.OFFLINE
    since: datetime | None = None
    idle_since: datetime | None = None
    """When the agent last became free; a pause restarts it."""
    pause_code: str = ""
    next_pause: str = ""
    """Pause code to take when the call and its wrap-up end; empty = ready again."""
    call_id: UUID | None = None
    """The call in progress or ringing, or the one being wrapped up."""
    deadline_at: datetime | None = None
    """End of the wrap-up time, or of the time to read a card."""
    wrap_limit: float = 60.0
    """Seconds of wrap-up before the agent is made ready with no disposition."""
    disposed: bool = False
    leg: LegState = LegState.DOWN
    leg_id: str = ""
    leg_page: str = ""
    """page_key() of the page whose telephone the leg rings."""
    mute: bool = False
    """Whether the last leg died of silence and this one has not yet proved that sound comes from it."""
    held: bool = False
    session: str = ""
    """The websocket page that shows this agent; empty when none is attached."""
    detached_at: datetime | None = None
    seq: int = field(default=0)
    """Number of the last view pushed to the agent."""

    @property
    def available(self) -> bool:
        """Whether a person may be handed to this agent now."""
        return self.state is AgentState.READY and self.can_talk

    @property
    def leg_is_heard(self) -> bool:
        """Whether the leg is that of the attached page; after a reload the old one talks to nobody."""
        return bool(self.session) and self.leg_page == page_key(self.session)

    @property
    def can_talk(self) -> bool:
        """Whether a person may be joined to the leg: it is up, of this page, and known to send sound."""
        return self.leg is LegState.UP and self.leg_is_heard and not self.mute


@lru_cache(maxsize=8192)  # asked at every look at an agent; there are as many pages as agents
def page_key(page: str) -> str:
    """Eight harmless characters for a page's id, which comes from outside and goes into channel ids."""
    return sha256(page.encode()).hexdigest()[:8]


def step_agent(agent: Agent, event: AgentEvent, *, now: datetime) -> Agent:
    """Next presence of an agent; raises IllegalAgentEvent outside the table."""
    if event.kind is AgentEventKind.PAUSE and agent.state in BUSY:
        return replace(agent, next_pause=event.code)
    if event.kind is AgentEventKind.READY and agent.state in BUSY:
        return replace(agent, next_pause="")
    try:
        state = AGENT_TRANSITIONS[agent.state, event.kind]
    except KeyError:
        raise IllegalAgentEvent(event.kind, agent.state) from None
    return _entered(agent, state, event, now)


def _entered(agent: Agent, state: AgentState, event: AgentEvent, now: datetime) -> Agent:
    if event.kind is AgentEventKind.DISPOSED and state is _S.ON_CALL:
        return replace(agent, disposed=True)
    moved = replace(agent, state=state, since=now, deadline_at=None)
    match event.kind:
        case AgentEventKind.LOGGED_IN:
            return replace(moved, pause_code="login", next_pause="")
        case AgentEventKind.PAUSE | AgentEventKind.PREVIEW_DEADLINE:
            return replace(moved, pause_code=event.code)
        case AgentEventKind.PREVIEWED:
            return replace(moved, deadline_at=event.deadline)
        case AgentEventKind.ASSIGNED | AgentEventKind.CALLED:
            return replace(moved, call_id=event.call_id, held=False, disposed=False)
        case AgentEventKind.UNASSIGNED:
            return _heeding_pause(replace(moved, call_id=None, held=False))
        case AgentEventKind.CALL_ENDED:
            return _wrapping(moved, now)
        case AgentEventKind.READY:
            return replace(moved, pause_code="", idle_since=now)
        case AgentEventKind.LOGGED_OUT:
            return replace(moved, call_id=None, pause_code="", next_pause="")
        case _:
            return _freed(moved, now)


def _wrapping(agent: Agent, now: datetime) -> Agent:
    """After a call: its disposition, unless it was given during the call."""
    if agent.disposed:
        return _freed(agent, now)
    return replace(agent, held=False, deadline_at=now + timedelta(seconds=agent.wrap_limit))


def _freed(agent: Agent, now: datetime) -> Agent:
    """After wrap-up: ready, or the pause that was asked for meanwhile."""
    return _heeding_pause(
        replace(agent, call_id=None, held=False, disposed=False, deadline_at=None, idle_since=now)
    )


def _heeding_pause(free: Agent) -> Agent:
    if free.next_pause:
        return replace(free, state=_S.PAUSED, pause_code=free.next_pause, next_pause="")
    return replace(free, state=_S.READY, pause_code="")
