"""Campaigns that share agents, within one tick: calls by weight and deficit, so that none starves another.

Who got the fewest calls for its weight decides first. What it could place is the room of the group, dealt out
so that calls over weight come level; while it finds no room, those ahead of it wait. Only its own limits
(lines, calls per second, leads, its own cap) let the others go on without it: the room is not its to hold.
"""

import heapq
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from pacing.decision import Bound, Decision
from pacing.floor import Floor
from pacing.joint import Party, order, overlap

OWN_LIMITS = frozenset(Bound) - {Bound.SHARED}
"""Bounds of pacing.guard that a campaign has for itself."""
APART = 0.5
"""Share of a crew that must work for the hindmost, too, for the crew's other campaigns to wait for it."""


def dealt(
    room: int, served: Mapping[int, float], weights: Mapping[int, float], among: Collection[int]
) -> dict[int, int]:
    """So many calls, one after the other to whoever has least for its weight."""
    calls = dict.fromkeys(among, 0)
    line = [(served[campaign], campaign) for campaign in among]
    heapq.heapify(line)
    for _ in range(room if line else 0):
        level, campaign = line[0]
        calls[campaign] += 1
        heapq.heapreplace(line, (level + 1.0 / weights[campaign], campaign))
    return calls


@dataclass(slots=True)
class Turns:
    """The turns of one group in one tick; `served` are calls over weight, `pacing.joint.levelled` before."""

    served: Mapping[int, float]
    weights: Mapping[int, float]
    wanting: Collection[int]
    parties: Mapping[int, Party]
    _hindmost: int | None = None
    _dealt: dict[int, int] = field(default_factory=dict)

    def order(self) -> list[int]:
        """Who is decided first."""
        return order(self.served)

    def most(self, campaign: int) -> float:
        """Calls that this campaign may place now without taking the turn of the hindmost."""
        if self._hindmost is None or campaign == self._hindmost:
            return self._dealt.get(campaign, math.inf)
        own, first = self.parties[campaign], self.parties[self._hindmost]
        if overlap(first.agents, own.agents) <= APART:
            return math.inf
        apart = sum(agent not in first.agents for agent in own.ready) - own.floor.in_flight
        return max(self._dealt.get(campaign, 0), apart)

    def heard(self, campaign: int, decision: Decision) -> bool:
        """Whether a decision made within `most` stands; False = it is made again, as less is its turn."""
        if self._hindmost is not None or campaign not in self.wanting or decision.held_by in OWN_LIMITS:
            return True
        self._hindmost = campaign
        # Those before it were held by limits of their own: they have had what they can take.
        places = {one: place for place, one in enumerate(self.order())}
        left = [one for one in self.wanting if places[one] >= places[campaign]]
        self._dealt = dealt(decision.calls, self.served, self.weights, left)
        return self._dealt[campaign] >= decision.calls


def bounded(floor: Floor, most: float) -> Floor:
    """The floor on which a campaign may add so many calls at most."""
    return replace(floor, limits=replace(floor.limits, joint=min(floor.limits.joint, most)))
