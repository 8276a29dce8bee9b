"""Discounted counts of ends and exposure: hazards that heed censoring and forget.

A duration d that ended with an event adds exposure to every bin it passed and one event to the bin it
ended in; one that is still going on adds exposure only (Kaplan & Meier 1958; for several kinds of end,
Aalen & Johansen 1978).
"""

from dataclasses import dataclass, field

import numpy as np

from pacing.floor import Ages

RING_STEP = 0.5
"""Width of the ring's bins in seconds."""
RING_BINS = 240
"""120 s: longer than any ring limit."""
_LARGEST = 1e9


@dataclass(slots=True)
class Forgetting:
    """A weight that grows with each observation, so that old ones fade without being touched."""

    memory: float
    """Observations after which one has faded to 1/e."""
    weight: float = 1.0

    def step(self) -> float:
        """Weight of the next observation."""
        self.weight *= 1.0 + 1.0 / self.memory
        return self.weight


@dataclass(slots=True)
class RingCounts:
    """How calls left the ring, by the time since they were placed."""

    fade: Forgetting
    exposed: Ages = field(default_factory=lambda: np.zeros(RING_BINS))
    exposed_odds: Ages = field(default_factory=lambda: np.zeros(RING_BINS))
    """The same, each call counted with its odds: what the hazard of persons is divided by."""
    ends: dict[str, Ages] = field(
        default_factory=lambda: {kind: np.zeros(RING_BINS) for kind in ("human", "machine", "other")}
    )

    def add(self, seconds: float, end: str, odds: float) -> None:
        """One call left the ring; 'cancelled' by us is no end of its own, the call might have been
        answered later."""
        weight = self.fade.step()
        last = min(RING_BINS - 1, max(0, int(seconds / RING_STEP)))
        ended = end != "cancelled"
        self.exposed[: last + ended] += weight
        self.exposed_odds[: last + ended] += weight * odds
        if ended:
            self.ends[end][last] += weight
        if weight > _LARGEST:
            self._renormalise()

    def _renormalise(self) -> None:
        for counts in (self.exposed, self.exposed_odds, *self.ends.values()):
            counts /= self.fade.weight
        self.fade.weight = 1.0

    def still(self, ages: Ages) -> Ages:
        """Exposure of calls that ring on, by bin."""
        bins = np.minimum((ages / RING_STEP).astype(np.intp), RING_BINS - 1)
        entered = np.bincount(bins, minlength=RING_BINS).astype(np.float64)
        return np.asarray(np.cumsum(entered[::-1])[::-1] - entered)


@dataclass(slots=True)
class TimeCounts:
    """Ends and exposure of one kind of time, over bins that widen."""

    edges: Ages
    """Left edges in seconds, ascending from 0; the last bin is open."""
    fade: Forgetting
    exposure: Ages = field(init=False)
    ends: Ages = field(init=False)

    def __post_init__(self) -> None:
        self.exposure, self.ends = np.zeros(self.edges.size), np.zeros(self.edges.size)

    def add(self, seconds: float) -> None:
        """One time came to its end."""
        weight = self.fade.step()
        last = int(np.searchsorted(self.edges, seconds, side="right")) - 1
        last = max(0, last)
        self.exposure[:last] += weight * np.diff(self.edges[: last + 1])
        self.exposure[last] += weight * max(0.0, seconds - self.edges[last])
        self.ends[last] += weight
        if weight > _LARGEST:
            self.exposure /= weight
            self.ends /= weight
            self.fade.weight = 1.0

    def still(self, ages: Ages) -> Ages:
        """Exposure in seconds of times that go on, by bin."""
        widths = np.append(np.diff(self.edges), np.inf)
        return np.asarray(np.clip(ages[:, None] - self.edges[None, :], 0.0, widths).sum(axis=0))


def time_edges() -> Ages:
    """0 to 1 h: 2 s wide at first, then a seventh wider each."""
    edges, width = [0.0], 2.0
    while edges[-1] < 3600:
        edges.append(edges[-1] + width)
        width = max(2.0, edges[-1] / 7)
    return np.asarray(edges)
