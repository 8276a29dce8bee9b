"""What is known of a call's recording."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Tape:
    """What the recording of a call says: it runs from the answer to the end of the call."""

    seconds: float
    """Its length."""
    age: float
    """Seconds since something was written to it last."""


@dataclass(frozen=True, slots=True)
class RecordingMark:
    """The agent paused or resumed the recording."""

    attempt_id: UUID
    at: datetime
    kind: str
    """'paused', 'resumed', or 'verified': the agent knows who speaks."""
    actor_id: int
