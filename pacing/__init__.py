"""How many calls to place now: pure, sees numbers and `now` only."""

from pacing.floor import Decision, Floor, Limits
from pacing.guard import allowed_excess, guarded
from pacing.policies import FixedRatio, Policy, Progressive

__all__ = ["Decision", "FixedRatio", "Floor", "Limits", "Policy", "Progressive", "allowed_excess", "guarded"]
