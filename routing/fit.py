"""How well an agent fits a person: a sum of named parts, each between 0 and 1, by weights."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """What each part of the fit is worth."""

    skills: float = 1.0
    """Mean level of the required skills."""
    segment: float = 0.5
    """Levels of the skills that are good to have: stage, days past due, creditor, language."""
    success: float = 0.5
    """What came of the agent's conversations, shrunk toward the mean of all."""
    same_agent: float = 1.0
    """The agent already knows this person."""


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """A live person who needs an agent now."""

    call_id: str
    campaign_id: int
    waiting: float
    """Seconds since the law's clock started."""
    required: dict[str, int]
    """Skill code → lowest level."""
    wanted: dict[str, float] = field(default_factory=dict)
    """Skills that count for the fit though they are not required, with their weight."""
    same_agent: int | None = None
    """The agent who spoke to this person before."""
    only: int | None = None
    """The one agent to whom the person was handed on."""
    without: int | None = None
    """The agent who handed the person on."""
    weights: Weights = Weights()


@dataclass(frozen=True, slots=True)
class FreeAgent:
    """An agent who can take a call now."""

    id: int
    campaigns: frozenset[int]
    skills: dict[str, int]
    idle: float
    """Seconds since the agent became free."""
    success: float = 0.5
    """By shrunk_success(): 0.5 = as good as the mean."""
    occupancy: float = 0.0
    """Share of the time at work lately that was spent on calls, 0–1."""


def qualified(person: WaitingPerson, agent: FreeAgent) -> bool:
    """Whether the agent works this campaign and has every required skill at its level."""
    if person.only not in (None, agent.id) or person.without == agent.id:
        return False
    return person.campaign_id in agent.campaigns and all(
        agent.skills.get(code, 0) >= level for code, level in person.required.items()
    )


def parts_of(person: WaitingPerson, agent: FreeAgent) -> dict[str, float]:
    """Every part of the fit, 0–1."""
    return {
        "skills": _mean_level(dict.fromkeys(person.required, 1.0), agent),
        "segment": _mean_level(person.wanted, agent),
        "success": agent.success,
        "same_agent": float(agent.id == person.same_agent),
    }


def score_of(parts: dict[str, float], weights: Weights) -> float:
    """The fit: weights times parts, to three decimals, so that equals are equal."""
    total: float = sum(getattr(weights, name) * part for name, part in parts.items())
    return round(total, 3)


def _mean_level(codes: dict[str, float], agent: FreeAgent) -> float:
    total = sum(codes.values())
    if total <= 0:
        return 0.0
    return sum(weight * agent.skills.get(code, 0) for code, weight in codes.items()) / (100.0 * total)


def shrunk_success(good: int, total: int, mean: float, prior: float = 30.0) -> float:
    """An agent's share of good conversations beside the mean, 0–1; 0.5 = the mean.

    (good + prior·mean) / (total + prior) is the posterior mean under a Beta prior worth `prior`
    conversations: a few lucky calls make nobody the best.
    """
    rate = (good + prior * mean) / (total + prior)
    return rate / (rate + mean) if rate + mean > 0 else 0.5
