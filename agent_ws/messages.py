"""The live wire's messages, version 1: what a console may ask, and what the server pushes. Pure data."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

SUBPROTOCOL = "cadencia.v1"
"""Websocket sub-protocol name; carries the version of these messages."""

MAX_MESSAGE_BYTES = 16_384
"""Largest message a console may send."""


class Message(BaseModel):
    """Base of every message: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what an agent asks (requests; state is only what the server pushes back) ---


class Attach(Message):
    """This page shows the agent from now on; an earlier page is told and detached."""

    type: Literal["attach"]
    page: str = Field(
        min_length=8, max_length=64, description="random id of this page load; a new one = new media leg"
    )


class Ready(Message):
    """Take calls; during a call or wrap-up: take calls afterwards."""

    type: Literal["ready"]


class Pause(Message):
    """Stop taking calls; during a call or wrap-up: pause afterwards."""

    type: Literal["pause"]
    code: str = Field(min_length=1, max_length=40)


class HangUp(Message):
    """End the call with the person."""

    type: Literal["hang_up"]
    call_id: str


class Dispose(Message):
    """Disposition of the call in wrap-up (or still in progress)."""

    type: Literal["dispose"]
    call_id: str
    code: str = Field(min_length=1, max_length=40)
    notes: str = Field("", max_length=4000)
    promise_minor: int | None = Field(None, gt=0, le=10**12)
    promise_on: date | None = None
    callback_at: datetime | None = None


class PauseRecording(Message):
    """Stop (or take up again) what the recording hears, such as while card data are spoken."""

    type: Literal["pause_recording"]
    call_id: str
    paused: bool


class LogOut(Message):
    """End of the shift: the leg is hung up."""

    type: Literal["log_out"]


class Pong(Message):
    """Answer to a ping; a page that stops answering is detached."""

    type: Literal["pong"]


AgentRequest = Annotated[
    Attach | Ready | Pause | HangUp | Dispose | PauseRecording | LogOut | Pong, Field(discriminator="type")
]
AGENT_REQUEST: TypeAdapter[AgentRequest] = TypeAdapter(AgentRequest)


# --- what the server pushes ---


class CallView(Message):
    """The call on the agent's screen."""

    id: str
    campaign: str
    person_id: int
    name: str
    masked_number: str
    language: str
    zone: str
    debts: list[dict[str, Any]]
    flags: list[str]
    last_contacts: list[dict[str, Any]]
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: str | None
    routing: dict[str, Any]
    """Why this agent: skills matched, level, idle seconds, candidates."""
    recording: Literal["on", "paused", "off"]


class AgentView(Message):
    """Everything an agent's screen shows. Always whole: a lost one is healed by the next."""

    type: Literal["agent"] = "agent"
    epoch: int
    """Fence of the engine that sent it: a higher epoch restarts seq."""
    seq: int
    state: Literal["offline", "paused", "ready", "on_call", "wrap_up"]
    since: datetime
    server_time: datetime
    pause_code: str
    next_pause: str
    leg: Literal["down", "dialing", "up"]
    held: bool
    deadline_at: datetime | None
    """End of the wrap-up time."""
    call: CallView | None
    calls_today: int
    page: str
    """The page that is attached; another page shows 'open elsewhere'."""


class Refused(Message):
    """A request was not taken, and why."""

    type: Literal["refused"] = "refused"
    request: str
    reason: str


class Ping(Message):
    """Are you there?"""

    type: Literal["ping"] = "ping"
    server_time: datetime


class Link(Message):
    """Whether the engine answers behind the web server."""

    type: Literal["link"] = "link"
    engine: bool


class WindowView(Message):
    """Abandonment in one window that the law names."""

    name: str
    """'calendar_day', 'rolling_24h', 'rolling_30d' or a length such as 'rolling_12h'."""
    limit: float
    live: float
    abandoned: float
    screened_out: float
    """Estimated persons whom screening took for machines: they are abandoned in law."""
    rate: float
    """(abandoned + screened out) / (live + screened out), 0–1."""
    spare: float
    """Further abandonments the window can carry; negative = over the limit."""


class ForecastView(Message):
    """What the last decision expected."""

    abandon_chance: float
    price: float
    live_soon: float
    free_soon: float


class LearnedView(Message):
    """What the pacing learned of a campaign: shares 0–1, means in seconds."""

    answer_rate: float
    human_share: float
    talk_mean: float
    wrap_mean: float
    ring_mean: float
    calls_seen: float


class CampaignView(Message):
    """One row of the supervisor's campaign strip."""

    id: int
    code: str
    name: str
    status: Literal["stopped", "running", "paused"]
    mode: str
    calls_per_agent: float
    settings_version: int
    dialing: int
    ringing: int
    screening: int
    waiting: int
    connected: int
    ready: int
    paused: int
    wrap_up: int
    live_answers: int
    """Denominator of abandonment, today."""
    abandoned: int
    leads_left: int
    capped: bool
    """Whether the hard abandonment cap holds dialling back to one call per ready agent."""
    last_decision: str
    """Why the last number of calls was placed."""
    windows: list[WindowView] = Field(default_factory=list)
    """Windows of the law, in which the abandonment is counted."""
    forecast: ForecastView | None = None
    """What the last decision expected; None when its policy forecasts nothing."""
    idle_seconds: float | None = None
    """Mean wait of the agents for their next call lately; None = not known."""
    learned: LearnedView | None = None
    target: float = 0.0
    """Share of abandoned calls the predictive mode aims at, boost included, 0–1."""


class AgentRow(Message):
    """One row of the supervisor's agent table."""

    id: int
    name: str
    state: str
    since: datetime | None
    pause_code: str
    leg: str
    held: bool
    attached: bool
    call_campaign: str
    masked_number: str
    calls_today: int


class FloorView(Message):
    """The floor: whole after a (re)connect, then only what changed (rows by id)."""

    type: Literal["floor"] = "floor"
    epoch: int
    seq: int
    whole: bool
    server_time: datetime
    campaigns: list[CampaignView]
    agents: list[AgentRow]
    pbx_up: bool
    alarms: int


ServerMessage = AgentView | FloorView | Refused | Ping | Link
