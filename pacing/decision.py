"""A pacing decision as data: how many calls, what the policy looked at, and which limit held it.

Programs read these fields. The sentence of `in_words` is made of them here alone, for logs and the database's
readers; no program of ours reads it back (tests/unit/test_house_prose.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from pacing.records import flat


class Bound(StrEnum):
    """The limits that can leave fewer calls than a policy asked for."""

    CAP = "abandonment cap"
    SHARED = "shared agents"
    LINES = "line limit"
    PER_AGENT = "calls per agent"
    PER_SECOND = "calls per second"
    LEADS = "no leads"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a policy expects of its decision."""

    abandon_chance: float
    """Chance that the last call placed (or the next, when none is) finds a person and no agent."""
    price: float
    """Chance at which no further call is placed."""
    live_soon: float
    """Expected live answers of the calls in the air, those just placed included."""
    free_soon: float
    """Expected agents free by the time a new call is answered."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a policy looked at."""

    mode: str
    """'manual', 'preview', 'progressive', 'power' or 'predictive'."""
    ready: float = 0.0
    """Agents, less the reserved."""
    in_flight: int = 0
    """Calls on their way, before this decision."""
    calls_per_agent: float = 0.0
    """As set, mode 'power' alone."""


@dataclass(frozen=True, slots=True)
class Why:
    """Everything that is told of a decision but its forecast, which is told beside it; JSON-able."""

    mode: str
    ready: float
    in_flight: int
    calls_per_agent: float
    calls: int
    """Placed, after the limits."""
    cancels: int
    """Ringing calls given up."""
    capped: bool
    """Whether the hard abandonment cap held the policy back, were it the tightest limit or not."""
    held_by: str
    """The tightest limit (Bound) where one left fewer calls than were asked for; empty = none."""

    @property
    def kind(self) -> tuple[str, bool, str]:
        """(mode, whether calls were given up, the limit): another kind is news, other numbers are not."""
        return self.mode, self.cancels > 0, self.held_by

    def as_record(self) -> dict[str, Any]:
        """JSON-able; `from_record` makes the same of it."""
        return flat(self)

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Why":
        """What as_record() wrote down; parts that a newer version added are left out."""
        return cls(**{part.name: record[part.name] for part in fields(cls)})


@dataclass(frozen=True, slots=True)
class Decision:
    """How many calls to place now, and why."""

    calls: int
    basis: Basis
    capped: bool = False
    """Whether the hard abandonment cap held the policy back."""
    cancel: tuple[int, ...] = ()
    """Ringing calls to give up, as places in Floor.ringing; only after the minimum ring."""
    forecast: Forecast | None = None
    held_by: Bound | None = field(default=None, compare=False)
    """The limit that left fewer calls than the policy asked for."""

    @property
    def why(self) -> Why:
        """The reason as data."""
        held, cancels = self.held_by or "", len(self.cancel)
        basis = flat(self.basis)
        return Why(**basis, calls=self.calls, cancels=cancels, capped=self.capped, held_by=str(held))

    @property
    def reason(self) -> str:
        """The reason as a sentence."""
        return in_words(self.why, self.forecast)


def in_words(why: Why, forecast: Forecast | None) -> str:
    """One English line."""
    said = _basis_in_words(why, forecast)
    if why.cancels:
        said += f"; cancels {why.cancels}"
    if why.held_by:
        said += f"; held to {why.calls} by {why.held_by}"
    return said


def _basis_in_words(why: Why, forecast: Forecast | None) -> str:
    seen = f"{why.ready:g} ready, {why.in_flight} in flight"
    match why.mode:
        case "predictive" if forecast is not None:
            return (
                f"predictive: {why.ready:g} ready, {forecast.free_soon:.1f} free soon,"
                f" {why.in_flight} in flight ({forecast.live_soon:.1f} live soon),"
                f" chance {forecast.abandon_chance:.3f} of price {forecast.price:.3f}"
            )
        case "power":
            return f"{why.calls_per_agent:g} per agent: {seen}"
        case "manual" | "preview":
            return f"{why.mode}: agents start the calls"
        case _:
            return f"{why.mode}: {seen}"
