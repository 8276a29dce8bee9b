"""How often a machine verdict is wrong: blind audits, their estimate and their bound. Pure.

A share of the machine verdicts goes to agents who do not know. What they find there is a random sample, so
that the number of persons among n audits is binomial.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import log, log1p

import numpy as np

PRIOR_AUDITS = 40.0
"""How many audits the expectation before the first one is worth."""
AUDIT_WINDOW = timedelta(days=30)
"""How far back audits are looked at."""
RECALL = 0.69
"""Share of machines that are recognised: 130 of 189 clips (docs/adr/0037)."""
LOST = 0.01
"""Share of people, as consumers weigh, whom ours takes for machines where more would be allowed; measured by
models that had not heard the speaker (`make bench-progress`, docs/adr/0037)."""
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Audits:
    """What the blind audits of a campaign have found."""

    audited: int = 0
    """Machine verdicts whose call an agent got and judged."""
    wrong: int = 0
    """Persons among them."""


def expected_error(false_machines: float, recall: float = RECALL) -> float:
    """Share of persons among machine verdicts, for as many people as machines; Bayes' rule.

    `false_machines` is the share of people taken for machines, `recall` that of machines recognised.
    """
    return false_machines / (false_machines + recall) if false_machines > 0 else 0.0


def usual_error(false_machines: float) -> float:
    """The same of our own screening, which errs less than it may."""
    return expected_error(min(false_machines, LOST))


def error_share(audits: Audits, expected: float) -> float:
    """Share of persons among machine verdicts: mean of a Beta posterior whose prior is worth PRIOR_AUDITS."""
    return (audits.wrong + expected * PRIOR_AUDITS) / (audits.audited + PRIOR_AUDITS)


def upper_bound(audits: Audits, confidence: float = 0.95) -> float:
    """One-sided upper bound of the share (Clopper and Pearson 1934); 1.0 without audits."""
    n, wrong = audits.audited, audits.wrong
    if n == 0 or wrong >= n:
        return 1.0
    counts = np.arange(wrong + 1)
    ways = np.concatenate(([0.0], np.cumsum(np.log((n - counts[:-1]) / (counts[:-1] + 1)))))
    low, high = wrong / n, 1.0
    for _ in range(_STEPS):
        share = (low + high) / 2
        # P(X ≤ wrong) of a binomial, summed from its logarithms.
        at_most = np.exp(ways + counts * log(share) + (n - counts) * log1p(-share)).sum()
        low, high = (share, high) if at_most > 1 - confidence else (low, share)
    return high
