"""Simulated days as a table and as JSON. Pure."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pacing.simulator.intervals import Estimate, estimate
from pacing.simulator.measures import Day

MEASURES: dict[str, tuple[Callable[[Day], float], float, int]] = {
    "occupancy": (lambda day: day.occupancy, 100.0, 1),
    "abandonment": (lambda day: day.abandonment, 100.0, 2),
    "unserved": (lambda day: day.unserved, 100.0, 2),
    "worst": (lambda day: day.worst_window, 100.0, 1),
    "idle": (lambda day: day.idle_per_call, 1.0, 1),
    "dials": (lambda day: float(day.dials), 1.0, 0),
    "live": (lambda day: float(day.live), 1.0, 0),
    "connected": (lambda day: float(day.connected), 1.0, 0),
    "cancels": (lambda day: float(day.cancels), 1.0, 0),
}
"""What is said of days: how to read it, the factor it is shown with, its digits."""

COLUMNS = ("occupancy", "abandonment", "unserved", "worst", "idle", "dials", "connected", "cancels")


def estimates(days: Sequence[Day]) -> dict[str, Estimate]:
    """Every measure with its interval over the days."""
    return {name: estimate([read(day) for day in days]) for name, (read, _, _) in MEASURES.items()}


def differences(days: Sequence[Day], others: Sequence[Day]) -> dict[str, Estimate]:
    """Every measure less that of the other days, pair by pair: both drew the same fates."""
    return {
        name: estimate([read(day) - read(other) for day, other in zip(days, others, strict=True)])
        for name, (read, _, _) in MEASURES.items()
    }


def shown(name: str, found: Estimate, signed: bool = False) -> str:
    """A measure as it is written in a table."""
    _, factor, digits = MEASURES[name]
    text = found.text(factor, digits)
    return f"+{text}" if signed and found.mean >= 0 else text


def day_table(policies: Mapping[str, Sequence[Day]], limit: float, words: Mapping[str, str]) -> str:
    """One line for each policy, and how each differs from the first."""
    head = [words["policy"], *(words[name] for name in COLUMNS), words["over"]]
    rows = [
        [name, *(shown(column, found) for column, found in _chosen(days)), _over(days, limit, words)]
        for name, days in policies.items()
    ]
    seeds = len(next(iter(policies.values())))
    lines = [table(head, rows), "", words["interval" if seeds > 1 else "one"].format(seeds=seeds)]
    return "\n".join([*lines, *_against(policies, words)])


def _chosen(days: Sequence[Day]) -> list[tuple[str, Estimate]]:
    found = estimates(days)
    return [(name, found[name]) for name in COLUMNS]


def _over(days: Sequence[Day], limit: float, words: Mapping[str, str]) -> str:
    return f"{sum(day.abandonment > limit for day in days)} {words['of']} {len(days)}"


def _against(policies: Mapping[str, Sequence[Day]], words: Mapping[str, str]) -> list[str]:
    (first, days), *others = policies.items()
    said = []
    for other, beside in others:
        found = differences(beside, days)
        parts = {name: shown(name, found[name], signed=True) for name in ("occupancy", "abandonment")}
        said.append(words["against"].format(first=first, other=other, **parts))
    return said


def day_record(policies: Mapping[str, Sequence[Day]], limit: float) -> dict[str, Any]:
    """JSON-able: shares 0–1, seconds, counts."""
    return {
        "limit": limit,
        "policies": {
            name: {
                "days": len(days),
                "days_over_limit": sum(day.abandonment > limit for day in days),
                **{measure: estimate_record(found) for measure, found in estimates(days).items()},
            }
            for name, days in policies.items()
        },
    }


def estimate_record(found: Estimate) -> dict[str, float | None]:
    """Mean and half the width of the 95 % interval; None where there is none."""
    mean, half = (None if math.isnan(part) else part for part in (found.mean, found.half))
    return {"mean": mean, "half": half}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need; the first to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if not i else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [head, *rows]
    )
