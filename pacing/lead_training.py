"""Learns the chance that a person answers, from past attempts.

Effects: posterior mode by Newton's method (iteratively reweighted least squares). Variances of the kinds of
groups: empirical Bayes, MacKay's fixed point on the marginal likelihood (Bayesian Interpolation, Neural
Computation 4, 1992). Calibration: Platt's two numbers, fitted on predictions that have not seen their own
attempt, by approximate leave-one-out (Rad & Maleki, JRSS B 82, 2020): no second fit, and no folds that hang
on the order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacing.leads import (
    COLD,
    FACTORS,
    FIRST_VARIANCE,
    Groups,
    Keys,
    LeadFeatures,
    LeadModel,
    Numbers,
    Whole,
    cold_model,
    logistic,
    logit,
    quadratic,
    stored,
)

HALF_LIFE = 14.0
"""Days after which an attempt counts half."""
_ROUNDS = 60
_SETTLED = 0.02
"""Relative change of the variances, and change of an effect in logits, at which the fit ends."""
_LONGEST_STEP = 2.0
_VARIANCE = (1e-5, 4.0)
_PRIOR_GROUPS, _PRIOR_VARIANCE = 1.0, 0.01
"""One invented group of each kind with a small effect: a kind with few groups is held near the mean."""
_MEAN_VARIANCE = 2.25
"""Of the intercept around logit(COLD): weak, and keeps the chance inside 0–1 when all answered or none."""
_PLATT_PRIOR = 50.0
"""Weight of 'no correction', in attempts."""
_MEAN_PRIOR = 50.0
"""Attempts at the overall mean that each campaign's mean starts with."""
_RARE = 5.0
"""Discounted attempts below which a list or an hour of a campaign is no group of its own."""
_MOST_GROUPS = {"campaign": 40, "list": 60, "hour_of_week": 100, "campaign_hour": 100}
"""Groups kept of each kind, the most evident first; fewer columns, a smaller matrix."""


@dataclass(frozen=True, slots=True)
class _Data:
    """Attempts as columns of the model."""

    columns: Whole
    sizes: tuple[int, ...]
    answered: Numbers
    weight: Numbers

    @property
    def width(self) -> int:
        return sum(self.sizes)

    def logits(self, effects: Numbers) -> Numbers:
        total: Numbers = effects[self.columns].sum(axis=1)
        return total

    def summed(self, values: Numbers) -> Numbers:
        """X'v."""
        total = np.zeros(self.width)
        for column in self.columns.T:
            total += np.bincount(column, values, self.width)
        return total

    def information(self, values: Numbers) -> Numbers:
        """X' diag(v) X, block by block of two kinds of groups."""
        total = np.zeros((self.width, self.width))
        starts = np.concatenate([[0], np.cumsum(self.sizes)])
        local = self.columns - starts[:-1]
        for first, height in enumerate(self.sizes):
            for second in range(first, len(self.sizes)):
                width = self.sizes[second]
                block = np.bincount(local[:, first] * width + local[:, second], values, height * width)
                rows, cols = (
                    slice(starts[first], starts[first + 1]),
                    slice(starts[second], starts[second + 1]),
                )
                total[rows, cols] = block.reshape(height, width)
                total[cols, rows] = total[rows, cols].T
        return total


def train(
    leads: LeadFeatures, answered: NDArray[np.bool_], *, age_days: Numbers, half_life: float = HALF_LIFE
) -> LeadModel:
    """The model of these attempts; `answered` by a person, `age_days` since each was placed."""
    if len(leads) == 0:
        return cold_model()
    weight = np.exp2(-np.maximum(age_days, 0.0) / half_life)
    keys = leads.keys()
    start = [_kept(factor, keys[factor], weight) for factor in FACTORS]
    draft = LeadModel(
        tuple(Groups(levels, FIRST_VARIANCE) for levels in start),
        np.zeros(sum(levels.size + 1 for levels in start)),
        np.zeros((0, 0)),
    )
    sizes = tuple(group.size for group in draft.groups)
    data = _Data(draft.columns(leads), sizes, answered.astype(np.float64), weight)
    effects, covariance, variances = _fitted(data)
    shift, slope = _calibrated(data, effects, covariance)
    chances = logistic(shift + slope * data.logits(effects))
    overall, means = _means(chances, weight, leads.campaign_id)
    groups = tuple(Groups(levels, v) for levels, v in zip(start, variances, strict=True))
    return LeadModel(
        groups, effects, covariance, shift, slope, overall, means, evidence=round(float(weight.sum()), 6)
    )


def _kept(factor: str, keys: Keys, weight: Numbers) -> Keys:
    """The groups that get a column of their own; the others share the column of the unseen."""
    levels, place = np.unique(keys, return_inverse=True)
    evidence = np.bincount(place, weight, levels.size)
    unknown = levels == "" if levels.dtype.kind == "U" else levels < 0
    least = _RARE if factor in _MOST_GROUPS else 0.0
    keep = ~unknown & (evidence >= least)
    most = _MOST_GROUPS.get(factor, levels.size)
    if np.count_nonzero(keep) > most:
        # By evidence, then by key: the same whatever the order of the rows.
        order = np.lexsort((np.arange(levels.size), -np.round(np.where(keep, evidence, -1.0), 6)))
        keep = np.isin(np.arange(levels.size), order[:most])
    kept: Keys = levels[keep]
    return kept


def _fitted(data: _Data) -> tuple[Numbers, Numbers, list[float]]:
    """Effects, their covariance and the variance of each kind, improved in turns until they settle."""
    kind_of = np.repeat(np.arange(len(data.sizes)), data.sizes)
    centre, effects = np.zeros(data.width), np.zeros(data.width)
    used = data.summed(data.weight) > 0.0
    centre[0:2] = np.where(used[0:2], logit(COLD), 0.0)
    effects[0:2] = centre[0:2]
    variances: Numbers = np.full(len(data.sizes), FIRST_VARIANCE)
    variances[0] = _MEAN_VARIANCE
    covariance: Numbers = np.diag(variances[kind_of])
    for _ in range(_ROUNDS):
        chances = logistic(data.logits(effects))
        precision = 1.0 / variances[kind_of]
        slope = data.summed(data.weight * (data.answered - chances)) - precision * (effects - centre)
        curve: Numbers = data.information(data.weight * chances * (1.0 - chances)) + np.diag(precision)
        covariance = np.linalg.inv(curve).astype(np.float64, copy=False)
        step = covariance @ slope
        longest = float(np.abs(step).max())
        effects = effects + step * min(1.0, _LONGEST_STEP / max(longest, 1e-12))
        better = _variances(data, effects, covariance, variances, used)
        change = float(np.abs(np.log(better / variances)).max())
        variances = better
        if longest < _SETTLED and change < _SETTLED:
            break
    return stored(effects), stored((covariance + covariance.T) / 2), [round(float(v), 9) for v in variances]


def _variances(
    data: _Data, effects: Numbers, covariance: Numbers, before: Numbers, used: NDArray[np.bool_]
) -> Numbers:
    """MacKay's fixed point: squared effects per well-determined effect; that of the mean stays."""
    better, start, spread = before.copy(), 0, np.diag(covariance)
    for kind, size in enumerate(data.sizes):
        mine = slice(start, start + size)
        start += size
        if kind == 0:
            continue
        seen = used[mine]
        determined = float(np.maximum(0.0, seen.sum() - spread[mine][seen].sum() / before[kind]))
        squares = float((effects[mine][seen] ** 2).sum())
        better[kind] = (squares + _PRIOR_GROUPS * _PRIOR_VARIANCE) / (determined + _PRIOR_GROUPS)
    held: Numbers = np.clip(better, *_VARIANCE)
    return held


def _calibrated(data: _Data, effects: Numbers, covariance: Numbers) -> tuple[float, float]:
    """Platt's shift and slope on approximate leave-one-out logits, held near (0, 1) by a prior."""
    logits = data.logits(effects)
    chances = logistic(logits)
    leverage = quadratic(covariance, data.columns)
    curve = data.weight * chances * (1.0 - chances)
    alone = logits - data.weight * leverage * (data.answered - chances) / np.maximum(
        1.0 - curve * leverage, 0.1
    )
    design = np.column_stack([np.ones(alone.size), alone])
    prior, found = np.diag([_PLATT_PRIOR * 0.15, _PLATT_PRIOR * 0.15]), np.array([0.0, 1.0])
    neutral = found.copy()
    for _ in range(20):
        chances = logistic(design @ found)
        slope = design.T @ (data.weight * (data.answered - chances)) - prior @ (found - neutral)
        curve = data.weight * chances * (1.0 - chances)
        step = np.linalg.solve(design.T @ (design * curve[:, None]) + prior, slope)
        found = found + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    return round(float(found[0]), 9), round(float(np.clip(found[1], 0.1, 3.0)), 9)


def _means(
    chances: Numbers, weight: Numbers, campaigns: Whole
) -> tuple[float, tuple[tuple[int, float], ...]]:
    """The mean chance of all attempts, and of each campaign's; few attempts stay near all."""
    overall = float((chances * weight).sum() / weight.sum())
    known, place = np.unique(campaigns, return_inverse=True)
    attempts = np.bincount(place, weight, known.size)
    answers = np.bincount(place, weight * chances, known.size)
    means = (answers + _MEAN_PRIOR * overall) / (attempts + _MEAN_PRIOR)
    return round(overall, 9), tuple(
        (int(campaign), round(float(mean), 9)) for campaign, mean in zip(known, means, strict=True)
    )
