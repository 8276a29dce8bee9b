"""The exact limit of pacing in the Markov twin: no rule that cannot look ahead does better.

State (i idle agents, k calls in flight), all times exponential, nobody waits. A rule raises k at once; what
follows is a Markov chain. The best long-run occupancy under a limit on the share of abandoned calls, m, is
U*(m) = min over c of g(c), where g(c) is the best mean of occupancy + c·(m·live − abandoned) a second: a
Markov decision process solved by policy iteration (Howard 1960; constraint by its price, Altman 1999).
Reference: pacing.md §4.5. Rates a second, shares 0–1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Raise = NDArray[np.intp]
"""Calls in flight after the decision, by idle agents and calls in flight before it, shape (n + 1, K + 1)."""

_ROUNDS = 60
"""Improvements of a rule, at most; a handful suffice."""
_SAME = 1e-12


@dataclass(frozen=True, slots=True)
class Twin:
    """A floor whose times forget: scenario "M" of the simulator."""

    agents: int
    most: int
    """Calls in flight, at most; beyond what the best rule ever asks for."""
    service: float = 140.0
    """Mean seconds of talk and wrap-up."""
    ring: float = 12.0
    human: float = 0.18


@dataclass(frozen=True, slots=True)
class Point:
    """What a rule comes to in the long run."""

    occupancy: float
    abandonment: float
    """Abandoned / answered by a person."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best at a limit."""

    occupancy: float
    """Of the best mixture of rules that keeps the limit exactly."""
    table: tuple[int, ...]
    """Calls in flight to raise to, by idle agents, of the best rule just within the limit."""
    within: Point
    """What that rule comes to."""


def evaluated(twin: Twin, rule: Raise) -> Point:
    """Occupancy and abandonment of a rule that calls at least for every idle agent, exactly."""
    means, _ = _solved(twin, rule, _rewards(twin))
    occupancy, live, abandoned = means
    return Point(float(occupancy), float(abandoned / live) if live > 0 else 0.0)


def rule_of(twin: Twin, calls: Callable[[int, int], int]) -> Raise:
    """The rule of a pacer that is asked for every (idle, in flight) how many calls to add."""
    return np.asarray(
        [[min(twin.most, k + calls(i, k)) for k in range(twin.most + 1)] for i in range(twin.agents + 1)],
        dtype=np.intp,
    )


def best(twin: Twin, limit: float, digits: float = 1e-4) -> Best:
    """U*(limit), by bisection on the price of an abandonment's logarithm."""
    low, high = math.log(1e-1), math.log(1e5)
    rule = rule_of(twin, lambda idle, flight: max(0, idle - flight))
    reached, kept = math.inf, rule
    while high - low > digits:
        middle = (low + high) / 2
        rule, value = _improved(twin, rule, math.exp(middle), limit)
        reached = min(reached, value)
        if evaluated(twin, rule).abandonment <= limit:
            high, kept = middle, rule
        else:
            low = middle
    return Best(reached, tuple(int(k) for k in kept[:, 0]), evaluated(twin, kept))


def _improved(twin: Twin, rule: Raise, price: float, limit: float) -> tuple[Raise, float]:
    """The best rule at a price, from a first one, and its mean reward."""
    occupancy, live, abandoned = _rewards(twin)
    reward = occupancy + price * (limit * live - abandoned)
    value = -math.inf
    for _ in range(_ROUNDS):
        (mean,), (bias,) = _solved(twin, rule, reward[None])
        if mean <= value + _SAME:
            break
        value, rule = float(mean), _raised(bias)
    return rule, value


def _raised(bias: Matrix) -> Raise:
    """The best k' ≥ k by the values of all states, the least of equals; a call for every idle agent costs
    nothing."""
    rule = np.empty(bias.shape, dtype=np.intp)
    rule[:, -1] = bias.shape[1] - 1
    idle = np.arange(bias.shape[0])
    for k in range(bias.shape[1] - 2, -1, -1):
        later = rule[:, k + 1]
        stay = (bias[:, k] >= bias[idle, later]) & (k >= idle)
        rule[:, k] = np.where(stay, k, later)
    return rule


def _rewards(twin: Twin) -> Matrix:
    """(occupancy, answers a second, abandoned a second) of every state, shape (3, n + 1, K + 1)."""
    idle, flight = np.meshgrid(np.arange(twin.agents + 1), np.arange(twin.most + 1), indexing="ij")
    live = flight * twin.human / twin.ring
    return np.stack((1.0 - idle / twin.agents, live, np.where(idle == 0, live, 0.0)))


def _solved(twin: Twin, rule: Raise, rewards: Matrix) -> tuple[Matrix, Matrix]:
    """Long-run means of rewards under a rule, and the states' relative values: r − g + Q·h = 0.

    The value of (0, rule[0, 0]) is 0: a rule that calls for every idle agent comes back to it.

    −Q is block tridiagonal in the idle agents; block elimination, an M-matrix all the way, needs no pivots.
    """
    n, size, rest = twin.agents, twin.most + 1, int(rule[0, 0])
    sides = np.concatenate((rewards, np.ones((1, n + 1, size))))
    uppers: list[Matrix] = []
    solved: list[Matrix] = []
    for i in range(n + 1):
        down, stay, up = _block(twin, rule, i)
        side = sides[:, i].T.copy()
        if i == 0:
            stay[rest], up[rest], side[rest] = 0.0, 0.0, 0.0
            stay[rest, rest] = 1.0
        else:
            stay = stay - down @ uppers[-1]
            side = side - down @ solved[-1]
        found: Matrix = np.linalg.solve(stay, np.concatenate((up, side), axis=1)).astype(np.float64)
        uppers.append(found[:, :size])
        solved.append(found[:, size:])
    values = [solved[n]]
    for i in range(n - 1, -1, -1):
        values.append(solved[i] - uppers[i] @ values[-1])
    bias = np.stack(values[::-1])
    _, stay, up = _block(twin, rule, 0)
    # The balance of the state at rest, which was left out: r − g = −Q·(h − g·t).
    out = stay[rest] @ bias[0] + up[rest] @ bias[1]
    means = (rewards[:, 0, rest] - out[:-1]) / (1.0 - out[-1])
    return means, np.moveaxis(bias[:, :, :-1] - bias[:, :, -1:] * means, 2, 0)


def _block(twin: Twin, rule: Raise, i: int) -> tuple[Matrix, Matrix, Matrix]:
    """−Q from i idle agents to i − 1, i and i + 1, each (K + 1, K + 1)."""
    size = twin.most + 1
    flight = np.arange(size)
    down, stay, up = (np.zeros((size, size)) for _ in range(3))
    ends = flight / twin.ring
    served = (twin.agents - i) / twin.service
    stay[flight, flight] = ends + served
    if served > 0:
        up[flight, rule[i + 1]] -= served
    else:
        # Nothing would ever happen without a call: there the rule is asked again after a while.
        stay[0, 0] += 1.0 / twin.service
        stay[0, rule[i, 0]] -= 1.0 / twin.service
    one = flight[1:]
    np.add.at(stay, (one, rule[i, one - 1]), -ends[one] * (1.0 - twin.human))
    answered = -ends[one] * twin.human
    if i > 0:
        np.add.at(down, (one, rule[i - 1, one - 1]), answered)
    else:
        np.add.at(stay, (one, rule[0, one - 1]), answered)
    return down, stay, up
