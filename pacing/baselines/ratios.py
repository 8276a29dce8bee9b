"""Pacers with one fixed number, as most installations run them."""

import math
from dataclasses import dataclass

from pacing.baselines.view import View


@dataclass(slots=True)
class Progressive:
    """One call in flight for each ready agent."""

    @property
    def name(self) -> str:
        """In tables."""
        return "progressive"

    def calls(self, view: View) -> int:
        """Ready agents less calls in flight."""
        return max(0, view.ready - view.in_flight)


@dataclass(slots=True)
class PerIdle:
    """A fixed number of calls in flight for each ready agent ("power").

    Whole calls only: whenever the number of ready agents changes, the fraction of ratio × ready is added to
    what was carried over, and a whole one makes one call more until the next change. So 1.9 with one agent is
    2 nine times in ten. Drawn anew every tick instead, the larger of the two goals would always win.
    """

    ratio: float
    _ready: int = 0
    _goal: int = 0
    _carried: float = 0.0

    @property
    def name(self) -> str:
        """In tables."""
        return f"{self.ratio:.2f} per idle agent"

    def calls(self, view: View) -> int:
        """Goal of the ready agents less calls in flight."""
        if view.ready != self._ready:
            self._ready = view.ready
            wanted = self.ratio * view.ready + self._carried
            self._goal = math.floor(wanted + 1e-9)
            self._carried = max(0.0, wanted - self._goal)
        return max(0, self._goal - view.in_flight)


@dataclass(slots=True)
class PerLogged:
    """A fixed number of lines, talking or in flight, for each agent at work; not for those on a break."""

    ratio: float

    @property
    def name(self) -> str:
        """In tables."""
        return f"{self.ratio:.2f} lines per logged-in agent"

    def calls(self, view: View) -> int:
        """Lines wanted, rounded, less those in use."""
        return max(0, round(self.ratio * view.working) - view.in_flight - view.on_call.size)
