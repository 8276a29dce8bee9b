"""What has been learned of a campaign's calls and agents, as hazards, and as tables for the forecast."""

import math
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pacing.floor import Ages, Floor
from pacing.hazards import RING_BINS, RING_STEP

Matrix = NDArray[np.float64]

POINTS = 10
"""Instants at which a new call may be answered: mid-points of equally likely tenths."""
_BEYOND = 4.0
"""Seconds after the last of them that are looked at too: a call placed now may take the agent of a later
answer."""
_AGE_STEP, _AGE_BINS = 2.0, 450
"""Ages of conversations and wrap-ups: 0 to 15 min; older ones count as 15 min old."""
_FINE = 0.5
"""Seconds of the grid on which times are convolved."""
SCALE_STEP = 0.05
"""Step of the logarithm of the scale: tables are built for few of them."""
SPEEDS: Ages = np.asarray([0.5, 0.7, 0.85, 1.0, 1.2, 1.45, 2.0])
"""Paces of agents for which tables are kept."""


@dataclass(frozen=True, eq=False)
class Model:
    """A learned model; the same version of the same campaign decides the same."""

    version: int
    human: Ages
    """Hazard per RING_STEP of being answered by a person, by bins since the call was placed, shape
    (RING_BINS,)."""
    machine: Ages
    other: Ages
    screening: Ages
    """Cumulated share of verdicts by half seconds after the answer, shape (S,), ending in 1."""
    edges: Ages
    """Left edges of the bins of conversation and wrap-up, seconds, shape (B,)."""
    talk: Ages
    """Hazard per second of the end of a conversation, shape (B,)."""
    wrap: Ages
    seen: float = 0.0
    """Calls that the ring's hazards rest on, old ones faded."""

    def as_record(self) -> dict[str, Any]:
        """JSON-able and exact."""
        return {
            part.name: value.tolist() if isinstance(value := getattr(self, part.name), np.ndarray) else value
            for part in fields(self)
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Model":
        """The model that as_record() wrote down."""
        parts: dict[str, Any] = {n: np.asarray(v) if isinstance(v, list) else v for n, v in record.items()}
        return cls(**parts)

    @cached_property
    def _tables(self) -> dict[tuple[float, int], "Tables"]:
        return {}

    def tables(self, wait: float, scale: float) -> "Tables":
        """Tables for persons who may wait `wait` seconds, the hazard of persons times `scale` (in steps)."""
        key = (wait, round(math.log(min(8.0, max(0.125, scale))) / SCALE_STEP))
        found = self._tables.get(key)
        if found is None:
            found = self._tables[key] = Tables(self, wait, math.exp(key[1] * SCALE_STEP))
        return found

    def summary(self) -> dict[str, float]:
        """What a supervisor may want to know; shares of calls, seconds."""
        return dict(self._summary)

    @cached_property
    def _summary(self) -> dict[str, float]:
        _, human, machine = left_in_ring(self.human, self.machine, self.other)
        answered = float((human + machine).sum())
        middle = (np.arange(RING_BINS) + 0.5) * RING_STEP
        return {
            "human_share": float(human.sum()),
            "answer_rate": answered,
            "ring_mean": float((human @ middle) / human.sum()) if human.sum() > 0 else 0.0,
            "talk_mean": _mean(self.edges, self.talk),
            "wrap_mean": _mean(self.edges, self.wrap),
            "calls_seen": self.seen,
        }


def left_in_ring(human: Ages, machine: Ages, other: Ages) -> tuple[Ages, Ages, Ages]:
    """(still ringing at the start of each bin, answered in it by a person, by a machine), of one call
    placed."""
    whole = np.minimum(1.0, human + machine + other)
    share = whole / np.maximum(human + machine + other, 1e-12)
    alive = np.concatenate(([1.0], np.cumprod(1.0 - whole)[:-1]))
    return alive, alive * human * share, alive * machine * share


def survival(edges: Ages, hazard: Ages, at: NDArray[Any]) -> Ages:
    """P(a time is longer than `at`) under a piecewise constant hazard."""
    widths = np.diff(edges)
    summed = np.concatenate(([0.0], np.cumsum(hazard[:-1] * widths)))
    bins = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, edges.size - 1)
    return np.asarray(np.exp(-(summed[bins] + hazard[bins] * np.maximum(0.0, at - edges[bins]))))


def _mean(edges: Ages, hazard: Ages) -> float:
    grid = np.arange(0.0, 4 * 3600.0, 2.0)
    return float(survival(edges, hazard, grid).sum() * 2.0)


class Tables:
    """Chances by age and instant. Rows are ages, columns the instants `at`."""

    def __init__(self, model: Model, wait: float, scale: float) -> None:
        self._model, self._wait = model, wait
        alive, human, machine = left_in_ring(model.human * scale, model.machine, model.other)
        ready = np.convolve(human, np.diff(model.screening, prepend=0.0))
        total = max(1e-9, float(ready.sum()))
        grown = np.cumsum(ready) / total
        wanted = (np.arange(POINTS) + 0.5) / POINTS
        instants = (np.searchsorted(grown, wanted) + 1) * RING_STEP
        self.at: Ages = np.append(instants, instants[-1] + _BEYOND)
        """Seconds from now, ascending, shape (POINTS + 1,); the first POINTS are those of a new call."""
        self.human_share = total
        self.ringing = _ready_by(alive, human, model.screening, self.at)
        """P(a person is ready for an agent by `at` | still ringing at that age), ages in RING_STEP."""
        self.new: Ages = self.ringing[0]
        self.new_rows: Matrix = np.broadcast_to(self.new, (4096, self.new.size))
        self.person: Ages = human / np.maximum(human + machine, 1e-12)
        """P(a person | answered in that bin of the ring)."""
        self.answered_person = float(human.sum() / max(1e-12, float((human + machine).sum())))
        self._screen_left = 1.0 - np.append(model.screening, np.ones(int(self.at[-1] / _FINE) + 2))
        self._busy: dict[int, Matrix] = {}
        gone = self.at + wait
        self._cut: Ages = gone

    def calls(self, ages: Ages, odds: Ages) -> Matrix:
        """P(ready by `at`) of ringing calls of these ages, shape (n, instants)."""
        rows = np.minimum((ages * (1.0 / RING_STEP)).astype(np.intp), self.ringing.shape[0] - 1)
        chances = self.ringing[rows]
        if odds.size:
            chances = 1.0 - (1.0 - np.minimum(chances, 1.0 - 1e-12)) ** odds[:, None]
        return np.asarray(chances)

    def screened(self, ages: Ages, after: Ages) -> Matrix:
        """The same of answered calls that are being screened, `after` = seconds from placing to answer."""
        left = self._screen_left
        start = np.minimum((ages / _FINE).astype(np.intp), self._model.screening.size - 1)
        later = np.minimum(start[:, None] + (self.at / _FINE).astype(np.intp)[None, :] + 1, left.size - 1)
        done = 1.0 - left[later] / np.maximum(left[start], 1e-9)[:, None]
        if after.size:
            bins = np.minimum((after / RING_STEP).astype(np.intp), self.person.size - 1)
            return np.asarray(done * self.person[bins][:, None])
        return np.asarray(done * self.answered_person)

    def busy(self, floor: Floor) -> Matrix:
        """P(an agent on a call or wrapping up is not free by `at` + wait), in this order, shape (n,
        instants)."""
        ages = np.concatenate((floor.on_call, floor.wrap_up))
        rows = np.minimum((ages * (1.0 / _AGE_STEP)).astype(np.intp), _AGE_BINS - 1)
        rows[floor.on_call.size :] += _AGE_BINS
        if not floor.on_call_speed.size and not floor.wrap_up_speed.size:
            return np.asarray(self._table(_NORMAL)[rows])
        speeds = np.concatenate(
            (_or_ones(floor.on_call_speed, floor.on_call), _or_ones(floor.wrap_up_speed, floor.wrap_up))
        )
        nearest = np.abs(np.log(speeds)[:, None] - _LOG_SPEEDS[None, :]).argmin(axis=1)
        chances = np.empty((ages.size, self.at.size))
        for pace in np.unique(nearest):
            mine = nearest == pace
            chances[mine] = self._table(int(pace))[rows[mine]]
        return chances

    def _table(self, pace: int) -> Matrix:
        """Not free by `at` + wait: conversations by age, then wrap-ups by age."""
        found = self._busy.get(pace)
        if found is None:
            speed = float(SPEEDS[pace])
            found = self._busy[pace] = 1.0 - np.concatenate(
                (self._talk_table(speed), self._wrap_table(speed))
            )
        return found

    def _talk_table(self, speed: float) -> Matrix:
        """Convolution of what is left of the conversation with a wrap-up from its start."""
        model, steps = self._model, int(self._cut[-1] / _FINE) + 1
        ages = np.arange(_AGE_BINS) * _AGE_STEP
        grid = np.arange(_AGE_BINS * int(_AGE_STEP / _FINE) + steps + 1) * _FINE
        left = survival(model.edges, model.talk * speed, grid)
        ends = left[:-1] - left[1:]
        first = (ages / _FINE).astype(np.intp)
        within = ends[first[:, None] + np.arange(steps)[None, :]]
        rest = np.maximum(0.0, self._cut[None, :] - (np.arange(steps)[:, None] + 0.5) * _FINE)
        wrapped = np.where(rest > 0, 1.0 - survival(model.edges, model.wrap * speed, rest), 0.0)
        return np.asarray(np.minimum(1.0, within @ wrapped / np.maximum(left[first], 1e-12)[:, None]))

    def _wrap_table(self, speed: float) -> Matrix:
        ages = np.arange(_AGE_BINS) * _AGE_STEP
        left = survival(self._model.edges, self._model.wrap * speed, ages)
        later = survival(self._model.edges, self._model.wrap * speed, ages[:, None] + self._cut[None, :])
        return np.asarray(1.0 - later / np.maximum(left, 1e-300)[:, None])


_NORMAL = int(np.argmin(np.abs(SPEEDS - 1.0)))
_LOG_SPEEDS = np.log(SPEEDS)


def _or_ones(speeds: Ages, ages: Ages) -> Ages:
    return speeds if speeds.size else np.ones(ages.size)


def _ready_by(alive: Ages, human: Ages, screening: Ages, at: Ages) -> Matrix:
    """P(answered by a person and screened by `at` | ringing at that age), shape (RING_BINS, instants)."""
    steps = round(float(at[-1]) / RING_STEP)
    padded = np.concatenate((human, np.zeros(steps)))
    window = np.lib.stride_tricks.sliding_window_view(padded, steps)[:RING_BINS]
    left = np.round(at / RING_STEP).astype(np.intp)[None, :] - 1 - np.arange(steps)[:, None]
    done = np.where(left >= 0, screening[np.clip(left, 0, screening.size - 1)], 0.0)
    return np.asarray(np.minimum(1.0, window @ done / np.maximum(alive, 1e-9)[:, None]))
