"""What has been learned of a campaign's calls and agents, as tables for the forecast."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Model:
    """A learned model; the same version decides the same."""

    version: int = 0

    def as_record(self) -> dict[str, Any]:
        """JSON-able and exact."""
        return {"version": self.version}

    def summary(self) -> dict[str, float]:
        """What a screen shows of it: answer_rate, human_share, talk_mean, wrap_mean, ring_mean, calls_seen."""
        return {}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Model":
        """The model that as_record() wrote down."""
        return cls(record["version"])
