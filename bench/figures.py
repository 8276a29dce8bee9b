"""Percentiles, Prometheus histograms and tables. Pure."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Buckets = Mapping[float, float]
"""Upper bound in seconds → observations up to it, as Prometheus counts them."""

_LINE = re.compile(r'^(?P<name>\w+)_bucket\{le="(?P<bound>[^"]+)"\} (?P<count>\S+)$')


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values do not exceed; NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """How a quantity was distributed, in the unit of the values."""

    count: int
    p50: float
    p95: float
    p99: float
    worst: float


def spread(values: Sequence[float]) -> Spread:
    """The percentiles of the values."""
    parts = [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)]
    return Spread(len(values), *parts)


def histogram(exposition: str, name: str) -> dict[float, float]:
    """The buckets of one unlabelled histogram in Prometheus' text format."""
    found = (_LINE.match(line) for line in exposition.splitlines())
    return {float(m["bound"]): float(m["count"]) for m in found if m is not None and m["name"] == name}


def between(before: Buckets, after: Buckets) -> dict[float, float]:
    """What was observed between two readings."""
    return {bound: count - before.get(bound, 0.0) for bound, count in after.items()}


def bucket_percentile(buckets: Buckets, share: float) -> float:
    """A percentile by straight line within its bucket; NaN of nothing, the last bound of what lies beyond."""
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total <= 0:
        return math.nan
    low, below = 0.0, 0.0
    for bound in bounds:
        count = buckets[bound]
        if count >= share * total:
            if math.isinf(bound):
                return low
            return low + (bound - low) * (share * total - below) / (count - below)
        low, below = bound, count
    return low


def highest_kept(steps: Iterable[tuple[float, bool]]) -> float:
    """The highest rate that was kept before the first that was not; 0 when none was."""
    best = 0.0
    for rate, kept in steps:
        if not kept:
            break
        best = max(best, rate)
    return best


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Columns padded to their widest cell, as Markdown."""
    cells = [[_cell(value) for value in row] for row in (head, *rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.1f}"
    return str(value)
