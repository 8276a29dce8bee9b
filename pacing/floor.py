"""What a pacing policy sees and says."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pacing.records import flat

Ages = NDArray[np.float64]
"""Seconds each agent or call has been in its state, shape (n,)."""


def _none() -> Ages:
    return np.zeros(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Window:
    """Counts of one window in which a rule pack limits abandonment."""

    name: str
    """'calendar_day', 'rolling_24h', 'rolling_30d' or a length such as 'rolling_12h'."""
    limit: float
    """Largest share of abandoned calls, 0–1."""
    live: float = 0.0
    """Persons who answered: connected, abandoned, or unserved. Who was gone at once is not among them."""
    abandoned: float = 0.0
    screened_out: float = 0.0
    """Estimated persons whom screening took for machines: they are abandoned in law."""
    credit: float = 0.0
    """Abandonments that may come before the answers that pay for them: 0 where each day is judged, some in
    long windows."""
    unserved: float = 0.0
    """Persons among `live` who hung up in silence before the connect limit. The house counts them as it does
    the abandoned, in every window."""
    law_counts_unserved: bool = False
    """Whether the rule pack counts them, too."""

    @property
    def rate(self) -> float:
        """By the law: (A + F) / (L − U + F), or (A + F + U) / (L + F) where it counts the unserved; 0 without
        answers."""
        lost = 0.0 if self.law_counts_unserved else self.unserved
        whole = self.live + self.screened_out - lost
        return (self.served_by_nobody - lost) / whole if whole > 0 else 0.0

    @property
    def house_rate(self) -> float:
        """(A + F + U) / (L + F): everybody who answered and was served by nobody; 0 without answers."""
        whole = self.live + self.screened_out
        return self.served_by_nobody / whole if whole > 0 else 0.0

    @property
    def served_by_nobody(self) -> float:
        """A + F + U."""
        return self.abandoned + self.screened_out + self.unserved

    def spare(self, share: float | None = None) -> float:
        """Further abandonments b that keep (A + F + U + b)/(L + F + b) at `share`; None = at the limit, with
        the credit."""
        m = self.limit if share is None else min(share, self.limit)
        bad, whole = self.served_by_nobody, self.live + self.screened_out
        return (m * whole - bad + (self.credit if share is None else 0.0)) / (1.0 - m)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds no policy can pass."""

    lines: int
    """Calls that may be in the air at once: the campaign's own limit or what its trunk has left."""
    tokens: int
    """Calls that calls-per-second limits of campaign and trunk allow right now."""
    leads: bool = True
    """Whether any lead is left to call."""
    calls_per_agent: float = float("inf")
    """Most calls in the air (unanswered, screened, waiting or connected) per agent at work."""
    minimum_ring: float = 15.0
    """Seconds a telephone must have rung before the call may be given up."""
    connect_limit: float = 2.0
    """Seconds a person may wait for an agent before the safe-harbour message."""
    joint: float = float("inf")
    """Calls that may be added to those of all campaigns that share agents (pacing.joint)."""


@dataclass(frozen=True, slots=True)
class Floor:
    """One campaign's floor at one instant. Ages in seconds, counts in persons."""

    ready: Ages
    on_call: Ages
    wrap_up: Ages
    dialing: Ages
    """Since the call was placed; includes calls being reserved."""
    ringing: Ages
    """Since the call was placed."""
    screening: Ages
    """Since the answer."""
    waiting: Ages
    """Since the law's clock started."""
    limits: Limits
    windows: tuple[Window, ...] = ()
    dialed: int = 0
    """Calls that came to an end in the longest window, for the bound on the share of live answers."""
    live_answers: int = 0
    """Live answers among those."""
    rung: Ages = field(default_factory=_none)
    """Since the telephone of each ringing call rings, same order as `ringing`; empty = not known."""
    on_call_speed: Ages = field(default_factory=_none)
    """Pace of each agent on a call, 1 = the campaign's mean, 2 = twice as fast; empty = all 1."""
    wrap_up_speed: Ages = field(default_factory=_none)
    dialing_odds: Ages = field(default_factory=_none)
    """How much likelier than the mean a person answers each call, 1 = the mean; empty = all 1."""
    ringing_odds: Ages = field(default_factory=_none)
    next_odds: Ages = field(default_factory=_none)
    """The same of the leads that would be called next, in their order; empty = all 1."""
    screening_after: Ages = field(default_factory=_none)
    """Seconds from placing to answer of each screened call; empty = not known."""
    reserved: float = 0.0
    """Agents that are spoken for: inbound callers who wait, or another campaign's share."""
    trim: dict[str, float] = field(default_factory=dict)
    """Fast scalars of the learner at this instant (pacing.learner.Learner.trim)."""
    model: int = 0
    """Version of the learned model the decision was made with."""

    @property
    def in_flight(self) -> int:
        """Calls that may yet need an agent."""
        return self.dialing.size + self.ringing.size + self.screening.size + self.waiting.size

    @property
    def agents(self) -> int:
        """Agents at work: ready, on a call or wrapping up."""
        return self.ready.size + self.on_call.size + self.wrap_up.size

    def as_record(self) -> dict[str, Any]:
        """The inputs, JSON-able; from_record(as_record()) decides exactly as the recorded floor does."""
        record: dict[str, Any] = {}
        for part in fields(self):
            value = getattr(self, part.name)
            if isinstance(value, np.ndarray):
                if value.size or part.name in _ALWAYS:
                    record[part.name] = value.tolist()
            elif part.name == "limits":
                record["limits"] = {k: v for k, v in flat(value).items() if v != float("inf")}
            elif part.name == "windows":
                record["windows"] = [flat(window) for window in value]
            else:
                record[part.name] = value
        return record

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Floor":
        """The floor that as_record() wrote down."""
        read: dict[str, Any] = dict(record)
        for part in fields(cls):
            if part.name in read and isinstance(read[part.name], list) and part.name != "windows":
                read[part.name] = np.asarray(read[part.name], dtype=np.float64)
        read["limits"] = Limits(**record["limits"])
        read["windows"] = tuple(Window(**window) for window in record.get("windows", ()))
        return cls(**read)


_ALWAYS = {"ready", "on_call", "wrap_up", "dialing", "ringing", "screening", "waiting"}


def rounded(ages: Ages) -> Ages:
    """Ages to the millisecond, so that what is stored is what was decided on."""
    return np.round(ages, 3)
