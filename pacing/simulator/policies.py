"""Policies by the short names of the command line, such as `predictive`, `power:3.5`, `per-idle:4`."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from pacing.baselines import ErlangOpen, Issabel, PerIdle, PerLogged, Settings, Unicom, Vicidial, Webitel
from pacing.baselines.view import Pacer as CountingPacer
from pacing.decide import Pace
from pacing.simulator.day import Pacer
from pacing.simulator.pacers import Cadencia, Counting

_AGENTS_PER_SERVER, _CPS_PER_SERVER = 25, 5.0
"""VICIdial's own figures for one telephony server."""

_OTHERS: dict[str, Callable[[float, int], CountingPacer]] = {
    "per-idle": lambda ratio, _: PerIdle(ratio),
    "per-logged": lambda ratio, _: PerLogged(ratio),
    "erlang": lambda target, _: ErlangOpen(target),
    "vicidial": lambda level, agents: Vicidial(
        Settings(cps=_CPS_PER_SERVER * math.ceil(agents / _AGENTS_PER_SERVER), max_level=level)
    ),
    "issabel": lambda _, __: Issabel(),
    "webitel": lambda _, __: Webitel(),
    "unicom": lambda _, __: Unicom(),
}
_WITH_NUMBER = {"power": None, "per-idle": None, "per-logged": None, "erlang": 0.03, "vicidial": 3.0}
"""Names that take a number after a colon, and the number without one; None = it must be given."""
NAMES = ("predictive", "progressive", *_WITH_NUMBER, "issabel", "webitel", "unicom")


class UnknownPolicy(ValueError):
    """No policy is called so."""


@dataclass(frozen=True, slots=True)
class Named:
    """A policy by name, with its number where it has one."""

    name: str
    number: float | None = None

    @classmethod
    def parse(cls, text: str) -> "Named":
        """From `name` or `name:number`; raises UnknownPolicy with what is wrong."""
        name, colon, number = text.strip().partition(":")
        if name not in NAMES:
            raise UnknownPolicy(f"no policy is called “{name}”; there are {', '.join(NAMES)}")
        if name not in _WITH_NUMBER:
            if colon:
                raise UnknownPolicy(f"{name} takes no number")
            return cls(name)
        try:
            value = float(number) if colon else _WITH_NUMBER[name]
        except ValueError:
            raise UnknownPolicy(f"“{number}” is no number") from None
        if value is None or not 0.0 < value <= 100.0:
            raise UnknownPolicy(f"{name} needs a number above 0, such as {name}:2.5")
        return cls(name, value)

    @property
    def text(self) -> str:
        """As it was written."""
        return self.name if self.number is None else f"{self.name}:{self.number:g}"

    @property
    def ours(self) -> bool:
        """Whether it is a mode of our own pacing, under its cap."""
        return self.name in ("predictive", "progressive", "power")

    def pace(self, usual: Pace) -> Pace:
        """The pace of a mode of ours, what it does not name as usual."""
        return replace(
            usual, mode=self.name, calls_per_agent=self.number if self.number else usual.calls_per_agent
        )

    def pacer(self, usual: Pace, agents: int, *, limit: float, credit: float, odds: bool) -> Pacer:
        """A fresh dialer for one day."""
        if self.ours:
            return Cadencia(self.pace(usual), limit=limit, credit=credit, odds=odds)
        return Counting(_OTHERS[self.name](self.number or 0.0, agents))
