"""What the telephony side reports: small frozen facts. Raw AMI dictionaries never travel further inward."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PbxFact:
    """Whatever the PBX reports."""

    age: float = field(default=0.0, compare=False, kw_only=True)
    """Seconds since it happened, when it is handed on; 0 = just now, or not known."""


@dataclass(frozen=True, slots=True)
class ChannelRinging(PbxFact):
    """The far end of our originated channel rings (180)."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class ChannelAnswered(PbxFact):
    """Our originated channel was answered."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class ChannelHungUp(PbxFact):
    """A channel of ours is gone."""

    channel_id: str
    cause: int
    """Q.850 cause."""
    tech_cause: str = ""
    """Raw protocol status (such as 'SIP 486'), empty when the PBX does not give it."""
    by_pbx: bool = False
    """Whether the PBX ended it by itself: neither the far end nor an order asked for it."""


@dataclass(frozen=True, slots=True)
class OriginateFailed(PbxFact):
    """The PBX refused or failed an originate; no channel with this id is or will be up."""

    channel_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class EarlyMedia(PbxFact):
    """Audio comes from the far end of our originated channel though nobody answered (183)."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Screened(PbxFact):
    """The dialplan's screening of an answered call gave a result: HUMAN, MACHINE, NOTSURE, HANGUP or OFF."""

    channel_id: str
    status: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Joined(PbxFact):
    """A channel entered a bridge."""

    channel_id: str
    bridge_id: str


@dataclass(frozen=True, slots=True)
class Parted(PbxFact):
    """A channel left a bridge."""

    channel_id: str
    bridge_id: str


@dataclass(frozen=True, slots=True)
class MessagePlayed(PbxFact):
    """A message of ours began or ended on a channel."""

    channel_id: str
    part: str
    """'start' or 'end'; of a message on a voicemail 'leaving' or 'left'."""


@dataclass(frozen=True, slots=True)
class Arrived(PbxFact):
    """Somebody calls one of our numbers and hears ringing until the call is taken in."""

    channel_id: str
    """A UUID that the link has given this channel, always the same."""
    caller: str
    """Number of the caller as the trunk tells it; empty or words when it is withheld."""
    called: str
    """Our number, as the trunk tells it."""


@dataclass(frozen=True, slots=True)
class Strayed(PbxFact):
    """A channel that we made ourselves came where calls from outside arrive: somebody threw it about."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Intruded(PbxFact):
    """A stranger's channel came into a conversation and was ended: the called put it in their place."""

    channel_id: str
    """One of ours that is in it."""


@dataclass(frozen=True, slots=True)
class AnsweredTooLate(PbxFact):
    """Somebody picked up as we gave the call up; the PBX hung up on them, its channel long gone."""

    number: str
    """As it was dialled."""


@dataclass(frozen=True, slots=True)
class TrunkBusy(PbxFact):
    """The carrier refused a call and asked to be left alone for a while (5xx with Retry-After)."""

    number: str
    """As it was dialled."""
    seconds: float


@dataclass(frozen=True, slots=True)
class PacketsCounted(PbxFact):
    """How many packets of sound have come in on a channel since it was made."""

    channel_id: str
    received: int


@dataclass(frozen=True, slots=True)
class Chose(PbxFact):
    """Somebody who waits in the queue pressed the key that was offered."""

    channel_id: str
    digit: str


@dataclass(frozen=True, slots=True)
class CaseTold(PbxFact):
    """Somebody who waits in the queue has heard the number of the case to its end."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class HoldChanged(PbxFact):
    """An agent leg put its peer on hold, or took it back."""

    channel_id: str
    held: bool


@dataclass(frozen=True, slots=True)
class RecordingPaused(PbxFact):
    """The PBX has done what it was told: the recording is silent from now on, or it is not any more."""

    channel_id: str
    paused: bool


@dataclass(frozen=True, slots=True)
class OrderRefused(PbxFact):
    """The PBX answered an order with a no; mostly its channel has just ended, of which a hang-up tells."""

    channel_id: str
    order: str
    """Name of the Telephony method."""
    reason: str


@dataclass(frozen=True, slots=True)
class EndpointReachable(PbxFact):
    """A SIP endpoint (agent phone) registered or was lost."""

    endpoint: str
    reachable: bool


@dataclass(frozen=True, slots=True)
class LinkUp(PbxFact):
    """The link to the PBX is logged in; what happened while it was down is unknown."""

    pbx_started: str = ""
    """Identity of this PBX process (its start time), to tell a restart from a lost link."""
    uptime: float | None = field(default=None, compare=False)
    """Whole seconds since that start, by its own clock; None = it does not say."""


@dataclass(frozen=True, slots=True)
class LinkDown(PbxFact):
    """The link to the PBX is lost; calls may go on behind it."""

    reason: str


class Hearing(StrEnum):
    """What the detector says is at the far end."""

    HUMAN = "human"
    UNSURE = "unsure"
    """Not clear; an idle agent may have the call at once. The detector listens on and says more."""
    MACHINE = "machine"
    FAX = "fax"
    TONE = "tone"
    """A tone or a recorded announcement of the network: `outcome` tells which end it means."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The detector recognised who or what is at the far end, before or after the answer."""

    channel_id: str
    what: Hearing
    cause: str
    """Short word: why."""
    outcome: str = ""
    """With TONE: a word of dialer.model.signalling.HEARD_OUTCOMES."""
    p: float | None = None
    """Calibrated probability of a machine."""
    after: float = 0.0
    """Seconds of audio heard, counted from the answer; before it, from the begin of the early media."""
    model: str = ""
    """Version of the weights that decided."""
    features: Mapping[str, float] = field(default_factory=dict)
    audio: str = ""
    """File of the first seconds, relative to the detector's folder; empty = not kept."""
    silence: float = 0.0
    """Seconds for which who spoke has been silent, or is not to be heard at all; 0 = nobody has spoken."""
    vacant: bool = False
    """With TONE: the network's information tone for a number that does not exist."""


@dataclass(frozen=True, slots=True)
class GreetingOver:
    """A machine's greeting is over, so a message may be left now."""

    channel_id: str
    beep: bool
    """Whether a beep said so; False = silence did."""


@dataclass(frozen=True, slots=True)
class EarsUp:
    """The detector answers."""


@dataclass(frozen=True, slots=True)
class EarsDown:
    """The detector is dead, frozen or too slow: what it has not told by now it may never tell."""

    reason: str
    silent: float = 0.0
    """Seconds since its last word."""


@dataclass(frozen=True, slots=True)
class ChannelSnapshot:
    """One channel as the PBX lists it, for reconciliation."""

    channel_id: str
    name: str
    up: bool
    ringing: bool
    context: str
    application: str
    bridge_id: str
    """Empty when the channel is in no bridge."""
    duration: float
    """Seconds since the channel was made."""
    caller: str = ""
    """Of a call that came in: as in Arrived."""
    called: str = ""


@dataclass(frozen=True, slots=True)
class PbxSnapshot:
    """All channels of the PBX at one instant and the endpoints that are registered."""

    channels: tuple[ChannelSnapshot, ...] = ()
    endpoints: frozenset[str] = field(default_factory=frozenset)
    dialplan: str | None = ""
    """Version of our dialplan there, as orders.DIALPLAN; empty = there is none, None = it does not say."""
    beat: str = ""
    """The last beat that reached it."""


TelephonyFact = (
    ChannelRinging
    | ChannelAnswered
    | ChannelHungUp
    | EarlyMedia
    | OriginateFailed
    | Screened
    | Joined
    | Parted
    | MessagePlayed
    | Arrived
    | Strayed
    | Intruded
    | AnsweredTooLate
    | TrunkBusy
    | PacketsCounted
    | Chose
    | CaseTold
    | HoldChanged
    | RecordingPaused
    | OrderRefused
    | EndpointReachable
    | LinkUp
    | LinkDown
)

HeardFact = Heard | GreetingOver | EarsUp | EarsDown
