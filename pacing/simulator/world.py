"""Worlds to simulate: who is called, who works, and what goes wrong. Seconds, shares 0–1."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pacing.floor import Ages

Draw = Callable[[np.random.Generator, int], Ages]
"""(generator, n) → n durations in seconds."""

HOUR = 3600.0


def lognormal(mean: float, cv: float) -> Draw:
    """Log-normal durations of that mean and coefficient of variation."""
    sigma = math.sqrt(math.log(1 + cv * cv))
    mu = math.log(mean) - sigma * sigma / 2
    return lambda generator, n: generator.lognormal(mu, sigma, n)


def exponential(mean: float) -> Draw:
    """Memoryless durations."""
    return lambda generator, n: generator.exponential(mean, n)


def constant(seconds: float) -> Draw:
    """Always the same."""
    return lambda generator, n: np.full(n, seconds)


def gamma(shape: float, mean: float, most: float) -> Draw:
    """Gamma durations below `most`, by drawing again."""

    def draw(generator: np.random.Generator, n: int) -> Ages:
        times = generator.gamma(shape, mean / shape, n)
        while (late := np.nonzero(times > most)[0]).size:
            times[late] = generator.gamma(shape, mean / shape, late.size)
        return times

    return draw


def _screening(generator: np.random.Generator, n: int) -> Ages:
    sigma = math.sqrt(math.log(1.25))
    return np.minimum(4.0, 0.8 + generator.lognormal(math.log(0.9) - sigma * sigma / 2, sigma, n))


def _machine_ring(generator: np.random.Generator, n: int) -> Ages:
    quick = generator.random(n) < 0.25
    late = np.clip(generator.normal(20.0, 2.5, n), 1.0, 24.9)
    return np.where(quick, generator.uniform(2.0, 4.0, n), late)


def mixed(first: Draw, second: Draw, share: float) -> Draw:
    """With `share` from the second law."""

    def draw(generator: np.random.Generator, n: int) -> Ages:
        one, other = first(generator, n), second(generator, n)
        return np.where(generator.random(n) < share, other, one)

    return draw


@dataclass(frozen=True, slots=True)
class Curve:
    """A value over the day: steps at their times, or straight lines between them."""

    points: tuple[tuple[float, float], ...]
    linear: bool = False

    def at(self, now: float) -> float:
        """The value at an instant."""
        times = [time for time, _ in self.points]
        values = [value for _, value in self.points]
        if self.linear:
            return float(np.interp(now, times, values))
        return values[max(0, int(np.searchsorted(times, now, side="right")) - 1)]


def always(value: float) -> Curve:
    """The same all day."""
    return Curve(((0.0, value),))


@dataclass(frozen=True, slots=True)
class Shift:
    """Agents who work from `start` to `end`, with breaks in between; `share` of the floor's size."""

    share: float
    start: float = 0.0
    end: float = math.inf
    breaks: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """Everything a simulated day is drawn from. The base scenario R1 is reference pacing.md §3."""

    name: str
    human: Curve = always(0.18)
    """Share of calls that a person would answer within the ring limit."""
    machine: float = 0.12
    busy: float = 0.05
    unobtainable: float = 0.07
    """Shares where a person answers 18 %; they shrink in proportion when more persons answer."""
    ring: Draw = gamma(4.0, 12.0, 25.0)
    machine_ring: Draw = _machine_ring
    failed_ring: Draw = lognormal(2.5, 0.5)
    ring_limit: float = 25.0
    everybody_rings: bool = False
    """Markov twin: every call rings by the law `ring`, answered or not."""
    screening: Draw | None = _screening
    false_positives: float = 0.0
    """Share of persons whom screening takes for machines: hung up, abandoned in law."""
    false_negatives: float = 0.0
    """Share of machines that reach an agent, who hangs up after `machine_talk`."""
    machine_talk: float = 5.0
    patience: float = 1.2
    """Seconds a person may wait for an agent after the verdict."""
    leaves: float = 0.0
    """Rate per second at which a waiting person hangs up."""
    talk: Draw = lognormal(120.0, 1.0)
    wrap: Draw = lognormal(20.0, 0.6)
    speeds: float = 0.0
    """Spread (standard deviation of the logarithm) of the agents' paces."""
    shifts: tuple[Shift, ...] = (Shift(1.0),)
    lines_per_agent: float = math.inf
    cps: float = math.inf
    carrier_fails: tuple[tuple[float, float, float], ...] = ()
    """(from, to, share of calls that fail at once)."""
    odds: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    """Kinds of leads: (share of the list, human share relative to the mean)."""
    leads: float = math.inf
    """Leads per agent, after which the list is dry."""
    inbound: float = 0.0
    """Inbound callers per agent and hour, served before outbound."""
    limit: float = 0.03


R1 = World("R1")
MARKOV = World(
    "M",
    ring=exponential(12.0),
    machine=0.0,
    busy=0.0,
    unobtainable=0.0,
    ring_limit=math.inf,
    everybody_rings=True,
    screening=None,
    patience=0.0,
    talk=exponential(140.0),
    wrap=constant(0.0),
)
_LUNCHES = tuple(
    Shift(
        0.25, i * 900.0, 8 * HOUR - (3 - i) * 900.0, ((2.5 * HOUR + i * 1800, 2.5 * HOUR + i * 1800 + 1200),)
    )
    for i in range(4)
)

SCENARIOS: dict[str, World] = {
    "R1": R1,
    "M": MARKOV,
    "low": replace(R1, name="low", human=always(0.06), machine=0.14),
    "high": replace(R1, name="high", human=always(0.40), machine=0.10),
    "short": replace(R1, name="short", talk=lognormal(45.0, 1.0), wrap=lognormal(10.0, 0.6)),
    "long": replace(R1, name="long", talk=lognormal(300.0, 1.5), wrap=lognormal(45.0, 0.6)),
    "bursty": replace(R1, name="bursty", talk=mixed(lognormal(170.0, 0.8), lognormal(10.0, 0.5), 0.35)),
    "double": replace(R1, name="double", human=Curve(((0.0, 0.18), (3 * HOUR, 0.36)))),
    "half": replace(R1, name="half", human=Curve(((0.0, 0.18), (3 * HOUR, 0.09)))),
    "drift": replace(R1, name="drift", human=Curve(((0.0, 0.10), (8 * HOUR, 0.30)), linear=True)),
    "leave": replace(R1, name="leave", shifts=(Shift(0.5), Shift(0.5, 0.0, 3 * HOUR))),
    "breaks": replace(R1, name="breaks", shifts=_LUNCHES),
    "errors": replace(R1, name="errors", false_positives=0.015, false_negatives=0.10),
    "linecap": replace(R1, name="linecap", lines_per_agent=1.6, cps=math.inf),
    "carrier": replace(
        R1,
        name="carrier",
        carrier_fails=tuple((h * HOUR + 1800.0, h * HOUR + 1920.0, 0.2 if h % 2 else 0.9) for h in range(8)),
    ),
    "tiny": replace(R1, name="tiny"),
    "agents-differ": replace(R1, name="agents-differ", speeds=0.35),
    "leads": replace(R1, name="leads", odds=((0.5, 1.667), (0.5, 0.333))),
    "quitters": replace(R1, name="quitters", leaves=0.3),
    "dry": replace(R1, name="dry", leads=500.0),
    "blended": replace(R1, name="blended", inbound=4.0),
}
