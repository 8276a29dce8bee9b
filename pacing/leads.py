"""How likely a person answers a call to a lead: what is known of the lead, and the learned model.

A logistic regression whose every term is the effect of a group (campaign, hour, attempt number, …). Each
kind of group has a variance of its own, so that a group with little data stays near the mean: partial
pooling, Gelman & Hill, Data Analysis Using Regression and Multilevel Models, 2007, ch. 12 and 14. Made by
`pacing.lead_training`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Whole = NDArray[np.int64]
Words = NDArray[np.str_]
Keys = NDArray[Any]
"""Names of groups: whole numbers or words."""

FACTORS = (
    "mean",
    "campaign",
    "list",
    "hour",
    "weekday",
    "attempt",
    "lead_attempt",
    "kind",
    "last_outcome",
    "known",
    "answered",
    "hour_of_week",
    "campaign_hour",
)
"""Kinds of groups, in the order of the model's columns; 'mean' has one group that everybody is in."""
_ATTEMPTS = np.array([1, 2, 3, 4, 6, 9, 14, 25])
_DAYS = np.array([0.0, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 120.0])
_NEVER = len(_DAYS)
_UNKNOWN = -1
"""Key of a missing value; it falls into the group of the unseen."""
COLD = 0.2
"""Chance that is assumed before anything is known."""
_DRIFT = 3e-5
"""Variance that the mean and each campaign's effect gain with each attempt: a memory of about 500."""
_MEAN_MEMORY = 500.0
"""Attempts after which the campaign's mean has followed the online learning."""
_ODDS = (0.02, 50.0)


@dataclass(frozen=True, slots=True)
class LeadFeatures:
    """What is known of n leads at the moment of a call, arrays of shape (n,): contact history, no more."""

    hour: Numbers
    """0–24 in the called person's local day; nan = not known."""
    weekday: Whole
    """0 = Monday; -1 = not known."""
    attempt: Whole
    """Number of this attempt at this telephone, from 1; 0 = not known."""
    lead_attempt: Whole
    """Number of this attempt at this lead, over all its telephones, from 1; 0 = not known."""
    kind: Words
    """Kind of telephone ('mobile', 'fixed', …); '' = not known."""
    last_outcome: Words
    """Outcome of the last attempt at this telephone; '' = none."""
    known_days: Numbers
    """Days since the number is known; nan = not known."""
    answered_days: Numbers
    """Days since a person answered this number; nan = never."""
    list_id: Whole
    campaign_id: Whole

    def __len__(self) -> int:
        return int(self.hour.size)

    def take(self, index: Any) -> "LeadFeatures":
        """Some of the leads, by an index or a mask."""
        return LeadFeatures(*(getattr(self, part.name)[index] for part in fields(self)))

    @classmethod
    def joined(cls, parts: Sequence["LeadFeatures"]) -> "LeadFeatures":
        """Several one after the other."""
        return cls(*(np.concatenate([getattr(p, part.name) for p in parts]) for part in fields(cls)))

    def keys(self) -> dict[str, Keys]:
        """The group of each lead in every kind of groups."""
        hour = np.where(np.isfinite(self.hour), self.hour, _UNKNOWN).astype(np.int64)
        week = np.where((hour >= 0) & (self.weekday >= 0), self.weekday * 24 + hour, _UNKNOWN)
        return {
            "mean": np.zeros(len(self), dtype=np.int64),
            "campaign": self.campaign_id,
            "list": self.list_id,
            "hour": hour,
            "weekday": self.weekday,
            "attempt": _binned(self.attempt, _ATTEMPTS),
            "lead_attempt": _binned(self.lead_attempt, _ATTEMPTS),
            "kind": self.kind,
            "last_outcome": np.where(self.last_outcome == "", "none", self.last_outcome),
            "known": _aged(self.known_days, _UNKNOWN),
            "answered": _aged(self.answered_days, _NEVER),
            "hour_of_week": week,
            "campaign_hour": np.where(hour >= 0, self.campaign_id * 24 + hour, _UNKNOWN),
        }


def _binned(values: Whole, edges: Whole) -> Whole:
    return np.searchsorted(edges, values, side="right").astype(np.int64) - 1


def _aged(days: Numbers, missing: int) -> Whole:
    known = np.isfinite(days)
    bins = np.searchsorted(_DAYS, np.where(known, np.maximum(days, 0.0), 0.0), side="right") - 1
    return np.where(known, bins, missing).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one kind that the model knows. Column 0 is everybody else: unseen, rare, missing."""

    levels: Keys
    """Sorted keys; the group of levels[k] has column k + 1."""
    variance: float
    """Of the effects, squared logits: how much groups of this kind differ at all."""

    @property
    def size(self) -> int:
        """Columns."""
        return int(self.levels.size) + 1

    def columns(self, keys: Keys) -> Whole:
        """Column of each key."""
        if self.levels.size == 0:
            return np.zeros(keys.size, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.levels, keys), self.levels.size - 1)
        return np.where(self.levels[at] == keys, at + 1, 0)


@dataclass(frozen=True, slots=True)
class LeadModel:
    """What was learned: effects in logits with their joint uncertainty, calibrated. Immutable."""

    groups: tuple[Groups, ...]
    """One for each of FACTORS."""
    effects: Numbers
    """Shape (columns,): posterior mode of every group's effect."""
    covariance: Numbers
    """Shape (columns, columns): of the effects, Laplace's approximation."""
    shift: float = 0.0
    slope: float = 1.0
    """Calibration: logit of the chance = shift + slope × sum of effects (Platt 1999)."""
    overall: float = COLD
    """Mean chance of all attempts."""
    means: tuple[tuple[int, float], ...] = ()
    """Mean chance of each campaign's attempts."""
    evidence: float = 0.0
    """Attempts learned from, the old ones discounted."""

    @property
    def cold(self) -> bool:
        """Whether nothing was learned yet."""
        return self.evidence <= 0.0

    def columns(self, leads: LeadFeatures) -> Whole:
        """The columns each lead is in, shape (n, kinds)."""
        keys = leads.keys()
        found, start = np.empty((len(leads), len(FACTORS)), dtype=np.int64), 0
        for place, (factor, group) in enumerate(zip(FACTORS, self.groups, strict=True)):
            found[:, place] = start + group.columns(keys[factor])
            start += group.size
        return found

    def predict(self, leads: LeadFeatures) -> tuple[Numbers, Numbers]:
        """The chance that a person answers each call, and its standard error (delta method)."""
        columns = self.columns(leads)
        chances = self._chances(columns)
        spread = np.sqrt(np.maximum(quadratic(self.covariance, columns), 0.0))
        return chances, chances * (1.0 - chances) * abs(self.slope) * spread

    def odds(self, leads: LeadFeatures) -> Numbers:
        """How much likelier than the mean of its campaign a person answers each call; 1 without knowledge."""
        if self.cold:
            return np.ones(len(leads))
        return self.relative(self._chances(self.columns(leads)), leads.campaign_id)

    def relative(self, chances: Numbers, campaigns: Whole) -> Numbers:
        """Chances as multiples of their campaign's mean."""
        if self.cold:
            return np.ones(chances.size)
        mean = np.full(chances.size, self.overall)
        for campaign, known in self.means:
            mean[campaigns == campaign] = known
        relative: Numbers = np.clip(chances / mean, *_ODDS)
        return relative

    def _chances(self, columns: Whole) -> Numbers:
        return logistic(self.shift + self.slope * self.effects[columns].sum(axis=1))

    def updated(self, leads: LeadFeatures, answered: NDArray[np.bool_]) -> "LeadModel":
        """The model after some more attempts: one Newton step from the posterior so far, nothing is refitted.

        Assumed density filtering (Opper 1998); it costs the batch times the square of the columns.
        Between trainings only: it forgets the old level of each campaign, as a random walk does, and learns
        no new groups or variances.
        """
        if self.cold or len(leads) == 0:
            return self
        columns = self.columns(leads)
        chances = logistic(self.effects[columns].sum(axis=1))
        weight = np.maximum(chances * (1.0 - chances), 1e-6)
        loose = self.covariance.copy()
        level = columns[:, : FACTORS.index("campaign") + 1].ravel()
        np.add.at(loose, (level, level), _DRIFT)
        spread = loose[:, columns].sum(axis=2)
        within = spread[columns.T].sum(axis=0) + np.diag(1.0 / weight)
        gain = np.linalg.solve(within, spread.T)
        step = gain.T @ ((answered - chances) / weight)
        covariance = loose - spread @ gain
        after = replace(
            self, effects=stored(self.effects + step), covariance=stored((covariance + covariance.T) / 2)
        )
        return replace(after, means=after._followed(columns, leads.campaign_id))

    def _followed(self, columns: Whole, campaigns: Whole) -> tuple[tuple[int, float], ...]:
        """Means that go with the chances of the newest attempts, so that odds stay about 1."""
        means, chances = dict(self.means), self._chances(columns)
        for campaign in np.unique(campaigns).tolist():
            mine = chances[campaigns == campaign]
            before = means.get(campaign, self.overall)
            weight = mine.size / (mine.size + _MEAN_MEMORY)
            means[campaign] = before + weight * (float(mine.mean()) - before)
        return tuple(sorted(means.items()))

    def as_record(self) -> dict[str, Any]:
        """JSON-able and exact; of the symmetric covariance the lower half."""
        return {
            "groups": [
                {"factor": factor, "levels": group.levels.tolist(), "variance": group.variance}
                for factor, group in zip(FACTORS, self.groups, strict=True)
            ],
            "effects": self.effects.tolist(),
            "covariance": self.covariance[np.tril_indices(self.effects.size)].tolist(),
            "shift": self.shift,
            "slope": self.slope,
            "overall": self.overall,
            "means": [list(mean) for mean in self.means],
            "evidence": self.evidence,
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "LeadModel":
        """The model that as_record() wrote down; raises ValueError when it is of another version."""
        if [group["factor"] for group in record["groups"]] != list(FACTORS):
            raise ValueError("the model was written with other groups")
        effects = np.asarray(record["effects"], dtype=np.float64)
        covariance = np.zeros((effects.size, effects.size))
        covariance[np.tril_indices(effects.size)] = record["covariance"]
        return cls(
            groups=tuple(
                Groups(_levels(group["factor"], group["levels"]), float(group["variance"]))
                for group in record["groups"]
            ),
            effects=effects,
            covariance=covariance + np.tril(covariance, -1).T,
            shift=float(record["shift"]),
            slope=float(record["slope"]),
            overall=float(record["overall"]),
            means=tuple((int(campaign), float(mean)) for campaign, mean in record["means"]),
            evidence=float(record["evidence"]),
        )


def _levels(factor: str, levels: Sequence[Any]) -> Keys:
    words = factor in ("kind", "last_outcome")
    return np.asarray(levels, dtype=np.str_) if words else np.asarray(levels, dtype=np.int64)


def cold_model() -> LeadModel:
    """Knows nothing: the same chance for everybody, very uncertain."""
    groups = tuple(
        Groups(_levels(factor, []), 1.0 if factor == "mean" else FIRST_VARIANCE) for factor in FACTORS
    )
    effects = np.zeros(len(FACTORS))
    effects[0] = logit(COLD)
    return LeadModel(groups, effects, np.diag([group.variance for group in groups]))


FIRST_VARIANCE = 0.1
"""Variance of effects that is assumed before it is estimated, squared logits."""


def quadratic(matrix: Numbers, columns: Whole) -> Numbers:
    """x'Mx of every row's indicator vector x, for a symmetric M; shape (n,)."""
    total = np.zeros(columns.shape[0])
    for first in range(columns.shape[1]):
        total += matrix[columns[:, first], columns[:, first]]
        for second in range(first + 1, columns.shape[1]):
            total += 2.0 * matrix[columns[:, first], columns[:, second]]
    return total


def logistic(logits: Numbers) -> Numbers:
    """1 / (1 + e^-x), strictly between 0 and 1."""
    chances: Numbers = 1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))
    return chances


def logit(chance: float) -> float:
    """ln(p / (1 - p))."""
    return float(np.log(chance) - np.log1p(-chance))


def stored(numbers: Numbers) -> Numbers:
    """Rounded to what is written down, so that a stored model decides as the one in memory."""
    rounded: Numbers = np.round(numbers, 9)
    return rounded
