"""How good predicted chances were, against what came."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pacing.leads import Numbers


@dataclass(frozen=True, slots=True)
class Bucket:
    """Attempts with a similar predicted chance."""

    attempts: int
    predicted: float
    answered: float
    """Share that a person answered."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Quality of predictions on attempts that the model had not seen."""

    attempts: int
    log_loss: float
    """Nats for each attempt."""
    base_log_loss: float
    """Of the share of answers of the training alone, the same for everybody."""
    brier: float
    auc: float
    """Chance that an answered attempt was given the higher chance; 0.5 = no knowledge."""
    calibration_error: float
    """Mean gap between predicted and answered share over buckets of equal size (ECE)."""
    buckets: tuple[Bucket, ...] = ()


def scores(chances: Numbers, answered: NDArray[np.bool_], *, base: float, buckets: int = 10) -> Scores:
    """Scores of predictions; `base` is the constant to beat."""
    table = _buckets(chances, answered, buckets)
    return Scores(
        attempts=chances.size,
        log_loss=log_loss(chances, answered),
        base_log_loss=log_loss(np.full(chances.size, base), answered),
        brier=float(np.mean((chances - answered) ** 2)) if chances.size else 0.0,
        auc=auc(chances, answered),
        calibration_error=sum(b.attempts * abs(b.predicted - b.answered) for b in table)
        / max(1, chances.size),
        buckets=table,
    )


def log_loss(chances: Numbers, answered: NDArray[np.bool_]) -> float:
    """Mean of −ln of the chance given to what came; 0 without attempts."""
    if chances.size == 0:
        return 0.0
    sure = np.clip(chances, 1e-9, 1.0 - 1e-9)
    return float(-np.mean(np.where(answered, np.log(sure), np.log1p(-sure))))


def auc(chances: Numbers, answered: NDArray[np.bool_]) -> float:
    """Area under the ROC curve by mean ranks (Mann & Whitney 1947); 0.5 where only one kind came."""
    yes, no = int(np.count_nonzero(answered)), int(np.count_nonzero(~answered))
    if yes == 0 or no == 0:
        return 0.5
    _, place, counts = np.unique(chances, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[place]
    return float((ranks[answered].sum() - yes * (yes + 1) / 2.0) / (yes * no))


def _buckets(chances: Numbers, answered: NDArray[np.bool_], count: int) -> tuple[Bucket, ...]:
    order = np.argsort(chances, kind="stable")
    parts = (part for part in np.array_split(order, count) if part.size)
    return tuple(
        Bucket(part.size, float(chances[part].mean()), float(answered[part].mean())) for part in parts
    )
