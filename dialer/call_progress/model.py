"""The answer model: how likely a machine answered, by what was heard. Pure; its weights are a JSON text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from dialer.call_progress.timing import NAMES

Array = NDArray[np.float64]
FORMAT = 1
"""Raised when older programs cannot read the weights."""
_CERTAIN = 30.0


class UnusableWeights(ValueError):
    """The weights are of another format, or do not fit the features of this version."""


class Classifier(Protocol):
    """Whatever tells machines from people: ours, or a plug-in's (setting progress_classifier)."""

    @property
    def version(self) -> str:
        """Stored with each verdict."""
        ...

    def probability(self, vector: Array) -> float:
        """Calibrated probability of a machine, by a vector of timing.NAMES."""
        ...

    def threshold_for(self, false_positives: float) -> float:
        """Lowest probability that keeps within this share of people called machines; over 1 = never."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """One network of the ensemble: features → tanh → logit."""

    inner: Array
    """(features, hidden)"""
    inner_bias: Array
    """(hidden,)"""
    outer: Array
    """(hidden,)"""
    outer_bias: float

    def logit(self, inputs: Array) -> Array:
        """(…, features) → (…)"""
        hidden: Array = np.tanh(inputs @ self.inner + self.inner_bias)
        answer: Array = hidden @ self.outer + self.outer_bias
        return answer


@dataclass(frozen=True, slots=True)
class Point:
    """What a threshold came to in grouped cross-validation, on voices the model had not heard."""

    threshold: float
    false_positives: float
    """Share of people called machines, weighted as consumers answer."""
    false_negatives: float
    """Share of machines not recognised."""


@dataclass(frozen=True, slots=True)
class Model:
    """A calibrated ensemble."""

    version: str
    mean: Array
    scale: Array
    members: tuple[Member, ...]
    slope: float = 1.0
    """Platt's calibration of the logit: slope · logit + offset."""
    offset: float = 0.0
    points: tuple[Point, ...] = ()
    """By threshold, ascending."""
    trained_on: Mapping[str, Any] = field(default_factory=dict)
    _whole: Member = field(init=False, repr=False, compare=False)
    """All members with mean, scale and calibration as one network: one product for each look."""

    def __post_init__(self) -> None:
        """Lay the members side by side."""
        share = self.slope / max(1, len(self.members))
        inner = np.concatenate([m.inner for m in self.members], axis=1) / self.scale[:, None]
        bias = np.concatenate([m.inner_bias for m in self.members]) - self.mean @ inner
        outer = np.concatenate([m.outer for m in self.members]) * share
        total = sum(m.outer_bias for m in self.members) * share + self.offset
        object.__setattr__(self, "_whole", Member(inner, bias, outer, total))

    def logits(self, vectors: Array) -> Array:
        """Calibrated logits of feature vectors (…, features)."""
        return np.clip(self._whole.logit(vectors), -_CERTAIN, _CERTAIN)

    def probability(self, vector: Array) -> float:
        """Probability of a machine, by a vector of timing.NAMES."""
        logit = float(self._whole.logit(vector))
        return 1 / (1 + exp(-max(-_CERTAIN, min(_CERTAIN, logit))))

    def threshold_for(self, false_positives: float) -> float:
        """Lowest threshold that kept within this share of people called machines; over 1 = never."""
        fit = [point.threshold for point in self.points if point.false_positives <= false_positives]
        return min(fit, default=1.1)

    def as_json(self) -> str:
        """The weights as text."""
        members = [
            {
                "inner": _rounded(m.inner), "inner_bias": _rounded(m.inner_bias),
                "outer": _rounded(m.outer), "outer_bias": round(m.outer_bias, 5),
            }
            for m in self.members
        ]  # fmt: skip
        content = {
            "format": FORMAT,
            "version": self.version,
            "trained_on": dict(self.trained_on),
            "features": list(NAMES),
            "mean": _rounded(self.mean),
            "scale": _rounded(self.scale),
            "slope": round(self.slope, 5),
            "offset": round(self.offset, 5),
            "points": [
                [p.threshold, round(p.false_positives, 4), round(p.false_negatives, 4)] for p in self.points
            ],
            "members": members,
        }
        return json.dumps(content, ensure_ascii=False)


def from_json(text: str) -> Model:
    """The model of weights; raises UnusableWeights."""
    try:
        content = json.loads(text)
        if content["format"] != FORMAT or content["features"] != list(NAMES):
            raise UnusableWeights("weights of another format, or for other features")
        if not content["members"] or min(map(float, content["scale"])) <= 0:
            raise UnusableWeights("weights without a network, or with a scale of nothing")
        model = Model(
            version=str(content["version"]),
            mean=_array(content["mean"], (len(NAMES),)),
            scale=_array(content["scale"], (len(NAMES),)),
            members=tuple(_member(member) for member in content["members"]),
            slope=float(content["slope"]),
            offset=float(content["offset"]),
            points=tuple(Point(*map(float, point)) for point in content["points"]),
            trained_on=content.get("trained_on", {}),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise UnusableWeights(f"unusable weights: {error}") from error
    return model


def _member(content: Mapping[str, Any]) -> Member:
    outer = np.asarray(content["outer"], dtype=np.float64)
    inner = _array(content["inner"], (len(NAMES), len(outer)))
    return Member(inner, _array(content["inner_bias"], (len(outer),)), outer, float(content["outer_bias"]))


def _array(values: Sequence[Any], shape: tuple[int, ...]) -> Array:
    array = np.asarray(values, dtype=np.float64)
    if array.shape != shape or not np.isfinite(array).all():
        raise UnusableWeights(f"an array of shape {array.shape} instead of {shape}")
    return array


def _rounded(array: Array) -> Any:
    return np.round(array, 5).tolist()
