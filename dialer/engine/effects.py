"""What the engine's shell must do after a turn is committed, in this order."""

from dataclasses import dataclass

from dialer.ports import CallOrder, Frame, LegOrder


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
class PauseRecording:
    """Silence into the recording, or audio again."""

    channel: str
    paused: bool


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
class TakeSnapshot:
    """Ask the PBX for all its channels."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Read campaigns and agents again."""


Effect = (
    Originate
    | OriginateLeg
    | Bridge
    | HangUp
    | PlayMessage
    | Park
    | PauseRecording
    | Publish
    | Place
    | TakeSnapshot
    | Reload
)
