"""From traces to a model: grouped cross-validation, calibration, thresholds, the final fit."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dialer.call_progress.decision import Policy
from dialer.call_progress.model import Model, Point
from dialer.call_progress.training.judge import Score, judged, score
from dialer.call_progress.training.network import Recipe, fit
from dialer.call_progress.training.traces import Array, Trace

Say = Callable[[str], None]

FOLDS = 6
UPTO = 7.5
"""Seconds after the onset that are learned from."""
EVERY = 3
"""Windows from one row to the next: a tenth of a second."""
THRESHOLDS = tuple(round(0.5 + 0.01 * step, 2) for step in range(50))
_MORE = 4.0
WEIGHTS = {"company": 0.2}
"""Kinds that count for less than others in the fit: few people at home answer like a company."""


@dataclass(frozen=True, slots=True)
class Course:
    """A model and how it did on voices it had not heard."""

    model: Model
    tried: tuple[Trace, ...]
    """The clips of the cross-validation."""
    unseen: tuple[Array, ...]
    """For each of them the probabilities by a model that had not heard its group, calibrated."""
    score: Score
    """At the threshold of the wanted share of false positives."""
    threshold: float


def course(
    tried: Sequence[Trace],
    beside: Sequence[Trace],
    *,
    version: str,
    told: dict[str, Any],
    false_positives: float,
    say: Say,
    recipe: Recipe | None = None,
    policy: Policy | None = None,
) -> Course:
    """Train on `tried` and `beside`; judge on `tried`, each group by a model that has not heard it.

    `beside` are clips of other voices that are only learned from, never judged on. The operating points are
    those of the cross-validation, so the threshold is not chosen on data that the same model was fitted to.
    """
    how, rules = recipe or Recipe(), policy or Policy(2.0)
    logits: dict[int, Array] = {}
    for number, fold in enumerate(folds(tried, FOLDS), start=1):
        held = set(fold)
        model = _fitted(beside, [t for t in tried if t.label.group not in held], how)
        logits |= {id(t): model.logits(t.vectors) for t in tried if t.label.group in held}
        say(f"fold {number} of {FOLDS}: {len(fold)} groups held out")
    slope, offset = platt(tried, [logits[id(t)] for t in tried])
    unseen = [1 / (1 + np.exp(-np.clip(slope * logits[id(t)] + offset, -30, 30))) for t in tried]
    points = _points(tried, unseen, rules)
    say("the final fit, on everything")
    final = _fitted(beside, tried, how)
    final = replace(final, version=version, slope=slope, offset=offset, points=points, trained_on=told)
    threshold = final.threshold_for(false_positives)
    found = score(judged(tried, unseen, replace(rules, threshold=threshold)))
    return Course(final, tuple(tried), tuple(unseen), found, threshold)


def folds(traces: Iterable[Trace], number: int) -> list[list[str]]:
    """Groups dealt to folds of about the same number of clips; the same for the same clips."""
    sizes = Counter(trace.label.group for trace in traces)
    found: list[list[str]] = [[] for _ in range(number)]
    load = [0] * number
    for group, size in sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])):
        least = load.index(min(load))
        found[least].append(group)
        load[least] += size
    return found


def _fitted(beside: Sequence[Trace], tried: Sequence[Trace], recipe: Recipe) -> Model:
    """A model of these clips, not calibrated. Those that are judged count four times, so few they are."""
    rows, labels, weights = [], [], []
    for trace, more in [*((one, 1.0) for one in beside), *((one, _MORE if beside else 1.0) for one in tried)]:
        wanted = np.flatnonzero(trace.spoke & (trace.since <= UPTO))[::EVERY]
        if not len(wanted):
            continue
        own = WEIGHTS.get(trace.label.kind, 1.0) * more
        rows.append(trace.vectors[wanted])
        labels.append(np.full(len(wanted), float(trace.machine)))
        weights.append(np.full(len(wanted), own))
    x, y, w = np.concatenate(rows), np.concatenate(labels), np.concatenate(weights)
    for label in (0.0, 1.0):
        w[y == label] *= len(y) / 2 / w[y == label].sum()
    mean, scale = x.mean(axis=0), x.std(axis=0) + 1e-6
    return Model("", mean, scale, fit((x - mean) / scale, y, w, recipe))


def platt(traces: Sequence[Trace], logits: Sequence[Array]) -> tuple[float, float]:
    """Slope and offset that make probabilities of unseen logits (Platt 1999); both classes weigh alike."""
    values, labels, weights = [], [], []
    for trace, row in zip(traces, logits, strict=True):
        wanted = np.flatnonzero(trace.spoke & (trace.since <= UPTO))[:: 5 * EVERY]
        values.append(row[wanted])
        labels.append(np.full(len(wanted), float(trace.machine)))
        weights.append(np.full(len(wanted), 1.0))
    x, y, w = np.concatenate(values), np.concatenate(labels), np.concatenate(weights)
    for label in (0.0, 1.0):
        w[y == label] /= w[y == label].sum()
    design, answer = np.stack([x, np.ones_like(x)], axis=1), np.array([1.0, 0.0])
    for _ in range(25):
        p = 1 / (1 + np.exp(-np.clip(design @ answer, -30, 30)))
        slopes = design.T @ (w * (p - y))
        bends = (design * (w * p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        answer = answer - np.linalg.solve(bends, slopes)
    return float(answer[0]), float(answer[1])


def _points(traces: Sequence[Trace], probabilities: Sequence[Array], policy: Policy) -> tuple[Point, ...]:
    found = []
    for threshold in THRESHOLDS:
        came = score(judged(traces, probabilities, replace(policy, threshold=threshold)))
        found.append(Point(threshold, came.false_positives, came.false_negatives))
    return tuple(found)
