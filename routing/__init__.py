"""Who gets whom: hard skills first, then a weighted fit, then the longest idle. Fair and explained."""

from routing.assign import Assignment, Router, assign
from routing.fit import FreeAgent, WaitingPerson, Weights, qualified, shrunk_success
from routing.occupancy import Activity, Occupancy

__all__ = [
    "Activity",
    "Assignment",
    "FreeAgent",
    "Occupancy",
    "Router",
    "WaitingPerson",
    "Weights",
    "assign",
    "qualified",
    "shrunk_success",
]
