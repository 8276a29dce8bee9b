"""Means and their confidence intervals. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


def student_share(t: float, freedom: int) -> float:
    """Chance that Student's t with `freedom` degrees lies within ±t (Abramowitz and Stegun 26.7.3–4)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= cosine * cosine * (k - 1) / k
    return 2 / math.pi * (angle + sine * total) if odd else sine * total


def student_quantile(freedom: int, share: float = 0.95) -> float:
    """The t within whose ± this share lies; infinite without a degree of freedom."""
    if freedom < 1:
        return math.inf
    low, high = 0.0, 1.0
    while student_share(high, freedom) < share:
        low, high = high, 2 * high
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if student_share(middle, freedom) < share else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and half the width of its 95 % interval; NaN when there is one value only."""

    mean: float
    half: float

    def text(self, factor: float = 1.0, digits: int = 1) -> str:
        """The mean ± half, times a factor."""
        if math.isnan(self.mean):
            return "–"
        mean = f"{factor * self.mean:.{digits}f}"
        return mean if math.isnan(self.half) else f"{mean} ± {factor * self.half:.{digits}f}"


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and 95 % Student-t interval of independent values; NaN of nothing."""
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan)
    mean = math.fsum(values) / n
    if n == 1:
        return Estimate(mean, math.nan)
    variance = math.fsum((value - mean) ** 2 for value in values) / (n - 1)
    return Estimate(mean, student_quantile(n - 1) * math.sqrt(variance / n))
