"""What reaches the engine's mailbox."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dialer.engine.effects import PlaceLead, SeekLead
from dialer.model.agent import Agent
from dialer.model.audit import Audits
from dialer.model.call import CallEvent
from dialer.model.campaign import Campaign
from dialer.model.facts import HeardFact, PbxSnapshot, TelephonyFact
from dialer.ports import (
    BadCommand,
    CallbackDue,
    Command,
    LeadsLeft,
    OpenCall,
    PersonNews,
    PlaceResult,
    PreviewResult,
    TakenIn,
    Tape,
    TrunkLimits,
)


@dataclass(frozen=True, slots=True)
class FactIn:
    """The PBX or the detector reported something."""

    fact: TelephonyFact | HeardFact
    at: datetime
    """When it happened."""
    told_at: datetime | None = None
    """When we heard of it; None = at once."""


@dataclass(frozen=True, slots=True)
class CommandIn:
    """A web process asks for something."""

    command: Command


@dataclass(frozen=True, slots=True)
class BadCommandIn:
    """Something came that is no command."""

    bad: BadCommand


@dataclass(frozen=True, slots=True)
class PlacedIn:
    """An order to place calls came back; its attempts are committed."""

    campaign_id: int
    asked: int
    result: PlaceResult
    stopped: frozenset[int] = frozenset()
    """Persons who must not be called after all: the last look before the hand-over."""


@dataclass(frozen=True, slots=True)
class LeadFoundIn:
    """An order for a lead to look at came back."""

    asked: SeekLead
    result: PreviewResult


@dataclass(frozen=True, slots=True)
class LeadPlacedIn:
    """An order to call a held lead came back; its attempt is committed, or refused."""

    asked: PlaceLead
    result: PlaceResult
    stopped: frozenset[int] = frozenset()
    """As in PlacedIn."""


@dataclass(frozen=True, slots=True)
class TakenInIn:
    """A call that came in is committed; or the store did not answer."""

    channel_id: str
    result: TakenIn | None


@dataclass(frozen=True, slots=True)
class CallEventIn:
    """An event for a call that had to wait its turn, or that reconciliation found."""

    call_id: UUID
    event: CallEvent
    at: datetime | None = None
    """When it happened; None = in the turn that takes it."""


@dataclass(frozen=True, slots=True)
class SnapshotIn:
    """All channels of the PBX, for reconciliation."""

    snapshot: PbxSnapshot
    asked_at: datetime
    tapes: Mapping[UUID, Tape] = field(default_factory=dict)
    """What was recorded of open calls that are gone, or that are up and not known to be answered."""
    silent: Mapping[str, bool] = field(default_factory=dict)
    """Channel → whether its recording is paused, of those that are or should be."""


@dataclass(frozen=True, slots=True)
class StalledIn:
    """We stood still, or facts were dropped: what happened meanwhile is not all known yet."""

    why: str
    alarm: bool = True


@dataclass(frozen=True, slots=True)
class NewsIn:
    """What was learnt of people whom calls, wrap-ups or cards are about."""

    learnt: tuple[PersonNews, ...]


@dataclass(frozen=True, slots=True)
class SpoolIn:
    """How much room there is for recordings."""

    room: int


@dataclass(frozen=True, slots=True)
class LookRefusedIn:
    """The PBX does not let us see its channels."""

    why: str


@dataclass(frozen=True, slots=True)
class ClockIn:
    """Whether anybody knows what the time is."""

    in_doubt: str = ""
    """Why not; empty = it is known."""


@dataclass(frozen=True, slots=True)
class ClockSetIn:
    """Our clock was set, and everything with it."""

    step: timedelta


@dataclass(frozen=True, slots=True)
class RefreshIn:
    """Settings or people changed in the database."""

    campaigns: tuple[Campaign, ...]
    agents: tuple[Agent, ...]
    leads_left: dict[int, LeadsLeft]
    open_alarms: int = 0
    trunks: tuple[TrunkLimits, ...] = ()
    audits: dict[int, Audits] = field(default_factory=dict)
    """Campaign → what the blind audits of its machine verdicts have found."""
    alarmed: tuple[tuple[str, str], ...] = ()
    """(kind, subject) of open alarms about what campaigns name."""


@dataclass(frozen=True, slots=True)
class CallbacksIn:
    """Callbacks of agents that are due soon, and kept places of callers: all there are."""

    due: tuple[CallbackDue, ...]


@dataclass(frozen=True, slots=True)
class ResultsIn:
    """What came of the agents' conversations lately."""

    results: dict[int, tuple[int, int]]
    """Agent → with the right person, and of those the good ones."""


@dataclass(frozen=True, slots=True)
class OpenCallsIn:
    """Attempts that are open in the database; those unknown here are taken over and looked up."""

    calls: tuple[OpenCall, ...]


@dataclass(frozen=True, slots=True)
class PutBackIn:
    """Parts of the last turn that the database refused and that are set aside."""

    call_ids: tuple[UUID, ...]
    """Calls whose step did not happen."""
    stored: tuple[OpenCall, ...]
    """Those as the database has them."""
    told: tuple[tuple[int, str], ...] = ()
    """Agents whose command came to nothing, and which."""


@dataclass(frozen=True, slots=True)
class StoreRefusedIn:
    """The store refuses what was asked of it beside the turns."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class LeaseIn:
    """Whether the lease is provably ours."""

    held: bool


Input = (
    FactIn
    | CommandIn
    | BadCommandIn
    | PlacedIn
    | LeadFoundIn
    | LeadPlacedIn
    | TakenInIn
    | CallEventIn
    | SnapshotIn
    | NewsIn
    | SpoolIn
    | LookRefusedIn
    | StalledIn
    | ClockIn
    | ClockSetIn
    | RefreshIn
    | OpenCallsIn
    | CallbacksIn
    | ResultsIn
    | LeaseIn
    | PutBackIn
    | StoreRefusedIn
)
