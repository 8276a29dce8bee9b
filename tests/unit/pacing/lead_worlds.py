"""Attempts drawn from a world whose chances are known."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pacing.leads import LeadFeatures, Numbers, logistic


@dataclass(frozen=True, slots=True)
class World:
    """Leads, their true chances, what came, and how many days ago."""

    leads: LeadFeatures
    chances: Numbers
    answered: NDArray[np.bool_]
    age_days: Numbers


def leads(count: int, seed: int) -> LeadFeatures:
    """Leads as a collection campaign has them."""
    chance = np.random.default_rng(seed)
    answered = np.where(chance.random(count) < 0.7, np.nan, chance.uniform(0, 60, count))
    return LeadFeatures(
        hour=chance.uniform(9, 21, count),
        weekday=chance.integers(0, 6, count),
        attempt=chance.integers(1, 9, count),
        lead_attempt=chance.integers(1, 9, count),
        kind=chance.choice(["mobile", "fixed", ""], count),
        last_outcome=chance.choice(["", "no_answer", "machine", "busy", "conversation"], count),
        known_days=chance.uniform(0, 90, count),
        answered_days=answered,
        list_id=chance.integers(1, 6, count),
        campaign_id=chance.integers(1, 4, count),
    )


def world(count: int, seed: int, *, shift: float = 0.0) -> World:
    """A world in which hour, kind, attempts, last outcome, last answer and campaign matter."""
    known = leads(count, seed)
    logits = (
        -1.6
        + shift
        + 0.5 * np.sin((np.floor(known.hour) - 9) / 12 * np.pi * 2)
        + np.where(known.kind == "mobile", 0.6, -0.3)
        - 0.12 * known.attempt
        + np.where(known.last_outcome == "conversation", 0.9, 0.0)
        - np.where(known.last_outcome == "machine", 0.5, 0.0)
        + np.where(np.isfinite(known.answered_days), 0.8, 0.0)
        + 0.3 * (known.campaign_id - 2)
    )
    return drawn(known, logistic(logits), seed)


def drawn(known: LeadFeatures, chances: Numbers, seed: int) -> World:
    """What came of leads with these chances, over four weeks."""
    chance = np.random.default_rng([seed, 1])
    return World(known, chances, chance.random(len(known)) < chances, chance.uniform(0, 28, len(known)))


def alike(count: int, **differing: object) -> LeadFeatures:
    """Leads of which nothing differs but what is said."""
    same = LeadFeatures(
        hour=np.full(count, 12.0),
        weekday=np.ones(count, dtype=np.int64),
        attempt=np.ones(count, dtype=np.int64),
        lead_attempt=np.ones(count, dtype=np.int64),
        kind=np.full(count, "mobile"),
        last_outcome=np.full(count, ""),
        known_days=np.full(count, 5.0),
        answered_days=np.full(count, np.nan),
        list_id=np.ones(count, dtype=np.int64),
        campaign_id=np.ones(count, dtype=np.int64),
    )
    return replace(same, **{name: np.asarray(value) for name, value in differing.items()})
