"""What goes along when an agent hands a person on: to whom, with which words, and what was said so far."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Handover:
    """One agent hands a person on to another one, or to whoever has a skill."""

    by: int
    skill: str = ""
    agent_id: int | None = None
    """Only this one, until they were joined; None = whoever fits."""
    note: str = ""
    """For the next agent."""
    code: str = ""
    """Disposition that the agent who hands over had chosen so far; empty = none."""
    notes: str = ""
    """And what the agent had written."""

    def given(self) -> "Handover":
        """Once the one who was meant had the person, or could not be joined: else the person is anybody's."""
        return replace(self, agent_id=None)

    def as_record(self) -> dict[str, Any]:
        """For the books."""
        return asdict(self)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "Handover":
        """As the books have it."""
        return cls(**{name: record[name] for name in cls.__slots__ if name in record})
