"""The grade of a call from the answers to a scorecard. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a scorecard."""

    code: str
    weight: float
    fatal: bool


class BadAnswers(ValueError):
    """The answers do not fit the scorecard."""


@dataclass(frozen=True, slots=True)
class Grade:
    """0–100; failed by a fatal item is 0."""

    score: float
    failed: bool


def grade(items: Sequence[Item], answers: Mapping[str, float | None]) -> Grade:
    """Σ weight·answer ÷ Σ weight over the items answered; None = not applicable."""
    if set(answers) != {item.code for item in items}:
        raise BadAnswers("every item must be answered, and no other")
    for item in items:
        if item.fatal and answers[item.code] not in (0, 100, None):
            raise BadAnswers(f"{item.code} is fatal: 0, 100 or null")
    given = [(item, answer) for item in items if (answer := answers[item.code]) is not None]
    if any(item.fatal and answer == 0 for item, answer in given):
        return Grade(0.0, failed=True)
    weight = sum(item.weight for item, _ in given)
    if weight <= 0:
        raise BadAnswers("nothing that counts was answered")
    return Grade(round(sum(item.weight * answer for item, answer in given) / weight, 2), failed=False)
