"""Swappable pacing policies behind one small protocol."""

import math
from dataclasses import dataclass
from typing import Protocol

from pacing.decision import Basis, Decision
from pacing.floor import Floor


class Policy(Protocol):
    """Says how many calls the floor could use; the guard and the limits are applied afterwards."""

    def decide(self, floor: Floor) -> Decision:
        """Number of calls to add now, never negative."""
        ...


@dataclass(frozen=True, slots=True)
class OnDemand:
    """Manual and preview: agents start the calls, the pacing none."""

    mode: str

    def decide(self, floor: Floor) -> Decision:
        """No call."""
        return Decision(0, Basis(self.mode))


@dataclass(frozen=True, slots=True)
class Progressive:
    """One call for each ready agent: nobody can be abandoned but by an agent who leaves."""

    def decide(self, floor: Floor) -> Decision:
        """Ready agents less calls in flight."""
        ready = max(0, math.floor(floor.ready.size - floor.reserved + 1e-9))
        basis = Basis("progressive", ready, floor.in_flight)
        return Decision(max(0, ready - floor.in_flight), basis)


@dataclass(frozen=True, slots=True)
class FixedRatio:
    """A fixed number of calls for each ready agent ("power" dialling)."""

    calls_per_agent: float
    """Calls in flight per ready agent, ≥ 1."""

    def decide(self, floor: Floor) -> Decision:
        """Ratio times ready agents, rounded down, less calls in flight."""
        ready = max(0, math.floor(floor.ready.size - floor.reserved + 1e-9))
        wanted = math.floor(self.calls_per_agent * ready + 1e-9)
        basis = Basis("power", ready, floor.in_flight, self.calls_per_agent)
        return Decision(max(0, wanted - floor.in_flight), basis)
