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

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Model":
        """The model that as_record() wrote down."""
        return cls(record["version"])
