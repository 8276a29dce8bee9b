"""Best-qualified agent: required skills, then level, then longest idle. The reason is part of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """A live person who needs an agent now."""

    call_id: str
    campaign_id: int
    waiting: float
    """Seconds since the law's clock started."""
    required: dict[str, int]
    """Skill code → lowest level."""
    wanted: dict[str, int] = field(default_factory=dict)
    """Skills that count for the fit though they are not required, with their weight."""
    same_agent: int | None = None
    """The agent who already spoke to this person, preferred over everybody."""


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """An agent who can take a call now."""

    id: int
    campaigns: frozenset[int]
    skills: dict[str, int]
    idle: float
    """Seconds since the agent became free."""


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


def qualified(person: WaitingPerson, agent: FreeAgent) -> bool:
    """Whether the agent works this campaign and has every required skill at its level."""
    return person.campaign_id in agent.campaigns and all(
        agent.skills.get(code, 0) >= level for code, level in person.required.items()
    )


def fit(person: WaitingPerson, agent: FreeAgent) -> tuple[bool, int, float]:
    """What is compared, best highest: same agent, summed level of the skills, idle seconds."""
    level = sum(agent.skills.get(code, 0) for code in person.required)
    level += sum(weight * agent.skills.get(code, 0) for code, weight in person.wanted.items())
    return agent.id == person.same_agent, level, agent.idle


def assign(persons: Sequence[WaitingPerson], agents: Sequence[FreeAgent]) -> list[Assignment]:
    """Longest-waiting person first; each gets the best-qualified agent that is left."""
    free = {agent.id: agent for agent in agents}
    made: list[Assignment] = []
    for person in sorted(persons, key=lambda p: -p.waiting):
        candidates = [agent for agent in free.values() if qualified(person, agent)]
        if not candidates:
            continue
        best = max(candidates, key=lambda agent: (*fit(person, agent), -agent.id))
        del free[best.id]
        made.append(Assignment(person.call_id, best.id, _reason(person, best, len(candidates))))
    return made


def _reason(person: WaitingPerson, agent: FreeAgent, candidates: int) -> dict[str, Any]:
    same, level, idle = fit(person, agent)
    return {
        "required": dict(person.required),
        "level": level,
        "idle_s": round(idle, 3),
        "same_agent": same,
        "candidates": candidates,
        "waited_s": round(person.waiting, 3),
    }
