"""Whether a later hour of a person's day is so much likelier to be answered that a call had better wait."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from dialer.store.gate import GateVerdict
from dialer.store.lead_facts import LeadFact, features_of, local_of
from pacing.leads import LeadModel

RULE = "best_hour"
"""What holds such a lead back."""
_HOUR = timedelta(hours=1)


def later_hours(
    model: LeadModel, facts: Sequence[LeadFact], chances: Sequence[float], times: float
) -> list[tuple[datetime, ...]]:
    """For each lead the later hours of its local day with `times` its present chance or more, the best first.

    Everything but the clock stays as it is. Whose zone is not known waits for nothing.
    """
    asked = [(place, at) for place, fact in enumerate(facts) for at in _rest_of_day(fact)]
    found: list[list[tuple[float, datetime]]] = [[] for _ in facts]
    if not asked:
        return [()] * len(facts)
    then, _ = model.predict(features_of([replace(facts[place], at=at) for place, at in asked]))
    worth = np.asarray([chances[place] for place, _ in asked]) * times
    for (place, at), chance, least in zip(asked, then.tolist(), worth.tolist(), strict=True):
        if chance >= least:
            found[place].append((-chance, at))
    return [tuple(at for _, at in sorted(hours)) for hours in found]


def _rest_of_day(fact: LeadFact) -> list[datetime]:
    local = local_of(fact)
    if local is None:
        return []
    start = local.replace(minute=0, second=0, microsecond=0)
    hours = [(start + _HOUR * ahead).astimezone(UTC) for ahead in range(1, 24 - start.hour)]
    return [at for at in hours if at > fact.at]


def waits_for(hours: Sequence[datetime], verdict_at: Callable[[datetime], GateVerdict]) -> GateVerdict | None:
    """The refusal that holds a lead until the best of these hours that the gate permits; None = no such."""
    at = next((hour for hour in hours if verdict_at(hour).permitted), None)
    return None if at is None else GateVerdict(RULE, at)
