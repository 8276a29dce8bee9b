"""What the store tells of past calls, for counting and learning."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """Results settled in one minute: by the first bridge, or by the end without one."""

    at: datetime
    """Begin of the minute."""
    dialed: int = 0
    """Calls that the other side decided; none that we cancelled or lost."""
    live: int = 0
    """Answered by a person who stayed: connected, abandoned, or unserved."""
    abandoned: int = 0
    machines: int = 0
    unserved: int = 0
    """Hung up in silence before the connect limit."""
    early: int = 0
    """Answers that want an agent and dilute nothing: persons who were gone at once, whom no dialer could have
    served; and machines that an agent got while screening was stopped."""
    suspected: int = 0
    """Persons among `machines` by what was expected of each call's screening, in millionths."""


@dataclass(frozen=True, slots=True)
class PastCall:
    """What an ended call took, in seconds, for learning; None where it did not get there."""

    ring: float
    """From placing to the answer, or to the end without one."""
    end: str
    """'human', 'machine' or 'other', as pacing.learner.RingEnd."""
    screening: float | None = None
    talk: float | None = None
    agent_id: int | None = None
    wrap: float | None = None
