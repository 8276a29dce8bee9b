"""What the contact gate answers, in a shape that is kept with every attempt."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class RuleRefusal:
    """One rule that says no."""

    rule: str
    until: datetime | None
    """The instant from which this rule no longer refuses; None = never by itself."""
    detail: str = ""
    """What was seen; never a phone number."""
    shared: bool = False
    """Refuses only for what others did on the line; of two that end together the other one is named."""

    def as_record(self) -> dict[str, Any]:
        """As JSON."""
        return {"rule": self.rule, "until": _iso(self.until), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Permitted:
    """The contact may be made now."""

    pack: str
    version: int
    at: datetime
    zones: tuple[str, ...]
    """Every zone the hours were checked in."""
    rules: tuple[str, ...]
    """Every rule that was asked and did not refuse."""

    @property
    def local_times(self) -> dict[str, str]:
        """Zone → local time."""
        return {name: self.at.astimezone(ZoneInfo(name)).isoformat() for name in self.zones}

    def as_record(self) -> dict[str, Any]:
        """As JSON, to be kept with the attempt."""
        return {
            "verdict": "permitted",
            "pack": self.pack,
            "version": self.version,
            "at": self.at.isoformat(),
            "local_times": self.local_times,
            "rules": list(self.rules),
        }


@dataclass(frozen=True, slots=True)
class Refused:
    """The contact may not be made now."""

    rule: str
    """Of all that refuse, the one that refuses longest."""
    until: datetime | None
    """When that rule ends, UTC; ask again then. None = never by itself."""
    detail: tuple[RuleRefusal, ...]
    """Every rule that refuses, the longest first."""
    pack: str
    version: int
    at: datetime

    def as_record(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "verdict": "refused",
            "pack": self.pack,
            "version": self.version,
            "at": self.at.isoformat(),
            "rule": self.rule,
            "until": _iso(self.until),
            "detail": [refusal.as_record() for refusal in self.detail],
        }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
