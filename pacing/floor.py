"""What a pacing policy sees and says."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ages = NDArray[np.float64]
"""Seconds each agent or call has been in its state, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds no policy can pass."""

    max_abandonment: float
    """Share of live answers, 0–1."""
    lines: int
    """Calls that may be in the air at once, this campaign."""
    tokens: int
    """Calls that calls-per-second limits allow right now."""
    leads: bool = True
    """Whether any lead is left to call."""


@dataclass(frozen=True, slots=True)
class Floor:
    """One campaign's floor at one instant. Ages in seconds."""

    ready: Ages
    on_call: Ages
    wrap_up: Ages
    dialing: Ages
    """Includes calls being reserved."""
    ringing: Ages
    screening: Ages
    waiting: Ages
    limits: Limits
    dialed: int = 0
    """Calls that ended or were answered, in the legal window."""
    live_answers: int = 0
    abandoned: int = 0

    @property
    def in_flight(self) -> int:
        """Calls that may yet need an agent."""
        return self.dialing.size + self.ringing.size + self.screening.size + self.waiting.size

    def as_record(self) -> dict[str, Any]:
        """The inputs, JSON-able and exact, so that the decision can be replayed."""
        ages = {
            name: [round(float(age), 3) for age in getattr(self, name)]
            for name in ("ready", "on_call", "wrap_up", "dialing", "ringing", "screening", "waiting")
        }
        counts = {"dialed": self.dialed, "live_answers": self.live_answers, "abandoned": self.abandoned}
        return {**ages, **counts, "limits": asdict(self.limits)}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Floor":
        """The floor that as_record() wrote down."""

        def ages(name: str) -> Ages:
            return np.asarray(record[name], dtype=np.float64)

        return cls(
            ready=ages("ready"),
            on_call=ages("on_call"),
            wrap_up=ages("wrap_up"),
            dialing=ages("dialing"),
            ringing=ages("ringing"),
            screening=ages("screening"),
            waiting=ages("waiting"),
            limits=Limits(**record["limits"]),
            dialed=int(record["dialed"]),
            live_answers=int(record["live_answers"]),
            abandoned=int(record["abandoned"]),
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """How many calls to place now, and why."""

    calls: int
    reason: str
    capped: bool = False
    """Whether the hard abandonment cap held the policy back."""
