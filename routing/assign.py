"""Waiting persons to free agents, all at once. The reason is part of the answer.

As many persons as possible get an agent, the longest-waiting first; agents who wait too long come before, and
agents who work more than the others come after, the rest; then the sum of the fits is the greatest there is;
between equals the longest idle.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np

from routing.fit import FreeAgent, WaitingPerson, parts_of, qualified, score_of
from routing.hungarian import best_pairs

STARVED = 300.0
"""Seconds: a qualified agent who is idle longer is taken before any who is not."""
FAIR = 0.15
"""An agent whose occupancy is this much above the least of the free ones comes last."""
_IDLE = 1e-9
"""What a second of idle time is worth: a day of it is less than the smallest step of the fit."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person to one agent, and why."""

    call_id: str
    agent_id: int
    reason: dict[str, Any]


class Router(Protocol):
    """Joins waiting persons and free agents; each at most once."""

    def __call__(self, persons: Sequence[WaitingPerson], agents: Sequence[FreeAgent]) -> list[Assignment]:
        """Assignments for as many persons as have a qualified agent."""
        ...


def assign(persons: Sequence[WaitingPerson], agents: Sequence[FreeAgent]) -> list[Assignment]:
    """The best assignment of all waiting persons; the longest-waiting person's comes first."""
    queue = sorted(persons, key=lambda person: -person.waiting)
    crew = sorted(agents, key=lambda agent: agent.id)
    if not queue or not crew:
        return []
    able = np.array([[qualified(p, a) for a in crew] for p in queue], dtype=np.bool_)
    if not able.any():
        return []
    value = _worth(queue, crew, able)
    pairs = best_pairs(np.where(able, value, 0.0))
    return [
        Assignment(queue[row].call_id, crew[column].id, _reason(queue[row], crew[column], crew))
        for row, column in pairs
        if able[row, column]
    ]


def _worth(
    queue: Sequence[WaitingPerson], crew: Sequence[FreeAgent], able: "np.ndarray[Any, np.dtype[np.bool_]]"
) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Value of every pair, positive: serving a person earlier in the queue outweighs everything below it."""
    fits = np.zeros(able.shape)
    for row, column in zip(*np.nonzero(able), strict=True):
        person, agent = queue[row], crew[column]
        fits[row, column] = score_of(parts_of(person, agent), person.weights)
    idle = np.array([min(agent.idle, 86_400.0) for agent in crew]) * _IDLE
    most = max(1.0, float(np.abs(fits).max()) + 1.0) * len(queue)
    least = min((agent.occupancy for agent in crew), default=0.0)
    tier = np.array([_tier(agent, least) for agent in crew]) * (2.0 * most)
    within = fits + idle + tier
    step = 4.0 * (most + 2.0 * most * len(queue))
    rank = np.arange(len(queue), 0, -1, dtype=np.float64) * step
    return within + rank[:, None]


def _tier(agent: FreeAgent, least: float) -> int:
    if agent.idle >= STARVED:
        return 1
    return -1 if agent.occupancy > least + FAIR else 0


def _reason(person: WaitingPerson, agent: FreeAgent, crew: Sequence[FreeAgent]) -> dict[str, Any]:
    """Everything that the score is made of, to be kept with the call."""
    parts = parts_of(person, agent)
    candidates = [other for other in crew if qualified(person, other)]
    least = min(other.occupancy for other in crew)
    return {
        "required": dict(person.required),
        "score": score_of(parts, person.weights),
        "parts": {name: round(part, 4) for name, part in parts.items()},
        "weights": asdict(person.weights),
        "tier": {1: "starved", 0: "fair", -1: "overworked"}[_tier(agent, least)],
        "idle_s": round(agent.idle, 3),
        "occupancy": round(agent.occupancy, 3),
        "same_agent": agent.id == person.same_agent,
        "candidates": len(candidates),
        "waited_s": round(person.waiting, 3),
    }
