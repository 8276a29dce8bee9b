"""Recorded decisions decided again: equal bit for bit? And what would another pace have said? Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from dialer.cli.twin import Shadow
from pacing import Decision, Floor, Model, Pace, decide

Said = tuple[int, tuple[int, ...], dict[str, Any] | None, dict[str, float] | None]
"""(calls, cancel, why, forecast)."""

SHOWN = 3
"""Different decisions that are shown."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One row of pacing_decisions."""

    id: int
    at: datetime
    pace: Pace
    floor: Floor
    said: Said
    """Without `why` where the row is from before it was stored as data: its sentence is not compared."""
    key: tuple[int, int]
    """Epoch and version of the model."""
    settings_version: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Stored | None":
        """None when the row is older than what can be decided again."""
        inputs = row["inputs"]
        try:
            return cls(
                id=row["id"],
                at=row["at"],
                pace=Pace(**inputs["pace"]),
                floor=Floor.from_record(inputs["floor"]),
                said=(row["calls"], tuple(row["cancel"]), row["why"], row["forecast"]),
                key=(row["epoch"], row["model"]),
                settings_version=int(inputs.get("settings_version", 0)),
            )
        except (KeyError, TypeError):
            return None


@dataclass(slots=True)
class Verification:
    """How many decisions were decided again, and how they compare."""

    equal: int = 0
    different: int = 0
    unknown: int = 0
    """Without a model, or of an older form."""
    examples: list[str] = field(default_factory=list)
    """The first that differ, a line each."""

    def again(self, stored: Stored, model: Model) -> None:
        """Decide again."""
        found = decide(stored.pace, model, stored.floor)
        forecast = asdict(found.forecast) if found.forecast is not None else None
        why = found.why.as_record() if stored.said[2] is not None else None
        now = (found.calls, found.cancel, why, forecast)
        if now == stored.said:
            self.equal += 1
            return
        self.different += 1
        if len(self.examples) < SHOWN:
            self.examples.append(
                f"{stored.at.isoformat()} #{stored.id}: {_short(stored.said)} → {_short(now)}"
            )


def _short(said: Said) -> str:
    calls, cancel, why, forecast = said
    told = ", ".join(f"{name} {value}" for name, value in ((why or {}) | (forecast or {})).items())
    return f"{calls} calls, {len(cancel)} cancelled ({told})"


@dataclass(slots=True)
class Beside:
    """The shadow on the recorded floors, one step each: what it would have asked for at that instant.

    Its calls must not be summed up: after the first of them the floor would have been another. What can be
    compared is the level of calls in flight that either wants to have.
    """

    floors: int = 0
    more: int = 0
    fewer: int = 0
    _level: float = 0.0
    _shadow_level: float = 0.0

    def see(self, stored: Stored, model: Model, shadow: Shadow) -> None:
        """One recorded floor."""
        pace = shadow.pace(stored.pace)
        found: Decision = decide(pace, model, shadow.floor(stored.floor, stored.pace))
        before = stored.floor.in_flight
        level, other = (
            before + calls - len(cancel)
            for calls, cancel in ((stored.said[0], stored.said[1]), (found.calls, found.cancel))
        )
        self.floors += 1
        self.more += other > level
        self.fewer += other < level
        self._level += level
        self._shadow_level += other

    @property
    def levels(self) -> tuple[float, float]:
        """Mean calls in flight after the decision: recorded, shadow."""
        n = max(1, self.floors)
        return self._level / n, self._shadow_level / n
