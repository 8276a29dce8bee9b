"""The joints of the core, as Protocols. One conformance suite runs on the fake and the real one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from dialer.lead_source import LeadSource as LeadSource
from dialer.model.agent import Agent
from dialer.model.alarm import Alarm as Alarm
from dialer.model.audit import Audits
from dialer.model.call import Call, CallEvent
from dialer.model.campaign import Campaign
from dialer.model.commands import Request, kind_of
from dialer.model.facts import HeardFact, PbxSnapshot, Screened, TelephonyFact
from dialer.model.handover import Handover
from dialer.model.leads import NOT_HELD as NOT_HELD
from dialer.model.leads import WAKES as WAKES
from dialer.model.leads import CallbackDue as CallbackDue
from dialer.model.leads import CallCard as CallCard
from dialer.model.leads import LeadPreview as LeadPreview
from dialer.model.leads import LeadsLeft as LeadsLeft
from dialer.model.leads import OpenCall as OpenCall
from dialer.model.leads import PersonNews as PersonNews
from dialer.model.leads import Placed as Placed
from dialer.model.leads import PlaceResult as PlaceResult
from dialer.model.leads import PreviewNumber as PreviewNumber
from dialer.model.leads import PreviewResult as PreviewResult
from dialer.model.leads import Refusal as Refusal
from dialer.model.leads import TakenIn as TakenIn
from dialer.model.leads import Waiting as Waiting
from dialer.model.leads import waiting_of as waiting_of
from dialer.model.number import Unallocated
from dialer.model.orders import AdmitOrder as AdmitOrder
from dialer.model.orders import CallOrder as CallOrder
from dialer.model.orders import LegOrder as LegOrder
from dialer.model.orders import ListenOrder as ListenOrder
from dialer.model.orders import QueueNews as QueueNews
from dialer.model.pacing_record import PacingRecord as PacingRecord
from dialer.model.past import MinuteCount as MinuteCount
from dialer.model.past import PastCall as PastCall
from dialer.model.recording import RecordingMark as RecordingMark
from dialer.model.recording import Tape as Tape
from dialer.model.trunk import Launch as Launch
from dialer.model.trunk import TrunkLimits as TrunkLimits
from dialer.model.verdict import VerdictRecord
from journal.events import Fact


class Clock(Protocol):
    """The one place that reads a clock."""

    def now(self) -> datetime:
        """Aware UTC that never jumps by itself (anchored to the monotonic clock)."""
        ...


class WallClock(Clock, Protocol):
    """A clock that knows what the machine's shows, and can be set."""

    def wall(self) -> datetime:
        """What this machine's clock shows; it may be set, and jump."""
        ...

    def shift(self, step: timedelta) -> None:
        """Set `now` by so much, once it is known that the time is another."""
        ...


# --- telephony ----------------------------------------------------------------------------------


class Telephony(Protocol):
    """Orders to the PBX. Orders return at once: what came of them arrives as facts, in order.

    An order that the PBX refuses comes back as OrderRefused, a lost one as nothing.
    """

    def originate(self, order: CallOrder) -> None:
        """Call a person. Never repeated by the link, whatever happens to it."""
        ...

    def beat(self, value: str) -> None:
        """Tell the PBX that the engine is alive: any value but the one before; it waits for no other sign."""
        ...

    def originate_leg(self, order: LegOrder) -> None:
        """Call an agent's phone."""
        ...

    def bridge(self, customer_channel: str, agent_channel: str) -> None:
        """Join both channels; taken out of any bridge they are in."""
        ...

    def hang_up(self, channel_id: str) -> None:
        """End a channel; a channel that is not there is no error."""
        ...

    def play_message(self, channel_id: str) -> None:
        """Send a waiting person to the safe-harbour message, after which the dialplan hangs up."""
        ...

    def park(self, channel_id: str) -> None:
        """Music on hold for a person whose agent was lost."""
        ...

    def join_in(self, agent_channel: str, mate_channel: str) -> None:
        """Put an agent's leg into the bridge that another one is in, as a third voice."""
        ...

    def release(self, agent_channel: str) -> None:
        """Take an agent's leg out of its bridge; whoever else is in it is not hung up."""
        ...

    def pause_recording(self, channel_id: str, paused: bool) -> None:
        """Write silence into both sides of the recording until resumed; RecordingPaused tells so."""
        ...

    async def paused(self, channel_ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether the recordings of these channels are paused, of those that are there; LinkUnavailable."""
        ...

    def listen(self, channel_id: str) -> None:
        """Send what the far end of a call says to the detector, answered or not; never disturbs the call."""
        ...

    def leave_message(self, channel_id: str) -> None:
        """Send an answering machine to the campaign's message, after which the dialplan hangs up."""
        ...

    def admit(self, order: AdmitOrder) -> None:
        """Answer a call that came in; Screened follows when its greeting is over."""
        ...

    def announce(self, news: QueueNews) -> None:
        """Tell somebody in the queue how it stands; Chose may follow."""
        ...

    def confirm(self, channel_id: str) -> None:
        """Tell somebody in the queue that we shall call back, after which the dialplan hangs up."""
        ...

    def count_packets(self, channel_id: str) -> None:
        """Ask how many packets of sound have come in on a channel; PacketsCounted follows, or nothing."""
        ...

    async def snapshot(self) -> PbxSnapshot:
        """All channels now; raises LinkUnavailable without a link."""
        ...

    async def next_facts(self) -> Sequence[TelephonyFact]:
        """Wait for the next facts, in order; never empty."""
        ...


# --- call progress ------------------------------------------------------------------------------


class Ears(Protocol):
    """The detector: listens to calls. Orders return at once; without a detector they are void.

    The audio of a call comes to it by Telephony.listen, once `listen` told it what to expect.
    """

    def begin(self, epoch: int) -> None:
        """The lease is ours, with this fence number: connect. Before that the detector is left alone."""
        ...

    def listen(self, order: ListenOrder) -> None:
        """Expect the audio of a call."""
        ...

    def answered(self, channel_id: str, ring: float) -> None:
        """A call that it has heard since its early media was answered."""
        ...

    def handed_over(self, channel_id: str) -> None:
        """An unclear call goes to an agent: from now on only near-certainty is worth a word."""
        ...

    def forget(self, channel_id: str) -> None:
        """Stop listening to a call."""
        ...

    async def next_heard(self) -> Sequence[HeardFact]:
        """Wait for what it heard next, in order; never empty. For one reader."""
        ...


class Screener(Protocol):
    """Judges what the dialplan's screening of an answered call reported."""

    def hears_machine(self, screened: Screened) -> bool:
        """True only when it is certain; whatever is unsure goes to an agent."""
        ...


# --- recordings ---------------------------------------------------------------------------------


class Tapes(Protocol):
    """The audio that the PBX captures, as evidence of calls that nobody watched."""

    async def of(self, call_ids: Sequence[UUID]) -> Mapping[UUID, Tape]:
        """Those of these calls that were recorded; never raises, never waits for long."""
        ...

    async def room(self) -> int | None:
        """Bytes free for more; None where that cannot be seen from here. As above."""
        ...


# --- store --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transition:
    """One committed step of one call: the new call and the event that led there."""

    before: str
    """State before."""
    call: Call
    """The call after; its version is the stored version + 1."""
    event: CallEvent
    at: datetime
    routing: dict[str, Any] | None = None
    """With bridged: why this agent."""
    handover: Handover | None = None
    """With transferred: what goes along."""
    unallocated: Unallocated | None = None
    """With an end that says so, on a trunk that is believed."""


@dataclass(frozen=True, slots=True)
class AgentChange:
    """One change of an agent's presence, for the log of shifts."""

    agent_id: int
    at: datetime
    state: str
    code: str
    call_id: UUID | None


@dataclass(frozen=True, slots=True)
class DispositionMade:
    """What the agent said of a call."""

    attempt_id: UUID
    agent_id: int
    at: datetime
    code: str
    notes: str = ""
    promise_minor: int | None = None
    promise_on: str | None = None
    callback_at: datetime | None = None
    callback_mine: bool = False
    """Whether the agent wants to make the callback; else it is anyone's."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A learned model as it came in force. Versions count from the start of an engine, hence the epoch."""

    campaign_id: int
    epoch: int
    version: int
    at: datetime
    content: dict[str, Any]
    """pacing.Model.as_record()"""


@dataclass(frozen=True, slots=True)
class LearnerRecord:
    """Everything a campaign has learned, for a restart; a later one replaces it."""

    campaign_id: int
    at: datetime
    content: dict[str, Any]
    """pacing.Learner.as_record()"""


@dataclass(frozen=True, slots=True)
class Presence:
    """The last logged state of an agent, to take up after a restart."""

    agent_id: int
    at: datetime
    state: str
    code: str
    call_id: UUID | None


@dataclass(frozen=True, slots=True)
class Codes:
    """Reference codes the engine checks commands against."""

    dispositions: dict[str, str]
    """Code → what it requires ('', 'promise', 'callback')."""
    pauses: frozenset[str]


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """Somebody picked up a call that we had given up already: no agent, no message, a click."""

    attempt_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class EngineCommit:
    """Everything one turn of the engine writes, in one transaction guarded by the fence."""

    transitions: tuple[Transition, ...] = ()
    agents: tuple[AgentChange, ...] = ()
    dispositions: tuple[DispositionMade, ...] = ()
    pacing: tuple[PacingRecord, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    marks: tuple[RecordingMark, ...] = ()
    models: tuple[ModelRecord, ...] = ()
    learners: tuple[LearnerRecord, ...] = ()
    verdicts: tuple[VerdictRecord, ...] = ()
    late_answers: tuple[LateAnswer, ...] = ()
    """Of attempts that have ended as not answered."""
    launches: tuple[Launch, ...] = ()
    alarms_over: tuple[tuple[str, str], ...] = ()
    """(kind, subject) of alarms of earlier turns that alarm nobody any more."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        facts = (self.transitions, self.agents, self.dispositions, self.pacing, self.alarms, self.marks)
        more = (self.models, self.learners, self.verdicts, self.late_answers, self.launches, self.alarms_over)
        return not any((*facts, *more))


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that the database refused, as it is kept for people to look at."""

    kind: str
    """Which part of a commit it was."""
    subject: str
    """The call, agent or campaign."""
    payload: str
    """ASCII JSON."""
    error: str


class LiveStore(Protocol):
    """The truth in Postgres, as live calls need it. Every write carries the fence and fails with FenceLost.

    Without a database every method raises StoreUnavailable; the same commit may then be given again, it is
    written once.
    """

    async def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns with their current settings."""
        ...

    async def agents(self) -> tuple[Agent, ...]:
        """All agents with skills and campaigns, all offline. Who works here no more has no campaigns, and
        is there only while a call of theirs is open."""
        ...

    async def commit(self, commit: EngineCommit, *, fence: int) -> None:
        """Write one turn, all or nothing.

        Raises VersionConflict when a guarded update hit no row, CommitRefused when a value is refused.
        """
        ...

    async def set_aside(self, records: Sequence[SetAside], *, at: datetime, fence: int) -> None:
        """Put what commit() refused of the turn of this instant into quarantine, each with an alarm, once."""
        ...

    async def open_calls(self) -> tuple[OpenCall, ...]:
        """Attempts that have not ended, for reconciliation."""
        ...

    async def counts(
        self, campaign_ids: Sequence[int], *, since: datetime, until: datetime
    ) -> dict[int, tuple[MinuteCount, ...]]:
        """Campaign → its results from `since` until before `until`, by minute, oldest first. None: no key."""
        ...

    async def past_calls(self, campaign_id: int, *, limit: int) -> tuple[PastCall, ...]:
        """The newest ended attempts that we neither cancelled nor lost, oldest first."""
        ...

    async def audits(self, campaign_id: int, *, since: datetime) -> Audits:
        """What the blind audits of machine verdicts have found since an instant."""
        ...

    async def learners(self) -> dict[int, dict[str, Any]]:
        """Campaign → the learner that was saved last."""
        ...

    async def trunks(self) -> tuple[TrunkLimits, ...]:
        """Trunks that have limits."""
        ...

    async def presences(self, *, since: datetime) -> tuple[Presence, ...]:
        """The newest agent_log row of each agent since an instant."""
        ...

    async def codes(self) -> Codes:
        """Disposition and pause codes."""
        ...

    async def agent_results(self, *, since: datetime) -> dict[int, tuple[int, int]]:
        """Agent → conversations with the right person, and those that ended in a promise or a payment."""
        ...

    async def clock(self) -> datetime:
        """What the database's clock shows."""
        ...

    async def open_alarms(self) -> int:
        """Alarms that nobody has acknowledged."""
        ...

    async def alarms_of_settings(self) -> tuple[tuple[str, str], ...]:
        """(kind, subject) of open alarms about what campaigns name; dialer.model.alarm.OF_SETTINGS."""
        ...

    async def calls_today(self, *, since: datetime) -> dict[int, int]:
        """Agent → persons spoken to since an instant."""
        ...

    async def shown_calls(self, call_ids: Sequence[UUID]) -> tuple[OpenCall, ...]:
        """These attempts with their cards, ended or not (the wrap-ups of a restart)."""
        ...

    async def live_news(self, told: Mapping[UUID, int]) -> tuple[PersonNews, ...]:
        """Who has an open call and of whom something was committed after it was reserved: payments, stops,
        flags, refusals, suppressed numbers. `told`: attempt → the newest that is known."""
        ...

    async def person_news(self, person_ids: Sequence[int]) -> tuple[PersonNews, ...]:
        """What stands in the books of these persons now."""
        ...


class Store(LiveStore, LeadSource, Protocol):
    """Both, on one database."""


# --- journal ------------------------------------------------------------------------------------


class Journal(Protocol):
    """What the other floors commit, in the order of their commits: each fact once, whoever has died."""

    async def begin(self) -> None:
        """What was committed before this is never told: read the tables after it. Raises StoreUnavailable."""
        ...

    async def facts(self) -> tuple[Fact, ...]:
        """What was committed since the last time, as soon as there is something; after a second, nothing.

        Raises StoreUnavailable; nothing is lost by it.
        """
        ...


# --- lease and bus ------------------------------------------------------------------------------


class Lease(Protocol):
    """The right to be the only engine. The fence number grows with each holder and is checked in Postgres."""

    async def acquire(self) -> int:
        """Wait until the lease is ours; returns the fence number."""
        ...

    async def renew(self) -> bool:
        """Prolong; False when it is not provably ours any more (then nothing new is dialled)."""
        ...

    async def release(self) -> None:
        """Give it up at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Command:
    """A request from a web process: an agent's, a supervisor's, or the stop of a person."""

    request: Request
    """What is asked; dialer.model.commands has them all, docs/reference/bus.md explains them."""
    actor_id: int
    session: str = ""
    """The page that asks; empty = none."""
    id: str = ""
    """Unique; a repeated id is ignored."""

    @property
    def kind(self) -> str:
        """Its name on the bus."""
        return kind_of(self.request)


@dataclass(frozen=True, slots=True)
class BadCommand:
    """What came instead of a command: refused at the entrance, with whatever is known of who sent it."""

    kind: str
    """Cleaned and cut; nothing else of what was sent is kept."""
    why: str
    actor_id: int = 0
    session: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Something for the screens: to one agent (agent_id) or to all supervisors (agent_id None)."""

    kind: str
    body: dict[str, Any]
    agent_id: int | None = None


class Bus(Protocol):
    """Redis streams between engine and web processes. Loss is healed by snapshots, never by replay."""

    def publish(self, frame: Frame) -> None:
        """Queue a frame for the web processes; bounded, the oldest is dropped and counted."""
        ...

    async def start(self) -> None:
        """What was sent before this is never read: it was meant for an engine that did not answer."""
        ...

    def commands(self) -> AsyncIterator[Command | BadCommand]:
        """Commands as they come, and what could not be read as one; reconnects by itself."""
        ...
