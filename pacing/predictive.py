"""Predictive pacing."""

from dataclasses import dataclass

from pacing.floor import Decision, Floor
from pacing.model import Model
from pacing.policies import Progressive


def relief(model: Model, floor: Floor) -> float:
    """Lower bound of the agents who become free before the answers of calls placed now."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Predictive:
    """Places calls while the marginal chance of an abandonment is under a price."""

    model: Model
    target: float
    boost: float = 1.0
    cancel: bool = True

    def decide(self, floor: Floor) -> Decision:
        """Calls to add and ringing calls to give up."""
        return Progressive().decide(floor)
