"""What the engine's shell must do after a turn is committed, in this order."""

from dataclasses import dataclass
from datetime import datetime

from dialer.ports import AdmitOrder, CallOrder, Frame, LegOrder, ListenOrder, QueueNews


@dataclass(frozen=True, slots=True)
class Originate:
    """Call a person whose attempt is committed."""

    order: CallOrder


@dataclass(frozen=True, slots=True)
class OriginateLeg:
    """Call an agent's phone."""

    order: LegOrder


@dataclass(frozen=True, slots=True)
class Bridge:
    """Join a person and an agent leg."""

    customer: str
    leg: str


@dataclass(frozen=True, slots=True)
class JoinIn:
    """Put an agent's leg into the bridge that another one is in."""

    leg: str
    mate: str


@dataclass(frozen=True, slots=True)
class Release:
    """Take an agent's leg out of its bridge."""

    leg: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """End a channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class PlayMessage:
    """Safe-harbour message to a person who waited too long."""

    channel: str


@dataclass(frozen=True, slots=True)
class Park:
    """Music for a person whose agent was lost."""

    channel: str


@dataclass(frozen=True, slots=True)
class Admit:
    """Answer, record and greet somebody who called in and whose call is committed."""

    order: AdmitOrder


@dataclass(frozen=True, slots=True)
class Announce:
    """Tell somebody in the queue how it stands."""

    news: QueueNews


@dataclass(frozen=True, slots=True)
class ConfirmCallback:
    """Tell somebody in the queue that we shall call back."""

    channel: str


@dataclass(frozen=True, slots=True)
class PauseRecording:
    """Silence into the recording, or audio again."""

    channel: str
    paused: bool


@dataclass(frozen=True, slots=True)
class LeaveMessage:
    """The campaign's message to an answering machine."""

    channel: str


@dataclass(frozen=True, slots=True)
class Listen:
    """Have the detector listen to a call."""

    order: ListenOrder


@dataclass(frozen=True, slots=True)
class HeardAnswer:
    """Tell the detector that a call it hears was answered."""

    channel: str
    ring: float


@dataclass(frozen=True, slots=True)
class HandOver:
    """Tell the detector that a call which is not clear goes to an agent."""

    channel: str


@dataclass(frozen=True, slots=True)
class StopListening:
    """The detector need not hear this call any more."""

    channel: str


@dataclass(frozen=True, slots=True)
class CountPackets:
    """Ask how many packets of sound have come in on a channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Publish:
    """A frame for the screens."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Place:
    """Claim, ask the gate and commit this many attempts."""

    campaign_id: int
    count: int


@dataclass(frozen=True, slots=True)
class SeekLead:
    """Hold a lead for this agent to look at."""

    campaign_id: int
    agent_id: int
    until: datetime
    """When the lead is free again by itself."""
    by_hand: bool
    """Whether the agent asked and wants to hear that there is none."""
    callback: bool = False
    """Only somebody whom this agent agreed to call back."""
    place: int | None = None
    """Or this lead, who called in and keeps the place in the queue."""


@dataclass(frozen=True, slots=True)
class PlaceLead:
    """Ask the gate again and commit the attempt that this agent waits for."""

    campaign_id: int
    agent_id: int
    lead_id: int
    phone_id: int


@dataclass(frozen=True, slots=True)
class ReturnLead:
    """Give a held lead back to its list."""

    lead_id: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Commit a call that came in as an attempt."""

    channel_id: str
    caller: str
    """E.164; empty = withheld."""
    campaigns: tuple[int, ...]
    """Whose number was called."""


@dataclass(frozen=True, slots=True)
class TakeSnapshot:
    """Ask the PBX for all its channels."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read campaigns and agents again."""


Moving = HangUp | PlayMessage | LeaveMessage | ConfirmCallback | Park | Bridge | JoinIn | Release | Admit
"""What decides where a channel is."""

Effect = (
    Originate
    | OriginateLeg
    | Bridge
    | JoinIn
    | Release
    | HangUp
    | PlayMessage
    | Park
    | Admit
    | Announce
    | ConfirmCallback
    | PauseRecording
    | LeaveMessage
    | Listen
    | HeardAnswer
    | HandOver
    | StopListening
    | CountPackets
    | Publish
    | Place
    | SeekLead
    | PlaceLead
    | ReturnLead
    | TakeIn
    | TakeSnapshot
    | Reload
)
