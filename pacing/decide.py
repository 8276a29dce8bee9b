"""The one way from a floor to a decision: policy of the mode, lower bound of the relief, hard cap and
limits."""

from dataclasses import dataclass
from typing import Any

from pacing.decision import Decision
from pacing.floor import Floor
from pacing.guard import guarded
from pacing.model import Model
from pacing.policies import FixedRatio, OnDemand, Policy, Progressive
from pacing.predictive import Predictive, relief
from pacing.records import flat


@dataclass(frozen=True, slots=True)
class Pace:
    """What a supervisor sets of the pacing."""

    mode: str = "predictive"
    """'manual', 'preview', 'progressive', 'power' or 'predictive'."""
    target: float = 0.025
    """Share of abandoned calls the predictive mode aims at, 0–1; never above the limit of a window."""
    calls_per_agent: float = 1.5
    """Calls in flight per ready agent, mode 'power'."""
    boost: float = 1.0
    """Factor on the target, within every limit; above 1 more calls, below 1 fewer."""
    cancel: bool = True
    """Whether ringing calls may be given up after the minimum ring when no agent will be there."""

    def as_record(self) -> dict[str, Any]:
        """JSON-able."""
        return flat(self)


def policy_of(pace: Pace, model: Model) -> Policy:
    """The policy that the mode names."""
    match pace.mode:
        case "predictive":
            return Predictive(model, pace.target, pace.boost, pace.cancel)
        case "power":
            return FixedRatio(pace.calls_per_agent)
        case "progressive":
            return Progressive()
        case _:
            return OnDemand(pace.mode)


def decide(pace: Pace, model: Model, floor: Floor) -> Decision:
    """How many calls to place now and which ringing ones to give up: a pure function of its arguments."""
    policy = policy_of(pace, model)
    decision = guarded(policy, floor, lambda: relief(model, floor))
    cut = decision.held_by is not None
    return policy.held_to(floor, decision) if cut and isinstance(policy, Predictive) else decision
