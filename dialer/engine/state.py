"""The floor in memory: owned by the engine alone, rebuilt from Postgres and the PBX at start."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from dialer.engine.counts import Counts
from dialer.engine.effects import Effect, Moving
from dialer.engine.inputs import CallEventIn
from dialer.engine.rooms.agents import Agents
from dialer.engine.rooms.calls import Calls, Live
from dialer.engine.rooms.index import Room
from dialer.engine.rooms.link import Bridges
from dialer.engine.tokens import TokenBucket
from dialer.model.agent import Agent, AgentState
from dialer.model.alarm import Alarm
from dialer.model.audit import Audits
from dialer.model.breaker import Breaker
from dialer.model.call import Call
from dialer.model.campaign import Campaign
from dialer.model.facts import ChannelHungUp
from dialer.model.holds import Hold
from dialer.model.orders import DIALPLAN
from dialer.model.sounds import FOLDER
from dialer.model.verdict import VerdictRecord
from dialer.ports import (
    AgentChange,
    CallbackDue,
    DispositionMade,
    EngineCommit,
    LateAnswer,
    Launch,
    LeadPreview,
    LeadsLeft,
    LearnerRecord,
    ModelRecord,
    PacingRecord,
    RecordingMark,
    Screener,
    Transition,
    TrunkLimits,
    Waiting,
)
from pacing import Decision, Forecast, Learner
from routing import Occupancy

_FOREVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Goodbye:
    """An agent's phone was put down in a call: it ends when phone and page are still there then."""

    call_id: UUID
    page: str
    """That showed the agent; empty = the phone has left meanwhile."""
    until: datetime


@dataclass(frozen=True, slots=True)
class Sound:
    """What has come in on a channel of a conversation, in packets."""

    received: int
    at_first: int
    """When the conversation was first looked at."""
    heard_at: datetime
    """When the count was last seen to grow."""
    counted_at: datetime
    steady: float = 0.0
    """Seconds for which it is known to have sent without a gap."""
    thin: bool = False
    """Whether fewer came lately than on a line that never pauses."""
    pauses: bool = False
    """Whether the line sends nothing while nobody speaks: it paused and went on."""


@dataclass(slots=True)
class Owed:
    """An order whose effect nobody has seen yet."""

    order: Moving
    at: datetime
    tries: int = 0
    """How often it was given again."""
    refused: bool = False


@dataclass(slots=True)
class Shown:
    """A lead on an agent's screen that nobody has called yet."""

    lead: LeadPreview
    deadline: datetime
    """When the agent must have decided."""
    held_until: datetime
    """When the store lets go of the lead by itself."""
    asked: bool = False
    """Whether the agent said 'call' and the store has not answered yet."""
    trunk: str = ""
    """That the call which the agent asked for is charged to."""
    callback: bool = False
    """Whether the agent agreed to call this person back."""


@dataclass(slots=True)
class Tally:
    """A campaign's results, its tokens, and what its pacing did last."""

    counts: Counts = field(default_factory=Counts)
    bucket: TokenBucket = field(default_factory=TokenBucket)
    placing: int = 0
    """Calls asked of the store that have not come back."""
    placing_odds: tuple[float, ...] = ()
    """Odds of those, as far as they are known."""
    placing_on: tuple[str, ...] = ()
    """Trunk that each of those is charged to, in their order, as far as they are known."""
    next_odds: tuple[float, ...] = ()
    """Odds of the leads that would be called next, in their order."""
    left: LeadsLeft = field(default_factory=LeadsLeft)
    dry_until: datetime | None = None
    dry_pause: float = 0.0
    """Seconds of the last rest without a callable lead."""
    dry: bool = False
    """Whether the last order came back without a lead, and none was placed since."""
    waiting: Waiting | None = None
    """What its leads wait for, then."""
    last: Decision | Hold | None = None
    """The last decision, or what held it from deciding."""
    capped: bool = False
    forecast: Forecast | None = None
    idle: float | None = None
    """Seconds that agents waited for their calls, lately (exponential mean)."""
    recorded_at: datetime | None = None
    """When a decision was stored last."""
    recorded_kind: tuple[str, bool, str] | None = None
    """Its reason without the numbers."""
    model_stored: int | None = None
    """Version of the learned model that was stored last."""
    learner_saved_at: datetime | None = None
    audits: Audits = field(default_factory=Audits)
    """What the blind audits of machine verdicts have found."""
    screening_stopped: bool = False
    """Whether screening has taken too many people for machines (dialer.engine.screening)."""

    @property
    def charged(self) -> tuple[str, ...]:
        """Trunks of the calls that have not come back."""
        return self.placing_on[: self.placing]


@dataclass(slots=True)
class FloorState:
    """Everything the engine knows."""

    epoch: int
    spool: str
    """Folder on the PBX host where recordings are captured."""
    screener: Screener
    detach_grace: float = 30.0
    messages: str = FOLDER
    """Folder of the messages for answering machines, on the PBX."""
    spool_low: int = 0
    """Bytes free in the spool below which there is an alarm."""
    spool_full: int = 0
    """Bytes below which nobody is called who must be recorded."""
    spool_is_low: bool = False
    spool_is_full: bool = False
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    agents: Agents = field(default_factory=Agents)
    calls: Calls = field(default_factory=Calls)
    wrapping: dict[int, Live] = field(default_factory=dict)
    """Agent → the ended call on the agent's screen."""
    tallies: dict[int, Tally] = field(default_factory=dict)
    learners: dict[int, Learner] = field(default_factory=dict)
    """Campaign → what it has learned of its calls and agents."""
    served: dict[int, float] = field(default_factory=dict)
    """Campaign → calls placed over its weight, to take turns with those it shares agents with."""
    trunks: dict[str, TrunkLimits] = field(default_factory=dict)
    breakers: dict[str, Breaker] = field(default_factory=dict)
    """Trunk → whether it may be dialled on; none = it may."""
    dialled: dict[str, str] = field(default_factory=dict)
    """Number as it was dialled lately → trunk."""
    trunk_buckets: dict[str, TokenBucket] = field(default_factory=dict)
    calls_today: dict[int, int] = field(default_factory=dict)
    bridges: Bridges = field(default_factory=Bridges)
    heard: dict[str, datetime] = field(default_factory=dict)
    """Channel → when it was last heard of or ordered: a list asked for earlier is old news of it."""
    owed: dict[str, Owed] = field(default_factory=dict)
    """Channel → what was ordered of it last, until that is seen."""
    linked_at: datetime | None = None
    """Since when the link to the PBX holds."""
    pbx_started: str = ""
    """Which PBX process it leads to; empty until the first link."""
    pbx_renewed_at: datetime | None = None
    """When another PBX process answered than before: what was on the old one died with it."""
    sounds: dict[str, Sound] = field(default_factory=dict)
    """Channel → what has come in, of everybody who is in a conversation."""
    sounds_asked: dict[str, datetime] = field(default_factory=dict)
    """Channel → when its count was asked for last."""
    pending_legs: dict[int, str] = field(default_factory=dict)
    """Agent → channel of a leg that is being called."""
    leg_retry: dict[int, tuple[datetime, float]] = field(default_factory=dict)
    """Agent → when to call the phone again, and the pause after that."""
    leg_count: int = 0
    goodbyes: dict[int, Goodbye] = field(default_factory=dict)
    """Agent → the phone that was put down a moment ago."""
    disposition_codes: dict[str, str] = field(default_factory=dict)
    """Code → what it requires ('', 'promise', 'callback')."""
    pause_codes: frozenset[str] = frozenset()
    seen_commands: deque[str] = field(default_factory=lambda: deque(maxlen=4096))
    pbx_up: bool = False
    looked: bool = False
    """Whether rows and channels were compared since the link came up. Before that a deadline proves nothing:
    the person may long be talking. The dialplan's own fail-safe speaks meanwhile."""
    dialplan: str | None = None
    """Version of the PBX's dialplan; None = not asked yet, empty = it tells none."""
    dialplan_unread_since: datetime | None = None
    """Since when the PBX, whose dialplan was ours, has refused to say which it has."""
    ears_up: bool = False
    """Whether the detector answers; without it nobody is taken for a machine."""
    clock_in_doubt: bool = False
    """Nobody knows what the time is, so nobody is called."""
    clock_doubt: str = ""
    """Why not, as it was told last."""
    lease_held: bool = True
    draining: bool = False
    just_ended: dict[UUID, datetime] = field(default_factory=dict)
    """Calls that ended in the last seconds: their channels may still be seen."""
    given_up: dict[UUID, Call] = field(default_factory=dict)
    """Calls that we gave up in the last seconds while they rang: ring limit, pacing, payment, stop."""
    refusals: dict[UUID, int] = field(default_factory=dict)
    """Call → how many of its steps the database has refused."""
    late_events: int = 0
    illegal_events: int = 0
    floor_seq: int = 0
    floor_due: datetime | None = None
    dirty_agents: set[int] = field(default_factory=set)
    want_whole_floor: bool = False
    open_alarms: int = 0
    settled: set[tuple[str, str]] = field(default_factory=set)
    """(kind, subject) of alarms that are known to be over."""
    due: datetime | None = None
    """Before this no deadline can pass; None = look. With each pacing everything is looked at anyway."""
    waiting: dict[UUID, Live] = field(default_factory=dict)
    """The calls that are WAITING, so that nobody else is looked at for an agent."""
    unclear: set[UUID] = field(default_factory=set)
    """Calls that the detector would let an idle agent have at once."""
    paced_at: datetime | None = None
    swept_at: datetime | None = None

    previews: dict[int, Shown] = field(default_factory=dict)
    """Agent → the card on the screen; only in state PREVIEW."""
    seeking: set[int] = field(default_factory=set)
    """Agents for whom the store looks for a lead."""
    no_preview_until: dict[int, datetime] = field(default_factory=dict)
    """Campaign → when to look for a lead again after there was none."""
    callbacks: list[CallbackDue] = field(default_factory=list)
    """Own callbacks of agents that are due soon and not offered yet; and kept places of callers."""
    taking_in: dict[UUID, ChannelHungUp | None] = field(default_factory=dict)
    """Calls that came in and are not committed yet → whether they ended meanwhile."""
    occupancies: dict[int, Occupancy] = field(default_factory=dict)
    """Agent → how busy lately."""
    results: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Agent → conversations with the right person lately, and the good ones of them."""
    last_outcome: dict[int, str] = field(default_factory=dict)
    """Agent → how the last call of their own ended that nobody answered."""

    @property
    def dialplan_fits(self) -> bool:
        """False once the PBX is known to have another dialplan than our orders are for."""
        return self.dialplan in (None, DIALPLAN)

    @property
    def dials(self) -> bool:
        """Whether calls may be placed at all now."""
        return self.pbx_up and self.looked and self.dialplan_fits and self._may_dial

    @property
    def _may_dial(self) -> bool:
        return self.lease_held and not self.draining and not self.clock_in_doubt

    def tally(self, campaign_id: int) -> Tally:
        """Counts of a campaign."""
        found = self.tallies.get(campaign_id)
        if found is None:
            found = self.tallies[campaign_id] = Tally()
        return found

    def learner(self, campaign_id: int) -> Learner:
        """What a campaign has learned."""
        found = self.learners.get(campaign_id)
        # A new one is a third of a millisecond of numpy, and this is asked at every event of a call.
        if found is None:
            found = self.learners[campaign_id] = Learner()
        return found

    def wake(self, at: datetime | None) -> None:
        """Something must be looked at then."""
        if at is not None and self.due is not None and at < self.due:
            self.due = at

    def live_of(self, agent: Agent) -> Live | None:
        """The call on this agent's screen, live or being wrapped up."""
        shown = self.wrapping.get(agent.id)
        if shown is not None and shown.call.id != agent.call_id:
            shown = None
        if agent.call_id is None or (agent.state is AgentState.WRAP_UP and shown is not None):
            # Who has handed a person on sees how it was then, not what becomes of it at the next agent's.
            return shown
        return self.calls.get(agent.call_id, shown)

    def agent_of_leg(self, channel: str) -> Agent | None:
        """Whose leg this channel is, current or being called."""
        if not channel.startswith("leg-"):
            return None
        agent = self.agents.get(int(channel.split("-")[1])) if channel.split("-")[1].isdigit() else None
        if agent is None or channel not in (agent.leg_id, self.pending_legs.get(agent.id)):
            return None
        return agent


def rooms(state: FloorState) -> tuple[Room, ...]:
    """What owns the parts of the floor."""
    return state.calls, state.agents, state.bridges


@dataclass(slots=True)
class Turn:
    """What one turn of the engine writes and then does."""

    now: datetime
    known_until: datetime = _FOREVER
    """Deadlines after this instant are not judged yet: something that came before may still wait unread."""
    transitions: list[Transition] = field(default_factory=list)
    agents: list[AgentChange] = field(default_factory=list)
    dispositions: list[DispositionMade] = field(default_factory=list)
    pacing: list[PacingRecord] = field(default_factory=list)
    marks: list[RecordingMark] = field(default_factory=list)
    models: list[ModelRecord] = field(default_factory=list)
    learners: list[LearnerRecord] = field(default_factory=list)
    verdicts: list[VerdictRecord] = field(default_factory=list)
    late_answers: list[LateAnswer] = field(default_factory=list)
    launches: list[Launch] = field(default_factory=list)
    alarms: list[tuple[str, str, str]] = field(default_factory=list)
    alarms_over: list[tuple[str, str]] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    touched: set[UUID] = field(default_factory=set)
    """Calls that took a step in this turn."""
    shown: set[int] = field(default_factory=set)
    """Agents whose screen changes."""
    deferred: list[CallEventIn] = field(default_factory=list)
    """Events of calls for the next turn."""

    def commit(self) -> EngineCommit:
        """What to write."""
        return EngineCommit(
            transitions=tuple(self.transitions),
            agents=tuple(self.agents),
            dispositions=tuple(self.dispositions),
            pacing=tuple(self.pacing),
            marks=tuple(self.marks),
            models=tuple(self.models),
            learners=tuple(self.learners),
            verdicts=tuple(self.verdicts),
            late_answers=tuple(self.late_answers),
            launches=tuple(self.launches),
            alarms=tuple(Alarm(*alarm, self.now) for alarm in self.alarms),
            alarms_over=tuple(self.alarms_over),
        )
