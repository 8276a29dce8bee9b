"""Which agent gets this person: pure."""

from routing.assign import Assignment, FreeAgent, WaitingPerson, assign

__all__ = ["Assignment", "FreeAgent", "WaitingPerson", "assign"]
