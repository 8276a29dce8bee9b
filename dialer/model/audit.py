"""How often a machine verdict is wrong: blind audits, their estimate and their bound. Pure.

A share of the machine verdicts goes to agents who do not know. What they find there is a random sample, so
that the number of persons among n audits is binomial.
"""

from dataclasses import dataclass
from math import comb, exp, lgamma, log, log1p

PRIOR_AUDITS = 40.0
"""How many audits the expectation before the first one is worth."""
_STEPS = 60


@dataclass(frozen=True, slots=True)
class Audits:
    """What the blind audits of a campaign have found."""

    audited: int = 0
    """Machine verdicts whose call an agent got and judged."""
    wrong: int = 0
    """Persons among them."""


def expected_error(false_machines: float, recall: float = 0.85) -> float:
    """Share of persons among machine verdicts, for as many people as machines; Bayes' rule.

    `false_machines` is the share of people taken for machines, `recall` that of machines recognised.
    """
    return false_machines / (false_machines + recall) if false_machines > 0 else 0.0


def error_share(audits: Audits, expected: float) -> float:
    """Share of persons among machine verdicts: mean of a Beta posterior whose prior is worth PRIOR_AUDITS."""
    return (audits.wrong + expected * PRIOR_AUDITS) / (audits.audited + PRIOR_AUDITS)


def upper_bound(audits: Audits, confidence: float = 0.95) -> float:
    """One-sided upper bound of the share (Clopper and Pearson 1934); 1.0 without audits."""
    n, wrong = audits.audited, audits.wrong
    if n == 0 or wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if _at_most(wrong, n, middle) > 1 - confidence:
            low = middle
        else:
            high = middle
    return high


def _at_most(successes: int, n: int, share: float) -> float:
    """P(X ≤ successes) of a binomial."""
    if share >= 1.0:
        return 0.0
    return sum(exp(_log_comb(n, k) + k * log(share) + (n - k) * log1p(-share)) for k in range(successes + 1))


def _log_comb(n: int, k: int) -> float:
    if n < 500:
        return log(comb(n, k))
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
