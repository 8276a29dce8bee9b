"""The answer model in use: orders the leads of a reservation by it, and lets it learn as calls end."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import numpy as np

from dialer.model.call import Call, CallState
from dialer.ports import EngineCommit
from dialer.store.best_hour import later_hours
from dialer.store.lead_facts import TELLING, LeadFact, features_of
from pacing.lead_choice import GENERATION, launch_order, wants_more
from pacing.leads import LeadFeatures, LeadModel, cold_model

MOST = 200
"""Leads claimed at once, at most: they stay locked until the transaction ends."""
NEXT = 30
"""Leads whose odds are told to the pacer ahead of their calls."""
_LEARN_AT_ONCE = 20
"""Ended calls that are worth an update of the model."""
_MOST_OPEN = 5_000
"""Calls in the air that are remembered for learning; the oldest is forgotten first."""


@dataclass(slots=True)
class LeadPlan:
    """In which order the leads of one reservation are tried, and what is expected of each."""

    order: list[int]
    """Places in the queue."""
    chances: list[float] | None = None
    """By place in the queue; None = nothing is known."""
    odds: list[float] = field(default_factory=list)
    features: LeadFeatures | None = None
    tried: set[int] = field(default_factory=set)
    later: list[tuple[datetime, ...]] = field(default_factory=list)
    """By place in the queue: hours of the day that are worth waiting for, the best first."""
    total: float = 0.0
    """Sum of the chances of the calls placed so far."""

    def enough(self, place: int, wanted: float | None) -> bool:
        """Whether this lead would bring more live answers than are wanted."""
        return self.chances is not None and not wants_more(self.total, self.chances[place], wanted)

    def chance(self, place: int) -> float | None:
        """That a person answers this lead's call."""
        return None if self.chances is None else self.chances[place]

    def later_of(self, place: int) -> tuple[datetime, ...]:
        """Hours that this lead had better wait for."""
        return self.later[place] if self.later else ()

    def odds_of(self, place: int) -> float:
        """The same as a multiple of the campaign's mean."""
        return self.odds[place] if self.odds else 1.0

    def next_odds(self) -> tuple[float, ...]:
        """Odds of the leads that were not tried, in their order."""
        if self.chances is None:
            return ()
        return tuple(self.odds[place] for place in self.order if place not in self.tried)[:NEXT]


class LeadChances:
    """One per store: the model, the generation of each campaign, what was known of the open calls."""

    def __init__(self, model: LeadModel | None = None) -> None:
        self.model = model if model is not None else cold_model()
        self._generations: dict[int, set[int]] = {}
        self._open: dict[UUID, LeadFeatures] = {}
        self._ended: list[tuple[LeadFeatures, bool]] = []

    @property
    def cold(self) -> bool:
        """Whether there is nothing to order leads by."""
        return self.model.cold

    def window(self, count: int) -> int:
        """Leads to claim when `count` calls are asked for: some will be refused, some are looked at ahead."""
        ahead = 0 if self.cold else max(GENERATION, count + NEXT)
        return min(max(4 * count, ahead), MOST)

    def plan(
        self,
        campaign_id: int,
        leads: Sequence[int],
        ranks: Sequence[int],
        facts: Sequence[LeadFact],
        best_hour: float | None = None,
    ) -> LeadPlan:
        """The order of leads that stand in the order of the queue; `best_hour` as the campaign's setting."""
        self._learn()
        features = features_of(facts)
        chances, _ = self.model.predict(features)
        odds = self.model.relative(chances, features.campaign_id)
        members = self._members(campaign_id, leads)
        current = np.array([lead in members for lead in leads], dtype=np.bool_)
        order = launch_order(chances, np.asarray(ranks, dtype=np.int64), current)
        plan = LeadPlan(order.tolist(), chances.tolist(), np.round(odds, 3).tolist(), features)
        if best_hour is not None:
            plan.later = later_hours(self.model, facts, chances.tolist(), best_hour)
        return plan

    def _members(self, campaign_id: int, leads: Sequence[int]) -> set[int]:
        """The campaign's generation; a new one when none of the old is left."""
        members = self._generations.get(campaign_id, set())
        if not members.intersection(leads):
            members = set(leads[:GENERATION])
            self._generations[campaign_id] = members
        return members

    def placed(self, call: Call, plan: LeadPlan, place: int) -> None:
        """A call was reserved: what was known of it is kept until it ends."""
        self._generations.get(call.campaign_id, set()).discard(call.lead_id)
        if plan.features is None:
            return
        if len(self._open) >= _MOST_OPEN:
            del self._open[next(iter(self._open))]
        self._open[call.id] = plan.features.take([place])

    def written(self, commit: EngineCommit) -> None:
        """A turn was committed: the calls that ended in it are evidence."""
        for transition in commit.transitions:
            call = transition.call
            if call.state is CallState.ENDED and (known := self._open.pop(call.id, None)) is not None:
                if call.outcome in TELLING:
                    self._ended.append((known, call.waiting_at is not None))

    def _learn(self) -> None:
        if len(self._ended) < _LEARN_AT_ONCE:
            return
        leads = LeadFeatures.joined([known for known, _ in self._ended])
        self.model = self.model.updated(leads, np.array([answered for _, answered in self._ended]))
        self._ended.clear()
