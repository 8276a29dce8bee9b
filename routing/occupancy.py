"""How busy an agent has been lately: an exponential mean over the time at work."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

HALF_LIFE = 1800.0
"""Seconds after which what an agent did counts half."""


class Activity(StrEnum):
    """What an agent's time counts as."""

    BUSY = "busy"
    IDLE = "idle"
    OUT = "out"
    """Paused or away: this time says nothing."""


@dataclass(frozen=True, slots=True)
class Occupancy:
    """Share of busy time until an instant, and what the agent has done since."""

    share: float
    at: datetime
    activity: Activity

    def at_time(self, now: datetime) -> float:
        """The share up to now, 0–1."""
        if self.activity is Activity.OUT:
            return self.share
        kept: float = 0.5 ** (max(0.0, (now - self.at).total_seconds()) / HALF_LIFE)
        return self.share * kept + (1.0 - kept) * (self.activity is Activity.BUSY)

    def turned(self, activity: Activity, now: datetime) -> "Occupancy":
        """The agent does something else from now on."""
        return Occupancy(self.at_time(now), now, activity)
