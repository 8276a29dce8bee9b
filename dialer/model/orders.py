"""What the engine orders of the PBX and of the detector, in all its parts."""

from dataclasses import dataclass

DIALPLAN = "9"
"""Version of the dialplan that these orders are for; extensions_cadencia.conf says the same."""


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A customer call to originate; channel_id is the attempt id."""

    channel_id: str
    number: str
    trunk: str
    caller_id: str
    ring_limit: float
    screen: str
    """Who listens: 'progress' (the detector), 'amd' (the dialplan) or 'off'."""
    recording: str
    """Absolute base path without extension on the PBX host; empty = not recorded."""
    language: str
    fallback: float
    """Seconds from the answer after which the dialplan plays the message though the core lives."""
    voicemail: str = ""
    """Absolute path without extension of the message for machines; empty = the PBX's own."""


@dataclass(frozen=True, slots=True)
class LegOrder:
    """An agent leg to originate, for the whole shift."""

    channel_id: str
    endpoint: str
    caller_id: str


@dataclass(frozen=True, slots=True)
class AdmitOrder:
    """How a call that came in, and is committed, goes on: recorded, greeted, then in the queue."""

    channel_id: str
    recording: str
    """As in CallOrder."""
    language: str
    longest: float
    """Seconds after which the dialplan itself excuses us if the core is dead."""


@dataclass(frozen=True, slots=True)
class QueueNews:
    """What somebody in the queue is told."""

    channel_id: str
    position: int
    """1 = next."""
    minutes: int
    """Expected wait, rounded up; 0 = not told."""
    offer: bool
    """Whether to offer a callback that keeps the place."""
    case_number: str = ""
    """Told before the rest, digit by digit; empty = not told."""


@dataclass(frozen=True, slots=True)
class ListenOrder:
    """How the detector listens to one call. Seconds."""

    channel_id: str
    campaign_id: int
    answered: bool
    """Whether somebody answered; False = early media."""
    ring: float | None
    """From originate to answer, when known."""
    false_machines: float
    """Share of people who may be taken for machines."""
    limit: float
    """From the answer until an unclear call is human."""
    follow: float
    """How long to listen on after an unclear call was handed over; 0 = not."""
    greeting: bool
    """Whether to listen to a machine's greeting until it is over."""
    keep_audio: bool
    """Whether to keep the first seconds for QA and training."""
