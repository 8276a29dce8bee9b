"""What a dialer that only counts can see of its floor, and counts over the last minutes."""

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from pacing.floor import Ages


def _nobody() -> Ages:
    return np.zeros(0, dtype=np.float64)


@dataclass(slots=True)
class View:
    """One campaign at one tick; counts of the day begin with the day."""

    now: float = 0.0
    """Seconds since the day began."""
    ready: int = 0
    on_call: Ages = field(default_factory=_nobody)
    """Seconds each agent on a call has been talking."""
    wrap_up: Ages = field(default_factory=_nobody)
    """Seconds each agent who wraps up has done so."""
    paused: int = 0
    """Agents logged in who do not work, such as on a break."""
    ringing: int = 0
    """Calls placed and not yet answered."""
    screening: int = 0
    waiting: int = 0
    """Persons who wait for an agent."""
    live: int = 0
    """Persons handed on today: connected, abandoned or gone while waiting."""
    abandoned: int = 0
    handled: int = 0
    """Calls an agent has taken today."""
    dialed: int = 0
    """Calls of today that were answered or have ended."""
    answered: int = 0
    """Those of them that anybody or anything answered."""
    talk_mean: float = 0.0
    """Mean seconds of the conversations of today; 0 before the first."""
    ring_mean: float = 0.0
    """Mean seconds from placing to answer of today; 0 before the first."""

    @property
    def working(self) -> int:
        """Agents ready, on a call or wrapping up."""
        return self.ready + self.on_call.size + self.wrap_up.size

    @property
    def in_flight(self) -> int:
        """Calls that may yet need an agent."""
        return self.ringing + self.screening + self.waiting


class Pacer(Protocol):
    """A way to pace one campaign, asked every tick of one day; it may remember what it saw."""

    @property
    def name(self) -> str:
        """What it is called in tables, with its setting."""
        ...

    def calls(self, view: View) -> int:
        """Calls to place now, never negative."""
        ...


@dataclass(slots=True)
class Recent:
    """Growth of some counts over the last seconds, to about a sixtieth of the window."""

    seconds: float
    _seen: deque[tuple[float, tuple[float, ...]]] = field(default_factory=deque)

    def growth(self, now: float, *counts: float) -> tuple[float, ...]:
        """How much each count has grown since the window began, or since the first reading."""
        if not self._seen or now - self._seen[-1][0] >= self.seconds / 60:
            self._seen.append((now, counts))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self.seconds:
            self._seen.popleft()
        return tuple(count - before for count, before in zip(counts, self._seen[0][1], strict=True))
