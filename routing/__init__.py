"""Which agent gets this person: pure."""

from routing.assign import Assignment, FreeAgent, Router, WaitingPerson, assign, qualified

__all__ = ["Assignment", "FreeAgent", "Router", "WaitingPerson", "assign", "qualified"]
