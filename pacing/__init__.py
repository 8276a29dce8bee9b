"""How many calls to place now: pure, sees numbers and `now` only."""

from pacing.decide import Pace, decide
from pacing.decision import Basis, Bound, Decision, Forecast, Why
from pacing.floor import Floor, Limits, Window
from pacing.guard import guarded
from pacing.learner import Learner
from pacing.model import Model
from pacing.policies import FixedRatio, OnDemand, Policy, Progressive
from pacing.predictive import Predictive

__all__ = [
    "Basis",
    "Bound",
    "Decision",
    "FixedRatio",
    "Floor",
    "Forecast",
    "Learner",
    "Limits",
    "Model",
    "OnDemand",
    "Pace",
    "Policy",
    "Predictive",
    "Progressive",
    "Why",
    "Window",
    "decide",
    "guarded",
]
