"""The present level of answering, and when it has changed: answers that came over answers expected.

A change is sought at every recent instant at once: the likelihood ratio of "another rate since then" against
"the same rate all along", both rates unknown, for Poisson counts (generalised likelihood ratio; Lorden 1971,
Siegmund & Venkatraman 1995). It notices a doubling after about ten answers more than expected, whatever the
hour's traffic.
"""

import math
from typing import Any, Self

import numpy as np

from pacing.floor import Ages

MEMORY, MEMORY_TIME = 150.0, 300.0
"""The level is taken over so many expected answers, or seconds where these hold more answers."""
QUICK_MEMORY, QUICK_TIME = 20.0, 45.0
"""The same of what came lately."""
MORE, LESS = 6.5, 9.0
"""Log-likelihood ratio at which more, or fewer, answers are taken for a change: one mistake in some hours of
a steady day. To believe in fewer answers by mistake is the dangerous one."""
_BLOCK, _BLOCKS = 0.5, 96
"""Expected answers of a block at least, and blocks that are looked back over: some fifty answers."""
_SHORTEST, _KNOWN = 3.0, 10.0
"""Expected answers since a change, and before it, at least: answers come in bursts, verdicts late."""


class Level:
    """Answers that came and that were expected, old ones faded."""

    def __init__(self, came: float, expected: float, quick: float | None = None) -> None:
        self.came, self.expected = came, expected
        self.lately = [quick if quick is not None else came, quick if quick is not None else expected]
        self._blocks: list[list[float]] = [[0.0, 0.0]]

    def answered(self) -> None:
        """A person answered."""
        self.came += 1.0
        self.lately[0] += 1.0
        self._blocks[-1][0] += 1.0

    def due(self, expected: float, rate: float) -> None:
        """So many answers were expected meanwhile, at `rate` a second of late."""
        fade = math.exp(-expected / max(MEMORY, MEMORY_TIME * rate))
        self.came, self.expected = self.came * fade, self.expected * fade + expected
        fade = math.exp(-expected / max(QUICK_MEMORY, QUICK_TIME * rate))
        self.lately = [self.lately[0] * fade, self.lately[1] * fade + expected]
        block = self._blocks[-1]
        block[1] += expected
        if block[1] >= _BLOCK:
            self._blocks.append([0.0, 0.0])
            del self._blocks[:-_BLOCKS]

    def rescaled(self, factor: float) -> None:
        """What was expected of the past was expected by hazards that are `factor` times as high now."""
        self.expected *= factor
        self.lately[1] *= factor
        for block in self._blocks:
            block[1] *= factor

    def restarted_where_it_changed(self) -> bool:
        """Drop the evidence from before a change, if there was one."""
        since = np.cumsum(np.asarray(self._blocks)[::-1], axis=0)
        came, expected = since[:, 0], since[:, 1]
        before = np.maximum(self.came - came, 0.0), np.maximum(self.expected - expected, 1e-9)
        ratio = _surprise(came, expected, *before)
        more = came * before[1] > before[0] * expected
        over = ratio - np.where(more, MORE, LESS)
        over[(expected < _SHORTEST) | (before[1] < _KNOWN)] = -math.inf
        best = int(np.argmax(over))
        if over[best] <= 0:
            return False
        self.came, self.expected = float(came[best]), float(expected[best])
        self.lately = [self.came, self.expected]
        self._blocks = self._blocks[len(self._blocks) - 1 - best :]
        return True

    def as_record(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "came": self.came,
            "expected": self.expected,
            "lately": list(self.lately),
            "blocks": [list(block) for block in self._blocks],
        }

    @classmethod
    def from_record(cls, record: dict[str, Any] | list[list[float]]) -> Self:
        """The level as it was recorded; a list is what releases before the blocks wrote: both pairs."""
        if isinstance(record, list):
            made = cls(*record[0])
            made.lately = list(record[1])
            return made
        made = cls(record["came"], record["expected"])
        made.lately = list(record["lately"])
        made._blocks = [list(block) for block in record["blocks"]]
        return made


def _surprise(came: Ages, expected: Ages, came_before: Ages, expected_before: Ages) -> Ages:
    """Log-likelihood ratio of two rates against one; arrays of one length, counts and expectations."""
    pooled = (came + came_before) / (expected + expected_before)
    return _gain(came, expected, pooled) + _gain(came_before, expected_before, pooled)


def _gain(came: Ages, expected: Ages, pooled: Ages) -> Ages:
    own = came / np.maximum(expected, 1e-9)
    return came * np.log(np.maximum(own, 1e-12) / np.maximum(pooled, 1e-12))
