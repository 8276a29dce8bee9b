"""The live wire's messages, version 1: what a console may ask, and what the server pushes. Pure data."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dialer.model.agent import AgentState, LegState
from dialer.model.breaker import TrunkState
from dialer.model.call import CallState
from dialer.model.campaign import CampaignStatus, DialMode
from dialer.model.holds import HoldCode
from dialer.model.outcomes import Outcome
from dialer.model.values import Amount, Code, Day, Id, Instant, MaybeCode, Note, PageKey, Words

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
    page: PageKey = Field(description="random id of this page load; a new one = new media leg")


class Ready(Message):
    """Take calls; during a call or wrap-up: take calls afterwards."""

    type: Literal["ready"]


class Pause(Message):
    """Stop taking calls; during a call or wrap-up: pause afterwards."""

    type: Literal["pause"]
    code: Code


class HangUp(Message):
    """End the call with the person."""

    type: Literal["hang_up"]
    call_id: UUID


class ItsAMachine(Message):
    """No person is there: hang up and save it as such, in one go."""

    type: Literal["its_a_machine"]
    call_id: UUID


class Dispose(Message):
    """Disposition of the call in wrap-up (or still in progress)."""

    type: Literal["dispose"]
    call_id: UUID
    code: Code
    notes: Words = ""
    promise_minor: Amount | None = None
    promise_on: Day | None = None
    callback_at: Instant | None = None
    callback_mine: bool = False
    """Whether the agent wants to make the callback; else it is anyone's."""


class VerifyIdentity(Message):
    """The person proved to be the one we want to speak to."""

    type: Literal["verify_identity"]
    call_id: UUID


class Along(Message):
    """What goes along with a person who is handed over."""

    note: Note = ""
    """For the next agent."""
    code: MaybeCode = ""
    """Disposition chosen so far."""
    notes: Words = ""
    """Written so far."""


class Transfer(Along):
    """Hand the person on: to a colleague, or to whoever has a skill."""

    type: Literal["transfer"]
    call_id: UUID
    skill: MaybeCode = ""
    agent_id: Id | None = None


class Consult(Along):
    """Call a colleague in, by name or by skill, while the person hears music."""

    type: Literal["consult"]
    call_id: UUID
    skill: MaybeCode = ""
    agent_id: Id | None = None


class ConsultJoin(Message):
    """Let the person in: three on the line."""

    type: Literal["consult_join"]
    call_id: UUID


class ConsultComplete(Along):
    """Hand the person over to the colleague who was called in."""

    type: Literal["consult_complete"]
    call_id: UUID


class ConsultEnd(Message):
    """The colleague leaves; asked for by either of the two."""

    type: Literal["consult_end"]
    call_id: UUID


class PauseRecording(Message):
    """Stop (or take up again) what the recording hears, such as while card data are spoken."""

    type: Literal["pause_recording"]
    call_id: UUID
    paused: bool


class NextLead(Message):
    """Show me a person to call (manual mode)."""

    type: Literal["next_lead"]


class CallPreview(Message):
    """Call the person on the card, on this number; without one, on the first that may be called."""

    type: Literal["call_preview"]
    lead_id: Id
    phone_id: Id | None = None


class SkipPreview(Message):
    """Give the card back and show the next."""

    type: Literal["skip_preview"]
    lead_id: Id


class LogOut(Message):
    """End of the shift: the leg is hung up."""

    type: Literal["log_out"]


class Pong(Message):
    """Answer to a ping; a page that stops answering is detached."""

    type: Literal["pong"]


AgentRequest = Annotated[
    Attach
    | Ready
    | Pause
    | HangUp
    | ItsAMachine
    | Dispose
    | VerifyIdentity
    | Transfer
    | Consult
    | ConsultJoin
    | ConsultComplete
    | ConsultEnd
    | PauseRecording
    | NextLead
    | CallPreview
    | SkipPreview
    | LogOut
    | Pong,
    Field(discriminator="type"),
]
AGENT_REQUEST: TypeAdapter[AgentRequest] = TypeAdapter(AgentRequest)


# --- what the server pushes ---


class DebtView(Message):
    """What a person owes. Money in minor units."""

    creditor: str
    currency: str
    balance_minor: int
    days_past_due: int
    reference: str
    stage: str = ""
    status: Literal["open", "paid"] = "open"


class ContactView(Message):
    """One of the last calls with a person."""

    at: datetime
    outcome: Outcome | None
    disposition: str
    """Its code; empty = none was given."""
    agent: str
    """Empty = no agent had it."""


class PersonView(Message):
    """Who is on a screen."""

    person_id: int
    name: str
    language: str
    zone: str
    debts: list[DebtView]
    debts_hidden: bool
    """Whether `debts` is empty because the identity is not verified yet."""
    flags: list[str]
    last_contacts: list[ContactView]
    """Newest first."""


class ConsultView(Message):
    """The other of two agents on a call."""

    name: str
    guest: bool
    """Whether this agent was called in; else the other was."""
    three: bool
    """Whether the person hears both."""


class HandoverView(Message):
    """Who hands the person over, and what came along."""

    name: str
    note: str
    code: str
    """Disposition that this colleague had chosen; empty = none."""
    notes: str
    """And what they had written."""


class CallView(PersonView):
    """The call on the agent's screen."""

    id: str
    state: CallState
    """Before 'connected' only for the agent who started the call."""
    campaign: str
    inbound: bool = False
    """Whether the person called us."""
    case_number: str = ""
    """Of a call that came in, to be read out; empty = none was given."""
    case_told: bool = False
    """Whether the person has heard it to its end while waiting on the line."""
    masked_number: str
    verified: bool
    """Whether the agent has verified who the person is; before, `debts` is empty if the campaign says so."""
    connected_at: datetime | None
    ended_at: datetime | None
    outcome: Outcome | None
    routing: dict[str, Any]
    """Why this agent: the fit and what it is made of, idle seconds, candidates."""
    recording: Literal["on", "pausing", "paused", "off"]
    """'pausing' until the PBX has confirmed that it writes silence: nobody may speak card data yet."""
    silent: Literal["", "person", "agent", "both"] = ""
    """Of whom no sound comes."""
    consult: ConsultView | None = None
    handover: HandoverView | None = None
    """None = nobody handed the person over to this agent."""


class NumberView(Message):
    """One number on a card, and what the contact gate says of it."""

    phone_id: int
    masked_number: str
    kind: str
    status: str
    rule: str
    """The rule that refuses; empty = it may be called."""
    until: datetime | None


class PreviewView(PersonView):
    """A person whom the agent may call; nothing is dialled yet."""

    lead_id: int
    campaign: str
    asked: bool
    """Whether the agent said 'call' and the answer is under way."""
    callback: bool = False
    """Whether the agent agreed to call this person back."""
    numbers: list[NumberView]


class TransferTarget(Message):
    """Somebody who is free, or a skill of somebody who is."""

    skill: str
    agent_id: int | None
    name: str
    free: int


class AgentView(Message):
    """Everything an agent's screen shows. Always whole: a lost one is healed by the next."""

    type: Literal["agent"] = "agent"
    epoch: int
    """Fence of the engine that sent it: a higher epoch restarts seq."""
    seq: int
    state: AgentState
    since: datetime
    server_time: datetime
    pause_code: str
    next_pause: str
    leg: LegState
    held: bool
    mute: bool = False
    """Whether no sound comes from the agent's telephone: nobody is put through until some does."""
    deadline_at: datetime | None
    """End of the wrap-up time, or of the time to read a card."""
    call: CallView | None
    preview: PreviewView | None
    by_hand: bool
    """Whether the agent may ask for a person to call."""
    last_outcome: str
    """How the last call that the agent started ended, when nobody answered."""
    calls_today: int
    transfer_to: list[TransferTarget] = []
    """Whom the person could be handed on to, when the call was shown last."""
    page: str
    """The page that is attached; another page shows 'open elsewhere'."""


class Refused(Message):
    """A request was not taken, and why."""

    type: Literal["refused"] = "refused"
    request: str
    reason: str
    state: str = ""
    """The agent's state, where that is why; empty = `reason` says it."""


class CallbackRefused(Refused):
    """A disposition was not taken: the contact gate would refuse the callback that it agrees."""

    request: str = "dispose"
    reason: str = "the rules refuse that call"
    rule: str
    first_at: datetime | None
    """First full minute from then on at which it may be made; None = none in sight."""


class Ping(Message):
    """Are you there?"""

    type: Literal["ping"] = "ping"
    server_time: datetime


class Link(Message):
    """Whether the engine answers behind the web server."""

    type: Literal["link"] = "link"
    engine: bool


class WindowView(Message):
    """One window in which abandonment is limited, as the rule pack names it."""

    name: str
    """'calendar_day', or 'rolling_' and a length such as '24h' or '30d'."""
    limit: float
    live: int
    abandoned: int
    screened_out: float
    """Estimated persons whom screening took for machines; they count as abandoned."""
    unserved: int = 0
    """Persons among `live` who hung up in silence before the connect limit; the house counts them, too."""
    law_counts_unserved: bool = False
    """Whether the rule pack counts them, too."""
    rate: float
    """By the law."""
    house_rate: float = 0.0
    """Everybody who answered and was served by nobody."""
    spare: float
    """Further abandonments that keep the limit in the house's count; negative when it is broken."""
    credit: float = 0.0
    """Abandonments within `spare` that may come before the answers that pay for them."""


class WhyView(Message):
    """Why the last number of calls was placed, as data (pacing.Why)."""

    mode: str
    """The dial mode that decided."""
    ready: float
    """Agents, less the reserved."""
    in_flight: int
    """Calls on their way before it."""
    calls_per_agent: float
    """In mode 'power'; else 0."""
    calls: int
    cancels: int
    """Ringing calls given up."""
    capped: bool
    held_by: str
    """The limit that left fewer calls than the policy asked for: 'abandonment cap', 'shared agents',
    'line limit', 'calls per agent', 'calls per second', 'no leads'; empty = none."""


class HoldView(Message):
    """What keeps a campaign from calling, as data (dialer.model.holds)."""

    code: HoldCode
    rule: str
    """Of the contact gate, or of a list; 'retry' = the rest between two attempts; empty where none holds."""
    until: datetime | None
    held: int
    """Leads that the rule holds."""
    leads: int
    """That wait, for whatever reason."""


class ForecastView(Message):
    """What the last decision expects."""

    abandon_chance: float
    """Chance that the last call placed (or the next, when none is) finds a person and no agent."""
    price: float
    """Chance at which no further call is placed."""
    live_soon: float
    """Expected live answers of the calls in the air."""
    free_soon: float
    """Expected agents free by the time a new call is answered."""


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
    status: CampaignStatus
    mode: DialMode
    calls_per_agent: float
    settings_version: int
    dialing: int
    ringing: int
    screening: int
    waiting: int
    connected: int
    queued: int = 0
    """People who called in and wait for an agent on the line."""
    queued_since: datetime | None = None
    """Since when the first of them waits."""
    kept_places: int = 0
    """People who called in and will be called back in their turn."""
    ready: int
    paused: int
    wrap_up: int
    live_answers: int
    """Denominator of abandonment, last 24 hours."""
    abandoned: int
    leads_left: int
    leads_resting: int = 0
    """Of these, not to be called before a time of their own."""
    resting_until: datetime | None = None
    """When the first of these may be called."""
    max_lines: int = 0
    """Calls in the air at once, as set or automatic."""
    max_cps: float = 0.0
    """New calls per second, likewise."""
    capped: bool
    """Whether the hard abandonment cap holds dialling back to one call per ready agent."""
    why: WhyView | None = None
    """Why the last number of calls was placed; None before the first decision, and beside a `hold`."""
    hold: HoldView | None = None
    """What keeps it from calling; None = nothing."""
    last_decision: str
    """Either of these as an English sentence, for people: programs read the fields above."""
    target: float
    """Share of abandoned calls that predictive mode aims at, boosted, within the cap."""
    windows: list[WindowView]
    forecast: ForecastView | None
    """None before the first decision, and in modes that forecast nothing."""
    idle_seconds: float | None
    """Seconds that agents waited for their last calls, on average; None before the first."""
    learned: LearnedView | None
    """None before anything is."""
    settled: int = 0
    """Calls that came to an end lately: the cap's bound on the share of live answers is of these."""
    settled_live: int = 0
    """Live answers among those."""


class AgentRow(Message):
    """One row of the supervisor's agent table."""

    id: int
    name: str
    state: AgentState
    since: datetime | None
    pause_code: str
    leg: LegState
    held: bool
    attached: bool
    call_campaign: str
    masked_number: str
    calls_today: int


class TrunkView(Message):
    """A trunk that a campaign may use."""

    name: str
    state: TrunkState
    """closed = calls go out, open = it rests, half_open = one call at a time tries it."""
    why: str
    """What broke it; empty while it is closed."""
    until: datetime | None
    """Until when it rests."""


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
    dialplan_ok: bool = True
    """Whether the PBX has the dialplan that we need; without it nothing is dialled."""
    ears_up: bool = True
    """Whether the detector of call progress answers."""
    trunks: list[TrunkView] = Field(default_factory=list)
    alarms: int


ServerMessage = AgentView | FloorView | Refused | CallbackRefused | Ping | Link
